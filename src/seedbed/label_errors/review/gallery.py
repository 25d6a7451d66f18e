"""What a reviewer sees: the images of an audit by number, and what is known of their labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seedbed.label_errors.result import LabelAudit, Row
from seedbed.label_errors.review.answers import ImageKey

MOST: Final = 10_000
"""So many labels are reviewed at most, the most suspicious ones."""
NEIGHBORS: Final = 8


@dataclass(frozen=True, eq=False)
class Gallery:
    """The images of an audit, numbered through all splits.

    Args:
        audit: Of the labels.
        features: Of every image, in the order of the splits; N×F. ``None`` if there are none.
    """

    audit: LabelAudit
    features: NDArray[np.float32] | None

    @cached_property
    def _starts(self) -> list[int]:
        sizes = [len(of.predictions.given) for of in self.audit.splits]
        return [0, *np.cumsum(sizes).tolist()]

    def __len__(self) -> int:
        return self._starts[-1]

    def row(self, number: int) -> Row:
        """Return the label of an image.

        Raises:
            IndexError: If there is no such image.
        """
        if not 0 <= number < len(self):
            raise IndexError(number)
        split = int(np.searchsorted(self._starts, number, side="right")) - 1
        return Row(self.audit.splits[split], number - self._starts[split])

    def key(self, number: int) -> ImageKey:
        """Return which image it is."""
        row = self.row(number)
        return ImageKey(
            row.split.name, row.name, str(row.split.predictions.images.hashes[row.index])
        )

    @cached_property
    def reviewed(self) -> list[int]:
        """The numbers of the images that are reviewed, the most suspicious first."""
        return [self._starts[split] + index for split, index in self.audit.order[:MOST]]

    @cached_property
    def given(self) -> Mapping[ImageKey, str]:
        """The given label of every image."""
        names = self.audit.class_names
        return {self.key(n): names[self.row(n).given] for n in range(len(self))}

    def png(self, number: int) -> bytes:
        """Return an image as a PNG file."""
        row = self.row(number)
        pixels = row.split.predictions.images.images[row.index]
        file = BytesIO()
        Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels).save(file, "PNG")
        return file.getvalue()

    def neighbors(self, number: int) -> list[int]:
        """Return the images whose features are nearest by their angle, the nearest first."""
        if self.features is None:
            return []
        near = self._directions @ self._directions[number]
        near[number] = -np.inf
        most = min(NEIGHBORS, len(near) - 1)
        first = np.argpartition(-near, most - 1)[:most]
        result: list[int] = first[np.argsort(-near[first], kind="stable")].tolist()
        return result

    @cached_property
    def _directions(self) -> NDArray[np.float32]:
        assert self.features is not None
        lengths = np.linalg.norm(self.features, axis=1, keepdims=True)
        directions: NDArray[np.float32] = self.features / np.maximum(lengths, 1e-12)
        return directions

    def labels(self) -> list[list[Any]]:
        """Return a row for each reviewed label, as the page takes it.

        Number of the image, name, split, given and suggested label (numbers of classes), p wrong,
        networks that contradict it, networks.
        """
        rows = []
        withheld = self.audit.withheld
        for number in self.reviewed:
            row = self.row(number)
            scores = row.split.scores
            rows.append(
                [
                    number,
                    row.name,
                    row.split.name,
                    row.given,
                    row.suggested,
                    None if withheld else round(row.p_wrong, 4),
                    int(scores.votes[row.index]),
                    int(scores.networks[row.index]),
                ]
            )
        return rows


def class_keys(class_names: Sequence[str]) -> list[str]:
    """Return the key that stands for each class, or an empty text where there is none left.

    Digits are their own keys; other classes have 1 to 9, and then 0.
    """
    digits = "1234567890"
    if all(name in digits and len(name) == 1 for name in class_names):
        return list(class_names)
    return [digits[number : number + 1] for number in range(len(class_names))]
