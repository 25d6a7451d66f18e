"""A study as one page: a file that holds everything it shows and loads nothing.

What it shows is what analyses declare (:mod:`seedbed.analysis.part`): the page knows none of them.
Its texts stand in ``assets/templates``, how it looks in ``assets/styles``, and what moves in
``assets/scripts``. Jinja escapes every text; what the scripts read is JSON in which nothing can end
the element that it stands in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata

from markupsafe import Markup

from seedbed.analysis.answer import answer
from seedbed.analysis.answer.headline import Headline, headline
from seedbed.analysis.entry import Entry
from seedbed.analysis.part import PageMaterial
from seedbed.analysis.registry import analyses, charts
from seedbed.display.escape import printable, without_folders
from seedbed.report.page.assets import environment, scripts, styles
from seedbed.report.page.blocks import Shown
from seedbed.report.page.charts import PageChart, height_style, page_charts
from seedbed.report.page.data import page_data, sprite_style
from seedbed.report.page.details import details
from seedbed.report.page.facts import day, glance, how_measured, origins, readings, settings
from seedbed.report.page.policy import policy
from seedbed.report.page.sections import sections
from seedbed.report.page.short_labels import ShortLabels
from seedbed.report.page.vega import vega_script
from seedbed.report.pictures.named_images import Pictures


@dataclass(frozen=True)
class Progress:
    """How far a study is that is still running."""

    text: str
    """``"7 of 15 runs have ended; ..."``."""
    fraction: float
    """Of its epochs, 0 to 1."""


def page(
    material: PageMaterial,
    pictures: Pictures | None = None,
    *,
    name: str | None = None,
    study_file: str | None = None,
    progress: Progress | None = None,
    refresh: int | None = None,
    scope: str = "",
) -> str:
    """Return the page of a study.

    Args:
        material: Entries of its summary, none of a study that has only begun; where its runs are
            stored, and its test images.
        pictures: The test images behind the errors.
        name: Of the study; by default that in the entries.
        study_file: Its ``study.toml``, so that it can be reproduced.
        progress: Of a study that is still running.
        refresh: Seconds after which the page reloads itself, while the study is running.
        scope: Which configurations it shows in detail, if not all.
    """
    pictures, entries, whole = pictures or Pictures(), material.entries, material.whole
    short = ShortLabels([printable(entry.header.label) for entry in entries])
    lead = headline(whole, entries) if entries else None
    shown = Shown(short, lead.chart if lead else "")
    first = list(_first_chart(lead, material, short))
    conclusions = tuple(map(short, _rest(lead, whole)))
    of_shown = tuple(map(short, answer(entries, of_study=False))) if material.study else ()
    shown.notes.update(conclusions)
    parts = sections(analyses(), material, shown, study_file=study_file)
    blocks = [block for part in parts for block in part.blocks]
    drawn = [*first, *(one for block in blocks for one in (*block.drawings, *block.singly))]
    style = Markup("\n").join((styles(), height_style(drawn), sprite_style(pictures)))
    own_script = Markup('(() => {{\n"use strict";\n{}\n}})();').format(scripts())
    page_scripts = [_vega(), own_script] if drawn else [own_script]
    return (
        environment()
        .get_template("report.html.jinja")
        .render(
            version=metadata.version("seedbed"),
            name=name or (entries[0].header.study.name if entries else "A study"),
            day=day(whole),
            lead=short(lead.sentence) if lead else "",
            first=first,
            answer=conclusions,
            answer_of_shown=of_shown,
            scope=scope,
            full=short.full,
            short=short,
            glance=glance(whole),
            measured=how_measured(whole) if entries else None,
            settings=settings(whole) if entries else None,
            origins=origins(whole),
            readings=readings(whole),
            sections=parts,
            details=details(analyses(), entries, short, shown.tables) if entries else (),
            several=len(entries) > 1,
            warnings=_warnings(pictures),
            progress=progress,
            refresh=refresh,
            study_file=study_file and without_folders(study_file),
            data=page_data(entries, pictures, {part.id: part.first for part in parts}, short),
            style=style,
            scripts=page_scripts,
            policy=policy(page_scripts, [style]),
        )
    )


def _first_chart(
    lead: Headline | None, material: PageMaterial, short: ShortLabels
) -> Iterator[PageChart]:
    if lead and lead.chart:
        entries = material.whole if lead.of_study else material.entries
        yield from page_charts(lead.chart, charts()[lead.chart], entries, short)


def _rest(lead: Headline | None, entries: Sequence[Entry]) -> tuple[str, ...]:
    """Return what the page says after its first sentence."""
    if lead is None:
        return ()
    sentences = answer(entries)
    return sentences[1:] if lead.whole else sentences


def _vega() -> Markup:
    """Return the script that draws charts, which sets ``vegaEmbed``."""
    script = vega_script().replace("</script", "<\\/script")
    return Markup("(() => {{\n{}\n}})();").format(Markup(script))  # noqa: S704 - a library


def _warnings(pictures: Pictures) -> tuple[str, ...]:
    lines = [f"No images are shown: {without_folders(why)}" for why in pictures.missing.values()]
    gone = [key for key in pictures.kept if pictures.sprites[key].left_out]
    lines += [
        f"{pictures.sprites[key].left_out:,} images are not shown; the others are those of earlier "
        f"pages: {without_folders(pictures.kept[key])}"
        for key in gone
    ]
    left_out = sum(of.left_out for key, of in pictures.sprites.items() if key not in gone)
    if left_out:
        lines.append(
            f"{left_out:,} images are left out to keep the page small, first those that few runs "
            "misclassify."
        )
    return tuple(lines)
