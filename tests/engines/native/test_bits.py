"""The bits of a run do not depend on the instruction set, the number of threads, or other runs."""

from importlib import import_module
from threading import Event
from typing import Any, Final

import pytest
from syrupy.assertion import SnapshotAssertion

from bit_cases import NETWORKS, objective_hash, objectives, result_hash, run_hash, runs
from kernels import Recorder
from seedbed.engines.native.engine import NativeEngine, supported_instructions

RUNS: Final = runs()
ENGINES: Final = [
    engine for name in supported_instructions() if (engine := NativeEngine(name)).facts.canonical
]
OBJECTIVES: Final = {name: (task, given) for name, task, given in objectives()}

needs_two = pytest.mark.skipif(
    len(ENGINES) < 2, reason="the processor has a single instruction set"
)
needs_one = pytest.mark.skipif(not ENGINES, reason="no fused multiply-adds on this processor")


@needs_two
@pytest.mark.parametrize("name", RUNS)
def test_instructions_train_to_the_same_bits(name: str) -> None:
    assert len({run_hash(engine, RUNS[name]) for engine in ENGINES}) == 1


@needs_two
@pytest.mark.parametrize("name", OBJECTIVES)
def test_instructions_give_the_same_bits_for_every_loss(name: str) -> None:
    task, given = OBJECTIVES[name]
    assert len({objective_hash(engine, task, given) for engine in ENGINES}) == 1


@needs_one
@pytest.mark.parametrize("network", NETWORKS)
def test_bits_are_those_of_other_machines(network: str, snapshot: SnapshotAssertion) -> None:
    """The snapshot was recorded on one; another version of NumPy may draw other weights."""
    assert run_hash(ENGINES[0], RUNS[f"{network}, momentum"]) == snapshot


@needs_one
@pytest.mark.parametrize("name", RUNS)
def test_threads_within_a_run_change_no_bit(name: str) -> None:
    engine = ENGINES[-1]
    assert len({run_hash(engine, RUNS[name], threads) for threads in (1, 2, 3, 7)}) == 1


@needs_one
@pytest.mark.parametrize("name", OBJECTIVES)
def test_threads_change_no_bit_of_a_gradient(name: str) -> None:
    task, given = OBJECTIVES[name]
    hashes = {objective_hash(ENGINES[0], task, given, threads) for threads in (1, 2, 3, 7)}
    assert len(hashes) == 1


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
def test_threads_and_other_runs_change_no_bit(threads: int) -> None:
    tasks = [RUNS[f"{network}, adamw"] for network in NETWORKS]
    recorder = Recorder()
    engine = NativeEngine()
    engine.train([*tasks, *tasks], recorder, threads=threads, stop=Event())
    alone = [run_hash(engine, task) for task in tasks]
    assert [result_hash(recorder, run) for run in range(6)] == alone * 2


def test_what_is_canonical() -> None:
    canonical = {name: NativeEngine(name).facts.canonical for name in supported_instructions()}
    expected: dict[str, Any] = {"avx512": True, "avx2": True, "neon": True}
    for name, value in canonical.items():
        assert value == expected.get(name, import_module("seedbed._native_portable").CANONICAL)
