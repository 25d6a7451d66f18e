"""Effects over all blocks of a study: which levels of the factor meet in several blocks."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from seedbed.analysis.entry import Entry
from seedbed.analysis.statistics.blocks import correct_effects, effect_over_blocks
from seedbed.analysis.statistics.comparison import EffectOverBlocks
from seedbed.analysis.statistics.crossed import levels_of
from seedbed.analysis.statistics.paired import ROUNDING
from seedbed.analysis.subjects.comparisons.pairs import runs_by_seed
from seedbed.analysis.subjects.comparisons.question import families, level_key, question_of
from seedbed.analysis.subjects.comparisons.result import MOST_IN_PAIRS


def effects_over_blocks(
    entries: Sequence[Entry], factor: str | None = None
) -> tuple[EffectOverBlocks, ...]:
    """Return the effects of the factor over all blocks; none where there is one block.

    Levels are compared as in the blocks: up to ten in all pairs, of more each with the first. A
    pair counts where two blocks or more have both of its levels, with two seeds in common. Crossed
    seeds have none: their differences are not independent.

    Args:
        entries: Of a summary.
        factor: What is compared; see :func:`.question_of`.
    """
    question = question_of(entries, factor)
    if question is None or question.baseline:
        return ()
    blocks = [
        {level_key(entry, question): entry for entry in family if entry.header.n}
        for family in families(entries, question)
    ]
    levels = list(dict.fromkeys(key for block in blocks for key in block))
    pairs = (
        combinations(levels, 2)
        if len(levels) <= MOST_IN_PAIRS
        else ((level, levels[0]) for level in levels[1:])
    )
    return correct_effects(
        [effect for a, b in pairs if (effect := _effect(blocks, a, b)) is not None]
    )


def _effect(blocks: Sequence[dict[str, Entry]], a: str, b: str) -> EffectOverBlocks | None:
    having = [(block[a], block[b]) for block in blocks if a in block and b in block]
    if len(having) < 2:
        return None
    runs = [(runs_by_seed(one), runs_by_seed(other)) for one, other in having]
    seeds = [seed for seed in runs[0][0] if all(seed in of for pair in runs for of in pair)]
    if len(seeds) < 2 or levels_of(seeds) is not None:
        return None
    differences = np.array([[one[seed] - other[seed] for one, other in runs] for seed in seeds])
    images = min(entry.header.test_images or 1 for pair in having for entry in pair)
    return effect_over_blocks(*_own_parts(having[0]), differences, ROUNDING / images)


def _own_parts(pair: tuple[Entry, Entry]) -> tuple[str, str]:
    """Return the labels of two configurations without what they share."""
    a, b = (entry.header.label.split(", ") for entry in pair)
    own_a = ", ".join(part for part in a if part not in b)
    own_b = ", ".join(part for part in b if part not in a)
    return own_a or pair[0].header.label, own_b or pair[1].header.label
