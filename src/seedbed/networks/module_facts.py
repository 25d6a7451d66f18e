"""Facts about a PyTorch module for images of one size, measured by calling it."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from seedbed.core.errors import NetworkError
from seedbed.networks.shapes import ImageShape, Shape, times

if TYPE_CHECKING:
    from torch import Tensor, nn


def trained_tensors(module: "nn.Module") -> dict[str, "Tensor"]:
    """Return the parameters that have gradients, by name."""
    return {
        name: parameter for name, parameter in module.named_parameters() if parameter.requires_grad
    }


def kept_tensors(module: "nn.Module") -> dict[str, "Tensor"]:
    """Return the other tensors of the state: frozen parameters and persistent buffers."""
    frozen: dict[str, Tensor] = {
        name: parameter
        for name, parameter in module.named_parameters()
        if not parameter.requires_grad
    }
    stored = module.state_dict()
    return frozen | {name: buffer for name, buffer in module.named_buffers() if name in stored}


@dataclass(frozen=True)
class ModuleFacts:
    """Facts about a module for images of one size."""

    output: Shape
    """The shape of the logits of one image."""
    parameters: dict[str, Shape]
    buffers: dict[str, Shape]
    multiply_adds: int
    draws: bool
    """Whether it draws random numbers in training mode."""


def examine(make: Callable[[], "nn.Module"], image_shape: ImageShape, where: str) -> ModuleFacts:
    """Call a new module, and return the facts about it.

    Args:
        make: Returns a new module.
        image_shape: (height, width, channels) of the images.
        where: The name of the network, for errors.

    Raises:
        NetworkError: If it cannot be trained, does not accept such images, or returns no logits.
    """
    module = make()
    _check_parameters(module, where)
    _check_buffers(module, where)
    buffers = _shapes(kept_tensors(module))
    if make() is module:
        raise NetworkError(
            "its function returns the same module every time",
            where=where,
            expected="a new module for each call",
        )
    output, multiply_adds, draws = _called(module, image_shape, where)
    if buffers != _shapes(kept_tensors(module)):
        raise NetworkError(
            "its module adds or resizes buffers when it is called",
            where=where,
            hint="register all buffers in __init__, with their final size",
        )
    return ModuleFacts(output, _shapes(trained_tensors(module)), buffers, multiply_adds, draws)


def _shapes(tensors: dict[str, "Tensor"]) -> dict[str, Shape]:
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}


def _called(module: "nn.Module", image_shape: ImageShape, where: str) -> tuple[Shape, int, bool]:
    """Return the output shape, the multiply-adds, and whether training draws random numbers."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    height, width, channels = image_shape
    images = torch.zeros(2, channels, height, width)
    size = f"{channels}×{height}×{width}"
    with generator_restored():
        try:
            with torch.no_grad(), FlopCounterMode(display=False) as counter:
                output = module.eval()(images)
            before = _generators()
            with torch.no_grad():
                in_training = module.train()(images)
            draws = _generators() != before
        except Exception as error:
            raise NetworkError(
                f"its module does not accept {size} images: {in_one_line(error)}", where=where
            ) from error
    for returned in (output, in_training):
        shape = tuple(returned.shape) if isinstance(returned, torch.Tensor) else None
        if shape is None or len(shape) != 2 or shape[0] != 2:
            what = type(returned).__name__ if shape is None else times(shape)
            raise NetworkError(
                f"its module returns {what} for 2 images of {size}",
                where=where,
                expected="a 2×K tensor of logits, in training and in evaluation mode",
            )
    # For two images; PyTorch counts additions too.
    return tuple(output.shape[1:]), counter.get_total_flops() // 4, draws


def _check_parameters(module: "nn.Module", where: str) -> None:
    """Raise :class:`NetworkError` unless there are parameters to train, all float32."""
    import torch

    trained = trained_tensors(module)
    if not trained:
        raise NetworkError("the module has no parameters to train", where=where)
    for name, tensor in trained.items():
        if isinstance(tensor, torch.nn.UninitializedParameter) or tensor.dtype != torch.float32:
            raise NetworkError(
                f"its parameter {name} is {str(tensor.dtype).removeprefix('torch.')}"
                f"{', uninitialized' if tensor.dtype == torch.float32 else ''}",
                where=where,
                expected="float32 parameters of a fixed size",
            )


def _check_buffers(module: "nn.Module", where: str) -> None:
    """Raise :class:`NetworkError` for a buffer that cannot be stored as float32 numbers."""
    from torch.nn.parameter import is_lazy

    tensors = (*module.named_parameters(), *module.named_buffers())
    kinds = {name: "uninitialized" for name, tensor in tensors if is_lazy(tensor)}
    if not kinds:
        kept = kept_tensors(module).items()
        kinds = {name: str(tensor.dtype) for name, tensor in kept if tensor.is_complex()}
    for name, kind in kinds.items():
        raise NetworkError(
            f"its buffer {name} is {kind.removeprefix('torch.')}",
            where=where,
            expected="buffers of real numbers and of a fixed size",
        )


def _generators() -> tuple[object, ...]:
    """Return the states of the global generators of PyTorch, Python and NumPy."""
    import torch

    state: Any = np.random.get_state()  # noqa: NPY002 # the user's module may draw from it
    _, key, *rest = state
    return torch.get_rng_state().numpy().tobytes(), random.getstate(), key.tobytes(), rest


@contextmanager
def generator_restored() -> Iterator[None]:
    """Restore PyTorch's global generator after the block."""
    import torch

    before = torch.get_rng_state()
    try:
        yield
    finally:
        torch.set_rng_state(before)


def in_one_line(error: BaseException) -> str:
    """Return the type and the message of an error in user code, shortened to one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
