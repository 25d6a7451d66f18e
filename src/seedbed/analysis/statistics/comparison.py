"""What a comparison of two configurations found; reading it needs no NumPy."""

from typing import Final, Literal

import msgspec

from seedbed.analysis.aggregate import Interval

LEVEL: Final = 0.05
"""A corrected p-value below this is called significant."""

Verdict = Literal["better", "worse", "not significant", "not tested"]


class NewImages(msgspec.Struct, frozen=True):
    """A mean difference on new images: both seeds and images are samples.

    See :func:`seedbed.analysis.statistics.components.estimate_for_new_images`.
    """

    standard_error: float
    seed_share: float
    """How much of the variance was estimated from the spread of seeds alone, 0 to 1."""
    degrees_of_freedom: float
    """Of the spread of seeds."""
    interval: Interval
    """All intervals of the comparisons together hold with 95%."""


class Trimmed(msgspec.Struct, frozen=True):
    """The trimmed mean of paired differences, A − B, as fractions.

    See :mod:`seedbed.analysis.statistics.trimmed`.
    """

    difference: float
    n: int
    """Pairs."""
    kept: int
    """Pairs that are not left out."""
    interval: Interval
    """All intervals of the comparisons together hold with 95%."""
    p_adjusted: float
    """Two-sided, corrected over all comparisons."""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Configuration A against B, over paired runs; what cannot be estimated is ``None``.

    Differences are A − B, as fractions.
    """

    a: str
    b: str
    n: int
    """Pairs: runs of A and B with the same seed."""
    difference: float | None = None
    """The mean over pairs."""
    std: float | None = None
    """Sample standard deviation of the differences; ``None`` for fewer than two pairs."""
    standard_error: float | None = None
    """Of the mean difference, at least that of rounding to whole images; ``None`` for fewer than
    two pairs. Of runs that cross the seeds of several streams, with their components of variance:
    :mod:`seedbed.analysis.statistics.crossed`."""
    degrees_of_freedom: float | None = None
    """Of the standard error: n - 1 for n independent pairs."""
    overlap: float | None = None
    """Held-out over training images, by which the variance is corrected where runs hold out
    different images and learn from overlapping ones: see
    :mod:`seedbed.analysis.statistics.crossed.resampled`. ``None`` where they are tested on the
    same."""
    interval: Interval | None = None
    """Of the mean difference, after Student: all intervals of the :attr:`comparisons` together hold
    with 95%, and one of them leaves out 0 where its corrected p-value is below 0.05."""
    new_images: NewImages | None = None
    """The same difference on new images of the same kind; ``None`` for fewer than two pairs, and
    where the answers to single images are not known. Where the test finds no difference on these
    images, its interval holds 0."""
    p_value: float | None = None
    """Two-sided, of the paired t-test, not corrected; ``None`` for fewer than two pairs."""
    p_adjusted: float | None = None
    """The p-value after Bonferroni's weighted correction over all :attr:`comparisons`."""
    p_sign_flip: float | None = None
    """Two-sided, of the sign-flip test, not corrected: a check that assumes no distribution. It
    cannot be below 2^(1 - n). ``None`` for crossed runs, which are not independent."""
    trimmed: Trimmed | None = None
    """Where a run of A or B collapsed and there are five pairs or more."""
    margin: float | None = None
    """Differences up to it count as none, as a fraction; ``None`` if the study names none."""
    p_equivalence: float | None = None
    """Of two one-sided tests that the true difference is beyond :attr:`margin`, corrected like
    :attr:`p_adjusted`; see :mod:`seedbed.analysis.statistics.equivalence`."""
    comparisons: int = 1
    """How many tests are corrected together: all that the study shows as its answer."""
    weight: float = 1.0
    """The share of the level of 5% that this test has: :attr:`p_adjusted` is :attr:`p_value` /
    weight, and intervals are at 5% × weight. Where runs collapsed, :attr:`trimmed` has as much
    again."""
    probability_better: float | None = None
    """P(A > B): the fraction of pairs in which A is better, ties counted half."""
    probability_interval: Interval | None = None
    """Of P(A > B), at the same level as :attr:`interval`; at n = 5 it says little. Where the test
    finds no difference it holds 0.5, so that the two never contradict each other."""

    @property
    def verdict(self) -> Verdict:
        """What the test supports about A, seen against B."""
        if self.p_adjusted is None or self.difference is None:
            return "not tested"
        if self.p_adjusted < LEVEL:
            return "better" if self.difference > 0 else "worse"
        return "not significant"

    @property
    def equivalent(self) -> bool:
        """Whether the difference is shown to be within the margin."""
        return self.p_equivalence is not None and self.p_equivalence < LEVEL

    @property
    def note(self) -> str | None:
        """Why nothing was tested, where that is so."""
        if self.n > 1 and self.p_value is None:
            return "fewer than two seeds of a crossed stream in common, in all combinations"
        if self.n > 1:
            return None
        return "one seed in common: a test needs two" if self.n else "no seed in common"

    def swapped(self) -> "Comparison":
        """Return the same comparison as B against A."""
        trimmed = self.trimmed
        interval, better, new = self.interval, self.probability_better, self.new_images
        of_better = self.probability_interval
        return msgspec.structs.replace(
            self,
            a=self.b,
            b=self.a,
            difference=None if self.difference is None else -self.difference,
            interval=interval and _turned(interval),
            new_images=new and msgspec.structs.replace(new, interval=_turned(new.interval)),
            trimmed=trimmed
            and msgspec.structs.replace(
                trimmed, difference=-trimmed.difference, interval=_turned(trimmed.interval)
            ),
            probability_better=None if better is None else 1 - better,
            probability_interval=of_better and Interval(1 - of_better.high, 1 - of_better.low),
        )


class EffectOverBlocks(msgspec.Struct, frozen=True, kw_only=True):
    """Level A of a factor against level B, over all blocks that have both; fractions.

    See :mod:`seedbed.analysis.statistics.blocks`.
    """

    a: str
    """What the configurations of A have in common, and no others."""
    b: str
    blocks: int
    n: int
    """Seeds that all of these configurations share."""
    difference: float
    """The mean of A − B over seeds and blocks, each block with the same weight."""
    interval: Interval
    """All intervals of the study's answer together hold with 95%."""
    p_value: float
    """Two-sided, of the paired t-test over seeds, not corrected."""
    p_adjusted: float
    """After Bonferroni's weighted correction over all :attr:`comparisons`."""
    p_interaction: float
    """Of the F-test that the difference is the same in all blocks, with Greenhouse and Geisser's
    correction of its degrees of freedom. It is corrected like :attr:`p_adjusted`, and no less than
    that: it is tested where the effect is found."""
    over: str = ""
    """What differs from block to block, such as ``"label noise"``."""
    comparisons: int = 1
    """How many tests are corrected together: all that the study shows as its answer."""
    weight: float = 1.0
    """The share of the level of 5% that this test has: :attr:`p_adjusted` is :attr:`p_value` /
    weight."""


def _turned(interval: Interval) -> Interval:
    return Interval(-interval.high, -interval.low)
