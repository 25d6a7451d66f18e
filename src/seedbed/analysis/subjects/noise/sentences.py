"""How accuracy responds to label noise, and what the networks make of the noisy labels.

A method is followed from level to level of the noise; methods are compared at each level by
:mod:`seedbed.analysis.subjects.comparisons.sentences`.
"""

from collections.abc import Iterator, Sequence

from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.result import accuracy_of, mean_accuracy, tested
from seedbed.analysis.subjects.comparisons.evidence import (
    comparison_of,
    evidence,
    remark,
    verdict,
)
from seedbed.analysis.subjects.noise.levels import (
    by_level,
    is_known,
    kind,
    kind_in_words,
    level,
    method,
    method_label,
    noise_in_words,
    rate_in_words,
)
from seedbed.analysis.subjects.noise.result import noise_of
from seedbed.display.formatters import percent, percent_spread
from seedbed.display.sentence import enumerated, points, quoted


def sentences(entries: Sequence[Entry]) -> Iterator[str]:
    """Say what label noise does to the accuracy of the entries of one test set."""
    finished = tested(entries)
    if not finished or not all(map(is_known, finished)):
        return
    if len(by_level(finished)) > 1:
        yield from _response(finished)
        worst = max(finished, key=lambda entry: (level(entry), mean_accuracy(entry)))
        yield from _fitted(worst, several=True)
    elif level(finished[0]):
        yield (
            f"The training labels have {noise_in_words(finished[0])}; training accuracy is "
            "measured against them, test accuracy against clean labels."
        )
        best = max(finished, key=mean_accuracy)
        yield from _fitted(best, several=len(finished) > 1)


def _response(entries: Sequence[Entry]) -> Iterator[str]:
    """Follow each kind of noise: the only method, or those that lose least and most."""
    methods: dict[str, list[Entry]] = {}
    for entry in entries:
        methods.setdefault(method(entry), []).append(entry)
    for of_kind in dict.fromkeys(kind(entry) for entry in entries if level(entry)):
        series = [_series(group, of_kind) for group in methods.values()]
        several = [group for group in series if len(group) > 1]
        if len(methods) == 1:
            yield from map(_course, several)
        elif several:
            yield from _losses(several)


def _course(series: Sequence[Entry]) -> str:
    """Follow the only method from level to level."""
    means = [mean_accuracy(entry) for entry in series]
    runs = {entry.header.n for entry in series}
    n = runs.pop() if len(runs) == 1 else 0
    steps = [
        f"{percent_spread(accuracy_of(entry).test_accuracy)} "
        + (f"at {rate_in_words(entry)}" if level(entry) else "without noise")
        for entry in series
    ]
    over = f" (mean ± standard deviation of {n} runs)" if n > 1 else ""
    first, last = series[0], series[-1]
    noise = kind_in_words(last)
    tested = comparison_of(first, last)
    # Means fall by chance as often as they rise; only the test says that they fall.
    falls = verdict(tested) == "better"
    lead = f"Test accuracy falls with {noise}" if falls else f"Test accuracy under {noise}"
    sentence = f"{lead}: {enumerated(steps)}{over}."
    lost = means[0] - means[-1]
    if lost <= 0:
        return sentence
    start = rate_in_words(first) if level(first) else "no noise"
    return (
        f"{sentence} From {start} to {rate_in_words(last)} it loses {points(lost)} "
        f"({remark(tested)})."
    )


def _losses(series: Sequence[Sequence[Entry]]) -> Iterator[str]:
    """Say which method loses least, over the widest range of levels that several have."""
    ends = {(level(line[0]), level(line[-1])) for line in series}
    widest = max(ends, key=lambda pair: pair[1] - pair[0])
    same = [line for line in series if (level(line[0]), level(line[-1])) == widest]
    if len(same) < 2:
        return
    lost = [mean_accuracy(line[0]) - mean_accuracy(line[-1]) for line in same]
    order = sorted(range(len(same)), key=lost.__getitem__)
    least, most = (same[order[place]] for place in (0, -1))
    first, last = least[0], least[-1]
    # Here, because it needs NumPy, and a summary is read without.
    from seedbed.analysis.subjects.noise.falls import compare_falls

    tested = compare_falls(order[0], order[-1], same)
    differ = {"worse": "", "not tested": "; not tested"}.get(
        tested.verdict, "; the difference is not significant"
    )
    yield (
        f"From {noise_in_words(first)} to {noise_in_words(last)}, "
        f"{quoted(method_label(least[-1]))} loses {_change(lost[order[0]])} of mean test accuracy "
        f"and {quoted(method_label(most[-1]))} {_change(lost[order[-1]])}, the smallest and the "
        f"largest change of {len(same)} methods ({evidence(tested)}{differ})."
    )


def _fitted(entry: Entry, *, several: bool) -> Iterator[str]:
    """Say what became of the noisy labels."""
    noise = noise_of(entry)
    if noise is None or noise.memorized.mean is None:
        return
    memorized, recovered = noise.memorized.mean, noise.recovered.mean
    who = f" by {quoted(entry.header.label)}" if several else ""
    yield (
        f"Of the training images with a wrong label, {percent(memorized)} are predicted{who} as "
        f"their noisy label (memorized) and {percent(recovered)} as their clean label (recovered)."
    )


def _series(entries: Sequence[Entry], of_kind: str) -> list[Entry]:
    """Return the entries without noise and with noise of this kind, the least noise first."""
    return sorted(
        (entry for entry in entries if not level(entry) or kind(entry) == of_kind), key=level
    )


def _change(lost: float) -> str:
    return points(lost) if lost >= 0 else f"it gains {points(lost)}"
