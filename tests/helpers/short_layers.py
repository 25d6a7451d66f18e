"""Layers whose input sizes are inferred, in few letters: the tests write many."""

from seedbed.networks.layers import Conv2d, Linear


def conv(
    out_channels: int, kernel_size: int, stride: int = 1, padding: int = 0, *, bias: bool = True
) -> Conv2d:
    """Return a convolution."""
    return Conv2d(None, out_channels, kernel_size, stride, padding, bias=bias)


def linear(out_features: int) -> Linear:
    """Return a linear layer."""
    return Linear(None, out_features)
