"""What a summary holds of networks that were compared at several numbers of training images."""

import msgspec

from seedbed.analysis.statistics.comparison import Comparison


class SizeComparison(Comparison, frozen=True, kw_only=True):
    """Network A against network B, where both learned from the same number of images."""

    train_size: int
    """Images that each run learned from."""


class SizeComparisons(msgspec.Struct, frozen=True):
    """The comparisons by size in which a configuration is that of network A."""

    by_size: tuple[SizeComparison, ...]
