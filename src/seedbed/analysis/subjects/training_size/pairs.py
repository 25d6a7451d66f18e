"""Comparing networks with each other at each number of training images."""

from collections.abc import Sequence

import msgspec

from seedbed.analysis.entry import Entry
from seedbed.analysis.statistics.paired import compare, correct_together
from seedbed.analysis.subjects.comparisons.family import family_of
from seedbed.analysis.subjects.comparisons.pairing import runs_by_seed
from seedbed.analysis.subjects.training_size.result import SizeComparison
from seedbed.analysis.subjects.training_size.series import pairs_by_size


def compare_by_size(entries: Sequence[Entry]) -> dict[str, list[SizeComparison]]:
    """Compare networks at every number of training images that both learned from.

    Runs are paired by seed: with the same seed and size they learned from the same images. They are
    corrected as what they are: comparisons within the blocks of the study.

    Args:
        entries: Of a summary.

    Returns:
        Label of an entry -> its comparisons, in which A and B are the names of networks.

    """
    labels, sizes, comparisons = [], [], []
    for first, second, size, a, b in pairs_by_size(entries):
        labels.append(a.header.label)
        sizes.append(size)
        runs = runs_by_seed(a), runs_by_seed(b)
        comparisons.append(compare(first.name, second.name, *runs, images=a.header.test_images))
    if not comparisons:
        return {}
    family = family_of(entries)
    corrected = correct_together(comparisons, family.tests, family.of_comparisons)
    result: dict[str, list[SizeComparison]] = {}
    for label, size, comparison in zip(labels, sizes, corrected, strict=True):
        at_size = SizeComparison(train_size=size, **msgspec.structs.asdict(comparison))
        result.setdefault(label, []).append(at_size)
    return result
