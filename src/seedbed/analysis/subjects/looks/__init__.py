"""What networks look at: attention, filters and position embeddings, made of the stored weights."""

from typing import TYPE_CHECKING, Any

from seedbed.analysis.base import Analysis, PictureView
from seedbed.analysis.part import PageMaterial, PagePart

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from seedbed.display.pictures.drawing import Picture


def _looks(material: PageMaterial) -> Any:
    from seedbed.analysis.subjects.looks.networks import find_looks

    return find_looks(material.folders, material.entries, material.pixels) or None


def _panels(kind: str) -> "Callable[[PageMaterial], Sequence[Picture]]":
    def draw(material: PageMaterial) -> "Sequence[Picture]":
        from seedbed.analysis.subjects.looks.panels import look_panels

        return look_panels(material, kind)

    return draw


ANALYSIS = Analysis[Any](
    "looks",
    topic="features",
    pictures={
        "filters": PictureView(
            "Filters",
            "The filters of the first convolution, or the principal components of those of the "
            "patch embedding, for the first run of each network.",
            _panels("filters"),
        ),
        "attention": PictureView(
            "Attention",
            "Test images and where the attention of a Vision Transformer to them went, by "
            "attention rollout: a correct image of each class, then the hardest examples.",
            _panels("attention"),
        ),
        "positions": PictureView(
            "Position embeddings",
            "How alike the learned position embedding of each patch is to all others.",
            _panels("positions"),
        ),
    },
    parts=(
        PagePart(
            title="What the networks look at",
            text="Pictures made of the weights of one run of each network, and of its attention to "
            "test images. They show what a network can use, not why it decides.",
            template="looks",
            half=True,
            data=_looks,
        ),
    ),
    rank=80,
)
