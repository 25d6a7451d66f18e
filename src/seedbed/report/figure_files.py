"""The charts and pictures of a study in files, as figures for a paper."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from seedbed.analysis.entry import Entry
from seedbed.analysis.part import PageMaterial
from seedbed.analysis.registry import charts as all_charts
from seedbed.analysis.registry import pictures as all_pictures
from seedbed.core.arguments import texts_of
from seedbed.core.errors import StoreError, StudyError
from seedbed.core.files import cannot_write, write_atomically
from seedbed.core.suggestions import unknown
from seedbed.data.images import DatasetSplits
from seedbed.display.charts.style import COLUMN_CENTIMETERS, MOST_IN_LEGEND
from seedbed.report.figures import FORMATS, draw, figures
from seedbed.report.pictures.named_images import find_test_images

WIDTHS: Final[Mapping[str, float]] = {
    "column": COLUMN_CENTIMETERS,
    "page": 17.8,
    "ieee": 8.9,
    "ieee-page": 18.2,
    "nature": 8.9,
    "nature-page": 18.3,
    "elsevier": 9.0,
    "elsevier-page": 19.0,
    "springer": 8.4,
    "springer-page": 17.4,
    "neurips": 13.97,
}
"""Centimeters of a column and of a page as publishers ask for them."""
NARROWEST, WIDEST = 5.0, 40.0
"""Centimeters: in less, the legends have no room; more is a poster."""


@dataclass(frozen=True)
class Figures:
    """Figures that have been written."""

    files: tuple[Path, ...]
    notices: tuple[str, ...] = ()
    """What a reader of the figures may miss, a line each."""


def check_figures(charts: Sequence[str], form: str, width: float | str | None) -> float:
    """Check what figures are asked for, and return their width in centimeters.

    Raises:
        StudyError: If there is no such chart or format, or the width is out of range.
    """
    if form not in FORMATS:
        raise StudyError(unknown("format", form, FORMATS))
    known = {**all_charts(), **all_pictures()}
    for name in texts_of("charts", charts):
        if name not in known:
            raise StudyError(unknown("chart", name, known))
    width = "column" if width is None else width
    if isinstance(width, str):
        if width not in WIDTHS:
            raise StudyError(unknown("width", width, WIDTHS), where="width")
        return WIDTHS[width]
    if not isinstance(width, int | float) or not NARROWEST <= width <= WIDEST:
        raise StudyError(
            f"cannot draw figures of {width} cm",
            where="width",
            expected=f"{NARROWEST:g} to {WIDEST:g}",
        )
    return width


def figure_material(
    folder: Path,
    entries: Sequence[Entry],
    charts: Sequence[str],
    known: Mapping[str, DatasetSplits],
    data_root: Path | None,
) -> PageMaterial:
    """Return what figures are made of; the test images only where a figure may need them.

    Args:
        folder: Of the study.
        entries: Of its summary.
        charts: The figures that are asked for; all if empty.
        known: Datasets that are in memory, by fingerprint.
        data_root: Where published datasets are looked for first.
    """
    folders = [folder] * len(entries)
    if charts and not set(charts) & all_pictures().keys():
        return PageMaterial(entries, folders)
    images = find_test_images(folder, entries, known=known, data_root=data_root)
    there = images.splits or len(images.kept)
    return PageMaterial(entries, folders, images.pixels if there else None)


def write_figures(
    material: PageMaterial,
    folder: Path,
    charts: Sequence[str],
    form: str,
    width: float,
    *,
    title: bool = True,
) -> Figures:
    """Write the charts and pictures of some entries; see :meth:`seedbed.workflow.Study.figures`.

    Raises:
        StudyError: If a figure that is asked for has nothing to draw.
        StoreError: If a file cannot be written, or no run has finished.
    """
    files, foreign = [], ""
    for figure in figures(material, list(dict.fromkeys(charts)), width, title=title):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(folder, error, "choose another folder with --out") from error
        drawn = draw(figure, form)
        files.append(folder / f"{figure.name}.{form}")
        write_atomically(files[-1], drawn.contents)
        foreign += drawn.foreign
    if not files:
        raise StoreError("no run has finished, so there is nothing to draw", where=str(folder))
    return Figures(tuple(files), tuple(_notices(material.entries, foreign)))


def _notices(entries: Sequence[Entry], foreign: str) -> Iterator[str]:
    if len(entries) > MOST_IN_LEGEND:
        yield (
            f"{len(entries)} configurations are too many for a legend; --only and --exclude "
            "choose some"
        )
    if foreign:
        shown = "".join(sorted(set(foreign))[:20])
        yield f"some characters ({shown}) are not in the embedded font; a viewer takes another one"
