"""Whether one configuration is better than another: differences over paired seeds, and tests."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from seedbed.analysis.base import Analysis, ChartView, TableView, never
from seedbed.analysis.entry import Entry, fields_of
from seedbed.analysis.part import PagePart
from seedbed.analysis.subjects.comparisons.result import Comparisons, comparisons_of
from seedbed.analysis.subjects.comparisons.sentences import sentences
from seedbed.analysis.subjects.comparisons.table import comparisons_table, over_blocks_table

if TYPE_CHECKING:
    from seedbed.analysis.statistics.comparison import Comparison
    from seedbed.display.charts.style import Drawing


def compared(
    entries: Sequence[Entry],
    baseline: str | None = None,
    factor: str | None = None,
    margin: float | None = None,
) -> list[Entry]:
    """Return the entries, compared with each other or with a baseline, and with nothing else.

    Args:
        entries: Of a summary, all or some.
        baseline: The label of the configuration that all others are compared with, as B.
        factor: The setting whose values are compared while all else is equal.
        margin: Differences up to this fraction count as none.

    Raises:
        StudyError: If no configuration has the label ``baseline``, or ``factor`` does not vary.
        DataError: If one of them has different test images than the baseline.

    """
    return [
        entry.replace(**fields_of(result))
        for entry, result in zip(entries, _relate(entries, baseline, factor, margin), strict=True)
    ]


def _relate(
    entries: Sequence[Entry],
    baseline: str | None = None,
    factor: str | None = None,
    margin: float | None = None,
) -> list[Comparisons]:
    from seedbed.analysis.subjects.comparisons.family import family_of
    from seedbed.analysis.subjects.comparisons.over_blocks import effects_over_blocks
    from seedbed.analysis.subjects.comparisons.pairs import compare_entries
    from seedbed.analysis.subjects.comparisons.question import asked_in_words

    by_label: dict[str, list[Comparison]] = {entry.header.label: [] for entry in entries}
    family = family_of(entries, factor) if baseline is None else None
    for comparison in compare_entries(entries, baseline, factor, margin, family):
        by_label[comparison.a].append(comparison)
    asked = asked_in_words(entries, baseline, factor)
    effects = effects_over_blocks(entries, factor, family) if baseline is None else ()
    return [
        # Effects over blocks belong to the study: the first entry has them all.
        Comparisons(tuple(by_label[entry.header.label]), asked, () if place else effects)
        for place, entry in enumerate(entries)
    ]


def _relate_changed(
    entries: Sequence[Entry], before: Mapping[int, Entry]
) -> Mapping[int, Comparisons] | None:
    from seedbed.analysis.subjects.comparisons.pairing import stays_in_its_block
    from seedbed.analysis.subjects.comparisons.pairs import compare_changed

    if not all(stays_in_its_block(old, entries[place]) for place, old in before.items()):
        return None
    return compare_changed(entries, before)


def _draw(entries: Sequence[Entry]) -> "Drawing | None":
    from seedbed.analysis.subjects.comparisons.chart import comparisons_chart

    return comparisons_chart(entries)


def _any_compared(entries: Sequence[Entry]) -> bool:
    return bool(comparisons_of(entries))


def _first_look(entries: Sequence[Entry]) -> Sequence[Entry]:
    return entries if _any_compared(entries) else ()


def _methods(entries: Sequence[Entry]) -> Iterator[str]:
    tests = {comparison.comparisons for comparison in comparisons_of(entries)}
    if tests:
        over = f", corrected over {max(tests)} tests" if max(tests) > 1 else ""
        yield (
            "Differences between configurations are tested by two-sided t-tests over runs paired "
            f"by seed{over}; p < 0.05 is called significant, and each interval agrees with its "
            "test."
        )


ANALYSIS = Analysis(
    "comparisons",
    topic="comparisons",
    result=Comparisons,
    relate=_relate,
    relate_changed=_relate_changed,
    tables={
        "comparisons": TableView(
            "Comparisons", comparisons_table, first_look=_first_look, compared=compared
        ),
        # For programs: people have it above the comparisons.
        "comparisons-over-blocks": TableView(
            "Comparisons over blocks", over_blocks_table, in_documents=never, compared=compared
        ),
    },
    charts={
        "comparisons": ChartView(
            "Differences in test accuracy",
            "A row for each comparison of two configurations: the mean difference over paired "
            "seeds, its 95% interval, and whether it is significant after correction.",
            _draw,
            wide=True,
        )
    },
    sentences=sentences,
    methods=_methods,
    of_study=True,
    parts=(PagePart(tables=("comparisons",), applies=_any_compared),),
)
