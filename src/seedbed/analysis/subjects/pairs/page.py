"""The most confused pairs of a page, with their images; classes go by their number."""

from collections.abc import Iterator, Sequence
from typing import Any

from seedbed.analysis.entry import Entry
from seedbed.analysis.part import PageMaterial, ShownImage
from seedbed.analysis.subjects.pairs.result import Pairs
from seedbed.display.formatters import rounded


def confused_pairs(material: PageMaterial) -> list[list[dict[str, Any]] | None] | None:
    """Return the pairs of each entry with a finished run; ``None`` where there is no such entry.

    Returns:
        Of each pair its classes ``true`` and ``predicted``, its ``rate``, and ``images``: their
        indices, probabilities, and in how many runs each is wrong.
    """
    shown = [_pairs(entry, entry.view(Pairs)) for entry in material.entries]
    return shown if any(pairs is not None for pairs in shown) else None


def pair_images(entries: Sequence[Entry]) -> Iterator[ShownImage]:
    """Yield the images behind the pairs."""
    for entry in entries:
        pairs = entry.view(Pairs)
        for pair in pairs.top_pairs if pairs else ():
            for place, image in enumerate(pair.images):
                yield ShownImage(image.index, image.n_wrong / entry.header.n, place)


def _pairs(entry: Entry, result: Pairs | None) -> list[dict[str, Any]] | None:
    if result is None:
        return None
    numbers = {name: number for number, name in enumerate(entry.header.class_names or ())}
    return [
        {
            "true": numbers[pair.true],
            "predicted": numbers[pair.predicted],
            "rate": pair.rate,
            "images": [
                [image.index for image in pair.images],
                [rounded(image.probability) for image in pair.images],
                [image.n_wrong for image in pair.images],
            ],
        }
        for pair in result.top_pairs
    ]
