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
    found = right_in_one(material.entries)
    return [_network(each, places[id(each.network.entry)]) for each in found] or None


def only_right_images(entries: Sequence[Entry]) -> Iterator[ShownImage]:
    """Yield these images, all of the same weight."""
    for network in right_in_one(entries):
        for place, image in enumerate(network.images[:MOST_ONLY_RIGHT]):
            yield ShownImage(image.index, 1.0, place)


def _network(found: OnlyRightNetwork, place: int) -> dict[str, Any]:
    others = [{"name": printable(each.name), "n": each.entry.header.n} for each in found.others]
    return {
        "place": place,
        "name": printable(found.network.name),
        "n": found.network.entry.header.n,
        "others": others,
        "total": len(found.images),
        "images": [
            [each.index, each.true, each.right_in, each.others]
            for each in found.images[:MOST_ONLY_RIGHT]
        ],
    }
