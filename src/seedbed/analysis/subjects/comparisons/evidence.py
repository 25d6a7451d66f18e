"""How sentences cite a comparison: its interval, its p-value, and what they support."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from seedbed.analysis.entry import Entry
from seedbed.analysis.statistics.comparison import LEVEL, Comparison, EffectOverBlocks, Verdict
from seedbed.analysis.subjects.comparisons.result import Comparisons
from seedbed.display.sentence import signed_interval

_REMARKS: Final[Mapping[Verdict, str]] = {
    "better": "",
    "worse": "over the shared seeds it is the other way round",
    "not significant": "not significant",
    "not tested": "not tested",
}


def comparison_of(entry: Entry, other: Entry) -> Comparison | None:
    """Return the comparison of an entry (A) with another (B); ``None`` if there is none."""
    for a, b in ((entry, other), (other, entry)):
        result = a.view(Comparisons)
        for comparison in result.comparisons if result else ():
            if comparison.b == b.header.label:
                return comparison if a is entry else comparison.swapped()
    return None


def verdict(comparison: Comparison | None) -> Verdict:
    """Return what a comparison supports about A; a pair need not have been compared."""
    return comparison.verdict if comparison else "not tested"


def evidence(comparison: Comparison | None) -> str:
    """Return the interval and the p-value, for parentheses; empty where nothing was tested."""
    if comparison is None or comparison.p_adjusted is None:
        return ""
    parts = []
    if comparison.interval is not None:
        new = comparison.new_images
        for_new = f", on new images {signed_interval(new.interval)}" if new else ""
        parts.append(f"95% interval {signed_interval(comparison.interval)}{for_new}")
    corrected = correction(comparison)
    parts.append(f"p = {p_cited(comparison.p_adjusted)}{f' {corrected}' if corrected else ''}")
    return "; ".join(parts)


def p_cited(value: float) -> str:
    """Return a p-value with two digits, or more where rounding would move it to the level."""
    texts = (f"{value:.{digits}g}" for digits in range(2, 18))
    return next(text for text in texts if (float(text) < LEVEL) == (value < LEVEL))


def remark(comparison: Comparison | None) -> str:
    """Return :func:`evidence`, and in a few words what it supports."""
    remark = _REMARKS[verdict(comparison)]
    return "; ".join(filter(None, (evidence(comparison), remark)))


def correction(comparison: Comparison | EffectOverBlocks) -> str:
    """Return over how many tests p is corrected; empty for a single one."""
    if comparison.comparisons == 1:
        return ""
    return f"corrected over {comparison.comparisons:,} tests"


def power_in_words(tests: Sequence[Comparison | EffectOverBlocks]) -> str:
    """Return which differences tests that found none would find; empty if that is not known."""
    from seedbed.analysis.statistics.planning import USUAL  # it needs SciPy, and tables do not

    least = sorted(_detectable(tests))
    if not least:
        return ""
    low, high = f"{100 * least[0]:.2f}", f"{100 * least[-1]:.2f}"
    differences = f"a difference of {low}" if low == high else f"differences of {low} to {high}"
    n = {test.n for test in tests}
    pairs = f"n = {min(n)}" if len(n) == 1 else f"n = {min(n)} to {max(n)}"
    return (
        f"At the spread of these runs ({pairs}), the power to find {differences} percentage points "
        f"is {100 * USUAL:.0f}%."
    )


def _detectable(tests: Iterable[Comparison | EffectOverBlocks]) -> Iterable[float]:
    from seedbed.analysis.statistics.planning import detectable

    for test in tests:
        freedom = test.n - 1.0
        if isinstance(test, Comparison) and test.degrees_of_freedom is not None:
            freedom = test.degrees_of_freedom
        if test.interval is not None and test.interval.low < test.interval.high:
            yield detectable(test.interval, freedom, test.weight)
