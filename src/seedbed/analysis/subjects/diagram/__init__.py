"""The networks of a study as diagrams: their layers, and the shapes between them."""

from typing import TYPE_CHECKING, Any, Final

from seedbed.analysis.base import Analysis, PictureView
from seedbed.analysis.part import PageMaterial, PagePart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from seedbed.display.pictures.drawing import Picture

PAGE_CENTIMETERS: Final = 17.8


def _draw(material: PageMaterial) -> "Sequence[Picture]":
    from seedbed.analysis.subjects.diagram.pictures import diagrams

    return diagrams(material.entries)


def _shown(material: PageMaterial) -> Any:
    from seedbed.display.pictures.drawing import shown_on_page

    return shown_on_page(_draw(material), PAGE_CENTIMETERS) or None


ANALYSIS = Analysis[Any](
    "diagram",
    topic="setup",
    pictures={
        "network": PictureView(
            "Network",
            "The layers of a network from the image to the logits, with the shape of one image "
            "after each. The layers of a PyTorch module are not known.",
            _draw,
        )
    },
    parts=(
        PagePart(
            name="network",
            title="Network",
            template="pictures",
            data=_shown,
            folded=True,
        ),
    ),
    rank=10,
)
