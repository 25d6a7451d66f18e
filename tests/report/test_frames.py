"""Frames, as their users use them: in pandas, in polars, and row by row."""

import json
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

import narwhals
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import seedbed
from fake_engine import FakeEngine
from made_entries import made_entries
from seedbed.analysis.summary_file import write_summary
from seedbed.core.errors import DataError, StoreError, StudyError
from seedbed.display.frame import Frame
from small import run_small, runs, small_study

NAMES = ("runs", "epochs", "predictions", "images", "comparisons")
EPOCHS, SEEDS, IMAGES = 2, 3, 30


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> seedbed.Study:
    folder = tmp_path_factory.mktemp("study")
    spec = small_study(
        folder / "data",
        epochs=EPOCHS,
        settings=["recipe.learning_rate=[0.05, 0.0001]", 'keep_logits=["test", "train"]'],
    )
    run_small(spec, folder / "study")
    return seedbed.open(folder / "study")


def written(study: seedbed.Study) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads((study.folder / "summary.json").read_bytes())[
        "entries"
    ]
    return entries


def test_runs_are_those_of_the_summary(study: seedbed.Study) -> None:
    frame = study.runs().to_pandas()
    assert len(frame) == 2 * SEEDS
    assert {"configuration", "seed", "train_accuracy", "test_accuracy"} <= set(frame.columns)
    grouped = frame.groupby("configuration", sort=False)
    for entry, (label, of) in zip(written(study), grouped, strict=True):
        assert label == entry["label"]
        assert of["seed"].tolist() == entry["seeds"]
        for measure in ("train_accuracy", "test_accuracy", "balanced_accuracy", "macro_f1"):
            assert of[measure].tolist() == entry[measure]["runs"]
            assert of[measure].mean() == pytest.approx(entry[measure]["mean"], abs=1e-12)
            assert of[measure].std() == pytest.approx(entry[measure]["std"], abs=1e-12)
        assert of["recipe.learning_rate"].unique() == [entry["settings"]["recipe.learning_rate"]]
        assert of["n_parameters"].unique() == [entry["cost"]["parameters"]]
        assert of["seconds"].sum() == pytest.approx(entry["cost"]["seconds_total"])
        assert of["selected_epoch"].tolist() == entry["selected_epochs"]
    assert set(frame["run"]) == {folder.name for folder in (study.folder / "runs").iterdir()}
    assert set(frame["status"]) == {"finished"}


def test_epochs_are_those_of_the_curves(study: seedbed.Study) -> None:
    frame = study.epochs().to_polars()
    assert len(frame) == 2 * SEEDS * EPOCHS
    for entry in written(study):
        of = frame.filter(pl.col("configuration") == entry["label"])
        for measure in ("learning_rate", "train_loss", "test_accuracy"):
            wide = of.pivot("epoch", index="seed", values=measure).drop("seed")
            assert wide.rows() == [tuple(run) for run in entry["curves"][measure]]


def test_predictions_give_the_accuracies_and_the_confusion(study: seedbed.Study) -> None:
    frame = study.predictions().to_pandas()
    assert len(frame) == 2 * SEEDS * IMAGES
    accuracies = frame.groupby(["configuration", "seed"])["correct"].mean()
    by_run = study.runs().to_pandas().set_index(["configuration", "seed"])["test_accuracy"]
    pd.testing.assert_series_equal(accuracies, by_run, check_names=False, check_like=True)
    for entry in written(study):
        of = frame[frame["configuration"] == entry["label"]]
        counts = np.sum(entry["confusion_counts"], axis=0)
        for true, name in enumerate(entry["class_names"]):
            found = of.loc[of["label"] == name, "predicted"].value_counts()
            assert [found.get(each, 0) for each in entry["class_names"]] == counts[true].tolist()
    run = next(each for each in runs(seedbed_store(study)) if each.folder.name == frame["run"][0])
    scores, labels = run.predictions()
    softmax = np.exp(scores.astype(np.float64))
    softmax /= softmax.sum(axis=1, keepdims=True)
    expected = softmax[np.arange(IMAGES), labels]
    assert frame["probability"][:IMAGES].to_numpy() == pytest.approx(expected, abs=1e-12)
    assert frame["index"][:IMAGES].tolist() == list(range(IMAGES))


def seedbed_store(study: seedbed.Study) -> Any:
    from seedbed.study.store.study import StudyStore

    return StudyStore(study.folder)


def test_predictions_of_another_split(study: seedbed.Study) -> None:
    frame = study.predictions("train", only=["learning_rate=0.0001"])
    assert len(frame) == SEEDS * 2 * IMAGES
    assert set(frame["configuration"]) == {"learning_rate=0.0001"}
    with pytest.raises(StoreError) as error:
        study.predictions("validation")
    assert error.value.where.startswith(str(study.folder / "runs"))
    with pytest.raises(StudyError):
        study.predictions("tests")


def test_images_count_the_runs_that_miss_them(study: seedbed.Study) -> None:
    frame = study.images().to_pandas()
    predictions = study.predictions().to_pandas()
    assert len(frame) == 2 * IMAGES
    assert set(frame["n_runs"]) == {SEEDS}
    assert 0 < (frame["n_wrong"] > 0).sum() < len(frame)
    keys = ["configuration", "index"]
    counted = predictions.groupby(keys, sort=False).agg(
        n_wrong=("correct", lambda correct: (~correct).sum()), of_label=("probability", "mean")
    )
    assert frame["n_wrong"].tolist() == counted["n_wrong"].tolist()
    assert frame["mean_probability"].to_numpy() == pytest.approx(counted["of_label"].to_numpy())
    for entry in written(study):
        missed = frame[(frame["configuration"] == entry["label"]) & (frame["n_wrong"] > 0)]
        errors, names = entry["image_errors"], entry["class_names"]
        assert missed["index"].tolist() == errors["index"]
        assert missed["name"].tolist() == errors["name"]
        assert missed["n_wrong"].tolist() == errors["n_wrong"]
        assert missed["mistaken_for"].tolist() == [names[each] for each in errors["predicted"]]
        right = frame[(frame["configuration"] == entry["label"]) & (frame["n_wrong"] == 0)]
        assert right["mistaken_for"].isna().all()
        assert right["predicted"].tolist() == right["label"].tolist()


def test_comparisons_are_those_of_the_summary(study: seedbed.Study) -> None:
    (row,) = study.comparisons()
    (expected,) = written(study)[0]["comparisons"]
    for column in ("a", "b", "n", "difference", "p_value", "p_adjusted"):
        assert row[column] == expected[column]
    assert [row["low"], row["high"]] == expected["interval"]
    (other,) = study.comparisons(baseline="learning_rate=0.05")
    assert other["b"] == "learning_rate=0.05"


@pytest.mark.parametrize("name", NAMES)
def test_every_library_gets_the_same_table(study: seedbed.Study, name: str) -> None:
    frame: Frame = getattr(study, name)()
    of_pandas, of_polars = frame.to_pandas(), frame.to_polars()
    pd.testing.assert_frame_equal(pd.DataFrame(frame), of_pandas, check_dtype=False)
    pd.testing.assert_frame_equal(
        pd.DataFrame.from_arrow(frame), of_pandas, check_dtype=False, check_column_type=False
    )
    assert pl.DataFrame(frame).equals(of_polars)
    assert pl.DataFrame(frame).schema == of_polars.schema
    assert narwhals.from_arrow(frame, backend="polars").to_native().equals(of_polars)
    assert pa.table(frame).to_pylist() == of_polars.to_dicts()
    assert [tuple(row) for row in of_polars.rows()] == list(frame.rows())
    with (
        patch.dict(sys.modules, {"pyarrow": None}),
        patch("seedbed.display.frame.find_spec", lambda name: name == "polars" or None),
    ):
        assert pl.DataFrame(frame).equals(of_polars)


def test_a_frame_shows_its_first_rows(study: seedbed.Study) -> None:
    shown = repr(study.predictions()).splitlines()
    assert shown[0].split()[:3] == ["run", "configuration", "seed"]
    assert len(shown) == 1 + 10 + 2
    assert repr(Frame({"a": []})).splitlines() == ["a", "[0 rows × 1 columns]"]


def test_what_is_missing() -> None:
    frame = Frame({"n": [1, None], "all": [1, 2], "text": ["x", None], "mixed": [True, "y"]})
    assert np.isnan(frame["n"][1])
    assert [column.dtype.kind for column in map(frame.__getitem__, frame.columns)] == list("fiOO")
    assert list(frame.rows()) == [(1.0, 1, "x", "true"), (None, 2, None, "y")]
    assert frame.to_polars().null_count().row(0) == (1, 0, 1, 0)
    assert frame.to_pandas().isna().sum().tolist() == [1, 0, 1, 0]
    with pytest.raises(ValueError, match="length"):
        Frame({"a": [1], "b": []})
    with pytest.raises(StudyError):
        frame["nothing"]
    with pytest.raises(ValueError, match="read-only"):
        frame["all"][0] = 3


def test_diverged_runs_have_no_accuracy(tmp_path: Path) -> None:
    spec = small_study(tmp_path / "data", epochs=2)
    run_small(spec, tmp_path / "study", FakeEngine(diverging=[1]))
    found = seedbed.open(tmp_path / "study").runs().to_polars()
    assert found.filter(status="diverged")["seed"].to_list() == [1]
    assert found["test_accuracy"].null_count() == 1
    assert found["test_accuracy"].mean() == pytest.approx(
        written(seedbed.open(tmp_path / "study"))[0]["test_accuracy"]["mean"]
    )


def test_crossed_seeds_have_a_column_for_each_stream(tmp_path: Path) -> None:
    spec = small_study(tmp_path / "data", epochs=1, seeds="{ initialization = 2, order = 2 }")
    run_small(spec, tmp_path / "study")
    found = seedbed.open(tmp_path / "study").runs()
    pairs = list(zip(found["seeds.initialization"], found["seeds.order"], strict=True))
    assert pairs == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert found["seed"][0] == "0"


def test_a_run_that_was_removed_since(tmp_path: Path) -> None:
    spec = small_study(tmp_path / "data", epochs=1)
    store = run_small(spec, tmp_path / "study")
    found = seedbed.open(tmp_path / "study")
    (runs(store)[1].folder / "history.jsonl").write_text("{}\n")
    for name in ("runs", "epochs", "predictions", "images"):
        with pytest.raises(StoreError) as error:
            getattr(found, name)()
        assert error.value.where == str(runs(store)[1].folder)
    with pytest.raises(StudyError):
        found.comparisons()


def test_predictions_of_other_tools(tmp_path: Path) -> None:
    entries = [each | {"settings": None} for each in made_entries("one", "two")]
    write_summary(tmp_path, entries)
    found = seedbed.open(tmp_path)
    assert len(found.runs()) == 6
    assert len(found.comparisons()) == 1
    for name in ("epochs", "predictions", "images"):
        with pytest.raises((StudyError, DataError)):
            getattr(found, name)()
