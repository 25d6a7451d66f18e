"""The engines by name, and the choice of an engine for a study.

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
from seedbed.networks.module_facts import in_one_line
from seedbed.networks.network import Network
from seedbed.training.engine import Engine, RunTask

AUTO: Final = "auto"
"""The native engine, or PyTorch for a GPU or for something that the native engine lacks."""
GROUP: Final = "seedbed.engines"


class EngineFactory(Protocol):
    """Creates an engine."""

    def __call__(self, device: str, *, deterministic: bool) -> Engine:
        """Return an engine for a device.

        Args:
            device: ``cpu``, or PyTorch's name of a GPU.
            deterministic: Whether results must have the same bits every time, on a GPU too.

        Raises:
            StudyError: If the engine does not support the device.
        """


@dataclass(frozen=True)
class Choice:
    """An engine, and the reason if it is not the default."""

    engine: Engine
    reason: str = ""

    def message(self, threads: int) -> str:
        """Return the message ``Training on the CPU: built-in engine, AVX2, 2 cores``."""
        facts = self.engine.facts
        details = [facts.title]
        if facts.instructions is not None:
            details.append(facts.instructions.upper())
        if facts.device == "cpu":
            details.append("1 core" if threads == 1 else f"{threads} cores")
        device = "the CPU" if facts.device == "cpu" else facts.device
        reason = f"; {self.reason}" if self.reason else ""
        return f"Training on {device}: {', '.join(details)}{reason}"


def choose_engine(
    name: str, device: str, tasks: Sequence[RunTask], *, deterministic: bool = False
) -> Choice:
    """Return the engine for some runs.

    Args:
        name: ``native``, ``torch``, the name of another package's engine, or ``auto``: native on
            the CPU if it supports every run, else torch.
        device: ``cpu``, or PyTorch's name of a GPU: ``cuda`` (all GPUs of this machine), ``cuda:1``
            (one of them), ``mps`` (Apple).
        tasks: The runs.
        deterministic: Whether results must have the same bits every time, on a GPU too.

    Raises:
        StudyError: If there is no such engine or device, or the engine does not support the device.
        MissingExtra: If the engine is torch, and PyTorch is not installed.
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
    except UnsupportedLayer as error:
        return Choice(_torch(device, _fallback(error), deterministic), str(error))
    return Choice(native)


def engine_for_logits(network: Network, image_shape: tuple[int, int, int]) -> Engine:
    """Return the engine for logits on the CPU: native if it supports the network, else torch.

    Raises:
        MissingExtra: If the engine is torch, and PyTorch is not installed.
    """
    native = ENGINES["native"]("cpu", deterministic=False)
    try:
        native.check_network(network, image_shape)
    except UnsupportedLayer as error:
        return _torch("cpu", _fallback(error), deterministic=False)
    return native


def _fallback(error: UnsupportedLayer) -> str:
    return f"{error}; the torch engine, which may support it,"


def engine_problem(name: str) -> str:
    """Return the error message for an unknown engine, or an empty string for a known one."""
    names = [AUTO, *ENGINES, *(entry.name for entry in _entry_points())]
    return "" if name in names else unknown("engine", name, names)


def _factory(name: str) -> EngineFactory:
    if problem := engine_problem(name):
        raise StudyError(problem, where="engine")
    if name in ENGINES:
        return ENGINES[name]
    entries = [entry for entry in _entry_points() if entry.name == name]
    if len(entries) > 1:
        packages = " and ".join(sorted(_package(entry) for entry in entries))
        raise StudyError(
            f"several packages provide the engine {name!r}: {packages}",
            where="engine",
            hint="uninstall all but one",
        )
    (entry,) = entries
    try:
        factory: EngineFactory = entry.load()
    except Exception as error:
        raise StudyError(
            f"the engine {name!r} from {_package(entry)} cannot be loaded: {in_one_line(error)}",
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
            f"the native engine runs on the CPU, not on {device!r}",
            where="device",
            hint='set the engine to "auto" or "torch"',
        )
    # Reading a study needs names of engines, and not the kernels.
    from seedbed.engines.native.engine import NativeEngine

    return NativeEngine()


def _torch_engine(device: str, *, deterministic: bool) -> Engine:
    # PyTorch takes seconds to import.
    engine_class = import_module("seedbed.engines.torch.engine").TorchEngine
    engine: Engine = engine_class(device, deterministic=deterministic)
    return engine


ENGINES: Final[dict[str, EngineFactory]] = {"native": _native_engine, "torch": _torch_engine}
"""Name -> engine, for Seedbed's own engines."""
