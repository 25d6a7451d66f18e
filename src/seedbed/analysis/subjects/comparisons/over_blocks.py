"""Effects of the factor over all blocks of a study."""

from collections.abc import Sequence

import msgspec
import numpy as np

from seedbed.analysis.entry import Entry
from seedbed.analysis.statistics.blocks import correct_effects, effect_over_blocks
from seedbed.analysis.statistics.comparison import EffectOverBlocks
from seedbed.analysis.statistics.paired import ROUNDING
from seedbed.analysis.subjects.accuracy.result import accuracy_of
from seedbed.analysis.subjects.comparisons.family import Family, family_of
from seedbed.analysis.subjects.comparisons.pairing import (
    Pair,
    PairInBlocks,
    paired_over_blocks,
    runs_by_seed,
)


def effects_over_blocks(
    entries: Sequence[Entry], factor: str | None = None, family: Family | None = None
) -> tuple[EffectOverBlocks, ...]:
    """Return the effects of the factor over all blocks, corrected with all tests of the study.

    Args:
        entries: Of a summary.
        factor: What is compared; see :func:`.question_of`.
        family: Of tests, if it is known.
    """
    effects = [_effect(pair) for pair in paired_over_blocks(entries, factor)]
    if not effects:
        return ()
    family = family or family_of(entries, factor)
    return correct_effects(effects, family.tests, family.of_effects)


def _effect(pair: PairInBlocks) -> EffectOverBlocks:
    runs = [(runs_by_seed(one), runs_by_seed(other)) for one, other in pair.pairs]
    differences = np.array(
        [[one[seed] - other[seed] for one, other in runs] for seed in pair.seeds]
    )
    images = min(entry.header.test_images or 1 for pair in pair.pairs for entry in pair)
    collapsed = any(accuracy_of(entry).collapsed for pair in pair.pairs for entry in pair)
    effect = effect_over_blocks(
        *_own_parts(pair.pairs[0]), differences, ROUNDING / images, collapsed=collapsed
    )
    return msgspec.structs.replace(effect, over=pair.over)


def _own_parts(pair: Pair) -> tuple[str, str]:
    """Return the labels of two configurations without what they share."""
    a, b = (entry.header.label.split(", ") for entry in pair)
    own_a = ", ".join(part for part in a if part not in b)
    own_b = ", ".join(part for part in b if part not in a)
    return own_a or pair[0].header.label, own_b or pair[1].header.label
