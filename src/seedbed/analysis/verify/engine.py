"""The engine that computed a run, as far as this machine has it."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata

from seedbed.core.errors import SeedbedError
from seedbed.engines.native.engine import NativeEngine, supported_instructions
from seedbed.engines.registry import AUTO, choose_engine
from seedbed.study.store.record import RunRecord
from seedbed.training.engine import Engine, RunTask


@dataclass(frozen=True)
class EngineHere:
    """An engine of this machine, for a run that was trained somewhere."""

    engine: Engine
    differences: tuple[str, ...]
    """How it differs from the run's; empty if it must give the same bits."""


def engine_here(record: RunRecord, tasks: Sequence[RunTask]) -> EngineHere:
    """Return the engine that a record names, or else one that can train the tasks.

    Raises:
        SeedbedError: If this machine has none.
    """
    engine = _same(record, tasks) or choose_engine(AUTO, "cpu", tasks).engine
    return EngineHere(engine, tuple(_differences(record, engine)))


def _same(record: RunRecord, tasks: Sequence[RunTask]) -> Engine | None:
    recorded = record.engine
    try:
        if recorded.name == "native":
            fitting = [each for each in supported_instructions() if each == recorded.instructions]
            engine: Engine = NativeEngine(fitting[0]) if fitting else NativeEngine()
        else:
            deterministic = recorded.deterministic
            engine = choose_engine(
                recorded.name, recorded.device, tasks, deterministic=deterministic
            ).engine
        for task in tasks:
            engine.check(task)
    except SeedbedError:  # this machine lacks it; the caller names what is used instead
        return None
    return engine


def _differences(record: RunRecord, engine: Engine) -> list[str]:
    """Return why the engine may give other bits than those of the run."""
    recorded, facts = record.engine, engine.facts
    names = ["seedbed", *(name for name in facts.versions if name in record.versions)]
    here = {"seedbed": metadata.version("seedbed"), **facts.versions}
    same = recorded.canonical and facts.canonical  # these have the same bits
    instructions = [("instructions", recorded.instructions, facts.instructions)] * (not same)
    pairs = [
        ("engine", recorded.name, facts.name),
        *instructions,
        ("device", recorded.device, facts.device),
        *((name, record.versions.get(name), here[name]) for name in names),
    ]
    differences = [f"{what} {now} instead of {was}" for what, was, now in pairs if was != now]
    if not recorded.deterministic:
        differences.append("training was not deterministic")
    return differences
