"""The memory that training takes at least, so that a network is rejected before it is taken."""

from functools import lru_cache
from typing import Final

from seedbed.core.errors import NetworkError
from seedbed.core.memory import usable_memory
from seedbed.networks.cost import cost
from seedbed.networks.network import Network
from seedbed.networks.shapes import ImageShape
from seedbed.training.recipe import Recipe

_BYTES: Final = 4  # float32


def least_memory(
    network: Network, image_shape: ImageShape, recipe: Recipe, images_at_once: int | None
) -> int:
    """Return the bytes that a run takes at least, besides the images.

    Counted are the weights, their gradients and the optimizer's state, and the values and the
    gradients of the largest layer. Engines keep more layers than one, so a run may take several
    times as much. Of a PyTorch module, only the weights are known.

    Args:
        network: The network.
        image_shape: (height, width, channels) of the images.
        recipe: How it is trained.
        images_at_once: Images of a batch that the engine has in memory; the batch by default.

    Raises:
        NetworkError: If a layer does not fit.
    """
    largest = _largest(network, image_shape)
    weights = cost(network, image_shape).weight_bytes
    images = min(recipe.batch_size, images_at_once or recipe.batch_size)
    return weights * _copies(recipe) * len(recipe.robust.networks) + 2 * largest * images * _BYTES


@lru_cache(maxsize=64)
def _largest(network: Network, image_shape: ImageShape) -> int:
    """Return the values of the largest layer for one image."""
    parts = network.walk(image_shape)
    return max((part.layer.activations(part.input_shape) for part in parts), default=0)


def check_memory(
    network: Network, image_shape: ImageShape, recipe: Recipe, images_at_once: int | None
) -> None:
    """Reject a network that needs more memory than this process may use.

    Raises:
        NetworkError: If it does, or a layer does not fit.
    """
    needed = least_memory(network, image_shape, recipe, images_at_once)
    usable = usable_memory()
    if needed > usable:
        raise NetworkError(
            f"needs at least {gibibytes(needed)} of memory for images of "
            f"{image_shape[0]}×{image_shape[1]} pixels",
            where=network.name,
            expected=f"at most {gibibytes(usable)}, which this process may use",
            hint="use smaller images or batches, fewer features or a machine with more memory",
        )


def gibibytes(size: int) -> str:
    """Return a size for people: ``1.5 GiB``."""
    return f"{size / 2**30:,.1f} GiB" if size >= 2**30 else f"{size / 2**20:,.1f} MiB"


def _copies(recipe: Recipe) -> int:
    """Return how often the weights are in memory, gradients and optimizer state included."""
    moments = int(recipe.momentum > 0) if recipe.optimizer == "sgd" else 2
    return 2 + moments + (recipe.ema_decay > 0) + (recipe.checkpoint != "last")
