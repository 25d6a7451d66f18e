"""Deep verification: what seeds, images and weights give is what is stored, or there is a doubt."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from seedbed import workflow
from seedbed.analysis.verify import deep
from seedbed.core.files import sha256
from seedbed.core.seal import sealed
from seedbed.engines.native.engine import NativeEngine
from seedbed.study.store.run import RunStore
from seedbed.study.store.study import StudyStore
from sound import copy_of, write_sound


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> StudyStore:
    return write_sound(tmp_path_factory.mktemp("sound"))


@pytest.fixture
def store(sound: StudyStore, tmp_path: Path) -> StudyStore:
    return copy_of(sound, tmp_path / "study")


def doubts(store: StudyStore) -> list[tuple[str, str]]:
    findings = workflow.verify(store.folder, deep=True)
    return [(each.name, each.text) for each in findings if each.status == "doubt"]


def forged(run: RunStore, file: str, contents: bytes, **changes: Any) -> None:
    """Replace a file of a run, and hash and seal the record again."""
    (run.folder / file).write_bytes(contents)
    values = json.loads(run.record_file.read_bytes()) | changes
    values["files"][file] = sha256(contents)
    run.record_file.write_bytes(sealed(json.dumps(values).encode()))


def a_noisy_run(store: StudyStore) -> RunStore:
    runs = map(store.run, store.run_ids())
    return next(run for run in runs if (run.folder / "training_labels.npz").exists())


def test_a_sound_study_is_computed_again_bit_for_bit(
    store: StudyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deep, "IMAGES_AT_ONCE", 7)  # bits do not depend on it
    findings = list(workflow.verify(store.folder, deep=True))
    assert {finding.status for finding in findings} == {"ok"}
    assert sum("the same bits" in finding.text for finding in findings) == 6


def test_weights_of_another_run_are_doubted(store: StudyStore) -> None:
    run, other, *_ = (store.run(run_id) for run_id in store.run_ids())
    forged(run, "weights.safetensors", other.weights_file.read_bytes())
    texts = [text for name, text in doubts(store) if name == f"runs/{run.folder.name}"]
    assert len(texts) == 1
    assert "predictions.npz is not what the weights give" in texts[0]


def test_one_changed_weight_is_doubted(store: StudyStore) -> None:
    run = store.run(store.run_ids()[0])
    weights = run.weights()
    name = max(weights, key=lambda each: weights[each].size)
    weights[name] = weights[name].copy()
    weights[name].flat[0] = np.nextafter(weights[name].flat[0], np.float32(9))
    weights[name].flat[1] += np.float32(1e-4)
    forged(run, "weights.safetensors", safetensors.numpy.save(weights))
    assert any("is not what the weights give" in text for _, text in doubts(store))


def test_other_noisy_labels_are_doubted(store: StudyStore) -> None:
    run = a_noisy_run(store)
    with np.load(run.folder / "training_labels.npz") as file:
        clean, noisy = file["clean"], file["noisy"]
    np.savez_compressed(run.folder / "training_labels.npz", clean=clean, noisy=np.roll(noisy, 1))
    contents = (run.folder / "training_labels.npz").read_bytes()
    forged(run, "training_labels.npz", contents)
    assert any("noisy labels" in text and "seeds" in text for _, text in doubts(store))


def test_an_observed_rate_with_its_counts_is_doubted(store: StudyStore) -> None:
    run = a_noisy_run(store)
    noise = json.loads(run.record_file.read_bytes())["noise"]
    counts = np.array(noise["counts"])
    counts[0, 0] += 1
    counts[0, 1] -= 1
    noise["counts"] = counts.tolist()
    noise["observed_rate"] = 1 - float(np.trace(counts) / counts.sum())
    values = json.loads(run.record_file.read_bytes()) | {"noise": noise}
    run.record_file.write_bytes(sealed(json.dumps(values).encode()))
    assert any("noise is not that of its seeds" in text for _, text in doubts(store))


def recorded_elsewhere(store: StudyStore, *, canonical: bool) -> None:
    """Let the records name instructions that this machine lacks."""
    for run in map(store.run, store.run_ids()):
        values = json.loads(run.record_file.read_bytes())
        values["engine"] |= {"instructions": "neon", "canonical": canonical}
        run.record_file.write_bytes(sealed(json.dumps(values).encode()))
    workflow.open(store.folder)


def test_instructions_that_are_not_canonical_agree_within_the_tolerance(
    store: StudyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded_elsewhere(store, canonical=False)
    findings = list(workflow.verify(store.folder, deep=True))
    assert {finding.status for finding in findings} == {"ok"}
    assert sum("instead of neon" in finding.text for finding in findings) == 6
    monkeypatch.setattr(NativeEngine, "logits", nearly(NativeEngine.logits))
    assert doubts(store) == []


@pytest.mark.skipif(not NativeEngine().facts.canonical, reason="no fused multiply-adds")
def test_canonical_instructions_must_give_the_same_logits(
    store: StudyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded_elsewhere(store, canonical=True)
    assert doubts(store) == []
    monkeypatch.setattr(NativeEngine, "logits", nearly(NativeEngine.logits))
    assert len(doubts(store)) == 6


def nearly(logits: Callable[..., Any]) -> Callable[..., Any]:
    """Return logits whose last bits are other ones."""
    return lambda *arguments: np.nextafter(logits(*arguments), np.float32(9))


def test_without_the_images_it_is_one_line_and_the_rest_is_checked(
    store: StudyStore, sound: StudyStore
) -> None:
    data = sound.folder.parent / "data"
    away = data.rename(data.with_name("away"))
    try:
        findings = list(workflow.verify(store.folder, deep=True))
    finally:
        away.rename(data)
    assert [finding.status for finding in findings] == ["ok"] * 8 + ["doubt"]
    assert findings[-1].name.startswith("dataset ")
