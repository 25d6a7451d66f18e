"""How accuracy answers to label noise, in plain words, where a study asks for several levels.

Configurations that differ in nothing but their noise are a method. A method is followed from level
to level, and at each level the methods are ranked among themselves: that training without noise
reaches more than training with noise is no finding.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from seedbed.analysis.entry import Entry
from seedbed.display.formatters import percent, percent_spread
from seedbed.report.answer.prose import counted, enumerated, points, quoted
from seedbed.report.answer.versus import versus

MOST_LEVELS: Final = 6
KINDS: Final = {
    "symmetric": "symmetric label noise",
    "pair": "pair label noise",
    "matrix": "label noise of a given matrix",
    "human": "label errors of people",
}


def noise_response(entries: Sequence[Entry]) -> list[str]:
    """Return sentences, or none where the entries do not differ in their noise.

    Args:
        entries: Of one test set, each with a finished run.

    """
    if not all(map(_known, entries)) or len({(_kind(each), _level(each)) for each in entries}) < 2:
        return []
    methods: dict[str, list[Entry]] = {}
    for each in entries:
        methods.setdefault(_method(each), []).append(each)
    kinds = list(dict.fromkeys(_kind(each) for each in entries if _level(each)))
    sentences: list[str] = []
    for kind in kinds:
        series = [_series(each, kind) for each in methods.values()]
        several = [each for each in series if len(each) > 1]
        if len(methods) == 1:
            sentences += map(_course, several)
        elif several:
            sentences += _losses(several)
    sentences += _rankings(entries)
    worst = max(entries, key=lambda each: (_level(each), each["test_accuracy"]["mean"]))
    return [*sentences, *_learned(worst)]


def noise_of_all(entries: Sequence[Entry]) -> Iterator[str]:
    """Say which noise all entries have, where there is one."""
    if all(map(_known, entries)) and all(map(_level, entries)):
        yield (
            f"The training labels have {_noise(entries[0])}; training accuracy is measured against "
            "them, test accuracy against clean labels."
        )
        worst = max(entries, key=lambda each: each["test_accuracy"]["mean"])
        yield from _learned(worst, several=len(entries) > 1)


def _course(series: Sequence[Entry]) -> str:
    """Follow the only method from level to level."""
    means = [each["test_accuracy"]["mean"] for each in series]
    falls = all(after < before for before, after in pairwise(means))
    runs = {each["n"] for each in series}
    n = runs.pop() if len(runs) == 1 else 0
    steps = [
        f"{percent_spread(each['test_accuracy'])} "
        + (f"at {_rate(each)}" if _level(each) else "without")
        for each in series
    ]
    over = f" (mean ± standard deviation of {n} runs)" if n > 1 else ""
    first, last = series[0], series[-1]
    sentence = (
        f"Test accuracy {'falls' if falls else 'goes'} with {KINDS[last['noise']['kind']]}: "
        f"{enumerated(steps)}{over}."
    )
    lost = means[0] - means[-1]
    if lost <= 0:
        return sentence
    return (
        f"{sentence} From {_rate(first) if _level(first) else 'none'} to {_rate(last)} it loses "
        f"{points(lost)} ({versus(first, last).remark})."
    )


def _losses(series: Sequence[Sequence[Entry]]) -> Iterator[str]:
    """Say which method loses least, over the widest range of levels that several have."""
    ends = {(_level(each[0]), _level(each[-1])) for each in series}
    widest = max(ends, key=lambda each: each[1] - each[0])
    same = [each for each in series if (_level(each[0]), _level(each[-1])) == widest]
    if len(same) < 2:
        return
    lost = [_mean(each[0]) - _mean(each[-1]) for each in same]
    order = sorted(range(len(same)), key=lost.__getitem__)
    least, most = (same[order[place]] for place in (0, -1))
    first, last = least[0], least[-1]
    start = _noise(first) if _level(first) else "no noise"
    yield (
        f"From {start} to {_noise(last)}, {quoted(_method_label(least[-1]))} loses the least mean "
        f"test accuracy of {len(same)} ({_change(lost[order[0]])}), "
        f"{quoted(_method_label(most[-1]))} the most ({_change(lost[order[-1]])})."
    )


def _rankings(entries: Sequence[Entry]) -> Iterator[str]:
    """At each level, name the method with the highest mean."""
    levels: dict[tuple[float, str], list[Entry]] = {}
    for each in entries:
        levels.setdefault((_level(each), _kind(each) if _level(each) else ""), []).append(each)
    ranked = [levels[each] for each in sorted(levels) if len(levels[each]) > 1]
    for group in ranked[:MOST_LEVELS]:
        best, second, *_ = sorted(group, key=_mean, reverse=True)
        under = f"With {_noise(best)}" if _level(best) else "Without noise"
        yield (
            f"{under}, {quoted(_method_label(best))} has the highest mean test accuracy of "
            f"{counted(len(group), 'configuration')}, {percent_spread(best['test_accuracy'])}: "
            f"{points(_mean(best) - _mean(second))} more than {quoted(_method_label(second))} "
            f"({versus(best, second).remark})."
        )


def _learned(entry: Entry, *, several: bool = True) -> Iterator[str]:
    """Say what became of the wrong labels."""
    noise = entry["noise"]
    memorized, recovered = noise["memorized"]["mean"], noise["recovered"]["mean"]
    if memorized is None or recovered is None:
        return
    who = quoted(entry["label"]) if several else "it"
    yield (
        f"Of the wrong labels that {who} was taught, it predicts {percent(memorized)} as taught, "
        f"and for {percent(recovered)} the clean label instead."
    )


def _known(entry: Entry) -> bool:
    return bool(entry["noise"]) and bool(entry["configuration"])


def _level(entry: Entry) -> float:
    """Return how much noise there is: the rate asked for, or, of given labels, the one found."""
    noise = entry["noise"]
    if noise["kind"] == "none":
        return 0.0
    return float((noise["observed_rate"] or 0.0) if noise["rate"] is None else noise["rate"])


def _kind(entry: Entry) -> str:
    """Return what tells one kind of noise from another, but not how much there is of it."""
    settings = {key: value for key, value in entry["noise"]["settings"].items() if key != "rate"}
    if entry["noise"]["rate"] is None:  # each matrix, each set of labels is a level of its own
        settings = {"kind": settings["kind"]}
    return json.dumps(settings, sort_keys=True)


def _method(entry: Entry) -> str:
    rest = {key: value for key, value in entry["configuration"].items() if key != "noise"}
    return json.dumps(rest, sort_keys=True)


def _method_label(entry: Entry) -> str:
    """Return the label without the words about noise, which the sentence says."""
    words = str(entry["label"]).split(", ")
    rest = [each for each in words if not each.startswith(("noise=", "noise."))]
    return ", ".join(rest) or str(entry["label"])


def _series(method: Sequence[Entry], kind: str) -> list[Entry]:
    """Return the entries of a method without noise and with this kind, the least noise first."""
    return sorted((each for each in method if not _level(each) or _kind(each) == kind), key=_level)


def _mean(entry: Entry) -> float:
    return float(entry["test_accuracy"]["mean"])


def _rate(entry: Entry) -> str:
    digits = ".1f" if entry["noise"]["rate"] is None else ".4g"
    return f"{100 * _level(entry):{digits}} %"


def _noise(entry: Entry) -> str:
    return f"{_rate(entry)} {KINDS[entry['noise']['kind']]}"


def _change(lost: float) -> str:
    return points(lost) if lost >= 0 else f"it gains {points(lost)}"
