"""Training runs again: the same bits where they must be, else whether accuracies are equivalent."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seedbed import workflow
from seedbed.analysis.verify import repeat
from seedbed.analysis.verify.finding import Finding
from seedbed.core.seal import sealed
from seedbed.engines.native.engine import NativeEngine
from seedbed.study.completed import finished_runs
from seedbed.study.store.run import RunStore
from seedbed.study.store.study import StudyStore
from sound import copy_of, write_sound


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> StudyStore:
    return write_sound(tmp_path_factory.mktemp("sound"))


needs_canonical = pytest.mark.skipif(
    not NativeEngine().facts.canonical, reason="no fused multiply-adds on this processor"
)


@pytest.fixture
def store(sound: StudyStore, tmp_path: Path) -> StudyStore:
    return copy_of(sound, tmp_path / "study")


def repeated(store: StudyStore, count: int, **options: Any) -> list[Finding]:
    findings = list(workflow.verify(store.folder, repeat=count, **options))
    assert {finding.status for finding in findings[:9]} == {"ok"}
    return findings[9:]


def recorded_elsewhere(store: StudyStore, *, canonical: bool = False) -> None:
    """Let the records say that instructions which this machine lacks have trained the runs."""
    for run in map(store.run, store.run_ids()):
        values = json.loads(run.record_file.read_bytes())
        values["engine"] |= {"instructions": "neon", "canonical": canonical}
        run.record_file.write_bytes(sealed(json.dumps(values).encode()))
    workflow.open(store.folder)


@pytest.mark.parametrize(
    ("count", "places"), [(1, [0]), (2, [0, 5]), (3, [0, 2, 5]), (99, [0, 1, 2, 3, 4, 5])]
)
def test_runs_are_chosen_evenly(store: StudyStore, count: int, places: list[int]) -> None:
    runs = finished_runs(store, store.read_study())
    assert repeat.evenly(runs, count) == [runs[place] for place in places]


def test_the_same_machine_gives_the_same_bits_and_nothing_is_written(store: StudyStore) -> None:
    before = {file: file.read_bytes() for file in store.folder.rglob("*") if file.is_file()}
    findings = repeated(store, 3)
    assert [finding.status for finding in findings] == ["ok"] * 3
    assert all("the same bits" in finding.text for finding in findings)
    assert {f: f.read_bytes() for f in store.folder.rglob("*") if f.is_file()} == before


def test_other_bits_of_the_same_engine_are_doubted(
    store: StudyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = RunStore.weights

    def changed(self: RunStore) -> Any:
        weights = honest(self)
        name = next(iter(weights))
        return weights | {name: np.nextafter(weights[name], np.float32(9))}

    monkeypatch.setattr(RunStore, "weights", changed)
    findings = repeated(store, 2)
    assert [finding.status for finding in findings] == ["doubt"] * 2


def test_the_same_bits_with_other_instructions_are_told(store: StudyStore) -> None:
    recorded_elsewhere(store)
    findings = repeated(store, 2)
    assert [finding.status for finding in findings] == ["ok"] * 2
    assert all("instead of neon" in finding.text for finding in findings)


@needs_canonical
def test_canonical_instructions_must_give_the_same_bits(
    store: StudyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded_elsewhere(store, canonical=True)
    assert [finding.status for finding in repeated(store, 1)] == ["ok"]
    monkeypatch.setattr(repeat, "_same_bits", lambda *_: False)
    assert [finding.status for finding in repeated(store, 1)] == ["doubt"]


@pytest.mark.parametrize(
    ("off", "margin", "status"),
    [
        ([0.001, -0.001, 0.0], 0.05, "ok"),
        ([0.0, 0.0, 0.0], 0.005, "open"),  # of 30 test images, one is 0.033
        ([0.2, 0.21, 0.19], 0.005, "doubt"),
        ([0.01, -0.01, 0.0], 0.005, "open"),
        ([0.01, -0.01, 0.0], 0.05, "ok"),
        ([0.0], 0.5, "open"),
    ],
)
def test_other_bits_of_another_engine_are_compared_as_a_distribution(
    store: StudyStore,
    monkeypatch: pytest.MonkeyPatch,
    off: list[float],
    margin: float,
    status: str,
) -> None:
    recorded_elsewhere(store)
    accuracies = iter([value for each in off for value in (0.9, 0.9 + each)])
    monkeypatch.setattr(repeat, "_same_bits", lambda *_: False)
    monkeypatch.setattr(repeat, "accuracy", lambda *_: next(accuracies))
    *runs, distribution = repeated(store, len(off), margin=margin)
    assert [run.status for run in runs] == ["ok"] * len(off)
    assert distribution.status == status


def test_ctrl_c_stops_it(store: StudyStore, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stopping:
        def __getattr__(self, name: str) -> Any:
            def call(*_: object) -> None:
                if name == "tick":
                    raise KeyboardInterrupt

            return call

    monkeypatch.setattr(repeat, "choose_monitor", Stopping)
    with pytest.raises(KeyboardInterrupt):
        list(workflow.verify(store.folder, repeat=3))
