"""The oracle of augmentation: PyTorch and SciPy move the pixels."""

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates
from torch import nn

from reference import Floats


def warp(images: Floats, warps: NDArray[np.float32]) -> Floats:
    """Augment N×C×H×W images, each by its row (a, b, c, d, e, f) of ``warps``.

    ``torch.nn.functional.grid_sample`` does the work; it measures places from -1 to 1.
    """
    height, width = images.shape[2:]
    y, x = np.mgrid[:height, :width].astype(np.float64)
    a, b, c, d, e, f = warps.astype(np.float64).T[:, :, None, None]
    # An image of one row or column has only one place: any number will do.
    grid_x = (a * x + b * y + c) * 2 / max(width - 1, 1) - 1
    grid_y = (d * x + e * y + f) * 2 / max(height - 1, 1) - 1
    answer: Floats = nn.functional.grid_sample(
        torch.tensor(images, dtype=torch.float64),
        torch.tensor(np.stack([grid_x, grid_y], axis=-1)),
        mode="bilinear",
        padding_mode="border",
        align_corners=True,
    ).numpy()
    return answer.astype(images.dtype)


def displacements(fields: NDArray[np.uint8], alpha: float, sigma: float) -> Floats:
    """Return N×2×H×W displacements to the right and down, made of random bytes by SciPy."""
    numbers = (2 * fields.astype(np.float64) + 1) / 256 - 1
    smoothed = [[gaussian_filter(one, sigma, mode="constant") for one in two] for two in numbers]
    return alpha * np.array(smoothed)


def distorted(images: Floats, warps: NDArray[np.float32], moved: Floats) -> Floats:
    """As :func:`warp`, of pixels that are displaced before. SciPy does the work."""
    y, x = np.mgrid[: images.shape[2], : images.shape[3]].astype(np.float64)
    answer = np.empty_like(images)
    for image, (a, b, c, d, e, f), (right, down), to in zip(
        images, warps.astype(np.float64), moved, answer, strict=True
    ):
        places = [d * (x + right) + e * (y + down) + f, a * (x + right) + b * (y + down) + c]
        for channel, out in zip(image, to, strict=True):
            map_coordinates(channel, places, output=out, order=1, mode="nearest")
    return answer
