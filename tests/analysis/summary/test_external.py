"""External predictions get the summary of a study, and are rejected where they do not fit."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from made_entries import made_entry
from made_predictions import contradictory, made, made_runs
from seedbed.analysis.material import Material
from seedbed.analysis.prediction_files.groups import Group, Groups, find_groups
from seedbed.analysis.prediction_files.layout import PLAIN, Layout
from seedbed.analysis.predictions import Predictions
from seedbed.analysis.registry import compute_all, tables
from seedbed.analysis.summary.external import evaluate
from seedbed.analysis.summary.study import refresh_summary
from seedbed.analysis.summary_file import write_summary
from seedbed.core.errors import DataError
from seedbed.engines.native.engine import NativeEngine
from seedbed.report.page.file import write_report
from sentences import Sentence
from small import run_small, runs, small_study


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
    assert json.loads(json.dumps(dict(entry), allow_nan=False)) == entry


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


def write_csv(path: Path, run: Predictions, order: Any = None, **columns: Any) -> Path:
    """Write probabilities in some order of rows, and other columns beside them."""
    path.parent.mkdir(exist_ok=True)
    rows = np.arange(len(run)) if order is None else order
    names = np.array(run.class_names)
    scores = dict(zip(names, run.probabilities.T, strict=True))
    table = {**columns, "label": names[run.labels], **scores}
    cells = zip(*(np.asarray(column)[rows].tolist() for column in table.values()), strict=True)
    lines = [",".join(table), *(",".join(map(str, row)) for row in cells)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def orders(runs: int, kind: str) -> list[Any]:
    """Return an order of the rows for each run; within classes, labels are the same in all."""
    labels = made().labels
    found = []
    for seed in range(runs):
        generator = np.random.Generator(np.random.Philox(seed))
        order = np.arange(len(labels))
        if kind == "all rows":
            order = generator.permutation(order)
        elif seed:
            for number in range(5):
                members = np.flatnonzero(labels == number)
                order[members] = generator.permutation(members)
        found.append(order)
    return found


IMAGES = np.array([f"images/{number:03d}.png" for number in range(400)])


@pytest.mark.parametrize("kind", ["within classes", "all rows"])
@pytest.mark.parametrize("column", ["file", "key_of_image"])
def test_case_5_rows_are_aligned_by_the_names_of_images(
    tmp_path: Path, kind: str, column: str
) -> None:
    runs = [made(seed=seed, skill=4) for seed in range(4)]
    files = [
        write_csv(tmp_path / f"run{seed}" / "run.csv", run, order, **{column: IMAGES})
        for seed, (run, order) in enumerate(zip(runs, orders(4, kind), strict=True))
    ]
    layout = Layout(image=column) if column != "file" else PLAIN
    first, *_ = orders(4, kind)
    expected = np.bincount(np.sum([run.wrong for run in runs], axis=0), minlength=5).tolist()
    entries = evaluate(Groups((Group("runs", dict(enumerate(files))),), ""), layout)
    assert entries[0]["hard_examples"]["images_by_n_wrong"] == expected
    errors = entries[0]["image_errors"]
    assert errors["name"] == IMAGES[first][errors["index"]].tolist()
    assert {example["name"] for example in entries[0]["hard_examples"]["examples"]} <= set(IMAGES)


@pytest.mark.parametrize("kind", ["within classes", "all rows"])
@pytest.mark.parametrize("column", ["index", "id", "nth", "case"])
def test_rows_that_are_seen_to_be_in_another_order_are_refused(
    tmp_path: Path, kind: str, column: str
) -> None:
    """By a column that is not used, and with the option that uses it."""
    numbers: Any = np.arange(400) if column != "case" else IMAGES
    files = [
        write_csv(tmp_path / f"run_{seed}.csv", made(seed=seed), order, **{column: numbers})
        for seed, order in enumerate(orders(2, kind))
    ]
    with pytest.raises(DataError) as error:
        evaluate(find_groups(files))
    assert (error.value.where, error.value.hint) == (
        str(files[1]),
        f"name it with --image '{column}'",
    )
    (entry,) = evaluate(find_groups(files), Layout(image=column))
    expected = np.sum([made(seed=seed).wrong for seed in range(2)], axis=0)
    assert entry["hard_examples"]["images_by_n_wrong"] == np.bincount(expected).tolist()


def test_labels_in_another_order_point_to_image(tmp_path: Path, sentence: Sentence) -> None:
    files = [
        write_csv(tmp_path / f"run_{seed}.csv", made(seed=seed), order)
        for seed, order in enumerate(orders(2, "all rows"))
    ]
    with pytest.raises(DataError) as error:
        evaluate(find_groups(files))
    assert "--image" in error.value.hint
    sentence(error.value)


def test_the_same_order_needs_no_names(tmp_path: Path) -> None:
    files = [
        write_csv(tmp_path / f"run_{seed}.csv", made(seed=seed), nth=np.arange(400))
        for seed in range(2)
    ]
    (entry,) = evaluate(find_groups(files))
    assert entry["test_accuracy"]["runs"] == [made(seed=seed).accuracy for seed in range(2)]


def test_other_images_are_counted(tmp_path: Path) -> None:
    other = np.char.replace(IMAGES, "images/00", "images/x")
    one = write_csv(tmp_path / "a.csv", made(), file=IMAGES)
    two = write_csv(tmp_path / "b.csv", made(seed=1), file=other)
    with pytest.raises(DataError) as error:
        evaluate(find_groups([one, two]))
    assert "10 of 400" in error.value.what
    assert "--ignore 'file'" in error.value.hint
    # Whoever knows better compares row by row.
    assert len(evaluate(find_groups([one, two]), Layout(ignore=("file",)))) == 2


def test_an_image_that_occurs_twice(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", made(), patient=[f"p{n // 2}" for n in range(400)])
    with pytest.raises(DataError) as error:
        evaluate(find_groups([path]), Layout(image="patient"))
    assert (error.value.where, "p0" in error.value.what) == (str(path), True)


def test_columns_in_another_order_are_matched_by_name(tmp_path: Path) -> None:
    run = made(seed=1, skill=3)
    order = [3, 1, 0, 4, 2]
    names = tuple(np.array(run.class_names)[order])
    moved = Predictions(run.scores[:, order], np.argsort(order)[run.labels], names)
    files = [write_csv(tmp_path / "a.csv", made()), write_csv(tmp_path / "b.csv", moved)]
    first, second = evaluate(find_groups(files))
    assert first["class_names"] == second["class_names"]
    assert second["test_accuracy"]["runs"] == [run.accuracy]
    (expected,) = evaluate(find_groups([write_csv(tmp_path / "b.csv", run)]))
    assert second["confusion"] == expected["confusion"]


def test_columns_in_another_order_that_labels_count(tmp_path: Path, sentence: Sentence) -> None:
    """Labels that are numbers count one order only, and the user says which."""
    one, other = made(), made(seed=1)
    moved = replace(other, scores=other.scores[:, ::-1], class_names=other.class_names[::-1])
    files = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for file, run in zip(files, (one, moved), strict=True):
        lines = [f"label,{','.join(run.class_names)}"]
        for label, row in zip(run.labels, run.scores.tolist(), strict=True):
            lines.append(f"{label},{','.join(map(str, row))}")
        file.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(DataError) as error:
        evaluate(find_groups(files), self_check=False)
    assert error.value.where == str(files[1])
    sentence(error.value)
    _, second = evaluate(find_groups(files), Layout(class_names=one.class_names))
    assert second["test_accuracy"]["runs"] == [other.accuracy]


def test_what_needs_scores_is_absent_without_them(tmp_path: Path) -> None:
    run = made(seed=1, skill=3)
    names = np.array(run.class_names)
    rows = zip(names[run.labels], names[run.predicted], strict=True)
    path = tmp_path / "run.csv"
    path.write_text("label,pred\n" + "".join(f"{a},{b}\n" for a, b in rows), encoding="utf-8")
    (entry,) = evaluate(find_groups([path]))
    whole = compute_all(Material([run], ["run"]))
    assert [entry["auc"], entry["calibration"]] == [None, None]
    for key in ("test_accuracy", "confusion_counts", "per_class"):
        assert entry[key] == whole[key]
    assert {example["probability"] for example in entry["hard_examples"]["examples"]} == {None}
    assert entry["image_errors"]["n_wrong"] == whole["image_errors"]["n_wrong"]
    write_summary(tmp_path, [entry])
    write_report(tmp_path, [entry])
    for table in tables().values():
        assert table.detail is None or table.make([entry])


def test_a_mixed_up_order_of_predicted_labels_is_not_guessed(tmp_path: Path) -> None:
    """Predicted labels are always sure, so that a network no better than chance looks mixed up."""
    run = made(skill=0)
    rows = zip(run.labels, run.predicted, strict=True)
    path = tmp_path / "run.csv"
    path.write_text("label,pred\n" + "".join(f"{a},{b}\n" for a, b in rows), encoding="utf-8")
    (entry,) = evaluate(find_groups([path]))
    assert entry["test_accuracy"]["mean"] == run.accuracy


def test_what_was_read_is_kept(tmp_path: Path) -> None:
    files = [
        write_csv(tmp_path / f"run_{seed}.csv", made(seed=seed), loss=np.ones(400))
        for seed in range(2)
    ]
    (entry,) = evaluate(find_groups(files))
    (reading,) = entry.header.readings
    assert reading.files == tuple(map(str, files))
    assert {"format", "labels", "scores", "classes", "not used"} <= {
        word for word, _ in reading.lines
    }


def test_stored_predictions_give_the_numbers_of_their_study(tmp_path: Path) -> None:
    """As ``seedbed evaluate`` of a study's folder, or of copies of its files in one."""
    spec = small_study(tmp_path, epochs=2)
    store = run_small(spec, tmp_path / "study", NativeEngine())
    (study,) = refresh_summary(store.folder)
    (tmp_path / "copies").mkdir()
    for run in runs(store):
        shutil.copy(run.folder / "predictions.npz", tmp_path / "copies" / f"{run.folder.name}.npz")
    for folder, layout in (
        (store.folder, PLAIN),
        (tmp_path / "copies", Layout(class_names=study.header.class_names)),
    ):
        (entry,) = evaluate(find_groups([folder]), layout)
        assert entry["seeds"] == study["seeds"]
        assert entry["class_names"] == study["class_names"]
        for key in compute_all(Material([], [])):
            if entry[key] is not None and key != "train_accuracy":
                assert entry[key] == study[key], key
        assert entry["auc"] is not None
        assert entry["image_errors"]["name"] == study["image_errors"]["name"]


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
