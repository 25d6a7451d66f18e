"""Sentences about configurations that no test tells apart, which rank none of them."""

from collections.abc import Iterator, Sequence

from seedbed.analysis.entry import Entry
from seedbed.analysis.statistics.comparison import LEVEL, Comparison
from seedbed.analysis.subjects.accuracy.result import accuracy_of, mean_accuracy
from seedbed.analysis.subjects.comparisons.evidence import correction, evidence, power_in_words
from seedbed.analysis.subjects.comparisons.result import MOST_IN_PAIRS
from seedbed.display.formatters import percent, percent_spread
from seedbed.display.sentence import counted, enumerated, mean_and_spread, points, quoted


def without_difference(finished: Sequence[Entry], compared: Sequence[Comparison]) -> Iterator[str]:
    """Say what configurations reach that no test tells apart, and rank none of them."""
    name = finished[0].header.dataset_name
    if len(finished) == 2:
        yield f"Mean test accuracy on {name}: {_both(finished)}."
    else:
        yield f"On {name}, {range_of_means(finished)}."
    yield none_significant(compared)
    if power := power_in_words([each for each in compared if each.p_adjusted is not None]):
        yield power
    if len(finished) > MOST_IN_PAIRS:
        yield f"Of more than {MOST_IN_PAIRS} configurations, each is compared with the first only."
    yield from equivalences(compared)


def _both(finished: Sequence[Entry]) -> str:
    accuracies = [accuracy_of(entry).test_accuracy for entry in finished]
    n = finished[0].header.n
    if n == 1 or n != finished[1].header.n:
        shown = [mean_and_spread(accuracy, accuracy.n) for accuracy in accuracies]
    else:
        shown = list(map(percent_spread, accuracies))
        shown[1] += f" (mean ± standard deviation of {n} runs)"
    pairs = zip(finished, shown, strict=True)
    return enumerated([f"{quoted(entry.header.label)} {reached}" for entry, reached in pairs])


def range_of_means(entries: Sequence[Entry]) -> str:
    """Return between which values the means of configurations are."""
    means = [mean_accuracy(entry) for entry in entries]
    least, most = percent(min(means)), percent(max(means))
    between = f"all {least}" if least == most else f"between {least} and {most}"
    return f"the mean test accuracies of {counted(len(entries), 'configuration')} are {between}"


def none_significant(compared: Sequence[Comparison]) -> str:
    """Say that no test finds a difference; of a single one with its interval."""
    tested = [comparison for comparison in compared if comparison.p_adjusted is not None]
    if not tested:
        why = (
            "fewer than two seeds are shared" if compared else "the study compares no two of these"
        )
        return f"Differences were not tested: {why}."
    if len(tested) == 1:
        return (
            f"The difference is not significant ({evidence(tested[0])}); that is not evidence of "
            "equality."
        )
    corrected = correction(tested[0])
    return (
        f"No difference is significant (p ≥ {LEVEL}{f', {corrected}' if corrected else ''}); that "
        "is not evidence of equality."
    )


def equivalences(compared: Sequence[Comparison]) -> Iterator[str]:
    """Say which differences are shown to be within the margin of the study."""
    tested = [comparison for comparison in compared if comparison.p_equivalence is not None]
    shown = [comparison for comparison in tested if comparison.equivalent]
    if not shown:
        return
    margin = f"±{points(shown[0].margin or 0.0)}"
    corrected = correction(shown[0])
    how = f"two one-sided tests, p < {LEVEL}{f', {corrected}' if corrected else ''}"
    if len(shown) == 1:
        which = f"{quoted(shown[0].a)} and {quoted(shown[0].b)} are"
    elif len(shown) == len(tested):
        which = "All of these differences are"
    else:
        which = f"{len(shown)} of {len(tested)} differences are"
    equivalent = "equivalent within" if len(shown) == 1 else "shown to be within"
    yield f"{which} {equivalent} {margin} ({how})."


def differs(comparison: Comparison) -> bool:
    """Whether the test finds a difference."""
    return comparison.verdict in ("better", "worse")
