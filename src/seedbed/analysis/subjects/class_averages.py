"""Balanced accuracy and macro F1: averages over classes that count every class the same.

With K classes, and for each class k its true positives TP, false negatives FN and false positives
FP in one run:

    balanced accuracy = 1/K · sum over k of TP_k / (TP_k + FN_k)
    macro F1          = 1/K · sum over k of 2 TP_k / (2 TP_k + FP_k + FN_k)

Classes without test images have no recall and do not count for balanced accuracy; classes that
neither occur nor are predicted do not count for macro F1. scikit-learn does the same. Frequent
classes dominate accuracy, but neither of these.

Sources:
    Brodersen, Ong, Stephan and Buhmann, The balanced accuracy and its posterior distribution,
    ICPR 2010. Opitz and Burst, Macro F1 and macro F1, arXiv:1911.03347, 2019: of the two formulas
    in use, this is the mean of the F1 scores.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from seedbed.analysis.aggregate import Aggregate
from seedbed.analysis.base import Analysis, ChartView, TableView
from seedbed.analysis.captions import (
    SAME,
    identity,
    logits_notes,
    notes_of,
    same_values,
    study_notes,
    title,
)
from seedbed.analysis.entry import Entry, fields_of
from seedbed.analysis.material import Material
from seedbed.display.formatters import flattened, percent_spread, spread
from seedbed.display.table import Report, Row, Table

if TYPE_CHECKING:
    from seedbed.display.charts.style import Drawing

MEASURES: Final = {"balanced_accuracy": "balanced accuracy", "macro_f1": "macro F1"}
"""Field -> name."""


class ClassAverages(msgspec.Struct, frozen=True):
    """Averages over classes of each run, 0 to 1: mean and deviation over the runs."""

    balanced_accuracy: Aggregate
    macro_f1: Aggregate


def compute(material: Material) -> ClassAverages | None:
    """Return the averages of the runs; ``None`` without runs."""
    if not material.predictions:
        return None
    import numpy as np

    from seedbed.analysis.subjects.confusion.matrices import confusion_matrices

    counts = confusion_matrices(material.predictions).counts
    correct = np.diagonal(counts, axis1=1, axis2=2)
    occurs, predicted = counts.sum(axis=2), counts.sum(axis=1)

    def averages(part: Any, whole: Any) -> Aggregate:
        ratio = np.divide(part, whole, out=np.zeros(whole.shape), where=whole > 0)
        return Aggregate.of((ratio.sum(axis=1) / (whole > 0).sum(axis=1)).tolist())

    return ClassAverages(averages(correct, occurs), averages(2 * correct, occurs + predicted))


def table(entries: Sequence[Entry]) -> Report:
    """Return a row for each configuration."""
    results = [(entry, entry.view(ClassAverages)) for entry in entries]
    note = "Every class counts the same. Mean ± standard deviation over n runs."
    return Report(
        (
            Table(
                title(entries, "averages over classes"),
                ("configuration", "n", *MEASURES.values()),
                (tuple(_row(entry, result) for entry, result in results),),
                (note, *logits_notes(entries, ClassAverages), *notes_of(entries)),
            ),
        ),
        (*SAME, "measure", "mean", "std"),
        flattened(_lines(entry, result) for entry, result in results if result),
        [identity(entry) | (fields_of(result) if result else {}) for entry, result in results],
        study_notes(entries),
    )


def _row(entry: Entry, result: ClassAverages | None) -> Row:
    balanced, f1 = (result.balanced_accuracy, result.macro_f1) if result else (None, None)
    return (entry.header.label, str(entry.header.n), percent_spread(balanced), spread(f1))


def _lines(entry: Entry, result: ClassAverages) -> Iterator[tuple[Any, ...]]:
    for field in MEASURES:
        aggregate: Aggregate = getattr(result, field)
        yield (*same_values(entry), field, aggregate.mean, aggregate.std)


def chart(entries: Sequence[Entry]) -> "Drawing | None":
    """Return a row for each configuration: the mean of both measures, and ± 1 deviation."""
    results = [(entry, result) for entry in entries if (result := entry.view(ClassAverages))]
    if not results:
        return None
    import altair as alt

    from seedbed.analysis.chart_captions import about, label, runs_in_words
    from seedbed.display.charts.inline import Columns, inline
    from seedbed.display.charts.parts import SHOWN, heading, percent_axis, shown, with_parameters
    from seedbed.display.charts.style import COLORS

    rows = [
        (label(entry), name, aggregate.mean, aggregate.std, percent_spread(aggregate))
        for entry, result in results
        for field, name in MEASURES.items()
        for aggregate in [getattr(result, field)]
    ]
    columns: Columns = {
        "configuration": "string",
        "measure": "string",
        "mean": "number",
        "std": "number",
        "text": "string",
    }
    data = alt.Chart(inline(columns, rows)).transform_filter(SHOWN)
    names = list(MEASURES.values())
    scale = alt.Scale(domain=names, range=list(COLORS[: len(names)]))
    axis = percent_axis("mean over classes")
    encoding = {
        "y": alt.Y("configuration:N", sort=None, title=None),
        "yOffset": alt.YOffset("measure:N", sort=names),
        "color": alt.Color(
            "measure:N", scale=scale, legend=alt.Legend(title=None, orient="bottom")
        ),
        "tooltip": [
            alt.Tooltip("configuration:N"),
            alt.Tooltip("measure:N"),
            alt.Tooltip("text:N", title="mean ± std"),
        ],
    }
    bars = (
        data.transform_filter("isValid(datum.std)")
        .transform_calculate(low="datum.mean - datum.std", high="datum.mean + datum.std")
        .mark_rule(strokeWidth=1.5)
        .encode(x=alt.X("low:Q", axis=axis, scale=alt.Scale(zero=False)), x2="high:Q", **encoding)
    )
    means = data.mark_circle(size=45, opacity=1).encode(x=alt.X("mean:Q", axis=axis), **encoding)
    drawn = [entry for entry, _ in results]
    subtitle = f"{runs_in_words(drawn)}. Dot: mean; bar: ± 1 standard deviation. {about(drawn)}."
    return with_parameters(alt.layer(bars, means), shown()).properties(
        height=40 * len(results), title=heading("Balanced accuracy and macro F1", subtitle)
    )


ANALYSIS = Analysis(
    "class-averages",
    topic="results",
    result=ClassAverages,
    compute=compute,
    tables={"class-averages": TableView("Balanced accuracy and macro F1", table)},
    charts={
        "class-averages": ChartView(
            "Balanced accuracy and macro F1",
            "A row for each configuration: the mean over the runs of balanced accuracy and macro "
            "F1, with a bar of ± 1 standard deviation.",
            chart,
        )
    },
)
