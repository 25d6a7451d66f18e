"""Balanced accuracy, macro F1 and macro AUC: averages that count every class the same.

Frequent classes dominate accuracy, but none of these. They have the intervals that accuracy has:
over seeds on these images, and for new images of the same kind. The formulas and their sources
stand in :mod:`seedbed.analysis.statistics.measures`.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.base import Analysis, ChartView, TableView, never
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
from seedbed.analysis.part import PagePart
from seedbed.analysis.shown_intervals import columns_of, interval_notes, values_of
from seedbed.analysis.subjects.per_class import class_sizes, is_unbalanced, unbalanced
from seedbed.display.formatters import (
    NONE,
    interval_text,
    percent,
    percent_interval,
    percent_spread,
    spread,
)
from seedbed.display.sentence import quoted
from seedbed.display.table import Report, Row, Table

if TYPE_CHECKING:
    from seedbed.display.charts.style import Drawing

MEASURES: Final = {
    "balanced_accuracy": "balanced accuracy",
    "macro_f1": "macro F1",
    "macro_auc": "macro AUC",
}
"""Field -> name."""
DRAWN: Final = ("balanced_accuracy", "macro_f1")
"""The fields in the chart; AUC does not depend on the threshold of a decision."""
PARTS: Final = ("", ", 95% interval, these images", ", new images")
MOST_ROOMY: Final = 8
"""Configurations whose two marks have much room in the chart."""


class ClassAverages(msgspec.Struct, frozen=True):
    """Averages over classes of each run, 0 to 1, with the intervals of their means."""

    balanced_accuracy: Accuracies
    macro_f1: Accuracies
    macro_auc: Accuracies | None = None
    """Each class against the rest, where classes are unbalanced or two; ``None`` elsewhere, and
    where probabilities are not known."""


def compute(material: Material) -> ClassAverages | None:
    """Return the averages of the runs; ``None`` without runs."""
    if not material.predictions:
        return None
    import numpy as np

    from seedbed.analysis.predictions import check_same_images
    from seedbed.analysis.statistics.measures.auc import macro_auc
    from seedbed.analysis.statistics.measures.class_measures import balanced_accuracy, macro_f1
    from seedbed.analysis.statistics.measures.influence import with_measured_intervals
    from seedbed.analysis.subjects.accuracy.compute import collapsed_in

    check_same_images(material.predictions)
    first = material.predictions[0]
    predicted = np.stack([run.predicted for run in material.predictions])
    classes = len(first.class_names)
    measures = [
        measure(first.labels, predicted, classes) for measure in (balanced_accuracy, macro_f1)
    ]
    if material.scored and _accuracy_misleads(
        np.bincount(first.labels, minlength=classes).tolist()
    ):
        auc = macro_auc(first.labels, [run.probabilities for run in material.predictions])
        measures += [auc] if auc else []
    averages = [with_measured_intervals(each, levels=material.levels) for each in measures]
    if collapsed_in(material):
        # No interval would hold the mean that they dominate.
        averages = [
            msgspec.structs.replace(each, interval=None, interval_new_images=None)
            for each in averages
        ]
    return ClassAverages(*averages)


def _accuracy_misleads(sizes: Sequence[int]) -> bool:
    """Whether accuracy alone tells little about classes of these sizes."""
    return len(sizes) == 2 or unbalanced(sizes)


def class_averages_of(entry: Entry) -> ClassAverages | None:
    """Return the averages of an entry; ``None`` where single predictions are not known."""
    return entry.view(ClassAverages)


def _tells_more(entries: Sequence[Entry]) -> bool:
    """Whether a page shows them: where there is something to compare, or accuracy misleads."""
    known = [entry for entry in entries if entry.view(ClassAverages)]
    return len(known) > 1 or any(_accuracy_misleads(class_sizes(entry)) for entry in known)


def table(entries: Sequence[Entry]) -> Report:
    """Return a row for each configuration."""
    results = [(entry, entry.view(ClassAverages)) for entry in entries]
    measures = [
        field
        for field in MEASURES
        if field in DRAWN or any(getattr(result, field) for _, result in results if result)
    ]
    notes = (
        "Every class counts the same. Mean ± standard deviation over n runs.",
        *interval_notes(*(result.balanced_accuracy for _, result in results if result)),
    )
    return Report(
        (
            Table(
                title(entries, "averages over classes"),
                (
                    "configuration",
                    "n",
                    *(f"{MEASURES[field]}{part}" for field in measures for part in PARTS),
                ),
                (tuple(_row(entry, result, measures) for entry, result in results),),
                (*notes, *logits_notes(entries, ClassAverages), *notes_of(entries)),
            ),
        ),
        (*SAME, *columns_of(*MEASURES)),
        tuple(
            (*same_values(entry), *values_of(*(getattr(result, field) for field in MEASURES)))
            for entry, result in results
            if result
        ),
        [identity(entry) | (fields_of(result) if result else {}) for entry, result in results],
        study_notes(entries),
    )


def _row(entry: Entry, result: ClassAverages | None, measures: Sequence[str]) -> Row:
    shown = [text for field in measures for text in _texts(field, result)]
    return (entry.header.label, str(entry.header.n), *shown)


def _texts(field: str, result: ClassAverages | None) -> tuple[str, ...]:
    measure: Accuracies | None = getattr(result, field) if result else None
    if measure is None:
        return (NONE,) * len(PARTS)
    if field == "balanced_accuracy":
        intervals = map(percent_interval, (measure.interval, measure.interval_new_images))
        return (percent_spread(measure), *intervals)
    intervals = map(interval_text, (measure.interval, measure.interval_new_images))
    return (spread(measure), *intervals)


def sentences(entries: Sequence[Entry]) -> Iterator[str]:
    """Where classes are unbalanced, say what configurations reach if all classes count the same."""
    known = [(entry, result) for entry in entries if (result := entry.view(ClassAverages))]
    if not known or not is_unbalanced(known[0][0]):
        return
    support = class_sizes(known[0][0])
    lead = (
        f"The classes are unbalanced ({min(support):,} to {max(support):,} test images), so "
        "frequent classes dominate accuracy."
    )
    if len(known) > 1:
        means = [result.balanced_accuracy.mean or 0.0 for _, result in known]
        low, high = percent(min(means)), percent(max(means))
        between = f"accuracies from {low} to {high}" if low != high else f"accuracies of {low}"
        yield (
            f"{lead} If all count the same, {len(known)} configurations have mean balanced "
            f"{between}; their differences were not tested."
        )
        return
    entry, result = known[0]
    balanced = result.balanced_accuracy
    new = balanced.interval_new_images
    intervals = [
        *([f"on these images: {percent_interval(balanced.interval)}"] if balanced.interval else []),
        *([f"on new images of the same kind: {percent_interval(new)}"] if new else []),
    ]
    evidence = f" (95% interval of the mean {'; '.join(intervals)})" if intervals else ""
    yield (
        f"{lead} If all count the same, {quoted(entry.header.label)} reaches a balanced accuracy "
        f"of {percent_spread(balanced)}{evidence} and a macro F1 of {spread(result.macro_f1, 3)}"
        f"{_auc(result.macro_auc)}."
    )


def _auc(auc: Accuracies | None) -> str:
    if auc is None:
        return ""
    new = auc.interval_new_images
    evidence = f" (on new images {interval_text(new)})" if new else ""
    return f", and a macro AUC of {spread(auc, 3)}{evidence}"


def _first_look(entries: Sequence[Entry]) -> Sequence[Entry]:
    return entries if any(_accuracy_misleads(class_sizes(entry)) for entry in entries) else ()


def chart(entries: Sequence[Entry]) -> "Drawing | None":
    """Return a row for each configuration: the mean of both measures, and ± 1 deviation."""
    results = [(entry, result) for entry in entries if (result := entry.view(ClassAverages))]
    if not results:
        return None
    import altair as alt

    from seedbed.analysis.chart_captions import about, label, runs_in_words
    from seedbed.display.charts.inline import Columns, inline
    from seedbed.display.charts.parts import (
        SHOWN,
        heading,
        in_lines,
        percent_axis,
        row_axis,
        shown,
        with_parameters,
    )
    from seedbed.display.charts.style import COLORS

    rows = [
        (label(entry), name, aggregate.mean, aggregate.std, percent_spread(aggregate))
        for entry, result in results
        for field in DRAWN
        for name, aggregate in [(MEASURES[field], getattr(result, field))]
    ]
    columns: Columns = {
        "configuration": "string",
        "measure": "string",
        "mean": "number",
        "std": "number",
        "text": "string",
    }
    data = alt.Chart(inline(columns, rows)).transform_filter(SHOWN)
    names = [MEASURES[field] for field in DRAWN]
    scale = alt.Scale(domain=names, range=list(COLORS[: len(names)]))
    axis = percent_axis("mean over classes")
    encoding = {
        "y": alt.Y("configuration:N", sort=None, title=None, axis=row_axis("lines[datum.label]")),
        "yOffset": alt.YOffset("measure:N", sort=names),
        "color": alt.Color(
            "measure:N", scale=scale, legend=alt.Legend(title=None, orient="bottom", columns=2)
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
        .encode(
            x=alt.X("low:Q", axis=axis, scale=alt.Scale(zero=False)),
            x2=alt.X2("high:Q"),
            **encoding,
        )
    )
    means = data.mark_circle(size=45, opacity=1).encode(x=alt.X("mean:Q", axis=axis), **encoding)
    drawn = [entry for entry, _ in results]
    subtitle = f"{runs_in_words(drawn)}. Dot: mean; bar: ± 1 standard deviation. {about(drawn)}."
    lines = alt.param(name="lines", value={label(entry): in_lines(label(entry)) for entry in drawn})
    return with_parameters(alt.layer(bars, means), shown(), lines).properties(
        height=(40 if len(results) <= MOST_ROOMY else 24) * len(results),
        title=heading("Balanced accuracy and macro F1", subtitle),
    )


ANALYSIS = Analysis(
    "class-averages",
    topic="results",
    result=ClassAverages,
    compute=compute,
    tables={"class-averages": TableView("Averages over classes", table, first_look=_first_look)},
    sentences=sentences,
    charts={
        "class-averages": ChartView(
            "Balanced accuracy and macro F1",
            "A row for each configuration: the mean over the runs of balanced accuracy and macro "
            "F1, with a bar of ± 1 standard deviation.",
            chart,
            in_documents=never,
        )
    },
    parts=(PagePart(half=True, applies=_tells_more),),
    rank=15,
)
