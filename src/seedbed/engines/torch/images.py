"""Images on a device; a GPU keeps whole splits as bytes."""

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_SPLITS: Final = 3
"""Number of image arrays that a GPU keeps: the splits of a dataset."""


class DeviceImages:
    """Image arrays on a device, uploaded on first use.

    Args:
        device: The device.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._uploaded: dict[int, tuple[NDArray[np.uint8], Tensor]] = {}

    def take(self, images: NDArray[np.uint8], indices: NDArray[np.int64]) -> Tensor:
        """Return some of N×H×W×C images on the device."""
        if self._device.type == "cpu":
            return torch.tensor(images[indices])
        if id(images) not in self._uploaded:
            if len(self._uploaded) == _SPLITS:
                self._uploaded.clear()
            # PyTorch does not accept arrays with negative strides.
            whole = torch.tensor(np.ascontiguousarray(images), device=self._device)
            self._uploaded[id(images)] = images, whole
        return self._uploaded[id(images)][1][torch.tensor(indices, device=self._device)]
