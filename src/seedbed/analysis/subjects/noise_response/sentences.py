"""How test accuracy responds to label noise, in sentences.

A trend, or a difference of two falls, is only named where its interval leaves out 0.
"""

from collections.abc import Iterator, Sequence

from seedbed.analysis.entry import Entry
from seedbed.analysis.statistics.contrasts.result import Contrast
from seedbed.analysis.subjects.accuracy.result import accuracy_of
from seedbed.analysis.subjects.comparisons.evidence import comparison_of, evidence
from seedbed.analysis.subjects.noise.levels import level, method, rate_in_words
from seedbed.analysis.subjects.noise_response.result import (
    FallDifference,
    Response,
    corrected_over,
    differences_of,
    responses_of,
)
from seedbed.display.formatters import percent_spread
from seedbed.display.sentence import counted, enumerated, points, quoted, signed_interval

MOST_NAMED = 3
"""Differences of falls with a sentence."""


def sentences(entries: Sequence[Entry]) -> Iterator[str]:
    """Follow the only method from level to level, or say which methods lose less than others."""
    responses, tests = responses_of(entries), corrected_over(entries)
    if len(set(map(method, entries))) == 1:
        by_label = {entry.header.label: entry for entry in entries}
        for response in responses:
            yield _course(response, [by_label[label] for label in response.configurations], tests)
    for noise in dict.fromkeys(response.noise for response in responses):
        compared = [each for each in differences_of(entries) if each.noise == noise]
        if compared:
            falls = [each for each in responses if each.noise == noise]
            yield from _compared(compared, falls, tests, entries[0].header.dataset_name)


def _course(response: Response, series: Sequence[Entry], tests: int) -> str:
    steps = [
        f"{percent_spread(accuracy_of(entry).test_accuracy)} "
        + (f"at {rate_in_words(entry)}" if level(entry) else "without noise")
        for entry in series
    ]
    runs = {entry.header.n for entry in series}
    n = runs.pop() if len(runs) == 1 else 0
    over = f" (mean ± standard deviation of {n} runs)" if n > 1 else ""
    # Means rise or fall by chance; only the test says that they do.
    verb = {-1: "falls with", 0: "under", 1: "rises with"}[response.trend.sign]
    where = f"Test accuracy on {series[0].header.dataset_name}"
    sentence = f"{where} {verb} {response.noise}: {enumerated(steps)}{over}."
    trend = response.trend
    if trend.mean is None or trend.interval is None:
        return sentence
    sentence += (
        f" The linear trend is {100 * trend.mean:+.2f} percentage points for 10 points more noise "
        f"({_evidence(trend, tests)}{'' if trend.sign else '; not significant'})."
    )
    lost = response.fall.mean
    tested = comparison_of(series[0], series[-1])
    if not lost or tested is None or tested.verdict != "better":
        return sentence
    start = rate_in_words(series[0]) if level(series[0]) else "no noise"
    return (
        f"{sentence} From {start} to {rate_in_words(series[-1])} it loses {points(lost)} "
        f"({evidence(tested)})."
    )


def _compared(
    compared: Sequence[FallDifference], falls: Sequence[Response], tests: int, dataset: str
) -> Iterator[str]:
    """Say which methods lose less than others to one kind of noise."""
    low, high = compared[0].levels
    start = f"{100 * low:.4g}%" if low else "no noise"
    lead = f"On {dataset}, from {start} to {100 * high:.4g}% {compared[0].noise}"
    clear = sorted(
        (each for each in compared if each.difference.sign),
        key=lambda each: -abs(each.difference.mean or 0.0),
    )
    lost = {response.method: response.fall.mean or 0.0 for response in falls}
    for each in clear[:MOST_NAMED]:
        more, less = (each.a, each.b) if each.difference.sign > 0 else (each.b, each.a)
        difference = each.difference if each.difference.sign > 0 else each.difference.turned()
        yield (
            f"{lead}, {quoted(less)} {_loses(lost[less])} and {quoted(more)} "
            f"{_loses(lost[more])} of mean test accuracy, a difference of "
            f"{points(difference.mean or 0.0)} ({_evidence(difference, tests)})."
        )
    if len(clear) > MOST_NAMED:
        yield f"The falls of {counted(len(clear) - MOST_NAMED, 'other pair')} differ as well."
    if not clear and any(each.difference.interval for each in compared):
        methods = {name for each in compared for name in (each.a, each.b)}
        yield (
            f"{lead}, the losses of {len(methods)} methods do not differ significantly; that is "
            "not evidence of equality."
        )


def _loses(lost: float) -> str:
    return f"loses {points(lost)}" if lost >= 0 else f"gains {points(lost)}"


def _evidence(contrast: Contrast, tests: int) -> str:
    """Return both intervals, and over how many they are corrected."""
    assert contrast.interval is not None
    new = contrast.interval_new_images
    parts = [f"95% interval {signed_interval(contrast.interval)}"]
    if new is not None:
        parts.append(f"on new images {signed_interval(new)}")
    corrected = f"; corrected over {tests} tests" if tests > 1 else ""
    return ", ".join(parts) + corrected
