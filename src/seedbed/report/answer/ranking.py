"""Which configuration has the highest accuracy, and how surely it is better, in plain words."""

from collections.abc import Iterator, Sequence
from typing import Final

from seedbed.analysis.entry import Entry
from seedbed.display.formatters import percent, percent_interval
from seedbed.evaluation.comparisons import MOST_IN_PAIRS
from seedbed.evaluation.statistics import LEVEL
from seedbed.report.answer.prose import (
    NAMES_SHOWN,
    counted,
    mean_and_spread,
    names,
    points,
    quoted,
)
from seedbed.report.answer.versus import Versus, pairs_needed, versus

EQUAL: Final = 1e-12
"""Means that differ by less are the same: fractions of whole images, rounded."""


def alone(entry: Entry) -> str:
    """Say what the only configuration reaches."""
    accuracy, interval = entry["test_accuracy"], percent_interval(entry["test_accuracy_interval"])
    where = f"test accuracy on {dataset_name(entry)}"
    if entry["n"] == 1:
        return (
            f"A single run of {quoted(entry['label'])} reaches {percent(accuracy['mean'])} {where} "
            f"(95 % Wilson interval for the choice of test images: {interval}); how much runs "
            "differ, one run cannot tell."
        )
    return (
        f"{quoted(entry['label'])} reaches {100 * accuracy['mean']:.2f} ± "
        f"{100 * accuracy['std']:.2f} % {where} (mean ± standard deviation of {entry['n']} runs; "
        f"95 % interval of the mean {interval})."
    )


def ranked(best: Entry, finished: Sequence[Entry]) -> Iterator[str]:
    """Say which configuration has the highest mean, and how surely it is better than others."""
    if len(finished) == 1:
        yield alone(best)
        return
    highest = best["test_accuracy"]["mean"]
    first = [each for each in finished if highest - each["test_accuracy"]["mean"] < EQUAL]
    others = [each for each in finished if highest - each["test_accuracy"]["mean"] >= EQUAL]
    if len(first) > 1:
        yield (
            f"{names([each['label'] for each in first])} have the same mean test accuracy on "
            f"{dataset_name(best)}, {percent(highest)}"
            + (f", the highest of {counted(len(finished), 'configuration')}." if others else ".")
        )
    else:
        yield (
            f"{quoted(best['label'])} has the highest mean test accuracy of "
            f"{counted(len(finished), 'configuration')} on {dataset_name(best)}: "
            f"{mean_and_spread(best['test_accuracy'], best['n'])}."
        )
        yield _next_best(best, others)
    who = "it" if len(first) == 1 else quoted(best["label"])
    yield from _verdicts(who, [versus(best, each) for each in others])
    if len(finished) > MOST_IN_PAIRS:
        yield (
            f"As the highest of {len(finished)} on these very test images, its accuracy is likely "
            "to be a little lower on new ones."
        )


def _next_best(best: Entry, others: Sequence[Entry]) -> str:
    second = max(others, key=lambda each: each["test_accuracy"]["mean"])
    more = points(best["test_accuracy"]["mean"] - second["test_accuracy"]["mean"])
    which = "the next best, " if len(others) > 1 else ""
    found = versus(best, second)
    said = found.evidence
    if found.n not in (0, best["n"], second["n"]) or (said and best["n"] != second["n"]):
        # The test is of the pairs, which differ by something else than the means do.
        said = f"over the {counted(found.n, 'seed')} that they share {found.signed}, {said}"
    said = said and f" ({said})"
    return f"That is {more} more than {which}{quoted(second['label'])}{said}."


def _verdicts(who: str, others: Sequence[Versus]) -> Iterator[str]:
    """Say of all others together which of them the best is better than."""
    of: dict[str, list[Versus]] = {}
    for each in others:
        of.setdefault(each.verdict, []).append(each)
    if "better" in of:
        yield _better(who, of["better"], len(others))
    if "worse" in of:
        yield (
            f"Over the seeds that they share, however, {who} is significantly worse than "
            f"{_labels(of['worse'])}."
        )
    if "open" in of:
        yield _open(who, of["open"], len(others))
    if "too few" in of:
        yield _too_few(who, of["too few"], len(others))
    if "untested" in of:
        yield _untested(of["untested"], len(others))


def _better(who: str, better: Sequence[Versus], others: int) -> str:
    if len(better) < others:
        which = f"{len(better)} of the other {others}, {_labels(better)}"
    else:
        which = _labels(better) if others == 1 else f"each of the other {others}"
    level = " ".join(filter(None, (f"p < {LEVEL}", better[0].correction)))
    return (
        f"{_capital(who)} is significantly better than {which} ({level}): over the seeds of "
        "training, on these test images."
    )


def _open(who: str, found: Sequence[Versus], others: int) -> str:
    which = _labels(found)
    if len(found) == others > 1:
        which = f"{'either' if others == 2 else 'any'} of the other {others}"
    equal = "the two are" if len(found) == 1 else "they are"
    return (
        f"The runs do not tell {who} apart from {which} (p ≥ {LEVEL}), which does not show that "
        f"{equal} equally good."
    )


def _too_few(who: str, found: Sequence[Versus], others: int) -> str:
    fewest = min(found, key=lambda each: each.n)
    among = f", among {fewest.family} comparisons" if fewest.family > 1 else ""
    whether = (
        "no difference is established"
        if len(found) == others > 1
        else f"whether {who} is better than {_labels(found)} stays open"
    )
    hints = [each for each in found if each.interval and each.interval["low"] > 0]
    hint = ""
    if hints:
        against = f" against {_labels(hints)}" if len(found) > 1 else ""
        lies = "interval{} lies" if len(hints) == 1 else "intervals{} lie"
        hint = f", though the 95 % {lies.format(against)} above 0"
    runs = f"{fewest.n} pairs of runs cannot reach p < {LEVEL}, whatever they show"
    if fewest.n == 1:
        runs = f"A single pair of runs cannot reach p < {LEVEL}, whatever it shows"
    return f"{runs} ({pairs_needed(fewest.family)} could{among}): {whether}{hint}."


def _untested(found: Sequence[Versus], others: int) -> str:
    which = _labels(found)
    if len(found) > NAMES_SHOWN:
        rest = len(found) < others
        which = f"{f'{len(found)} of ' if rest else ''}the other {others}"
    differences = (
        "The difference from {} was" if len(found) == 1 else "The differences from {} were"
    )
    why = (
        "no seed is shared"
        if all(each.compared for each in found)
        else f"of more than {MOST_IN_PAIRS} configurations each is compared with the first only"
    )
    return f"{differences.format(which)} not tested: {why}."


def _labels(found: Sequence[Versus]) -> str:
    return names([each.other for each in found])


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def dataset_name(entry: Entry) -> str:
    """Return the name of the dataset; that it is altered has a sentence of its own."""
    return str(entry["dataset"]).removesuffix(f" (altered: {entry['modified']})")
