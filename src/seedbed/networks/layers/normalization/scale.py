"""Helpers of the normalization layers."""

from typing import Final

from seedbed.networks.initialization import Weight, constant
from seedbed.networks.layers.base import Values

EPS: Final = 1e-5
"""Added to variances, as in PyTorch."""


def scale_and_shift(count: int) -> dict[str, Weight]:
    """Return the weights of a normalization layer, initially scale 1 and shift 0."""
    return {"weight": constant(1.0, (count,)), "bias": constant(0.0, (count,))}


def standardized(x: Values, axes: int | tuple[int, ...]) -> Values:
    """Return values with mean 0 and variance 1 over some axes."""
    centered: Values = x - x.mean(axis=axes, keepdims=True)
    variance: Values = (centered**2).mean(axis=axes, keepdims=True)
    return centered / (variance + EPS) ** 0.5
