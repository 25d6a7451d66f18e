"""The optimizer and the augmentation of a recipe in PyTorch."""

from collections.abc import Mapping
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from seedbed.training.recipe import Recipe

MOMENTS: Final[Mapping[str, Mapping[str, str]]] = {
    "sgd": {"momentum_buffer": "first_moment"},
    "adam": {"exp_avg": "first_moment", "exp_avg_sq": "second_moment"},
    "adamw": {"exp_avg": "first_moment", "exp_avg_sq": "second_moment"},
}
"""Optimizer -> PyTorch's name of its state -> the array of the run."""


def displacements(fields: Tensor, smooth_columns: Tensor, smooth_rows: Tensor) -> Tensor:
    """Return by how many pixels to the right and down each pixel is displaced.

    Args:
        fields: Random bytes, N×2×H×W; :mod:`seedbed.training.elastic` defines them.
        smooth_columns: H×H.
        smooth_rows: W×W.
    """
    numbers = fields.to(smooth_rows.dtype) / 128 + (1 / 256 - 1)
    return smooth_columns @ numbers @ smooth_rows


def warped(images: Tensor, warps: Tensor, moved: Tensor | None = None) -> Tensor:
    """Return N×C×H×W images, warped by the rows of the N×6 ``warps``.

    :mod:`seedbed.training.batches` defines the numbers in a row.

    Args:
        images: N×C×H×W.
        warps: N×6.
        moved: The displacements of elastic distortion, 2×H×W for each of the N; ``None`` without.
    """
    height, width = images.shape[2:]
    y, x = torch.meshgrid(
        torch.arange(height, device=images.device, dtype=images.dtype),
        torch.arange(width, device=images.device, dtype=images.dtype),
        indexing="ij",
    )
    if moved is not None:
        right, down = moved.flatten(0, -4).unbind(1)
        x, y = x + right, y + down
    a, b, c, d, e, f = warps[:, :, None, None].unbind(1)
    # The coordinates of grid_sample are -1 at the center of the first pixel and 1 at the last.
    across = (a * x + b * y + c) * (2 / max(width - 1, 1)) - 1
    down = (d * x + e * y + f) * (2 / max(height - 1, 1)) - 1
    # Clamped here because not every device has padding_mode="border".
    grid = torch.stack([across, down], dim=-1).clamp(-1, 1)
    return functional.grid_sample(images, grid, mode="bilinear", align_corners=True)


def make_optimizer(recipe: Recipe, weights: nn.Parameter) -> torch.optim.Optimizer:
    """Return the recipe's optimizer for one tensor, without the penalties."""
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(
            [weights],
            lr=recipe.learning_rate,
            momentum=recipe.momentum,
            nesterov=recipe.nesterov,
            weight_decay=recipe.weight_decay,
        )
    kind = torch.optim.Adam if recipe.optimizer == "adam" else torch.optim.AdamW
    return kind(
        [weights],
        lr=recipe.learning_rate,
        betas=recipe.betas,
        eps=recipe.eps,
        weight_decay=recipe.weight_decay,
    )
