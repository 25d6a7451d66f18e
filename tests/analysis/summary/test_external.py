"""Predictions from elsewhere get the summary of a study, and are refused where they do not fit."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from made_entries import made_entry
from made_predictions import contradictory, made, made_runs
from seedbed.analysis.material import Material
from seedbed.analysis.predictions import Predictions
from seedbed.analysis.registry import compute_all
from seedbed.analysis.summary.external import evaluate, find_groups
from seedbed.core.errors import DataError


def write(path: Path, run: Predictions) -> Path:
    path.parent.mkdir(exist_ok=True)
    arrays: dict[str, Any] = {run.kind: run.scores, "class_names": run.class_names}
    np.savez(path, labels=run.labels, **arrays)
    return path


def test_several_files_are_several_runs(tmp_path: Path) -> None:
    runs = made_runs(3)
    files = [write(tmp_path / f"{number}.npz", run) for number, run in enumerate(runs)]
    (entry,) = evaluate(find_groups(files))
    assert entry["label"] == "predictions"
    assert entry["seeds"] == [str(file) for file in files]
    expected = compute_all(Material(runs, [str(file) for file in files]))
    assert {key: entry[key] for key in expected} == expected
    assert json.loads(json.dumps(entry, allow_nan=False)) == entry


def test_it_has_the_keys_of_a_study(tmp_path: Path) -> None:
    (entry,) = evaluate(find_groups([write(tmp_path / "run.npz", made())]))
    assert entry.keys() == made_entry().keys()
    assert (entry["label"], entry["n"]) == ("run", 1)


def test_folders_are_configurations_and_files_of_one_name_a_pair(tmp_path: Path) -> None:
    accuracies = {}
    for name, skill, seeds in (("cnn", 2.0, (0, 1, 2)), ("vit", 1.0, (1, 2, 3))):
        for seed in seeds:
            run = made(skill=skill, seed=seed)
            write(tmp_path / name / f"seed{seed}.npz", run)
            accuracies[name, seed] = run.accuracy
    first, second = evaluate(find_groups([tmp_path / "cnn", tmp_path / "vit"]))
    (comparison,) = first["comparisons"]
    assert second["comparisons"] == []
    assert (comparison["a"], comparison["b"], comparison["n"]) == ("cnn", "vit", 2)
    differences = [accuracies["cnn", seed] - accuracies["vit", seed] for seed in (1, 2)]
    assert comparison["difference"] == pytest.approx(np.mean(differences), abs=1e-15)


def test_one_seed_under_several_names_draws_a_warning(tmp_path: Path) -> None:
    seeds = {"a": 0, "b": 1, "c": 0, "d": 1, "e": 0, "f": 2}
    for name, seed in seeds.items():
        write(tmp_path / "cnn" / f"{name}.npz", made(seed=seed))
        write(tmp_path / "vit" / f"{name}.npz", made(seed=ord(name)))
    same, different = evaluate(find_groups([tmp_path / "cnn", tmp_path / "vit"]))
    three, two = same["warnings"]
    assert three.startswith("c, e have exactly the scores of a: probably one seed under several")
    assert two.startswith("d has exactly the scores of b: ")
    assert different["warnings"] == []


def test_a_class_without_an_image_draws_a_warning(tmp_path: Path) -> None:
    run = made(60, 3)
    scores = np.insert(run.scores, 0, -9, axis=1)
    wider = Predictions(scores, run.labels + 1, ("fold", *run.class_names))
    (entry,) = evaluate(find_groups([write(tmp_path / "run.npz", wider)]))
    (warning,) = entry["warnings"]
    assert "'fold'" in warning
    assert "--ignore" in warning


def test_other_test_images_are_refused(tmp_path: Path) -> None:
    one = write(tmp_path / "one.npz", made())
    labels = write(tmp_path / "labels.npz", made(labels=np.arange(400) % 5))
    classes = write(tmp_path / "classes.npz", made(classes=4))
    with pytest.raises(DataError, match=r"labels\.npz: has other labels than .*one\.npz"):
        evaluate(find_groups([one, labels]))
    with pytest.raises(DataError, match=r"classes\.npz: has other classes than .*one\.npz"):
        evaluate(find_groups([one, classes]))
    write(tmp_path / "one" / "run.npz", made())
    write(tmp_path / "labels" / "run.npz", made(labels=np.arange(400) % 5))
    with pytest.raises(DataError, match="has other labels than"):
        evaluate(find_groups([tmp_path / "one", tmp_path / "labels"]))


def test_mixed_up_rows_are_refused_unless_asked_for(tmp_path: Path) -> None:
    run = made(skill=8)
    shuffled = np.random.Generator(np.random.Philox(5)).permutation(run.labels)
    file = write(tmp_path / "run.npz", Predictions(run.scores, shuffled, run.class_names))
    with pytest.raises(DataError, match=r"run\.npz: .*different order"):
        evaluate(find_groups([file]))
    (entry,) = evaluate(find_groups([file]), self_check=False)
    assert entry["test_accuracy"]["mean"] < 0.4


def test_contradictions_are_named_by_file(tmp_path: Path) -> None:
    file = write(tmp_path / "run.npz", contradictory())
    with pytest.raises(DataError, match=r"run\.npz: the accuracy is .* but the AUC"):
        evaluate(find_groups([file]))
    assert evaluate(find_groups([file]), self_check=False)[0]["n"] == 1


def test_folders_and_files_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="empty: holds no predictions"):
        find_groups([tmp_path / "empty"])
    write(tmp_path / "runs" / "a.npz", made())
    with pytest.raises(DataError, match="two configurations are called 'runs'"):
        find_groups([tmp_path / "runs", tmp_path / "runs"])
    file = tmp_path / "runs" / "a.npz"
    with pytest.raises(DataError, match=r"a\.npz: is there twice"):
        find_groups([file, file])
    (tmp_path / "runs" / "a.csv").write_text("label,a\n0,1\n")
    with pytest.raises(DataError, match="two files are called 'a'"):
        find_groups([tmp_path / "runs"])
