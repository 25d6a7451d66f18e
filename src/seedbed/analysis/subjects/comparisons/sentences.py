"""Which configuration has the highest accuracy, and how surely it is better than the others.

The sentences claim no more than the tests support:

* a highest mean is only named where the corrected paired test finds a difference, and "better" is
  only what it calls significant;
* a difference that is not significant is never called equality;
* a single run has no standard deviation, only the interval for the choice of test images;
* configurations are ranked among those that the study compares, such as those with the same noise.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from seedbed.analysis.captions import look_notes
from seedbed.analysis.entry import Entry
from seedbed.analysis.statistics.comparison import LEVEL, Comparison
from seedbed.analysis.subjects.accuracy.result import (
    accuracy_of,
    is_cross_validated,
    lacks_test,
    mean_accuracy,
    tested,
)
from seedbed.analysis.subjects.comparisons.evidence import (
    comparison_of,
    correction,
    evidence,
    remark,
    verdict,
)
from seedbed.analysis.subjects.comparisons.over_blocks_text import sentences_over_blocks
from seedbed.analysis.subjects.comparisons.question import blocks_of, question_of
from seedbed.analysis.subjects.comparisons.result import MOST_IN_PAIRS, comparisons_of
from seedbed.analysis.subjects.comparisons.without_difference import (
    differs,
    equivalences,
    none_significant,
    range_of_means,
    without_difference,
)
from seedbed.analysis.subjects.noise.levels import by_level, level, noise_in_words
from seedbed.display.formatters import percent, percent_interval, percent_spread
from seedbed.display.sentence import (
    NAMES_SHOWN,
    counted,
    enumerated,
    mean_and_spread,
    names,
    points,
    quoted,
)

EQUAL: Final = 1e-12
"""Means that differ by less are the same: they are fractions of whole images, rounded."""
MOST_BLOCKS: Final = 6
"""Blocks with a sentence each, such as levels of label noise."""

WITHOUT_NOISE: Final = "no label noise"

Compared = Sequence[tuple[Entry, Comparison | None]]
"""The other configurations, each with the comparison of the best one (A) with it (B)."""


def sentences(entries: Sequence[Entry]) -> Iterator[str]:
    """Say what the configurations of one test set reach, and which one is better."""
    finished = tested(entries)
    untested = [entry for entry in entries if lacks_test(entry)]
    if untested:
        yield from _validated(untested)
    if not finished:
        if untested:
            return
        name = entries[0].header.dataset_name
        yield f"No run on {name} has finished, so there is no accuracy yet."
        return
    if len(finished) == 1:
        yield _alone(finished[0])
        return
    yield from _compared(finished, entries)
    yield from look_notes(finished)


def _compared(finished: Sequence[Entry], entries: Sequence[Entry]) -> Iterator[str]:
    question = question_of(finished)
    if question is not None and question.with_lowest:
        return  # :mod:`seedbed.analysis.subjects.noise_response` follows it from level to level.
    yield from sentences_over_blocks(entries)
    blocks = list(blocks_of(finished, question))
    if len(blocks) > 1:
        ranked = [block for block in blocks if len(block) > 1]
        yield from (_in_block(block, finished) for block in ranked[:MOST_BLOCKS])
        if len(ranked) > MOST_BLOCKS:
            yield f"The same for {len(ranked) - MOST_BLOCKS} more is in the table of comparisons."
    elif question is not None and question.baseline:
        yield from _beside_baseline(finished)
    else:
        yield from _ranked(finished)


def _beside_baseline(finished: Sequence[Entry]) -> Iterator[str]:
    """Say what differs from the baseline; the others are not compared with each other."""
    compared = comparisons_of(finished)
    found = (
        _largest_found(compared, finished)
        if any(map(differs, compared))
        else none_significant(compared)
    )
    yield f"{found} On {finished[0].header.dataset_name}, {range_of_means(finished)}."
    yield from equivalences(compared)


def _validation(entry: Entry) -> float:
    accuracy = accuracy_of(entry).validation_accuracy
    return (accuracy.mean if accuracy else None) or 0.0


def _validated(entries: Sequence[Entry]) -> Iterator[str]:
    """Say what configurations without a test split reach on the images that runs hold out."""
    name = entries[0].header.dataset_name
    yield f"{name} has no test split, so there is no test accuracy."
    known = [
        (accuracy, entry)
        for entry in entries
        if (accuracy := accuracy_of(entry).validation_accuracy) and accuracy.n
    ]
    if not known:
        return
    accuracy, entry = known[0]
    fold = "; each run holds out another fold" if is_cross_validated(entry) else ""
    if len(known) == 1:
        spread = mean_and_spread(accuracy, accuracy.n)
        yield f"{quoted(entry.header.label)} reaches a validation accuracy of {spread}{fold}."
        return
    ranked = sorted((entry for _, entry in known), key=_validation, reverse=True)
    comparison = comparison_of(ranked[0], ranked[1])
    if verdict(comparison) == "better":
        spread = percent_spread(accuracy_of(ranked[0]).validation_accuracy)
        yield (
            f"{quoted(ranked[0].header.label)} has the highest mean validation accuracy of "
            f"{counted(len(known), 'configuration')}: {spread}{fold}. It is significantly better "
            f"than the next, {quoted(ranked[1].header.label)} ({evidence(comparison)})."
        )
        return
    yield (
        f"Mean validation accuracies of {counted(len(known), 'configuration')} are from "
        f"{percent(_validation(ranked[-1]))} to {percent(_validation(ranked[0]))}{fold}. Between "
        f"the two highest: {remark(comparison)}."
    )


def _alone(entry: Entry) -> str:
    result = accuracy_of(entry)
    accuracy = result.test_accuracy
    shown = result.with_shown_intervals
    interval = percent_interval(shown.shown_interval)
    where = f"test accuracy on {entry.header.dataset_name}"
    if entry.header.n == 1:
        return (
            f"A single run of {quoted(entry.header.label)} reaches {percent(accuracy.mean)} "
            f"{where} (95% Wilson interval for the choice of test images: {interval}). One run "
            "cannot show how much runs vary."
        )
    new = shown.interval_new_images
    of = f" of the {shown.n} that did not collapse" if result.collapsed else ""
    for_new = f"; on new images of the same kind: {percent_interval(new)}" if new else ""
    return (
        f"{quoted(entry.header.label)} reaches {percent_spread(accuracy)} {where} (mean ± standard "
        f"deviation of {entry.header.n} runs; 95% interval of the mean{of} on these images: "
        f"{interval}{for_new})."
    )


def _in_block(entries: Sequence[Entry], finished: Sequence[Entry]) -> str:
    """Name the configuration with the highest mean of those that are compared with each other."""
    best, second, *_ = sorted(entries, key=mean_accuracy, reverse=True)
    compared = comparisons_of(entries)
    shared = _shared_parts(entries, finished)
    if any(part.startswith("noise") for part in shared) or len(by_level(entries)) == 1 < len(
        by_level(finished)
    ):
        shared = [part for part in shared if not part.startswith("noise")]
        shared.append(noise_in_words(best) if level(best) else WITHOUT_NOISE)
    more = points(mean_accuracy(best) - mean_accuracy(second))
    lead = f"On {best.header.dataset_name}"
    if shared == [WITHOUT_NOISE]:
        lead += " without label noise"
    elif shared:
        lead += f" with {enumerated(shared)}"
    if not any(map(differs, compared)):
        return f"{lead}, {range_of_means(entries)}. {none_significant(compared)}"
    top = comparison_of(best, second)
    if top is None or not differs(top):
        # To name the highest would say more than the tests: it is not told from the next.
        return f"{lead}, {range_of_means(entries)}. {_largest_found(compared, entries)}"
    return (
        f"{lead}, {quoted(_own_label(best, entries))} has the highest mean test "
        f"accuracy of {counted(len(entries), 'configuration')}, "
        f"{percent_spread(accuracy_of(best).test_accuracy)}: {more} more than "
        f"{quoted(_own_label(second, entries))} ({remark(top)})."
    )


def _largest_found(compared: Sequence[Comparison], entries: Sequence[Entry]) -> str:
    """Name the largest of the differences that the tests find, and count the others."""
    found = sorted(filter(differs, compared), key=lambda each: -abs(each.difference or 0.0))
    largest = found[0] if found[0].verdict == "better" else found[0].swapped()
    own = {entry.header.label: quoted(_own_label(entry, entries)) for entry in entries}
    others = f"; {counted(len(found) - 1, 'other difference')}" if len(found) > 1 else ""
    also = f"{others} {'is' if len(found) == 2 else 'are'} significant as well" if others else ""
    return (
        f"{own[largest.a]} is significantly better than {own[largest.b]}, by "
        f"{points(largest.difference or 0.0)} ({evidence(largest)}){also}."
    )


def _shared_parts(entries: Sequence[Entry], finished: Sequence[Entry]) -> list[str]:
    """Return the parts of labels that these entries share, and others do not."""
    in_all = [part for part in _parts(entries[0]) if all(part in _parts(e) for e in entries)]
    return [part for part in in_all if not all(part in _parts(entry) for entry in finished)]


def _own_label(entry: Entry, entries: Sequence[Entry]) -> str:
    """Return the label without what it shares with all of these entries."""
    shared = {part for part in _parts(entry) if all(part in _parts(e) for e in entries)}
    return ", ".join(p for p in _parts(entry) if p not in shared) or entry.header.label


def _parts(entry: Entry) -> list[str]:
    return entry.header.label.split(", ")


def _ranked(finished: Sequence[Entry]) -> Iterator[str]:
    compared = comparisons_of(finished)
    if not any(map(differs, compared)):
        yield from without_difference(finished, compared)
        return
    best = max(finished, key=mean_accuracy)
    first = [entry for entry in finished if mean_accuracy(best) - mean_accuracy(entry) < EQUAL]
    others = [entry for entry in finished if mean_accuracy(best) - mean_accuracy(entry) >= EQUAL]
    if len(first) > 1:
        yield (
            f"{names([entry.header.label for entry in first])} have the same mean test accuracy on "
            f"{best.header.dataset_name}, {percent(mean_accuracy(best))}"
            + (f", the highest of {counted(len(finished), 'configuration')}." if others else ".")
        )
    else:
        yield (
            f"{quoted(best.header.label)} has the highest mean test accuracy of "
            f"{counted(len(finished), 'configuration')} on {best.header.dataset_name}: "
            f"{mean_and_spread(accuracy_of(best).test_accuracy, best.header.n)}."
        )
        yield _next_best(best, others)
    who = "it" if len(first) == 1 else quoted(best.header.label)
    yield from _verdicts(who, [(entry, comparison_of(best, entry)) for entry in others])
    yield from equivalences(compared)
    if len(finished) > MOST_IN_PAIRS:
        yield (
            f"It was picked as the highest of {len(finished)} on these test images, so its "
            "accuracy on new ones is probably slightly lower."
        )


def _next_best(best: Entry, others: Sequence[Entry]) -> str:
    second = max(others, key=mean_accuracy)
    which = "the next best, " if len(others) > 1 else ""
    comparison = comparison_of(best, second)
    cited = evidence(comparison)
    if (
        comparison
        and comparison.difference is not None
        and not comparison.n == best.header.n == second.header.n
    ):
        # The pairs that were tested are not all runs, so their difference is not that of the means.
        seeds = counted(comparison.n, "shared seed")
        cited = f"over the {seeds}: {100 * comparison.difference:+.2f}, {cited}"
    cited = f" ({cited})" if cited else ""
    more = points(mean_accuracy(best) - mean_accuracy(second))
    return f"That is {more} more than {which}{quoted(second.header.label)}{cited}."


def _verdicts(who: str, others: Compared) -> Iterator[str]:
    """Say of all other configurations together which of them the best one is better than."""
    groups: dict[str, list[tuple[Entry, Comparison | None]]] = {}
    for entry, comparison in others:
        groups.setdefault(verdict(comparison), []).append((entry, comparison))
    if "better" in groups:
        yield _better(who, groups["better"], len(others))
    if "worse" in groups:
        yield (
            f"Over the shared seeds, however, {who} is significantly worse than "
            f"{_labels(groups['worse'])}."
        )
    if "not significant" in groups:
        yield _not_significant(who, groups["not significant"], len(others))
    if "not tested" in groups:
        yield _not_tested(groups["not tested"], len(others))


def _better(who: str, better: Compared, others: int) -> str:
    if len(better) < others:
        which = f"{len(better)} of the other {others}, {_labels(better)}"
    else:
        which = _labels(better) if others == 1 else f"each of the other {others}"
    corrected = next(correction(comparison) for _, comparison in better if comparison)
    significance = " ".join(filter(None, (f"p < {LEVEL}", corrected)))
    return (
        f"{who[0].upper()}{who[1:]} is significantly better than {which} ({significance}). That "
        "holds across training seeds, for these test images."
    )


def _not_significant(who: str, compared: Compared, others: int) -> str:
    several = len(compared) > 1
    which = f"the other {others}" if len(compared) == others > 1 else _labels(compared)
    between = "from" if who == "it" else f"between {who} and"
    return (
        f"The {'differences' if several else 'difference'} {between} {which} "
        f"{'are' if several else 'is'} not significant (p ≥ {LEVEL}); that is not evidence of "
        "equality."
    )


def _not_tested(compared: Compared, others: int) -> str:
    which = _labels(compared)
    if len(compared) > NAMES_SHOWN:
        rest = len(compared) < others
        which = f"{f'{len(compared)} of ' if rest else ''}the other {others}"
    differences = (
        "The difference from {} was" if len(compared) == 1 else "The differences from {} were"
    )
    why = (
        "fewer than two seeds are shared"
        if all(comparison for _, comparison in compared)
        else f"of more than {MOST_IN_PAIRS} configurations, each is compared with the first only"
    )
    return f"{differences.format(which)} not tested: {why}."


def _labels(compared: Compared) -> str:
    return names([entry.header.label for entry, _ in compared])
