"""Which engine trains: the one that was asked for, or the one that suits.

Another package adds an engine with an entry point in the group ``seedbed.engines``:

.. code-block:: toml

    [project.entry-points."seedbed.engines"]
    mine = "my_package.engine:make_engine"

``make_engine(device, deterministic=...)`` is an :class:`EngineFactory`. A study file then says
``engine = "mine"``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module, metadata
from importlib.util import find_spec
from typing import Final, Protocol

from seedbed.core.errors import MissingExtra, StudyError, UnsupportedLayer
from seedbed.core.suggestions import unknown
from seedbed.engines.native.engine import NativeEngine
from seedbed.networks.network import Network
from seedbed.training.engine import Engine, RunTask

AUTO: Final = "auto"
"""The native engine, unless a GPU was asked for or it lacks something; then PyTorch."""
GROUP: Final = "seedbed.engines"


class EngineFactory(Protocol):
    """Makes an engine."""

    def __call__(self, device: str, *, deterministic: bool) -> Engine:
        """Return an engine that computes on a device.

        Args:
            device: ``cpu``, or what PyTorch calls a GPU.
            deterministic: Whether a GPU, too, must give the same bits each time.

        Raises:
            StudyError: If the engine does not compute there.
        """


@dataclass(frozen=True)
class Choice:
    """An engine, and why it is not the default."""

    engine: Engine
    reason: str = ""

    def message(self, threads: int) -> str:
        """Return ``Training on the CPU (built-in engine, AVX2, 2 cores)`` for so many threads."""
        facts = self.engine.facts
        details = [facts.title]
        if facts.instructions is not None:
            details.append(facts.instructions.upper())
        if facts.device == "cpu":
            details.append("1 core" if threads == 1 else f"{threads} cores")
        device = "the CPU" if facts.device == "cpu" else facts.device
        reason = f": {self.reason}" if self.reason else ""
        return f"Training on {device} ({', '.join(details)}){reason}"


def choose_engine(
    name: str, device: str, tasks: Sequence[RunTask], *, deterministic: bool = False
) -> Choice:
    """Return the engine that trains some runs.

    Args:
        name: ``native``, ``torch``, the name of another package's engine, or ``auto``: native if
            it can train every run and no GPU was asked for, else torch.
        device: ``cpu``, or what PyTorch calls a GPU: ``cuda`` for all of this machine, ``cuda:1``
            for one of them, ``mps`` for Apple's.
        tasks: What ``auto`` must be able to train.
        deterministic: Whether a GPU, too, must give the same bits each time.

    Raises:
        StudyError: If there is no such engine or device, or the engine does not compute there.
        UnsupportedLayer: If the engine lacks a layer.
        MissingExtra: If it is torch, and PyTorch is not installed.
    """
    if name == "torch":
        return Choice(_torch(device, "the torch engine", deterministic))
    if name != AUTO:
        return Choice(_factory(name)(device, deterministic=deterministic))
    if device != "cpu":
        return Choice(_torch(device, f"training on {device}", deterministic))
    native = ENGINES["native"](device, deterministic=deterministic)
    try:
        for task in tasks:
            native.check(task)
    except UnsupportedLayer as lacking:
        needed_for = f"{lacking}; the torch engine, which may have it,"
        return Choice(_torch(device, needed_for, deterministic), str(lacking))
    return Choice(native)


def engine_for_logits(network: Network, image_shape: tuple[int, int, int]) -> Engine:
    """Return the engine that computes logits on the CPU: native if it has the network, else torch.

    Raises:
        MissingExtra: If it is torch, and PyTorch is not installed.
    """
    native = ENGINES["native"]("cpu", deterministic=False)
    try:
        native.check_network(network, image_shape)
    except UnsupportedLayer as lacking:
        needed_for = f"{lacking}; the torch engine, which may have it,"
        return _torch("cpu", needed_for, deterministic=False)
    return native


def engine_problem(name: str) -> str:
    """Return what is wrong with the name of an engine in one line; nothing if there is one."""
    if name == AUTO or name in ENGINES or any(name == each.name for each in _entry_points()):
        return ""
    return unknown("engine", name, [AUTO, *ENGINES, *(each.name for each in _entry_points())])


def _factory(name: str) -> EngineFactory:
    if problem := engine_problem(name):
        raise StudyError(problem, where="engine")
    if name in ENGINES:
        return ENGINES[name]
    entry, *others = [each for each in _entry_points() if each.name == name]
    if others:
        packages = " and ".join(sorted(_package(each) for each in (entry, *others)))
        raise StudyError(
            f"{name!r} is an engine of {packages}", where="engine", hint="uninstall one of them"
        )
    try:
        factory: EngineFactory = entry.load()
    except Exception as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        raise StudyError(
            f"the engine {name!r} of {_package(entry)} cannot be loaded: {said}",
            where="engine",
            hint=f"update or uninstall {_package(entry)}",
        ) from error
    return factory


def _entry_points() -> Sequence[metadata.EntryPoint]:
    return tuple(metadata.entry_points(group=GROUP))


def _package(entry: metadata.EntryPoint) -> str:
    return entry.dist.name if entry.dist is not None else entry.module


def _torch(device: str, needed_for: str, deterministic: bool) -> Engine:
    if find_spec("torch") is None:
        raise MissingExtra("torch", needed_for)
    return ENGINES["torch"](device, deterministic=deterministic)


def _native_engine(device: str, *, deterministic: bool) -> Engine:  # noqa: ARG001 # it always is
    if device != "cpu":
        raise StudyError(
            f"the native engine computes on the CPU, not on {device!r}",
            where="device",
            hint='leave the engine at "auto", or choose "torch"',
        )
    return NativeEngine()


def _torch_engine(device: str, *, deterministic: bool) -> Engine:
    # PyTorch takes seconds to import.
    engine_class = import_module("seedbed.engines.torch.engine").TorchEngine
    engine: Engine = engine_class(device, deterministic=deterministic)
    return engine


ENGINES: Final[dict[str, EngineFactory]] = {"native": _native_engine, "torch": _torch_engine}
"""The engines of Seedbed by name."""
