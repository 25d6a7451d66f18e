"""Which configurations are paired with which: within a block, and over all blocks.

Only runs on the same test images can be compared, and only what the study asks is
(:mod:`seedbed.analysis.subjects.comparisons.question`). Up to ten configurations of a block are
compared in all pairs, unless the study names a baseline, which every other one is compared with. Of
more, each is compared with the first that has a finished run, because every further comparison
costs all of them some power.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from seedbed.analysis.entry import Entry
from seedbed.analysis.statistics.crossed import complete_design, levels_of
from seedbed.analysis.statistics.paired import Runs
from seedbed.analysis.subjects.accuracy.result import accuracy_of, measured
from seedbed.analysis.subjects.comparisons.question import (
    Question,
    blocks_in_words,
    blocks_of,
    is_baseline,
    level_key,
    question_of,
)
from seedbed.analysis.subjects.comparisons.result import MOST_IN_PAIRS, Comparisons

Pair = tuple[Entry, Entry]


@dataclass(frozen=True)
class PairInBlocks:
    """Two levels of a factor that meet in several blocks.

    Args:
        pairs: The configurations of both levels in each of the blocks, two or more.
        seeds: Those that all of these have; two or more.
        over: What differs from block to block, in words.
    """

    pairs: tuple[Pair, ...]
    seeds: tuple[int | str, ...]
    over: str


def runs_by_seed(entry: Entry) -> Runs:
    """Return the accuracy of each run by its seed, on test images or else on held-out ones."""
    accuracies = measured(entry)
    if accuracies is None:
        return {}
    runs = zip(entry.header.seeds, accuracies.runs, strict=True)
    return {seed: accuracy for seed, accuracy in runs if accuracy is not None}


def paired_entries(entries: Sequence[Entry], factor: str | None = None) -> list[list[Pair]]:
    """Return the pairs of configurations that are compared, block by block.

    Raises:
        StudyError: If ``factor`` does not vary.
    """
    question = question_of(entries, factor)
    return [list(_pairs(block, question)) for block in blocks_of(entries, question)]


def can_be_tested(a: Entry, b: Entry) -> bool:
    """Whether two configurations share the seeds that a test needs."""
    of_b = runs_by_seed(b)
    seeds = [seed for seed in runs_by_seed(a) if seed in of_b]
    levels = levels_of(seeds)
    return len(seeds) > 1 if levels is None else complete_design(levels) is not None


def paired_over_blocks(
    entries: Sequence[Entry], factor: str | None = None, *, planned: bool = False
) -> list[PairInBlocks]:
    """Return the pairs of levels that are compared over all blocks; none where there is one block.

    Levels are paired as in the blocks. A pair counts where two blocks or more have both of its
    levels, with two seeds in common. Crossed seeds have none: their differences are not
    independent.

    Args:
        entries: Of a summary.
        factor: What is compared; see :func:`.question_of`.
        planned: Whether pairs count that lack these seeds.
    """
    question = question_of(entries, factor)
    if question is None or question.with_lowest:
        return []
    blocks = [
        {level_key(entry, question): entry for entry in block if planned or entry.header.n}
        for block in blocks_of(entries, question)
    ]
    levels = list(dict.fromkeys(key for block in blocks for key in block))
    met = [key for block in blocks for key in block if is_baseline(block[key], question)]
    pairs: Iterable[tuple[str, str]]
    if question.baseline:  # without a run of it, there is nothing to compare
        pairs = ((level, met[0]) for level in levels if level != met[0]) if met else ()
    elif len(levels) <= MOST_IN_PAIRS:
        pairs = combinations(levels, 2)
    else:
        pairs = ((level, levels[0]) for level in levels[1:])
    found = []
    for a, b in pairs:
        having = tuple((block[a], block[b]) for block in blocks if a in block and b in block)
        seeds = _shared_seeds(having)
        if len(having) > 1 and (planned or len(seeds) > 1) and levels_of(seeds) is None:
            of_a = [entry for entry, _ in having]
            found.append(PairInBlocks(having, seeds, blocks_in_words(of_a, question)))
    return found


def stays_in_its_block(old: Entry, new: Entry) -> bool:
    """Return whether a study is one block, and a configuration is in it as it was.

    A study says in words what is compared, unless neither label noise, nor the number of training
    images, nor the dataset vary, and it does not name a setting to compare. Then there are no
    blocks to tell apart and no series over them, as long as both entries have test accuracies of
    the same images.

    Args:
        old: Of the summary, with its relations.
        new: What takes its place.
    """
    known = old.view(Comparisons)
    return (
        known is not None
        and known.compared is None
        and accuracy_of(old).test_accuracy.mean is not None
        and accuracy_of(new).test_accuracy.mean is not None
        and old.header.test_fingerprint == new.header.test_fingerprint
    )


def _shared_seeds(pairs: Sequence[Pair]) -> tuple[int | str, ...]:
    runs = [runs_by_seed(entry) for pair in pairs for entry in pair]
    return tuple(seed for seed in runs[0] if all(seed in of for of in runs)) if runs else ()


def _pairs(block: Sequence[Entry], question: Question | None) -> Iterator[Pair]:
    if question is not None and question.baseline:
        # A block without the baseline has nothing to compare.
        met = [entry for entry in block if is_baseline(entry, question)]
        yield from ((a, b) for b in met for a in block if a is not b)
    elif len(block) <= MOST_IN_PAIRS and not (question is not None and question.with_lowest):
        yield from combinations(block, 2)
    else:
        b = next((entry for entry in block if entry.header.n), block[0])
        yield from ((a, b) for a in block if a is not b)
