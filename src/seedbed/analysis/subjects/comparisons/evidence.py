"""How sentences cite a comparison: its interval, its p-value, and what they support."""

from collections.abc import Mapping
from typing import Final

from seedbed.analysis.entry import Entry
from seedbed.analysis.statistics.comparison import Comparison, EffectOverBlocks, Verdict
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
    parts.append(f"p = {comparison.p_adjusted:.2g}{f' {corrected}' if corrected else ''}")
    return "; ".join(parts)


def remark(comparison: Comparison | None) -> str:
    """Return :func:`evidence`, and in a few words what it supports."""
    remark = _REMARKS[verdict(comparison)]
    return "; ".join(filter(None, (evidence(comparison), remark)))


def correction(comparison: Comparison | EffectOverBlocks) -> str:
    """Return over how many tests p is corrected; empty for a single one."""
    if comparison.comparisons == 1:
        return ""
    return f"corrected over {comparison.comparisons} tests"
