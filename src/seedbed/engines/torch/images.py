"""Images on a device: whole datasets on a GPU, as the bytes that they are."""

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_SPLITS: Final = 3
"""Arrays of images that a GPU keeps: the splits of a dataset."""


class DeviceImages:
    """What has been brought to a device, for as long as it is asked for.

    Args:
        device: Where the images are wanted.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._uploaded: dict[int, tuple[NDArray[np.uint8], Tensor]] = {}

    def take(self, images: NDArray[np.uint8], places: NDArray[np.int64]) -> Tensor:
        """Return some of N×H×W×C images on the device."""
        if self._device.type == "cpu":
            return torch.tensor(images[places])
        if id(images) not in self._uploaded:
            if len(self._uploaded) == _SPLITS:
                self._uploaded.clear()
            # PyTorch takes no views that go backwards.
            whole = torch.tensor(np.ascontiguousarray(images), device=self._device)
            self._uploaded[id(images)] = images, whole
        return self._uploaded[id(images)][1][torch.tensor(places, device=self._device)]
