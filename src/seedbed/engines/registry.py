"""Which engine trains: the one that was asked for, or the one that suits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Final, Literal, get_args

from seedbed.core.errors import MissingExtra, StudyError, UnsupportedLayer
from seedbed.core.suggestions import unknown
from seedbed.engines.native.engine import NativeEngine
from seedbed.training.engine import Engine, RunTask

EngineName = Literal["auto", "lanes", "torch"]


@dataclass(frozen=True)
class Choice:
    """An engine, and why it is this one."""

    engine: Engine
    why: str

    def __str__(self) -> str:
        return f"trained by the {self.engine.name} engine: {self.why}"


def choose_engine(
    name: str, device: str, tasks: Sequence[RunTask], *, deterministic: bool = False
) -> Choice:
    """Return the engine that trains some runs.

    Args:
        name: ``lanes``, ``torch``, or ``auto``: lanes where it has every layer and no GPU was asked
            for, else torch.
        device: ``cpu``, or what PyTorch calls a GPU: ``cuda`` for all of this machine, ``cuda:1``
            for one of them, ``mps`` for Apple's.
        tasks: What it must have every layer of.
        deterministic: Whether a GPU, too, must give the same bits each time.

    Raises:
        StudyError: If there is no such engine or device, or this engine does not compute there.
        UnsupportedLayer: If the engine lacks a layer.
        MissingExtra: If it is torch, and PyTorch is not installed.
    """
    if name not in get_args(EngineName):
        raise StudyError(unknown("engine", name, get_args(EngineName)), where="engine")
    if name == "lanes":
        if device != "cpu":
            raise StudyError(
                f"the lanes engine computes on the CPU, not on {device!r}",
                where="device",
                hint='leave the engine to "auto", or choose "torch"',
            )
        return Choice(ENGINES["lanes"](), "it was asked for")
    if name == "torch":
        return Choice(_torch(device, "the torch engine", deterministic), "it was asked for")
    if device != "cpu":
        return Choice(
            _torch(device, f"training on {device}", deterministic), f"the device is {device}"
        )
    lanes = ENGINES["lanes"]()
    try:
        for task in tasks:
            lanes.check(task)
    except UnsupportedLayer as lacking:
        what = f"{lacking}; the torch engine, which may have it,"
        return Choice(_torch(device, what, deterministic), str(lacking))
    return Choice(lanes, "it has every layer, and no GPU was asked for")


def _torch(device: str, needed_for: str, deterministic: bool) -> Engine:
    if find_spec("torch") is None:
        raise MissingExtra("torch", needed_for)
    return ENGINES["torch"](device, deterministic=deterministic)


def _torch_engine(device: str, *, deterministic: bool = False) -> Engine:
    # PyTorch takes seconds to be imported.
    kind = import_module("seedbed.engines.torch.engine").TorchEngine
    made: Engine = kind(device, deterministic=deterministic)
    return made


ENGINES: Final[Mapping[str, Callable[..., Engine]]] = {
    "lanes": NativeEngine,
    "torch": _torch_engine,
}
"""Name -> how it is made; torch takes the device."""
