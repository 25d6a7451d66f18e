"""Where the spread over runs comes from: the share of each stream in their variance."""

from collections.abc import Sequence

import msgspec

from seedbed.analysis.aggregate import Interval
from seedbed.analysis.entry import Entry

REST = "rest"
"""What all streams together add: their higher interactions, which look like chance."""


class VarianceComponent(msgspec.Struct, frozen=True, kw_only=True):
    """What one stream, or two together, add to the variance over runs; fractions."""

    source: str
    """A stream, two streams joined by " × ", or :data:`REST`."""
    degrees_of_freedom: int
    mean_square: float
    variance: float
    """The estimated component. Below 0 where it is too small to be told from 0; see
    :mod:`seedbed.analysis.statistics.crossed.components`."""
    interval: Interval
    """95%, of the component."""
    share: float | None
    """Of the sum of all components, those below 0 included; ``None`` where runs do not vary."""
    share_interval: Interval
    """95%, of the share, within 0 to 1."""
    image_share: float | None = None
    """Of the variance of single images: whether a run is right about them, mean over the images;
    ``None`` where the runs' answers are not known, or no image changes."""
    image_share_interval: Interval | None = None
    """95%, for these runs and other images of the same kind."""


class SeedCount(msgspec.Struct, frozen=True):
    """How many runs with one seed of a stream are right about an image."""

    seed: int
    right: int
    runs: int


class TurnedImage(msgspec.Struct, frozen=True, kw_only=True):
    """A test image about which the seed of one stream decides more than chance would."""

    stream: str
    index: int
    """In the test split."""
    name: str | None
    label: str
    share: float
    """Of the variance over runs whether they are right, a sum of squares: 0 to 1."""
    p_adjusted: float
    """Of Pearson's test that the stream does not matter, after Bonferroni's correction over all
    images that change and all streams."""
    seeds: tuple[SeedCount, ...]


class StreamSeeds(msgspec.Struct, frozen=True):
    """A crossed stream."""

    stream: str
    """``run`` is all streams without seeds of their own."""
    seeds: tuple[int, ...]
    """Those of the runs that were analyzed."""


class CrossedVariance(msgspec.Struct, frozen=True, kw_only=True):
    """The components of variance of runs that cross the seeds of streams."""

    of: str
    """``test accuracy``; ``validation accuracy`` of runs without a test split."""
    streams: tuple[StreamSeeds, ...]
    runs: int
    """That were analyzed: one for each combination of their seeds. 0 where too few have finished
    for any complete part; then there are no components."""
    left_out: int
    """Finished runs outside that part."""
    variance: float
    """The sum of all components."""
    components: tuple[VarianceComponent, ...]
    """Of streams, of pairs of streams if there are three or more, and of the rest."""
    changing_images: int | None = None
    """Test images about which some runs are right and others wrong; ``None`` if not known."""
    turned_images: tuple[TurnedImage, ...] = ()
    """The clearest of each stream."""
    turned: tuple[int, ...] = ()
    """How many there are of each stream, in the order of :attr:`streams`."""


class Variance(msgspec.Struct, frozen=True):
    """What crossed runs tell about the spread over runs; nothing where seeds are not crossed."""

    variance: CrossedVariance


def crossed_variance(entry: Entry) -> CrossedVariance | None:
    """Return the components of an entry; ``None`` where its runs are not crossed."""
    result = entry.view(Variance)
    return result.variance if result else None


def analyzed(entries: Sequence[Entry]) -> list[tuple[Entry, CrossedVariance]]:
    """Return the entries whose components are known."""
    found = [(entry, crossed_variance(entry)) for entry in entries]
    return [(entry, variance) for entry, variance in found if variance and variance.components]
