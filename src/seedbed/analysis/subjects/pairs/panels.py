"""The most confused pairs with their images, as a panel for a paper."""

from collections.abc import Iterator
from typing import Final

from seedbed.analysis.chart_captions import about, of_one, runs_in_words
from seedbed.analysis.part import PageMaterial
from seedbed.analysis.subjects.image_errors.tiles import error_tiles, one_by_one
from seedbed.analysis.subjects.pairs.result import TOP, Pairs
from seedbed.display.formatters import percent
from seedbed.display.pictures.drawing import Picture
from seedbed.display.pictures.panel import Panel, Row

IMAGES: Final = 6
"""Of each pair."""


def pair_panels(material: PageMaterial) -> list[Picture]:
    """Return a panel for each configuration with a confused pair whose images are there."""
    several = len(material.entries) > 1
    return [panel for of_one in one_by_one(material) for panel in _panel(of_one, several=several)]


def _panel(material: PageMaterial, *, several: bool) -> Iterator[Panel]:
    (entry,) = material.entries
    result = entry.view(Pairs)
    rows = []
    for pair in result.top_pairs[:TOP] if result else ():
        images = pair.images[:IMAGES]
        tiles = error_tiles(material, images, [()] * len(images))
        if tiles:
            title = f"{pair.true} predicted as {pair.predicted}: {percent(pair.rate)}"
            rows.append(Row(tiles, title))
    if rows:
        yield Panel(
            f"Most confused pairs{of_one(entry) if several else ''}",
            f"Fraction of the true class, mean over {runs_in_words([entry])}; the images that most "
            f"runs confuse. {about([entry])}.",
            rows,
            entry.header.label if several else "",
            columns=IMAGES,
        )
