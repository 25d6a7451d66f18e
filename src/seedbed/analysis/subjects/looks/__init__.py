"""What networks look at: attention, filters and position embeddings, made of the stored weights."""

from typing import Any

from seedbed.analysis.base import Analysis
from seedbed.analysis.part import PageMaterial, PagePart


def _looks(material: PageMaterial) -> Any:
    from seedbed.analysis.subjects.looks.networks import find_looks

    return find_looks(material.folders, material.entries, material.pixels) or None


ANALYSIS = Analysis[Any](
    "looks",
    topic="features",
    parts=(
        PagePart(
            title="What the networks look at",
            text="Pictures made of the weights of one run of each network, and of its attention to "
            "test images. They show what a network can use, not why it decides.",
            template="looks",
            data=_looks,
        ),
    ),
    rank=80,
)
