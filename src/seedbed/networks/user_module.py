"""A user module: any PyTorch module from images to logits, as a network.

A module takes normalized float32 images, N×C×H×W, and returns N×K logits, one per class. It needs
to know nothing about Seedbed. Its initial weights and its random numbers in training (dropout) come
from PyTorch's global generator, which is seeded from the run's streams for the duration of a call,
and then restored.
"""

import copy
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from threading import RLock
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import MissingExtra, NetworkError
from seedbed.networks.initialization import Initialization
from seedbed.networks.layers import Layer
from seedbed.networks.layers.sequence import NamedLayer
from seedbed.networks.module_facts import (
    ModuleFacts,
    examine,
    generator_restored,
    in_one_line,
    kept_tensors,
    trained_tensors,
)
from seedbed.networks.network import Module, Network
from seedbed.networks.shapes import ImageShape, Shape

if TYPE_CHECKING:
    from torch import nn

GENERATOR_LOCK: Final = RLock()
"""Held while PyTorch's global generator is in use, which all threads share."""


@dataclass(frozen=True)
class UserModule(Network):
    """A network whose layers are known only to a PyTorch module.

    Args:
        name: For messages and labels.
        make: Returns a new module with newly drawn weights.
        identity: Networks with the same identity are equal; by default a network equals only
            itself.

    Raises:
        MissingExtra: If PyTorch is not installed.
    """

    layers: tuple[Layer, ...] = ()
    make: Callable[[], "nn.Module"] = field(kw_only=True, compare=False, repr=False)
    identity: str = field(kw_only=True, default="")
    _facts_by_shape: dict[ImageShape, ModuleFacts] = field(
        kw_only=True, default_factory=dict, compare=False, repr=False
    )

    def __post_init__(self) -> None:
        if find_spec("torch") is None:
            raise MissingExtra("torch", f"the network {self.name}")
        if not self.identity:
            object.__setattr__(self, "identity", f"at {id(self)}")

    @property
    def opaque(self) -> bool:
        """True: only the module knows the layers."""
        return True

    def module(
        self,
        image_shape: ImageShape,  # noqa: ARG002
        of_layers: Callable[[Network, ImageShape], Module],  # noqa: ARG002
    ) -> Any:
        """Return a new module."""
        return self.new_module()

    def new_module(self, seed: int = 0) -> "nn.Module":
        """Return a new module whose weights are drawn with this seed.

        Raises:
            NetworkError: If the function fails or returns something else.
        """
        import torch

        with GENERATOR_LOCK, generator_restored():
            torch.default_generator.manual_seed(seed)
            try:
                module = self.make()
            except (Exception, SystemExit) as error:  # a script may end itself
                raise NetworkError(
                    f"its function failed: {in_one_line(error)}", where=self.name
                ) from error
        if not isinstance(module, torch.nn.Module):
            raise NetworkError(
                f"its function returned {type(module).__name__}",
                where=self.name,
                expected="a torch.nn.Module",
                hint=f"write {self.name}()" if isinstance(module, Network) else "",
            )
        return module

    def initial_weights(
        self,
        image_shape: ImageShape,  # noqa: ARG002
        generator: np.random.Generator,
        initialization: Initialization = "pytorch",
    ) -> dict[str, NDArray[np.float32]]:
        """Return the weights and buffers of a new module, drawn with a seed from ``generator``.

        Raises:
            NetworkError: If the initialization is not the module's own, ``"pytorch"``.
        """
        self.check_initialization(initialization)
        module = self.new_module(int(generator.integers(2**63)))
        tensors = trained_tensors(module) | kept_tensors(module)
        return {name: tensor.detach().cpu().float().numpy() for name, tensor in tensors.items()}

    def check_initialization(self, initialization: Initialization) -> None:
        """Raise :class:`NetworkError` for an initialization other than the module's own."""
        if initialization != "pytorch":
            raise NetworkError(
                f"a PyTorch module does not support initialization {initialization!r}",
                where=self.name,
                hint="remove it: the module initializes its own weights",
            )

    def shapes(self, image_shape: ImageShape) -> tuple[Shape, ...]:
        """Return the shape of the logits of one image.

        Raises:
            NetworkError: If the module does not accept such images, or returns no logits.
        """
        return (self._facts(image_shape).output,)

    def walk(self, image_shape: ImageShape) -> Iterator[NamedLayer]:  # noqa: ARG002
        """Yield nothing: only the module knows its layers."""
        return iter(())

    def check(self, image_shape: ImageShape, num_classes: int) -> None:
        """Raise :class:`NetworkError` unless the output is ``num_classes`` logits per image."""
        (output,) = self.shapes(image_shape)
        if output != (num_classes,):
            raise NetworkError(
                f"the module returns {output[0]} logits per image, but the dataset has "
                f"{num_classes} classes",
                where=self.name,
            )

    def parameters(self, image_shape: ImageShape) -> dict[str, Shape]:
        """Return the name and shape of every trainable weight."""
        return self._facts(image_shape).parameters

    def buffers(self, image_shape: ImageShape) -> dict[str, Shape]:
        """Return the name and shape of every frozen parameter and persistent buffer."""
        return self._facts(image_shape).buffers

    def multiply_adds(self, image_shape: ImageShape) -> int:
        """Return the multiply-adds of the forward pass of one image, as PyTorch counts them."""
        return self._facts(image_shape).multiply_adds

    def draws(self, image_shape: ImageShape) -> bool:
        """Whether the module draws random numbers in training mode."""
        return self._facts(image_shape).draws

    def to_dict(self) -> dict[str, Any]:
        """Return the name, and no layers."""
        return {"name": self.name, "layers": []}

    def _facts(self, image_shape: ImageShape) -> ModuleFacts:
        with GENERATOR_LOCK:
            if image_shape not in self._facts_by_shape:
                self._facts_by_shape[image_shape] = examine(self.new_module, image_shape, self.name)
            return self._facts_by_shape[image_shape]


def as_network(given: object, num_classes: int) -> Network:
    """Return a network for a module or for a function that returns one; a network is left as it is.

    Every seed starts from the current weights of a module. A function is called for every seed, and
    draws new weights.

    Args:
        given: A network, a module or a function; a module class counts as a function.
        num_classes: Passed to a function that has an argument of this name.

    Raises:
        NetworkError: If it is none of them.
        MissingExtra: If PyTorch is needed but not installed.
    """
    if isinstance(given, Network):
        return given
    if not callable(given):
        raise NetworkError(
            f"{given!r} is not a network",
            expected="a Network, a torch.nn.Module, or a function that returns one",
            hint="write lenet5()" if isinstance(given, str) else "",
        )
    if find_spec("torch") is None:
        raise MissingExtra("torch", "a network that is not a list of layers")
    identity = f"at {id(given)}"
    if isinstance(given, import_module("torch.nn").Module):
        name = type(given).__name__
        return UserModule(name, make=lambda: copy.deepcopy(given), identity=identity)
    name = getattr(given, "__name__", type(given).__name__)
    make = partial(given, **with_num_classes(given, num_classes, {}))
    return UserModule(name, make=make, identity=f"{identity} for {num_classes}")


def with_num_classes(
    function: Callable[..., Any], num_classes: int, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the arguments, with the number of classes if the function has a parameter for it."""
    try:
        wanted = "num_classes" in inspect.signature(function).parameters
    except (TypeError, ValueError):  # some built-in functions have no signature
        wanted = False
    return {"num_classes": num_classes, **arguments} if wanted else dict(arguments)
