"""A user module: any module of PyTorch from images to logits, as a network.

A module takes float32 images, N×C×H×W and normalized, and returns N×K logits, one a class. It
needs to know nothing of Seedbed. What it draws from PyTorch's global generator, when it is made
(initial weights) and while it is trained (dropout), it draws from the run's own streams: the
generator is lent to it, and is afterwards what it was.
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
"""Held by whoever uses PyTorch's global generator: all threads have the same one."""


@dataclass(frozen=True)
class UserModule(Network):
    """A network whose layers only a module of PyTorch knows.

    Args:
        name: What it is called.
        make: Returns a new module, its weights drawn anew.
        identity: Networks with the same one are the same; by default only a network itself is.

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
        """Whether nobody but the module knows the layers."""
        return True

    def module(
        self,
        image_shape: ImageShape,  # noqa: ARG002
        of_layers: Callable[[Network, ImageShape], Module],  # noqa: ARG002
    ) -> Any:
        """Return a new module."""
        return self.new_module()

    def new_module(self, seed: int = 0) -> "nn.Module":
        """Return a new module, its weights drawn with this seed.

        Raises:
            NetworkError: If it cannot be made.
        """
        import torch

        with GENERATOR_LOCK, generator_restored():
            torch.default_generator.manual_seed(seed)
            try:
                made = self.make()
            except (Exception, SystemExit) as error:  # a script may end itself
                raise NetworkError(
                    f"cannot be made: {in_one_line(error)}", where=self.name
                ) from error
        if not isinstance(made, torch.nn.Module):
            raise NetworkError(
                f"what was made is {type(made).__name__}",
                where=self.name,
                expected="a torch.nn.Module",
            )
        return made

    def initial_weights(
        self,
        image_shape: ImageShape,  # noqa: ARG002
        generator: np.random.Generator,
        initialization: Initialization = "pytorch",
    ) -> dict[str, NDArray[np.float32]]:
        """Return the weights and buffers of a new module, drawn with a seed from ``generator``.

        Raises:
            NetworkError: If the initialization is another than the module's own.
        """
        self.check_initialization(initialization)
        module = self.new_module(int(generator.integers(2**63)))
        tensors = trained_tensors(module) | kept_tensors(module)
        return {name: tensor.detach().cpu().float().numpy() for name, tensor in tensors.items()}

    def check_initialization(self, initialization: Initialization) -> None:
        """Raise :class:`NetworkError` for an initialization other than the module's own."""
        if initialization != "pytorch":
            raise NetworkError(
                f"initialization {initialization!r} is for networks of Seedbed",
                where=self.name,
                hint="leave it out: a module brings its own initial weights",
            )

    def shapes(self, image_shape: ImageShape) -> tuple[Shape, ...]:
        """Return the shape of the logits of one image.

        Raises:
            NetworkError: If the module does not take such images, or returns no logits.
        """
        return (self._facts(image_shape).output,)

    def walk(self, image_shape: ImageShape) -> Iterator[NamedLayer]:  # noqa: ARG002
        """Yield nothing: which layers there are, only the module knows."""
        return iter(())

    def check(self, image_shape: ImageShape, num_classes: int) -> None:
        """Raise :class:`NetworkError` unless images become ``num_classes`` logits each."""
        (output,) = self.shapes(image_shape)
        if output != (num_classes,):
            raise NetworkError(
                f"the module gives {output[0]} logits an image, but the dataset has {num_classes} "
                "classes",
                where=self.name,
            )

    def parameters(self, image_shape: ImageShape) -> dict[str, Shape]:
        """Return name and shape of every weight that has gradients."""
        return self._facts(image_shape).parameters

    def buffers(self, image_shape: ImageShape) -> dict[str, Shape]:
        """Return the same for what is kept beside them: frozen weights, and buffers."""
        return self._facts(image_shape).buffers

    def multiply_adds(self, image_shape: ImageShape) -> int:
        """Return how many one image takes, forward, as PyTorch counts them."""
        return self._facts(image_shape).multiply_adds

    def draws(self, image_shape: ImageShape) -> bool:
        """Whether the module draws random numbers while it is trained."""
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
    """Return a network as it is, and a module or a function that makes one as a network.

    A module is trained from the weights that it has, the same for every seed; a function is called
    for every seed, and draws new ones.

    Args:
        given: One of the three; a class of modules is a function, too.
        num_classes: Given to a function that has an argument of this name.

    Raises:
        NetworkError: If it is none of them.
        MissingExtra: If PyTorch is needed, and not installed.
    """
    if isinstance(given, Network):
        return given
    if not callable(given):
        raise NetworkError(
            f"{given!r} is not a network",
            expected="a Network, a torch.nn.Module, or a function that returns one",
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
    """Return the arguments, and the number of classes where the function asks for it."""
    try:
        asked = "num_classes" in inspect.signature(function).parameters
    except (TypeError, ValueError):  # some built-in functions do not say
        asked = False
    return {"num_classes": num_classes, **arguments} if asked else dict(arguments)
