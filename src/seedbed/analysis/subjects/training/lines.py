"""One measure over the epochs as the lines of a chart."""

from seedbed.analysis.chart_captions import label
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.training.result import Runs, Training
from seedbed.display.charts.epochs import Line


def line_of(entry: Entry, what: str, measure: str) -> Line | None:
    """Return a measure of the runs over their epochs; ``None`` where there is none.

    Args:
        entry: Of one configuration.
        what: What the legend calls it.
        measure: A field of :class:`seedbed.analysis.subjects.training.result.Curves`.

    """
    training = entry.view(Training)
    runs: Runs | None = getattr(training.curves, measure) if training else None
    if training is None or not any(value is not None for run in runs or () for value in run):
        return None
    # Runs go by their place: where streams have seeds of their own, the seeds of a run are a text.
    places = range(len(runs or ()))
    return Line(label(entry), what, places, training.curves.epoch, runs or ())
