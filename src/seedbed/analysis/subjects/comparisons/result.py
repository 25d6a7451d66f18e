"""What a summary holds of comparisons."""

from typing import Final

import msgspec

from seedbed.analysis.statistics.comparison import Comparison

MOST_IN_PAIRS: Final = 10
"""Up to this many configurations are compared in all pairs, which are 45; of more, each is compared
with the first only."""


class Comparisons(msgspec.Struct, frozen=True):
    """The comparisons in which a configuration is A."""

    comparisons: tuple[Comparison, ...]
