"""What a module of PyTorch turns out to be, for images of one size: it is called to find out."""

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
    return {name: each for name, each in module.named_parameters() if each.requires_grad}


def kept_tensors(module: "nn.Module") -> dict[str, "Tensor"]:
    """Return what is kept beside them: frozen parameters, and buffers that belong to the state."""
    frozen: dict[str, Tensor] = {
        name: each for name, each in module.named_parameters() if not each.requires_grad
    }
    stored = module.state_dict()
    return frozen | {name: each for name, each in module.named_buffers() if name in stored}


@dataclass(frozen=True)
class ModuleFacts:
    """What a module turned out to be for images of one size."""

    output: Shape
    """Of one image; its logits."""
    parameters: dict[str, Shape]
    buffers: dict[str, Shape]
    multiply_adds: int
    draws: bool
    """Whether it draws random numbers while it is trained."""


def examine(make: Callable[[], "nn.Module"], image_shape: ImageShape, where: str) -> ModuleFacts:
    """Return what a module turns out to be.

    Args:
        make: Returns a new module.
        image_shape: (height, width, channels) of the images.
        where: What the user calls it.

    Raises:
        NetworkError: If it cannot be trained, does not take such images, or returns no logits.
    """
    module = make()
    _check_parameters(module, where)
    _check_buffers(module, where)
    buffers = _shapes(kept_tensors(module))
    if make() is module:
        raise NetworkError(
            "its function returns the same module each time", where=where, expected="a new one"
        )
    output, multiply_adds, draws = _tried(module, image_shape, where)
    if buffers != _shapes(kept_tensors(module)):
        raise NetworkError(
            "its module has other buffers after it was called than before",
            where=where,
            hint="register all of them when it is made, with the size that they will have",
        )
    return ModuleFacts(output, _shapes(trained_tensors(module)), buffers, multiply_adds, draws)


def _shapes(tensors: dict[str, "Tensor"]) -> dict[str, Shape]:
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}


def _tried(module: "nn.Module", image_shape: ImageShape, where: str) -> tuple[Shape, int, bool]:
    """Return the output's shape, multiply-adds, and whether the module draws in training."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    height, width, channels = image_shape
    images = torch.zeros(2, channels, height, width)
    taken = f"{channels}×{height}×{width}"
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
                f"its module does not take images of {taken}: {in_one_line(error)}", where=where
            ) from error
    for returned in (output, in_training):
        shape = tuple(returned.shape) if isinstance(returned, torch.Tensor) else None
        if shape is None or len(shape) != 2 or shape[0] != 2:
            what = type(returned).__name__ if shape is None else times(shape)
            raise NetworkError(
                f"its module returns {what} for 2 images of {taken}",
                where=where,
                expected="a tensor of 2×K logits, in training as well",
            )
    # Of two images; an addition is counted, too.
    return tuple(output.shape[1:]), counter.get_total_flops() // 4, draws


def _check_parameters(module: "nn.Module", where: str) -> None:
    """Raise :class:`NetworkError` unless there are parameters to train, all of float32."""
    import torch

    trained = trained_tensors(module)
    if not trained:
        raise NetworkError("the module has no parameters to train", where=where)
    for name, tensor in trained.items():
        if isinstance(tensor, torch.nn.UninitializedParameter) or tensor.dtype != torch.float32:
            raise NetworkError(
                f"its parameter {name} is {str(tensor.dtype).removeprefix('torch.')}"
                f"{', without a size yet' if tensor.dtype == torch.float32 else ''}",
                where=where,
                expected="float32 parameters whose sizes are known",
            )


def _check_buffers(module: "nn.Module", where: str) -> None:
    """Raise :class:`NetworkError` for a buffer that cannot be stored as float32 numbers."""
    from torch.nn.parameter import is_lazy

    tensors = (*module.named_parameters(), *module.named_buffers())
    kinds = {name: "without a size yet" for name, each in tensors if is_lazy(each)}
    if not kinds:
        kept = kept_tensors(module).items()
        kinds = {name: str(each.dtype) for name, each in kept if each.is_complex()}
    for name, kind in kinds.items():
        raise NetworkError(
            f"its buffer {name} is {kind.removeprefix('torch.')}",
            where=where,
            expected="buffers of real numbers whose sizes are known",
        )


def _generators() -> tuple[object, ...]:
    """Return the states of what a module may draw from: PyTorch's, Python's and NumPy's own."""
    import torch

    numpys: Any = np.random.get_state()  # noqa: NPY002 # it is the user's
    _, key, *rest = numpys
    return torch.get_rng_state().numpy().tobytes(), random.getstate(), key.tobytes(), rest


@contextmanager
def generator_restored() -> Iterator[None]:
    """Leave PyTorch's global generator as it was."""
    import torch

    before = torch.get_rng_state()
    try:
        yield
    finally:
        torch.set_rng_state(before)


def in_one_line(error: BaseException) -> str:
    """Return what an error of somebody else's code says."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
