"""Known networks, each a short list of layers."""

from collections.abc import Callable, Mapping
from typing import Final

from seedbed.networks.layers import (
    Activation,
    ActivationFunction,
    Conv2d,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    Network,
    Pad,
)


def lenet5(
    classes: int = 10,
    *,
    activation: ActivationFunction = "relu",
    slope: float = 0.01,
    alpha: float = 1.0,
    dropout: float = 0.0,
) -> Network:
    """LeNet-5 (LeCun et al. 1998, "Gradient-based learning applied to document recognition").

    The form that is usual today: max-pooling, every convolution sees every channel, and a linear
    last layer for cross-entropy. Images of up to 32×32 pixels, smaller ones are padded; 61,706
    parameters for ten classes with one input channel, 62,006 with three.

    Args:
        classes: How many logits, 1 or more.
        activation: After each layer but the last.
        slope: Of the leaky ReLU below zero.
        alpha: Of the ELU: its limit below zero is ``-alpha``.
        dropout: Rate of the dropout after each hidden linear layer; 0 for none.

    Raises:
        NetworkError: If an argument cannot be used.
    """
    nonlinearity = Activation(activation, slope, alpha)
    drop = (Dropout(dropout),) if dropout != 0 else ()
    layers = (
        Pad(32),
        Conv2d(6, kernel_size=5),
        nonlinearity,
        MaxPool2d(2),
        Conv2d(16, kernel_size=5),
        nonlinearity,
        MaxPool2d(2),
        Flatten(),
        Linear(120),
        nonlinearity,
        *drop,
        Linear(84),
        nonlinearity,
        *drop,
        Linear(classes),
    )
    return Network("lenet5", layers)


ZOO: Final[Mapping[str, Callable[..., Network]]] = {"lenet5": lenet5}
"""Name in a study file -> builder; each takes the number of classes first."""
