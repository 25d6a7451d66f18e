"""Pictures of what one network looks at, made of a run's weights and of test images."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.predictions import Predictions
from seedbed.analysis.subjects.looks.attention import (
    attention_rollout,
    patch_relevance,
    position_similarity,
    principal_filters,
)
from seedbed.analysis.subjects.looks.heat import (
    Pixels,
    colored,
    data_url,
    heat_map,
    in_rows,
    normalized,
)
from seedbed.display.escape import printable
from seedbed.networks.forward import forward
from seedbed.networks.layers import (
    Conv2d,
    Pad,
    PatchEmbedding,
    PositionEncoding,
    TakeClassToken,
    TransformerBlock,
)
from seedbed.networks.layers.sequence import NamedLayer
from seedbed.networks.network import Network
from seedbed.study.store.record import RunRecord

MOST_CLASSES: Final = 10
"""Of which an image that is right is shown under its heat map."""
MOST_HARD: Final = 5
MOST_FILTERS: Final = 64
MOST_COMPONENTS: Final = 28
"""As many as Dosovitskiy et al. show."""
_HEAT: Final[Mapping[str, Any]] = {"quality": 82, "method": 4}


@dataclass(frozen=True, eq=False)
class LookPicture:
    """A picture in a page."""

    pixels: Pixels
    factor: int
    """How many times as large it is shown."""
    alt: str
    caption: str = ""
    name: str = ""
    """Of the image."""
    photo: bool = False
    """Whether it is made of an image, and need not be stored without any loss."""

    @property
    def address(self) -> str:
        """A data URL."""
        return data_url(self.pixels, dict(_HEAT) if self.photo else None)

    @property
    def width(self) -> int:
        """Pixels of the picture itself."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Pixels of the picture itself."""
        return int(self.pixels.shape[0])


@dataclass(frozen=True)
class Look:
    """Pictures of one kind."""

    kind: str
    """What it is called among the figures."""
    title: str
    text: str
    pictures: tuple[LookPicture, ...]


@dataclass(frozen=True)
class ExaminedRun:
    """A stored run and what it was tested on."""

    record: RunRecord
    network: Network
    weights: Mapping[str, NDArray[np.float32]]
    predictions: Predictions | None = None
    """Of the test images, with their names; ``None`` where they were not kept."""
    hard: tuple[int, ...] = ()
    """The test images that most runs get wrong, the hardest first."""
    pixels: Callable[[Sequence[str]], Mapping[str, NDArray[np.uint8]]] = lambda _: {}
    """Returns test images by hash, as far as they are known."""

    def places(self, kind: type) -> list[NamedLayer]:
        """Return the layers of a kind, in their order."""
        walk = self.network.walk(self.record.dataset.image_shape)
        return [place for place in walk if isinstance(place.layer, kind)]


def make_looks(run: ExaminedRun) -> Iterator[Look]:
    """Yield the pictures of a run, those that its layers allow."""
    makers: tuple[Callable[[ExaminedRun], Look | None], ...] = (
        _attention,
        _first_filters,
        _patch_filters,
        _positions,
    )
    yield from (look for make in makers if (look := make(run)) is not None)


def _attention(run: ExaminedRun) -> Look | None:
    """Show where the attention to some test images went."""
    embeddings = run.places(PatchEmbedding)
    if run.predictions is None or not run.places(TransformerBlock) or not embeddings:
        return None
    assert run.predictions.images is not None
    hashes = run.predictions.images.hashes
    wanted = _chosen_images(run.predictions, run.hard)
    known = run.pixels([str(hashes[index]) for index in wanted])
    chosen = [index for index in wanted if hashes[index] in known]
    if not chosen:
        return None
    images = np.stack([known[hashes[index]] for index in chosen])
    normalization = run.record.normalization
    pixels = (images / 255 - np.array(normalization.mean)) / np.array(normalization.std)
    attention = forward(run.network, run.weights, pixels.transpose(0, 3, 1, 2)).attention
    by_class_token = bool(run.places(TakeClassToken))
    relevance = patch_relevance(
        attention_rollout(attention), _grid(embeddings[0]), class_token=by_class_token
    )
    margin = _margin(run)
    return Look(
        "attention",
        "Attention",
        "Where in the image what the last layer sees came from, by attention rollout (Abnar and "
        "Zuidema 2020): dark is little, yellow is much, each image on its own scale. First a "
        "correctly classified image of each class, then the hardest examples.",
        tuple(
            _heat_picture(run.predictions, index, image, heat, margin)
            for index, image, heat in zip(chosen, images, relevance, strict=True)
        ),
    )


def _chosen_images(predictions: Predictions, hard: Sequence[int]) -> list[int]:
    """Return an image of each class that the run gets right, then those that most runs do not."""
    right: list[int] = []
    for number in range(min(len(predictions.class_names), MOST_CLASSES)):
        correct = np.flatnonzero((predictions.labels == number) & ~predictions.wrong)
        right += correct[:1].tolist()
    return list(dict.fromkeys([*right, *hard[:MOST_HARD]]))


def _heat_picture(
    predictions: Predictions,
    index: int,
    image: NDArray[np.uint8],
    heat: NDArray[np.float64],
    margin: tuple[int, int],
) -> LookPicture:
    classes, name = predictions.class_names, printable(predictions.name(index) or str(index))
    label = printable(classes[predictions.labels[index]])
    predicted = printable(classes[predictions.predicted[index]])
    pixels = heat_map(image, heat, margin)
    right = label == predicted
    return LookPicture(
        pixels,
        1,
        f"Test image {name}, of class {label}, and where the attention to it went: most to the "
        f"{_where(heat)}.",
        f"label {label}" if right else f"label {label}, predicted {predicted}",
        name,
        photo=True,
    )


def _where(heat: NDArray[np.float64]) -> str:
    """Say where the largest value is: ``"top left"``, ``"middle"``."""
    row, column = np.unravel_index(heat.argmax(), heat.shape)
    words = (
        ("top", "", "bottom")[3 * int(row) // heat.shape[0]],
        ("left", "", "right")[3 * int(column) // heat.shape[1]],
    )
    return " ".join(filter(None, words)) or "middle"


def _first_filters(run: ExaminedRun) -> Look | None:
    """Show the filters of a convolution that sees the image itself."""
    convolutions = run.places(Conv2d)
    if not convolutions or not isinstance(convolutions[0].layer, Conv2d):
        return None
    first = convolutions[0]
    weight = run.weights[f"{first.name}.weight"]
    if first.input_shape[0] != run.record.dataset.image_shape[2] or weight.shape[2] == 1:
        return None
    return Look(
        "filters",
        "Filters of the first convolution",
        f"All {len(weight)} filters of {first.name}, each on its own scale."
        if len(weight) <= MOST_FILTERS
        else f"{MOST_FILTERS} of the {len(weight)} filters of {first.name}, each on its own scale.",
        (_filter_picture(weight[:MOST_FILTERS], f"filters of {first.name}"),),
    )


def _patch_filters(run: ExaminedRun) -> Look | None:
    """Show what patches look like along which the embedding tells them apart."""
    embeddings = run.places(PatchEmbedding)
    channels = run.record.dataset.image_shape[2]
    if not embeddings or embeddings[0].input_shape[0] != channels:
        return None
    weight = run.weights[f"{embeddings[0].name}.weight"]
    components = principal_filters(weight, MOST_COMPONENTS)
    if weight.shape[2] == 1 or not len(components):
        return None
    return Look(
        "filters",
        "Filters of the patch embedding",
        f"The {len(components)} principal components of its {len(weight)} filters, the strongest "
        "first, as in figure 7 of Dosovitskiy et al. (2021).",
        (_filter_picture(components, "principal components of the patch embedding"),),
    )


def _filter_picture(weight: NDArray[np.floating], what: str) -> LookPicture:
    sheet = in_rows(normalized(weight))
    side = weight.shape[2]
    return LookPicture(
        sheet,
        max(round(36 / side), 1),
        f"The {len(weight)} {what}, {side}×{side} pixels each, from their smallest weight (black) "
        "to their largest (white).",
    )


def _positions(run: ExaminedRun) -> Look | None:
    """Show how alike the learned position embeddings are."""
    embeddings, encodings = run.places(PatchEmbedding), run.places(PositionEncoding)
    name = f"{encodings[0].name}.weight" if encodings else ""
    if not embeddings or name not in run.weights:
        return None
    rows, columns = _grid(embeddings[0])
    similarity = position_similarity(run.weights[name], (rows, columns))
    if rows * columns < 4:
        return None
    low, high = float(similarity.min()), 1.0
    lowest = f"{low:.2f}".replace("-", "−")
    tiles = colored((similarity - low) / (high - low)).reshape(-1, rows, columns, 3)
    sheet = in_rows(tiles, columns)
    return Look(
        "positions",
        "Position embeddings",
        "A tile is a patch, at its place in the image: how alike its position embedding is to "
        f"those of all patches, by the cosine, from {lowest} (dark) to 1 (bright). Neighbors "
        "become alike where a network learns where patches lie.",
        (
            LookPicture(
                sheet,
                max(round(320 / sheet.shape[1]), 1),
                f"Cosine similarity of the position embeddings of {rows}×{columns} patches, a tile "
                f"a patch. Neighbors have {_neighbors(similarity):.2f} on average.",
            ),
        ),
    )


def _neighbors(similarity: NDArray[np.float64]) -> float:
    """Return the mean similarity of patches beside or above each other; of two patches or more."""
    rows, columns = similarity.shape[:2]
    row, column = np.mgrid[:rows, :columns]
    beside = similarity[row, column, row, np.minimum(column + 1, columns - 1)][:, :-1]
    above = similarity[row, column, np.minimum(row + 1, rows - 1), column][:-1]
    return float(np.concatenate([beside.ravel(), above.ravel()]).mean())


def _grid(embedding: NamedLayer) -> tuple[int, int]:
    """Return rows and columns of patches."""
    assert isinstance(embedding.layer, PatchEmbedding)
    _, height, width = embedding.input_shape
    return height // embedding.layer.patch_size, width // embedding.layer.patch_size


def _margin(run: ExaminedRun) -> tuple[int, int]:
    """Return the rows above and the columns left of an image that padding has added."""
    first = run.network.layers[0]
    if not isinstance(first, Pad):
        return 0, 0
    height, width, channels = run.record.dataset.image_shape
    return first.border((channels, height, width))[:2]
