"""``features.npz``: where the features of a run's test images lie, and how well they cluster."""

import zipfile
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from numpy.typing import NDArray

from seedbed.core.seal import BLANK
from seedbed.data.readers.arrays import DAMAGED, MALFORMED

if TYPE_CHECKING:  # it loads scikit-learn, which takes longer than reading a study's features
    from seedbed.analysis.subjects.features.space import Space

FORMAT: Final = 2


@dataclass(frozen=True, eq=False)
class RunFeatures:
    """The features of one run (:class:`seedbed.analysis.subjects.features.space.Space`)."""

    weights_sha256: str
    """Of the file of weights that was asked."""
    index: NDArray[np.int32]
    """Of M test images, increasing."""
    coordinates: NDArray[np.float16]
    """M×3, along the principal components, scaled so that the largest is ±1."""
    explained: NDArray[np.float64]
    """3: the fraction of the variance that each component holds."""
    adjusted_rand: float
    mutual_information: float
    starts: int
    """Of K-means."""
    agreeing: int
    """Starts that ended in the tightest clusters."""
    start_std: float
    """Of the adjusted Rand index, over single starts."""

    @classmethod
    def of(cls, space: "Space", index: NDArray[np.int64], weights_sha256: str) -> Self:
        """Return features as they are stored.

        Args:
            space: Of the images.
            index: Their places in the test split, increasing.
            weights_sha256: Of the file of weights.
        """
        largest = np.abs(space.coordinates).max() or 1.0
        return cls(
            weights_sha256,
            index.astype(np.int32),
            (space.coordinates / largest).astype(np.float16),
            np.array(space.explained),
            space.adjusted_rand,
            space.mutual_information,
            space.starts,
            space.agreeing,
            space.start_std,
        )

    def to_npz(self) -> bytes:
        """Return the contents of the file, with room for a seal."""
        file = BytesIO()
        np.savez_compressed(
            file,
            format=FORMAT,
            weights_sha256=self.weights_sha256,
            index=self.index,
            coordinates=self.coordinates,
            explained=self.explained,
            adjusted_rand=self.adjusted_rand,
            mutual_information=self.mutual_information,
            starts=self.starts,
            agreeing=self.agreeing,
            start_std=self.start_std,
        )
        with zipfile.ZipFile(file, "a") as archive:
            archive.comment = f"checksum {BLANK}".encode()
        return file.getvalue()

    @classmethod
    def parse(cls, contents: bytes, weights_sha256: str) -> Self | None:
        """Return the features in a file; ``None`` if other weights gave them, or it is damaged."""
        try:
            with np.load(BytesIO(contents), allow_pickle=False) as file:
                if (int(file["format"]), str(file["weights_sha256"])) != (FORMAT, weights_sha256):
                    return None
                features = cls(
                    weights_sha256,
                    file["index"].astype(np.int32),
                    file["coordinates"].astype(np.float16),
                    file["explained"].astype(np.float64),
                    float(file["adjusted_rand"]),
                    float(file["mutual_information"]),
                    int(file["starts"]),
                    int(file["agreeing"]),
                    float(file["start_std"]),
                )
        except (*DAMAGED, *MALFORMED, OSError, MemoryError):  # the last of a size that is not true
            return None
        images = len(features.index)
        whole = features.coordinates.shape == (images, 3) and features.explained.shape == (3,)
        return features if whole else None
