"""What a study has found, in plain words: the sentences that a page leads with.

They are made from the numbers of the summary and claim no more than its tests allow:

* the highest mean is called the highest mean, and better only what the paired test, corrected as in
  the table of comparisons, calls significant;
* where so few runs could not have shown any difference, that is said, and how many could;
* what is not significant is called not told apart, never equal;
* a single run has no spread, only the interval for the choice of test images;
* where training labels are noisy, configurations are ranked among those with the same noise.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from seedbed.analysis.entry import Entry
from seedbed.display.formatters import percent
from seedbed.report.answer.data_need import data_need
from seedbed.report.answer.prose import (
    counted,
    enumerated,
    every,
    points,
    quoted,
)
from seedbed.report.answer.ranking import alone, dataset_name, ranked
from seedbed.report.answer.response import noise_of_all, noise_response

COLLAPSED: Final = 0.5
"""A run below this part of the best of its configuration has learned something else, or nothing."""
MOST_NAMED: Final = 3
"""Configurations with runs that are no good; the others are counted."""
NOTABLE_GAP: Final = 0.02
"""Training accuracy above test accuracy, from which on it is worth a sentence."""


def answer(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Return sentences about the entries of a summary, the most important first.

    Names of configurations and classes are the user's, so the sentences must be escaped.
    """
    by_test_set: dict[str, list[Entry]] = {}
    for each in entries:
        by_test_set.setdefault(each["test_fingerprint"], []).append(each)
    found: list[str] = []
    for group in by_test_set.values():
        found += _of_test_set(group)
    if len(by_test_set) > 1:
        found.append("Accuracies on different test images are not compared with each other.")
    return (*found, *_collapsed(entries), *_runs_missing(entries), *_altered(entries))


def _of_test_set(entries: Sequence[Entry]) -> Iterator[str]:
    finished = [each for each in entries if each["n"]]
    if not finished:
        yield f"No run on {dataset_name(entries[0])} has finished, so there is no accuracy yet."
        return
    best = max(finished, key=lambda each: each["test_accuracy"]["mean"])
    response = noise_response(finished)
    if response:
        yield from response
    elif len(entries) == 1:
        yield alone(best)
    else:
        yield from ranked(best, finished)
    if not response:
        yield from noise_of_all(finished)
    yield from data_need(finished)
    yield from _errors(best, alone=len(entries) == 1)
    yield from _overfitting(finished)


def _errors(entry: Entry, *, alone: bool) -> Iterator[str]:
    """Say which classes are confused most, and how many images are always wrong."""
    who = "it" if alone else quoted(entry["label"])
    if not entry["top_pairs"]:
        yield f"Of the test images {who} gets none wrong."
        return
    over = "" if entry["n"] == 1 else f" (means of {entry['n']} runs)"
    pairs = [
        f"{percent(pair['rate'])} of {quoted(pair['true'])} for {quoted(pair['predicted'])}"
        for pair in entry["top_pairs"][:2]
    ]
    yield f"What {who} confuses most: it takes {enumerated(pairs)}{over}."
    n_wrong = entry["hard_examples"]["images_by_n_wrong"]
    always, images = n_wrong[-1], sum(n_wrong)
    if entry["n"] > 1 and always:
        are = "is" if always == 1 else "are"
        runs = f"{every(entry['n'])} of its runs"
        yield f"{always:,} of the {images:,} test images {are} wrong in {runs}."


def _overfitting(finished: Sequence[Entry]) -> Iterator[str]:
    """Name the largest gap between training and test accuracy, if it is worth it.

    Training accuracy against noisy labels says nothing about that.
    """
    gaps = [
        (each["train_accuracy"]["mean"] - each["test_accuracy"]["mean"], each)
        for each in finished
        if each["train_accuracy"]["mean"] is not None
        and not (each["noise"] and each["noise"]["kind"] != "none")
    ]
    gap, entry = max(gaps, key=lambda each: each[0], default=(0.0, None))
    if entry is None or gap < NOTABLE_GAP:
        return
    train, test = percent(entry["train_accuracy"]["mean"]), percent(entry["test_accuracy"]["mean"])
    whose = "" if len(finished) == 1 else f", most of all with {quoted(entry['label'])}"
    yield (
        f"Training images are fitted better than new ones{whose}: training accuracy is "
        f"{points(gap)} above test accuracy ({train} against {test})."
    )


def _collapsed(entries: Sequence[Entry]) -> Iterator[str]:
    """Name the runs that have learned next to nothing: a mean over two kinds of runs is neither."""
    found = []
    for each in entries:
        runs, best = each["test_accuracy"]["runs"], each["test_accuracy"]["best"]
        low = [run for run in runs if run < COLLAPSED * best]
        if low:
            found.append((each, low))
    for each, low in found[:MOST_NAMED]:
        whose = f" of {quoted(each['label'])}" if len(entries) > 1 else ""
        reach = "reaches" if len(low) == 1 else "reach at most"
        yield (
            f"{len(low)} of {each['n']} runs{whose} {reach} {percent(max(low))}, where the best "
            f"has {percent(each['test_accuracy']['best'])}: mean and spread are of two kinds of "
            "runs."
        )
    if len(found) > MOST_NAMED:
        more = counted(len(found) - MOST_NAMED, "other configuration")
        yield f"So it is with {more}."


def _runs_missing(entries: Sequence[Entry]) -> Iterator[str]:
    """Name the runs that count in no number."""
    for each in [each for each in entries if each["diverged"]][:MOST_NAMED]:
        diverged, total = len(each["diverged"]), _runs(each)
        whose = f" of {quoted(each['label'])}" if len(entries) > 1 else ""
        if not each["n"]:
            which = "The only run" if total == 1 else f"{every(total).capitalize()} runs"
            none = ""
            if diverged < total:
                which, none = f"{diverged} of {total} runs", ", and none has finished"
            yield f"{which}{whose} diverged{none}: it has no accuracy."
        else:
            yield (
                f"{diverged} of {total} runs{whose} diverged; its accuracy is that of the "
                f"{counted(each['n'], 'run that did', 'runs that did')} not."
            )
    more = sum(bool(each["diverged"]) for each in entries) - MOST_NAMED
    if more > 0:
        yield f"Runs of {counted(more, 'other configuration')} diverged too."
    unfinished = sum(len(each["unfinished"]) for each in entries)
    if unfinished:
        total = sum(map(_runs, entries))
        have = "has" if unfinished == 1 else "have"
        yield (
            f"{unfinished} of {counted(total, 'run')} {have} not finished; all numbers here may "
            "still change."
        )


def _altered(entries: Sequence[Entry]) -> Iterator[str]:
    altered = {dataset_name(each): each["modified"] for each in entries if each["modified"]}
    for name, how in altered.items():
        yield (
            f"{name} is an altered copy ({how}): accuracies that others have published may be of "
            "other images."
        )


def _runs(entry: Entry) -> int:
    return int(entry["n"]) + len(entry["diverged"]) + len(entry["unfinished"])
