"""A network as a module of PyTorch: the same layers, with the same names of weights.

What dropout keeps is drawn by :mod:`seedbed.training.batches` and given to the module beside the
images, so that a module draws nothing itself.
"""

from torch import Tensor, nn

from seedbed.engines.torch.modules import Masks, Stack
from seedbed.networks.network import Network
from seedbed.networks.shapes import ImageShape


class NetworkModule(Stack):
    """A network of layers: normalized float32 N×C×H×W images to N×K logits.

    Args:
        network: The layers.
        image_shape: (height, width, channels) of the images.

    Raises:
        NetworkError: If a layer does not fit.
    """

    def __init__(self, network: Network, image_shape: ImageShape) -> None:
        network.shapes(image_shape)
        height, width, channels = image_shape
        super().__init__(network.layers, (channels, height, width))

    def forward(self, images: Tensor, kept: Tensor | None = None) -> Tensor:  # type: ignore[override]
        """Return the logits; ``kept`` holds the batch's masks while training."""
        return super().forward(images, None if kept is None else Masks(kept))


def new_module(network: Network, image_shape: ImageShape) -> nn.Module:
    """Return a new module of any network; that of layers has weights which are not filled."""
    module: nn.Module = network.module(image_shape, NetworkModule)
    return module
