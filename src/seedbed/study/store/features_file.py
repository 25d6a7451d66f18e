"""``features.npz``: how a run's features of test images lie in space, and how well they cluster."""

from dataclasses import dataclass
from io import BytesIO
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from seedbed.data.readers.arrays import DAMAGED, MALFORMED

FORMAT: Final = 1


@dataclass(frozen=True, eq=False)
class Features:
    """What has been found out about the features of one run.

    See :class:`seedbed.evaluation.feature_space.FeatureSpace`.
    """

    weights_sha256: str
    """Of the file of weights that was asked."""
    index: NDArray[np.int32]
    """Of M test images, increasing."""
    coordinates: NDArray[np.float16]
    """M×3, along the principal components; the largest is ±1, which any scale fits into."""
    explained: NDArray[np.float64]
    """3: the fraction of the features' variance that each of these holds."""
    adjusted_rand: float
    mutual_information: float

    def to_npz(self) -> bytes:
        """Return the contents of the file."""
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
        )
        return file.getvalue()

    @classmethod
    def parse(cls, contents: bytes, weights_sha256: str) -> Self | None:
        """Return what a file says of these weights; ``None`` if it is of others or not whole.

        Nothing is lost by that, for it can be found out again.
        """
        try:
            with np.load(BytesIO(contents), allow_pickle=False) as file:
                if (int(file["format"]), str(file["weights_sha256"])) != (FORMAT, weights_sha256):
                    return None
                found = cls(
                    weights_sha256,
                    file["index"].astype(np.int32),
                    file["coordinates"].astype(np.float16),
                    file["explained"].astype(np.float64),
                    float(file["adjusted_rand"]),
                    float(file["mutual_information"]),
                )
        except (*DAMAGED, *MALFORMED, OSError, MemoryError):  # the last of a size that is not true
            return None
        whole = found.coordinates.shape == (len(found.index), 3) and found.explained.shape == (3,)
        return found if whole else None
