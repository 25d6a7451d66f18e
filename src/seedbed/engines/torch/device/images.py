"""Arrays on a device; a GPU keeps whole splits of images as bytes."""

from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_SPLITS: Final = 3
"""Number of image arrays that a GPU keeps: the splits of a dataset."""


def to_device(values: NDArray[Any], device: torch.device) -> Tensor:
    """Return a copy on the device, without waiting for the earlier work of an NVIDIA GPU."""
    tensor = torch.tensor(values)
    if device.type == "cuda":  # copied by the GPU itself, from memory that stays in place
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device)


class DeviceImages:
    """Image arrays on a device, uploaded on first use.

    Args:
        device: The device.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._uploaded: dict[int, tuple[NDArray[np.uint8], Tensor]] = {}

    def take(self, images: NDArray[np.uint8], indices: Tensor) -> Tensor:
        """Return some of N×H×W×C images on the device, where ``indices`` are too."""
        if self._device.type == "cpu":
            return torch.from_numpy(np.ascontiguousarray(images[indices.numpy()]))
        if id(images) not in self._uploaded:
            if len(self._uploaded) == _SPLITS:
                self._uploaded.clear()
            # PyTorch does not accept arrays with negative strides.
            whole = torch.tensor(np.ascontiguousarray(images), device=self._device)
            self._uploaded[id(images)] = images, whole
        return self._uploaded[id(images)][1][indices]
