"""The charts of a study in files, as figures for a paper."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from seedbed.analysis.entry import Entry
from seedbed.analysis.registry import charts as all_charts
from seedbed.core.arguments import texts_of
from seedbed.core.errors import StoreError, StudyError
from seedbed.core.files import cannot_write, write_atomically
from seedbed.core.suggestions import unknown
from seedbed.display.charts.style import COLUMN_CENTIMETERS, MOST_IN_LEGEND
from seedbed.report.figures import FORMATS, draw, figures

NARROWEST, WIDEST = 5.0, 40.0
"""Centimeters: in less, the legends have no room; more is a poster."""


@dataclass(frozen=True)
class Figures:
    """Figures that have been written."""

    files: tuple[Path, ...]
    notices: tuple[str, ...] = ()
    """What a reader of the figures may miss, a line each."""


def write_figures(
    entries: Sequence[Entry], folder: Path, charts: Sequence[str], form: str, width: float | None
) -> Figures:
    """Write the charts of some entries; see :meth:`seedbed.workflow.Study.figures`.

    Raises:
        StudyError: If there is no such chart or format, or one has nothing to draw.
        StoreError: If a file cannot be written, or no run has finished.
    """
    if form not in FORMATS:
        raise StudyError(unknown("format", form, FORMATS))
    for name in texts_of("charts", charts):
        if name not in all_charts():
            raise StudyError(unknown("chart", name, all_charts()))
    width = COLUMN_CENTIMETERS if width is None else width
    if not isinstance(width, int | float) or not NARROWEST <= width <= WIDEST:
        raise StudyError(
            f"cannot draw figures of {width} cm",
            where="width",
            expected=f"{NARROWEST:g} to {WIDEST:g}",
        )
    files, foreign = [], ""
    for figure in figures(entries, list(dict.fromkeys(charts)), width):
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
    return Figures(tuple(files), tuple(_notices(entries, foreign)))


def _notices(entries: Sequence[Entry], foreign: str) -> Iterator[str]:
    if len(entries) > MOST_IN_LEGEND:
        yield (
            f"{len(entries)} configurations are too many for a legend; --only and --exclude "
            "choose some"
        )
    if foreign:
        shown = "".join(sorted(set(foreign))[:20])
        yield f"some characters ({shown}) are not in the embedded font; a viewer takes another one"
