"""The images that one network alone gets right, as a page shows them."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from seedbed.analysis.entry import Entry
from seedbed.analysis.part import PageMaterial, ShownImage
from seedbed.analysis.subjects.only_right.images import OnlyRightNetwork, right_in_one
from seedbed.display.escape import printable

MOST_ONLY_RIGHT: Final = 42
"""Images of each network."""


def only_right(material: PageMaterial) -> list[dict[str, Any]] | None:
    """Return the networks that can be compared; ``None`` where there are none.

    Returns:
        Of each the ``place`` of its entry, its ``name``, its ``n`` runs, the ``others`` (name and
        n), the ``total`` of its images, and the clearest ``images``: index, class, in how many runs
        it is right, and of each other network the predicted class and in how many runs it is wrong.
    """
    places = {id(entry): place for place, entry in enumerate(material.entries)}
    networks = right_in_one(material.entries)
    return [_network(of, places[id(of.network.entry)]) for of in networks] or None


def only_right_images(entries: Sequence[Entry]) -> Iterator[ShownImage]:
    """Yield these images, all of the same weight."""
    for network in right_in_one(entries):
        for place, image in enumerate(network.images[:MOST_ONLY_RIGHT]):
            yield ShownImage(image.index, 1.0, place)


def _network(only: OnlyRightNetwork, place: int) -> dict[str, Any]:
    others = [{"name": printable(other.name), "n": other.entry.header.n} for other in only.others]
    return {
        "place": place,
        "name": printable(only.network.name),
        "n": only.network.entry.header.n,
        "others": others,
        "total": len(only.images),
        "images": [
            [image.index, image.true, image.right_in, image.others]
            for image in only.images[:MOST_ONLY_RIGHT]
        ],
    }
