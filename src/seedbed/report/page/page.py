"""A study as one page: a file that holds everything it shows and asks nobody for anything.

What is said stands in ``assets/*.jinja``, how it looks in ``assets/*.css``, and what moves in
``assets/*.js``. Jinja escapes every text; what the scripts read is JSON in which nothing can end
the element that it stands in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata, resources
from typing import Any, Final

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from seedbed.analysis.answer import answer
from seedbed.analysis.entry import Entry
from seedbed.display.charts.style import COLORS
from seedbed.display.escape import printable
from seedbed.report.page.data import as_script, page_data, sprite_style
from seedbed.report.page.facts import day, glance, how_measured, origins, settings
from seedbed.report.page.inside import NOTHING, Inside
from seedbed.report.page.sections import details, is_noisy, sections
from seedbed.report.page.vega import vega_script
from seedbed.report.pictures.named_images import Pictures

SCRIPTS: Final = (
    "base.js",
    "charts.js",
    "legend.js",
    "pictures.js",
    "confusion.js",
    "closer.js",
    "networks.js",
    "cloud.js",
    "tools.js",
)
STYLES: Final = ("page.css", "parts.css", "inside.css", "print.css")


@dataclass(frozen=True)
class Progress:
    """How far a study is that is still running."""

    text: str
    """``"7 of 15 runs have ended; ..."``."""
    fraction: float
    """Of its epochs, 0 to 1."""


def page(
    entries: Sequence[Entry],
    pictures: Pictures | None = None,
    *,
    inside: Inside = NOTHING,
    name: str | None = None,
    study_file: str | None = None,
    progress: Progress | None = None,
    refresh: int | None = None,
) -> str:
    """Return the page of a study.

    Args:
        entries: Of its summary; none of a study that has only begun.
        pictures: The test images behind the errors.
        inside: What networks look at, and their features in space.
        name: Of the study; by default that in the entries.
        study_file: Its ``study.toml``, so that it can be repeated.
        progress: Of a study that is still running.
        refresh: Seconds after which the page reloads itself, while the study is running.

    """
    pictures = pictures or Pictures()
    evaluated = [place for place, each in enumerate(entries) if each["confusion"]]
    parts = sections(entries, inside, study_file=study_file)
    return (
        _environment()
        .get_template("report.html.jinja")
        .render(
            version=metadata.version("seedbed"),
            name=name or (entries[0]["study"]["name"] if entries else "A study"),
            day=day(entries),
            answer=answer(entries) if entries else (),
            glance=glance(entries),
            measured=how_measured(entries) if entries else None,
            settings=settings(entries) if entries else None,
            origins=origins(entries),
            sections=parts,
            details=details(entries) if entries else (),
            drawings=any(part.drawings or part.singly for part in parts),
            several=len(entries) > 1,
            inside=inside,
            labels=[each["label"] for each in entries],
            class_colors=COLORS,
            evaluated=[(place, entries[place]["label"]) for place in evaluated],
            noisy=[
                (place, each["label"])
                for place, each in enumerate(entries)
                if each["n"] and is_noisy(each)
            ],
            warnings=_warnings(pictures),
            progress=progress,
            refresh=refresh,
            study_file=study_file,
            data=page_data(entries, pictures, _best(entries)),
            style=_asset(*STYLES),
            sprite_style=sprite_style(pictures),
            script=_asset(*SCRIPTS),
            vega=Markup(vega_script().replace("</script", "<\\/script")),  # noqa: S704 - a library
        )
    )


def _best(entries: Sequence[Entry]) -> int | None:
    """Return the place of the configuration with the highest mean, which the page begins with."""
    means = {
        place: each["test_accuracy"]["mean"]
        for place, each in enumerate(entries)
        if each["confusion"]
    }
    return max(means, key=lambda place: means[place], default=None)


def _warnings(pictures: Pictures) -> tuple[str, ...]:
    lines = [f"No images are shown: {why}" for why in pictures.missing.values()]
    left_out = sum(each.left_out for each in pictures.sprites.values())
    if left_out:
        lines.append(
            f"{left_out:,} images are left out, so that the page stays small: first those that "
            "few runs get wrong."
        )
    return tuple(lines)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters["script"] = as_script
    return environment


def _shown(value: Any) -> Any:
    """Let no text of a user's drive the reader's eyes, as it could not drive a terminal."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return "\n".join(map(printable, value.split("\n")))


def _template(name: str) -> str:
    return (
        resources.files("seedbed.report.page").joinpath("assets", name).read_text(encoding="utf-8")
    )


@cache
def _asset(*names: str) -> Markup:
    """Return our own styles or scripts, one after the other."""
    return Markup("\n".join(map(_template, names)))  # noqa: S704 - written by us
