"""External predictions get the summary of a study, and are rejected where they do not fit."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from made_entries import made_entry
from made_predictions import contradictory, made, made_runs
from seedbed.analysis.material import Material
from seedbed.analysis.prediction_files.groups import find_groups
from seedbed.analysis.predictions import Predictions
from seedbed.analysis.registry import compute_all
from seedbed.analysis.summary.external import evaluate
from seedbed.core.errors import DataError
from sentences import Sentence


def write(path: Path, run: Predictions) -> Path:
    path.parent.mkdir(exist_ok=True)
    arrays: dict[str, Any] = {run.kind: run.scores, "class_names": run.class_names}
    np.savez(path, labels=run.labels, **arrays)
    return path


def test_several_files_are_several_runs(tmp_path: Path) -> None:
    runs = made_runs(3)
    files = [write(tmp_path / f"{number}.npz", run) for number, run in enumerate(runs)]
    (entry,) = evaluate(find_groups(files))
    assert entry["label"] == tmp_path.name
    assert entry["seeds"] == [0, 1, 2]
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


def test_one_seed_under_several_names_draws_a_warning(tmp_path: Path, sentence: Sentence) -> None:
    seeds = {"a": 0, "b": 1, "c": 0, "d": 1, "e": 0, "f": 2}
    for name, seed in seeds.items():
        write(tmp_path / "cnn" / f"{name}.npz", made(seed=seed))
        write(tmp_path / "vit" / f"{name}.npz", made(seed=ord(name)))
    same, different = evaluate(find_groups([tmp_path / "cnn", tmp_path / "vit"]))
    three, two = same["warnings"]
    assert three.startswith("c, e ")
    assert two.startswith("d ")
    sentence("\n".join(same["warnings"]))
    assert different["warnings"] == []


def test_a_class_without_an_image_draws_a_warning(tmp_path: Path) -> None:
    run = made(60, 3)
    scores = np.insert(run.scores, 0, -9, axis=1)
    wider = Predictions(scores, run.labels + 1, ("fold", *run.class_names))
    (entry,) = evaluate(find_groups([write(tmp_path / "run.npz", wider)]))
    (warning,) = entry["warnings"]
    assert "'fold'" in warning
    assert "--ignore" in warning


def test_other_test_images_are_rejected(tmp_path: Path, sentence: Sentence) -> None:
    one = write(tmp_path / "one.npz", made())
    labels = write(tmp_path / "labels.npz", made(labels=np.arange(400) % 5))
    classes = write(tmp_path / "classes.npz", made(classes=4))
    for other, name in ((labels, "labels"), (classes, "classes")):
        with pytest.raises(DataError) as error:
            evaluate(find_groups([one, other]))
        assert error.value.where == str(other)
        assert error.value.what == f"has other {name} than {one}"
    first = write(tmp_path / "one" / "run.npz", made())
    second = write(tmp_path / "labels" / "run.npz", made(labels=np.arange(400) % 5))
    with pytest.raises(DataError) as error:
        evaluate(find_groups([tmp_path / "one", tmp_path / "labels"]))
    assert (error.value.where, error.value.what) == (str(second), f"has other labels than {first}")
    sentence(error.value)


def test_mixed_up_rows_are_rejected_unless_asked_for(tmp_path: Path) -> None:
    run = made(skill=8)
    shuffled = np.random.Generator(np.random.Philox(5)).permutation(run.labels)
    file = write(tmp_path / "run.npz", Predictions(run.scores, shuffled, run.class_names))
    with pytest.raises(DataError) as error:
        evaluate(find_groups([file]))
    assert error.value.where == str(file)
    (entry,) = evaluate(find_groups([file]), self_check=False)
    assert entry["test_accuracy"]["mean"] < 0.4


def test_contradictions_are_named_by_file(tmp_path: Path) -> None:
    file = write(tmp_path / "run.npz", contradictory())
    with pytest.raises(DataError) as error:
        evaluate(find_groups([file]))
    assert error.value.where == str(file)
    assert evaluate(find_groups([file]), self_check=False)[0]["n"] == 1


@pytest.mark.parametrize(
    ("paths", "where"),
    [
        (["empty"], "empty"),
        (["runs", "runs"], "runs"),
        (["runs/a.npz", "runs/a.npz"], "runs/a.npz"),
        (["twice"], "twice"),
    ],
    ids=["empty folder", "folder twice", "file twice", "name twice"],
)
def test_folders_and_files_that_cannot_be_used(
    tmp_path: Path, paths: list[str], where: str, sentence: Sentence
) -> None:
    (tmp_path / "empty").mkdir()
    write(tmp_path / "runs" / "a.npz", made())
    write(tmp_path / "twice" / "a.npz", made())
    (tmp_path / "twice" / "a.csv").write_text("label,a\n0,1\n")
    with pytest.raises(DataError) as error:
        find_groups([tmp_path / path for path in paths])
    assert error.value.where == (str(tmp_path / where) if where else "")
    sentence(error.value)
