"""What a summary says of the accuracy on corrupted test images."""

from collections.abc import Sequence

import msgspec

from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.entry import Entry
from seedbed.analysis.representatives import Representative, representatives


class CorruptedAccuracy(msgspec.Struct, frozen=True):
    """The accuracy of all runs on the same test images."""

    accuracy: Accuracies


class CorruptionAccuracy(CorruptedAccuracy, frozen=True, kw_only=True):
    """The accuracy on images that are corrupted in one way."""

    kind: str
    """Of :data:`seedbed.data.corruptions.CORRUPTIONS`."""
    unit: str
    """Of the strength."""
    strength: float


class Corrupted(msgspec.Struct, frozen=True):
    """The accuracy of a configuration on corrupted test images."""

    images: int
    """How many test images."""
    seeds: tuple[int | str, ...]
    """Of the runs that have answered every question."""
    uncorrupted: CorruptedAccuracy
    """On these images as they are."""
    corruptions: tuple[CorruptionAccuracy, ...]
    """Kind by kind, in increasing strength."""

    def of_kind(self, kind: str) -> list[CorruptionAccuracy]:
        """Return the accuracies of one kind, in increasing strength."""
        return [accuracy for accuracy in self.corruptions if accuracy.kind == kind]


class Robustness(msgspec.Struct, frozen=True):
    """The field of an entry."""

    robustness: Corrupted


def corrupted(entry: Entry) -> Corrupted:
    """Return the accuracies of an entry that has them (:func:`corrupted_networks`)."""
    result = entry.view(Robustness)
    assert result is not None
    return result.robustness


def corrupted_networks(entries: Sequence[Entry]) -> tuple[Representative, ...]:
    """Return the networks whose accuracy on corrupted images is known.

    Where a selection has left a single network, these are its configurations.
    """
    networks = representatives(entries) or tuple(
        Representative(entry.header.label, entry) for entry in entries
    )
    return tuple(network for network in networks if network.entry.view(Robustness))
