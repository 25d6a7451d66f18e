"""run.json and history.jsonl: complete, plain, and read back as they were."""

import hashlib
import json
import math
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from fake_engine import FakeEngine
from seedbed.core.seal import BLANK, is_sealed
from seedbed.core.seeds import Seeds
from seedbed.data.catalog import load_dataset
from seedbed.noise.labels import noisy_labels
from seedbed.study.loaded import LoadedStudy
from seedbed.study.plan import plan_runs
from seedbed.study.spec.study import FORMAT
from seedbed.study.store.record import (
    DatasetRecord,
    NoiseRecord,
    RunRecord,
    SplitRecord,
    history_lines,
    new_record,
    parse_history,
    sample_fields,
)
from seedbed.training.engine import EpochRecord
from small import small_study

FIRST = EpochRecord(
    epoch=1,
    learning_rate=0.05,
    train_loss=0.9,
    train_accuracy=0.7,
    test_loss=0.95,
    test_accuracy=0.65,
    running_loss=1.5,
    running_accuracy=0.5,
    seconds=0.1,
)
SECOND = replace(FIRST, epoch=2, test_loss=0.1 + 0.2)


@pytest.fixture
def record(tmp_path: Path) -> RunRecord:
    spec = small_study(tmp_path)
    study = LoadedStudy.load(spec)
    run = plan_runs(study.spec)[0]
    return new_record(run, study.task(run), FakeEngine())


def test_a_record_says_everything_about_a_run(record: RunRecord, tmp_path: Path) -> None:
    values = json.loads(record.to_json())
    dataset = load_dataset(path=tmp_path / "images.npz")
    assert values["format"] == FORMAT == 3
    assert values["status"] == "running"
    assert values["seed"] == 0
    assert values["seeds"] == Seeds().to_dict()
    assert values["configuration"]["dataset"] == {
        "title": "images",
        "fingerprint": dataset.fingerprint,
    }
    assert values["configuration"]["network"]["name"] == "lenet5"
    assert values["configuration"]["recipe"]["batch_size"] == 16
    assert values["dataset"]["image_shape"] == [8, 8, 1]
    assert (values["dataset"]["train_size"], values["dataset"]["test_images"]) == (60, 30)
    assert values["class_names"] == list(dataset.class_names)
    assert set(values["versions"]) == {"seedbed", "python", "numpy"}
    assert values["engine"] == {
        "name": "fake",
        "instructions": "numpy",
        "device": "cpu",
        "deterministic": True,
        "canonical": False,
    }
    assert values["machine"]["processor"]
    assert values["layers"][0] == {"layer": "Pad", "size": 32}
    assert values["started"].endswith("Z")


def test_the_normalization_lets_the_weights_be_used_elsewhere(
    record: RunRecord, tmp_path: Path
) -> None:
    stored = json.loads(record.to_json())["normalization"]
    pixels = load_dataset(path=tmp_path / "images.npz").train.images / 255
    assert stored["formula"] == (
        "network input = (pixel / 255 - mean) / std, per channel; then padded with zeros"
    )
    assert stored["mean"] == [pytest.approx(pixels.mean(), rel=1e-12)]
    assert stored["std"] == [pytest.approx(pixels.std(), rel=1e-12)]


def test_only_networks_that_pad_are_said_to(tmp_path: Path) -> None:
    study = LoadedStudy.load(small_study(tmp_path, settings=["dataset.resize=32"]))
    run = plan_runs(study.spec)[0]
    formula = new_record(run, study.task(run), FakeEngine()).normalization.formula
    assert "padded" not in formula
    assert formula.endswith("per channel")


def test_what_the_noise_came_to_is_recorded(tmp_path: Path) -> None:
    settings = ["noise.kind=symmetric", "noise.rate=0.5", "recipe.train_size=40"]
    settings += ["recipe.validation_size=5"]
    study = LoadedStudy.load(small_study(tmp_path, settings=settings))
    run = plan_runs(study.spec)[1]
    record = new_record(run, study.task(run), FakeEngine())
    assert record.configuration["noise"] == {
        "kind": "symmetric",
        "rate": 0.5,
        "including_self": False,
        "exact": False,
    }
    task = study.task(run)
    found = sample_fields(task, task.sample())
    dataset = study.task(run).dataset
    train, test = dataset.train.fingerprint, dataset.test.fingerprint
    assert found["splits"] == {
        "train": SplitRecord(images=40, source="train", fingerprint=train),
        "validation": SplitRecord(images=5, source="train", fingerprint=train),
        "test": SplitRecord(images=30, source="test", fingerprint=test),
    }
    clean = dataset.train.labels
    spec = run.configuration.noise
    noisy = noisy_labels(clean, spec, ("0", "1", "2"), run.seeds.noise).noisy
    used = study.task(run).sample().train
    counts = np.zeros((3, 3), int)
    np.add.at(counts, (clean[used], noisy[used]), 1)
    noise = found["noise"]
    assert noise.counts == counts.tolist()
    assert noise.observed_rate == (clean[used] != noisy[used]).mean()
    assert noise.labels_sha256 == hashlib.sha256(noisy.astype("<i8").tobytes()).hexdigest()
    assert noise.observed_rate not in (0, 0.5)


def test_without_noise_there_is_nothing_to_record(tmp_path: Path) -> None:
    study = LoadedStudy.load(small_study(tmp_path))
    task = study.task(plan_runs(study.spec)[0])
    found = sample_fields(task, task.sample())
    assert set(found) == {"splits"}
    assert {name: split.images for name, split in found["splits"].items()} == {
        "train": 60,
        "test": 30,
    }


def test_a_record_reads_back_the_same(record: RunRecord) -> None:
    assert is_sealed(record.to_json())
    values = json.loads(record.to_json()) | {"checksum": BLANK}
    assert RunRecord.model_validate(values) == record


def test_a_record_may_hold_more_than_this_version_knows(record: RunRecord) -> None:
    values = json.loads(record.to_json()) | {"checksum": BLANK, "note": "by hand"}
    assert RunRecord.model_validate(values) == record


def test_everything_that_is_stored_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs" / "results-files.md").read_text(encoding="utf-8")
    names = {*RunRecord.model_fields, *DatasetRecord.model_fields}
    names |= {*SplitRecord.model_fields, *NoiseRecord.model_fields}
    names |= {field.name for field in fields(EpochRecord)}
    assert {name for name in names if f"`{name}`" not in page} == set()


def test_history_is_a_line_an_epoch_and_exact() -> None:
    lines = history_lines([FIRST, SECOND])
    assert [json.loads(line)["epoch"] for line in lines.splitlines()] == [1, 2]
    assert parse_history(lines) == (FIRST, SECOND)
    assert parse_history(b"") == ()


def test_what_does_not_apply_is_not_there() -> None:
    noisy = replace(FIRST, memorized=0.25, validation_loss=math.nan)
    line = json.loads(history_lines([noisy]))
    assert line["memorized"] == 0.25
    assert line["validation_loss"] is None
    assert "recovered" not in line
    (found,) = parse_history(history_lines([noisy]))
    assert found.memorized == 0.25
    assert math.isnan(found.validation_loss or 0)
    assert found.recovered is None


def test_what_is_no_number_is_null() -> None:
    lines = history_lines([replace(FIRST, test_loss=math.nan, train_loss=math.inf)])
    assert json.loads(lines)["test_loss"] is None
    assert math.isnan(parse_history(lines)[0].train_loss or 0)


@pytest.mark.parametrize(
    "contents",
    [
        history_lines([SECOND]),
        history_lines([FIRST, FIRST]),
        history_lines([FIRST])[:-20],
        b"[]\n",
        b"{}\n",
        b"\xff\n",
    ],
)
def test_a_history_that_cannot_be_is_noticed(contents: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of JSON, of UTF-8 or of the epochs
        parse_history(contents)


def test_the_reading_of_the_dataset_is_kept_and_changes_no_id(tmp_path: Path) -> None:
    study = LoadedStudy.load(small_study(tmp_path, validation=12))
    (planned, *_) = plan_runs(study.spec)
    record = new_record(planned, study.task(planned), FakeEngine())
    assert record.dataset.reading["format"] == "NPZ"
    assert list(record.dataset.reading["splits"]) == ["train", "validation", "test"]
    assert "reading" not in json.dumps(record.configuration)
    assert str(tmp_path) not in json.dumps(record.dataset.reading)
