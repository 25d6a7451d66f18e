"""A network as a PyTorch module, with the same layers and names of weights.

:mod:`seedbed.training.batches` draws the dropout masks, which are passed to the module together
with the images, so the module draws nothing.
"""

from torch import Tensor, nn

from seedbed.engines.torch.modules import Masks, Stack
from seedbed.networks.network import Network
from seedbed.networks.shapes import ImageShape


class NetworkModule(Stack):
    """A network from normalized float32 N×C×H×W images to N×K logits.

    Args:
        network: Not an opaque one.
        image_shape: (height, width, channels) of the images.

    Raises:
        NetworkError: If a layer does not fit.
    """

    def __init__(self, network: Network, image_shape: ImageShape) -> None:
        network.shapes(image_shape)
        height, width, channels = image_shape
        super().__init__(network.layers, (channels, height, width))

    def forward(self, images: Tensor, kept: Tensor | None = None) -> Tensor:  # type: ignore[override]
        """Return the logits; ``kept`` contains the masks of the batch in training."""
        return super().forward(images, None if kept is None else Masks(kept))


def new_module(network: Network, image_shape: ImageShape) -> nn.Module:
    """Return a new module of any network; its weights are uninitialized unless it is opaque."""
    module: nn.Module = network.module(image_shape, NetworkModule)
    return module
