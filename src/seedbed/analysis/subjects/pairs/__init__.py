"""The most confused pairs of classes, and the test images behind every confusion."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from seedbed.analysis.base import Analysis, PictureView, TableView, few
from seedbed.analysis.entry import Entry
from seedbed.analysis.material import Material
from seedbed.analysis.part import PageMaterial, PagePart, ShownImage
from seedbed.analysis.subjects.accuracy.result import shown_of
from seedbed.analysis.subjects.pairs.result import Pairs
from seedbed.analysis.subjects.pairs.sentences import sentences
from seedbed.analysis.subjects.pairs.table import pairs_table

if TYPE_CHECKING:
    from seedbed.display.pictures.drawing import Picture


def _compute(material: Material) -> Pairs | None:
    from seedbed.analysis.subjects.pairs.compute import compute

    return compute(material.predictions) if material.predictions else None


def _evaluated(entry: Entry) -> bool:
    return entry.view(Pairs) is not None


def _first_look(entries: Sequence[Entry]) -> Sequence[Entry]:
    best = shown_of(entries)
    result = best.view(Pairs) if best else None
    return [best] if best and result and result.top_pairs else ()


def _pairs(material: PageMaterial) -> Any:
    from seedbed.analysis.subjects.pairs.page import confused_pairs

    return confused_pairs(material)


def _images(entries: Sequence[Entry]) -> Iterator[ShownImage]:
    from seedbed.analysis.subjects.pairs.page import pair_images

    return pair_images(entries)


def _panels(material: PageMaterial) -> "Sequence[Picture]":
    from seedbed.analysis.subjects.pairs.panels import pair_panels

    return pair_panels(material)


ANALYSIS = Analysis(
    "pairs",
    topic="errors",
    result=Pairs,
    compute=_compute,
    tables={
        "pairs": TableView(
            "Most confused pairs",
            pairs_table,
            detail=_evaluated,
            first_look=_first_look,
            in_documents=few,
        )
    },
    pictures={
        "confused-pairs": PictureView(
            "Most confused pairs",
            "The three most confused pairs of classes, each with the test images that most runs "
            "confuse.",
            _panels,
        )
    },
    sentences=sentences,
    parts=(
        PagePart(
            title="Most confused pairs",
            text="Fraction of the true class, and the images that most runs confuse.",
            tables=(),
            template="pairs",
            data=_pairs,
            images=_images,
            per_configuration=True,
        ),
    ),
    rank=10,
)
