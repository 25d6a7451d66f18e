"""Weights are removed, every number stays, and the files still agree."""

import json
import shutil
from pathlib import Path

import pytest

from commands import Refused
from fake_engine import FakeEngine
from seedbed import workflow
from seedbed.analysis.summary_file import fingerprint
from seedbed.cli.main import main
from seedbed.core.errors import StoreError, StudyError
from seedbed.study.completed import finished_runs
from seedbed.study.merge import merge
from seedbed.study.prune import prune_runs
from seedbed.study.spec.reader import load_study
from seedbed.study.store.study import StudyStore
from small import Remembering, loaded, run_small, runs, small_study

DIGITS = {
    "name": "d",
    "dataset": "digits",
    "network": "lenet5",
    "seeds": 2,
    "recipe": {"epochs": 1, "train_size": 200},
}


@pytest.fixture
def store(tmp_path: Path) -> StudyStore:
    axis = "recipe.learning_rate=[0.01, 0.1]"
    return run_small(
        small_study(tmp_path / "data", epochs=2, settings=[axis], validation=30),
        tmp_path / "study",
    )


def with_weights(store: StudyStore) -> set[str]:
    return {run.folder.name for run in runs(store) if run.weights_file.exists()}


@pytest.mark.parametrize(
    ("keep", "left"), [(("logits",), 0), (("logits", "best-weights"), 2), (("weights",), 6)]
)
def test_what_is_kept_stays_and_the_rest_is_recorded(
    keep: tuple[str, ...], left: int, store: StudyStore
) -> None:
    before = {run.folder.name: loaded(run) for run in runs(store)}
    known, sizes = fingerprint(store.folder), runs(store)[0].weights_file.stat().st_size
    finished = finished_runs(store, store.read_study())
    shown = prune_runs(store, finished, keep, dry_run=True)
    assert len(with_weights(store)) == 6
    pruned = prune_runs(store, finished, keep)
    assert pruned == shown
    assert (len(pruned.runs), len(with_weights(store)), pruned.size) == (
        6 - left,
        left,
        (6 - left) * sizes,
    )
    assert fingerprint(store.folder) == known
    for run in runs(store):
        stored, was = loaded(run), before[run.folder.name]
        assert stored.history == was.history
        assert stored.record.weights_sha256 == was.record.files["weights.safetensors"]
        assert bool(stored.record.pruned) == (run.folder.name in pruned.runs)


def test_the_best_run_of_each_configuration_keeps_its_weights(store: StudyStore) -> None:
    finished = finished_runs(store, store.read_study())
    prune_runs(store, finished)
    kept = with_weights(store)
    for configuration in store.read_study().configurations:
        of = [run for run in finished if run.configuration.id == configuration.id]
        best = max(run.accuracy for run in of)
        (name,) = (run.planned.id for run in of if run.planned.id in kept)
        assert name == next(run.planned.id for run in of if run.accuracy == best)
    # Nothing more is removed the second time.
    again = prune_runs(store, finished_runs(store, store.read_study()))
    assert (again.runs, set(again.kept)) == ((), kept)


def test_needed_and_locked_weights_stay(store: StudyStore) -> None:
    first, second, *_ = finished = finished_runs(store, store.read_study())
    lock = store.lock_run(second.planned.id)
    assert lock is not None
    pruned = prune_runs(store, finished, ["logits"], needed={first.planned.id})
    lock.release()
    assert (pruned.needed, pruned.in_use) == ((first.planned.id,), (second.planned.id,))
    assert with_weights(store) == {first.planned.id, second.planned.id}


def test_weights_that_a_killed_prune_left_are_removed(store: StudyStore) -> None:
    run = runs(store)[0]
    contents = run.weights_file.read_bytes()
    prune_runs(store, finished_runs(store, store.read_study()), ["logits"])
    run.weights_file.write_bytes(contents)
    pruned = prune_runs(store, finished_runs(store, store.read_study()), ["weights"])
    assert pruned.runs == (run.folder.name,)
    assert with_weights(store) == set()


def test_pruned_runs_are_neither_damaged_nor_trained_again(store: StudyStore) -> None:
    spec = store.read_study()
    prune_runs(store, finished_runs(store, spec), ["logits"])
    monitor = Remembering()
    run_small(spec, store.folder, FakeEngine(), monitor)
    assert (monitor.begun, monitor.ended_before, monitor.notices) == ([], 6, [])
    with pytest.raises(StoreError) as error:
        runs(store)[0].weights()
    assert "pruned" in error.value.what


def test_a_merge_takes_the_run_that_has_its_weights(store: StudyStore, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    shutil.copytree(store.folder, whole)
    prune_runs(store, finished_runs(store, store.read_study()), ["logits"])
    merged = merge([store.folder, whole], tmp_path / "out")
    assert merged.repeated == 6
    assert len(with_weights(StudyStore(tmp_path / "out"))) == 6


def test_an_unknown_artifact_is_refused(store: StudyStore) -> None:
    with pytest.raises(StudyError) as error:
        prune_runs(store, (), ["weight"])
    assert "best-weights" in error.value.what


def test_a_pruned_study_is_verified_and_says_what_it_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], refused: Refused
) -> None:
    folder = tmp_path / "d"
    workflow.run(DIGITS, out=folder, quiet=True).report()
    assert main(["prune", str(folder), "--dry-run"]) == 0
    assert len(with_weights(StudyStore(folder))) == 2
    assert main(["prune", str(folder)]) == 0
    assert len(with_weights(StudyStore(folder))) == 1
    (run,) = (each for each in runs(StudyStore(folder)) if not each.weights_file.exists())
    capsys.readouterr()
    assert main(["verify", str(folder), "--deep", "--repeat", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    of_run = [line for line in lines if f"runs/{run.folder.name}:" in line]
    assert [line[:5].strip() for line in of_run] == ["ok", "open", "ok"]
    assert "weights pruned" in of_run[0]
    assert "same bits" in of_run[2]
    for words in (
        ("predict", run.folder, "x.png"),
        ("export", folder, run.folder.name, "--to=onnx"),
    ):
        error = refused(*words)
        assert (error.where, "pruned" in error.what) == (str(run.folder), True)


def test_a_study_says_what_it_keeps(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    workflow.run({**DIGITS, "keep": ["logits"]}, out=folder, quiet=True)
    assert with_weights(StudyStore(folder)) == set()
    record = json.loads(runs(StudyStore(folder))[0].record_file.read_bytes())
    assert list(record["pruned"]) == ["weights.safetensors"]
    assert load_study(str(folder / "study.toml")).keep == ("logits",)
    again = workflow.run({**DIGITS, "keep": ["logits"], "seeds": 3}, out=folder, quiet=True)
    assert again.summary[0].header.n == 3
    assert again.summary[0].header.study.damaged == ()
