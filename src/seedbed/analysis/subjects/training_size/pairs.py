"""Comparing networks with each other at each number of training images."""

from collections.abc import Sequence
from itertools import combinations

import msgspec

from seedbed.analysis.entry import Entry
from seedbed.analysis.statistics.paired import compare, correct_together
from seedbed.analysis.subjects.comparisons.pairs import runs_by_seed
from seedbed.analysis.subjects.training_size.result import SizeComparison
from seedbed.analysis.subjects.training_size.series import series_of_networks


def compare_by_size(entries: Sequence[Entry]) -> dict[str, list[SizeComparison]]:
    """Compare networks at every number of training images that both learned from.

    Runs are paired by seed: with the same seed and size they learned from the same images. The
    correction covers these comparisons and nothing else.

    Args:
        entries: Of a summary.

    Returns:
        Label of an entry -> its comparisons, in which A and B are the names of networks.

    """
    labels, sizes, comparisons = [], [], []
    for first, second in combinations(series_of_networks(entries), 2):
        others = second.sizes
        for size, a in first.sizes.items():
            b = others.get(size)
            if b is not None and b.header.test_fingerprint == a.header.test_fingerprint:
                labels.append(a.header.label)
                sizes.append(size)
                comparisons.append(
                    compare(
                        first.name,
                        second.name,
                        runs_by_seed(a),
                        runs_by_seed(b),
                        images=a.header.test_images,
                    )
                )
    result: dict[str, list[SizeComparison]] = {}
    for label, size, comparison in zip(labels, sizes, correct_together(comparisons), strict=True):
        at_size = SizeComparison(train_size=size, **msgspec.structs.asdict(comparison))
        result.setdefault(label, []).append(at_size)
    return result
