"""Initial weights."""

import math
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from seedbed.networks.network import Network
from seedbed.networks.user_module import OwnNetwork

Initialization: TypeAlias = Literal["pytorch", "glorot-uniform", "he-normal", "lecun-normal"]
"""Of the weights of a layer with ``fan_in`` inputs and ``fan_out`` outputs a unit:

- ``pytorch``: uniform within ±1/√fan_in, biases too, as ``torch.nn.Conv2d`` and ``Linear`` do;
- ``glorot-uniform``: uniform within ±√(6 / (fan_in + fan_out)) (Glorot and Bengio 2010, eq. 16);
- ``he-normal``: normal with variance 2 / fan_in (He et al. 2015, section 2.2);
- ``lecun-normal``: normal with variance 1 / fan_in (LeCun et al. 1998, "Efficient BackProp", 4.6).

All but the first set biases to 0. In a transformer block, ``pytorch`` does what
``torch.nn.TransformerEncoderLayer`` does: the weights that make queries, keys and values are
uniform within ±√(6 / (fan_in + fan_out)), and the biases of attention are 0.

Whatever the distribution, layer norm and batch norm begin with weights of 1 and biases of 0,
running means with 0, and running variances with 1. Class tokens and learned positions are normal
with a standard deviation of 0.02, as in timm's Vision Transformer.
"""

_SMALL: Final = 0.02


def initial_weights(
    network: Network,
    image_shape: tuple[int, int, int],
    generator: np.random.Generator,
    initialization: Initialization = "pytorch",
) -> dict[str, NDArray[np.float32]]:
    """Draw weights and biases, and begin buffers.

    Fan-in is the number of inputs of one output (input channels × kernel area, or input features),
    fan-out that of the outputs that one input reaches.

    Args:
        network: What the weights are for.
        image_shape: (height, width, channels) of the images.
        generator: The run's stream "initialization". Weights are drawn in the order of
            :meth:`Network.parameters`; buffers come last.
        initialization: Their distribution; a module of the user's own has its own.

    Raises:
        NetworkError: If a layer does not fit.
    """
    if isinstance(network, OwnNetwork):
        return network.initial_weights(generator)
    weights = {}
    bias_bound = 0.0
    for name, shape in network.parameters(image_shape).items():
        layer, _, weight = name.rpartition(".")
        layer = layer.rpartition(".")[2]
        if layer.startswith(("norm", "bn")):
            drawn = np.full(shape, float(weight == "weight"))
        elif layer.startswith(("token", "positions")):
            drawn = generator.normal(0.0, _SMALL, shape)
        elif weight.endswith("bias"):  # comes after its weights, and shares the bound
            drawn = generator.uniform(-bias_bound, bias_bound, shape)
        else:
            bias_bound = 0.0
            fan_in = math.prod(shape[1:])
            fan_out = shape[0] * math.prod(shape[2:])
            if initialization == "pytorch" and weight != "in_proj_weight":
                bound = 1 / math.sqrt(fan_in)
                bias_bound = 0.0 if layer == "out_proj" else bound
                drawn = generator.uniform(-bound, bound, shape)
            elif initialization in ("pytorch", "glorot-uniform"):
                bound = math.sqrt(6 / (fan_in + fan_out))
                drawn = generator.uniform(-bound, bound, shape)
            else:
                gain = 2 if initialization == "he-normal" else 1
                drawn = generator.normal(0.0, math.sqrt(gain / fan_in), shape)
        weights[name] = drawn.astype(np.float32)
    for name, shape in network.buffers(image_shape).items():
        weights[name] = np.full(shape, float(name.endswith("running_var")), np.float32)
    return weights
