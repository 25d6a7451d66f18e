"""A stored study becomes a list with everything that tables and pages show."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, roc_auc_score

from made_entries import made_entry
from seedbed.analysis.entry import Entry
from seedbed.analysis.intervals import wilson_interval
from seedbed.analysis.summary.study import refresh_summary, summarize_study
from seedbed.analysis.summary_file import SHARED, read_summary
from seedbed.core.errors import StoreError
from seedbed.engines.native.engine import NativeEngine
from seedbed.study.plan import PlannedRun
from seedbed.study.results import read_results
from seedbed.study.spec.reader import parse_study
from seedbed.study.store.run import RunStore, StoredRun
from seedbed.study.store.study import StudyStore
from small import run_small, small_study, write_images

NOISY = ("noise.kind=symmetric", "noise.rate=[0.0, 0.3]", "recipe.validation_size=15")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> StudyStore:
    """Two configurations, with and without noise, trained by the real engine."""
    folder = tmp_path_factory.mktemp("study")
    rule = 'checkpoint = "best-on-validation"'
    spec = small_study(folder / "data", epochs=3, more=rule, settings=NOISY)
    return run_small(spec, folder / "study", NativeEngine())


@pytest.fixture(scope="module")
def entries(store: StudyStore) -> list[Entry]:
    return refresh_summary(store.folder)


def runs_of(store: StudyStore, number: int) -> list[StoredRun]:
    return read_results(store).configurations[number].finished


def test_it_is_a_list_of_configurations_with_these_keys(entries: list[Entry]) -> None:
    assert len(entries) == 2
    for entry in entries:
        assert {
            "configuration",
            "n",
            "train_accuracy",
            "test_accuracy",
            "confusion",
            "top_pairs",
            "auc",
            "calibration",
            "noise",
            "cost",
        } <= entry.keys()
        assert entry["n"] == 3
        assert entry["checkpoint"] == "best-on-validation"
        assert {"kind", "rate", "observed_rate", "matrix"} <= entry["noise"].keys()
        assert {"parameters", "multiply_adds", "weight_bytes", "seconds"} <= entry["cost"].keys()
        assert entry["configuration"]["recipe"]["epochs"] == 3
        assert entry.keys() == made_entry().keys()
    assert len({entry["label"] for entry in entries}) == 2


def test_it_is_stored_and_found_again(store: StudyStore, entries: list[Entry]) -> None:
    assert read_summary(store.folder) == entries
    stored = json.loads((store.folder / "summary.json").read_text())
    assert stored["entries"] == [entry.own_fields(SHARED) for entry in entries]
    assert all(stored[name] == entries[0][name] for name in SHARED)


def test_numbers_are_those_of_the_stored_predictions(
    store: StudyStore, entries: list[Entry]
) -> None:
    for number, entry in enumerate(entries):
        matrices, aucs, accuracies = [], [], []
        for run in runs_of(store, number):
            logits, labels = store.run(run.record.id).predictions()
            scores = np.exp(logits.astype(np.float64))
            scores /= scores.sum(axis=1, keepdims=True)
            matrices.append(confusion_matrix(labels, logits.argmax(axis=1), normalize="true"))
            aucs.append(roc_auc_score(labels, scores, multi_class="ovr"))
            accuracies.append((logits.argmax(axis=1) == labels).mean())
        np.testing.assert_allclose(entry["confusion"], np.mean(matrices, axis=0), atol=1e-12)
        assert entry["auc"]["macro"]["mean"] == pytest.approx(np.mean(aucs), abs=1e-12)
        assert entry["test_accuracy"]["runs"] == pytest.approx(accuracies, abs=1e-12)


def test_noise_is_what_was_drawn(store: StudyStore, entries: list[Entry]) -> None:
    clean, noisy = (entry["noise"] for entry in entries)
    records = [run.record for run in runs_of(store, 1)]
    rates = [record.noise.observed_rate for record in records if record.noise]
    assert (noisy["kind"], noisy["rate"]) == ("symmetric", 0.3)
    assert noisy["observed_rates"] == rates
    assert noisy["observed_rate"] == pytest.approx(np.mean(rates), abs=1e-15)
    np.testing.assert_allclose(np.sum(noisy["matrix"], axis=1), 1)
    np.testing.assert_allclose(noisy["transition"], 0.15 + 0.55 * np.eye(3))
    assert (clean["rate"], clean["observed_rate"]) == (0.0, 0.0)
    np.testing.assert_array_equal(clean["matrix"], np.eye(3))
    kept = [run.kept for run in runs_of(store, 1)]
    for name in ("clean_train_accuracy", "memorized", "recovered"):
        expected = np.mean([getattr(each, name) for each in kept])
        assert noisy[name]["mean"] == pytest.approx(expected, abs=1e-15)


def test_curves_are_those_of_the_histories(store: StudyStore, entries: list[Entry]) -> None:
    for number, entry in enumerate(entries):
        curves = entry["curves"]
        assert curves["epoch"] == [1, 2, 3]
        histories = [run.history for run in runs_of(store, number)]
        for key in curves.keys() - {"epoch"}:
            assert curves[key] == [
                [getattr(epoch, key) for epoch in history] for history in histories
            ]
        assert {"train_loss", "test_accuracy", "validation_accuracy"} <= curves.keys()
        assert ("memorized" in curves) == (entry["noise"]["rate"] > 0)


def test_the_origin_is_that_of_the_runs(store: StudyStore, entries: list[Entry]) -> None:
    for number, entry in enumerate(entries):
        records = [run.record for run in runs_of(store, number)]
        origin = entry["provenance"]
        assert origin["dataset"]["fingerprint"] == records[0].dataset.fingerprint
        assert entry["test_fingerprint"] == records[0].dataset.test_fingerprint
        assert origin["machines"] == 1
        assert origin["started"] == min(record.started for record in records).isoformat()
        assert (
            origin["finished"]
            == max(record.finished or record.started for record in records).isoformat()
        )


def test_epoch_rules(store: StudyStore, entries: list[Entry]) -> None:
    for number, entry in enumerate(entries):
        rules = entry["checkpoints"]
        histories = [run.history for run in runs_of(store, number)]
        curves = np.array([[epoch.test_accuracy for epoch in each] for each in histories])
        assert rules["last"]["test_accuracy"]["runs"] == curves[:, -1].tolist()
        assert rules["best-on-test"]["test_accuracy"]["runs"] == curves.max(axis=1).tolist()
        assert rules["best-on-test"]["epochs"] == (curves.argmax(axis=1) + 1).tolist()
        chosen = rules["best-on-validation"]
        for name, value in chosen["test_accuracy"].items():
            assert entry["test_accuracy"][name] == value or name.startswith("interval")
        assert chosen["epochs"] == entry["selected_epochs"]


@pytest.mark.parametrize(("kept", "images"), [(1, 30), (3, 45)])
def test_the_interval_of_training_accuracy_is_for_the_images_that_were_measured(
    store: StudyStore, kept: int, images: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs_of(store, 0)[0]
    history = tuple(replace(run.kept, epoch=epoch) for epoch in (1, 2, 3))
    record = run.record.model_copy(update={"selected_epoch": kept})
    changed = replace(run, record=record, history=history)

    def load_run(planned: PlannedRun) -> StoredRun | None:
        return changed if planned.id == record.id else None

    monkeypatch.setattr(store, "load_run", load_run)
    entry = summarize_study(read_results(store), store)[0]
    correct = round((run.kept.train_accuracy or 0) * images)
    wilson = wilson_interval(correct, images)
    assert entry["train_accuracy"]["interval_new_images"] == [wilson.low, wilson.high]


def test_levels_of_noise_are_compared_with_the_lowest(entries: list[Entry]) -> None:
    (comparison,) = entries[1]["comparisons"]
    assert entries[0]["comparisons"] == []
    assert comparison["a"] == entries[1]["label"]
    assert comparison["b"] == entries[0]["label"]
    difference = entries[1]["test_accuracy"]["mean"] - entries[0]["test_accuracy"]["mean"]
    assert comparison["difference"] == pytest.approx(difference, abs=1e-15)
    assert comparison["comparisons"] == 1


def test_runs_that_diverged_or_are_missing(tmp_path: Path) -> None:
    spec = small_study(tmp_path / "data", epochs=2, settings=["recipe.learning_rate=[0.1, 1e30]"])
    store = run_small(spec, tmp_path / "study")
    store.run(read_results(store).configurations[0].finished[0].record.id).set_aside()
    partly, nothing = refresh_summary(store.folder)
    assert (partly["n"], partly["unfinished"], partly["diverged"]) == (2, [0], [])
    assert (nothing["n"], nothing["unfinished"]) == (0, [])
    assert nothing["diverged"] == [{"seed": seed, "epoch": 1, "reason": None} for seed in range(3)]
    accuracy = nothing["test_accuracy"]
    assert accuracy.pop("runs") == []
    assert set(accuracy.values()) == {None}
    assert nothing.keys() == partly.keys()
    assert nothing["auc"] is None
    assert nothing["cost"]["parameters"] == partly["cost"]["parameters"]


def test_a_configuration_without_a_run_is_of_the_dataset_of_the_others(
    store: StudyStore, tmp_path: Path
) -> None:
    shutil.copytree(store.folder, tmp_path / "study")
    partly = StudyStore(tmp_path / "study")
    for each in read_results(partly).configurations[0].finished:
        shutil.rmtree(partly.run(each.record.id).folder)
    missing, known = summarize_study(read_results(partly), partly)
    assert (missing["n"], known["n"]) == (0, len(known["seeds"]))
    assert missing["dataset"] == known["dataset"]


def test_a_dataset_that_no_run_has_seen_has_its_title(tmp_path: Path) -> None:
    files = [write_images(tmp_path, count=60).rename(tmp_path / "a.npz")]
    files += [write_images(tmp_path, count=90).rename(tmp_path / "b.npz")]
    datasets = ", ".join(f'{{ path = "{file}" }}' for file in files)
    spec = parse_study(
        f'name = "two"\nnetwork = "lenet5"\nseeds = 1\ndataset = [{datasets}]\n'
        "[recipe]\nepochs = 1\nbatch_size = 16\n",
        "two.toml",
    )
    store = run_small(spec, tmp_path / "study")
    (last,) = read_results(store).configurations[1].finished
    shutil.rmtree(store.run(last.record.id).folder)
    assert [entry["dataset"] for entry in refresh_summary(store.folder)] == ["a", "b"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda logits, labels: (logits * np.nan, labels),
        lambda logits, labels: (logits[:, :2], labels),
        lambda logits, labels: (logits[::-1], labels[::-1]),
        lambda logits, labels: (logits, np.roll(labels, 1)),
    ],
    ids=["NaN", "too few columns", "images reversed", "other labels"],
)
@pytest.mark.parametrize("place", [0, 1])
def test_a_run_whose_predictions_cannot_be_used_is_left_out_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: Any, place: int
) -> None:
    spec = small_study(tmp_path / "data")
    store = run_small(spec, tmp_path / "study")
    run = store.run(store.run_ids()[place])
    honest = RunStore.named_predictions

    def spoiled(self: RunStore) -> Any:
        logits, labels, images = honest(self)
        found = spoil(logits, labels) if self.folder == run.folder else (logits, labels)
        return *found, images

    monkeypatch.setattr(RunStore, "named_predictions", spoiled)
    (entry,) = refresh_summary(store.folder)
    assert entry.header.seeds == tuple({0, 1, 2} - {place})
    assert entry.header.unfinished == (place,)
    (line,) = entry.header.study.damaged
    assert line.startswith(f"{run.folder.name} is left out: ")
    # It does what it says: the run is trained again.
    run.folder.rename(tmp_path / "elsewhere")
    monkeypatch.undo()
    run_small(spec, store.folder)
    assert refresh_summary(store.folder)[0]["n"] == 3


def test_only_configurations_with_changes_are_summarized_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = small_study(
        tmp_path / "data", epochs=1, settings=["recipe.learning_rate=[0.1, 0.2, 0.3]"]
    )
    store = run_small(spec, tmp_path / "study")
    last = store.run(read_results(store).configurations[1].finished[-1].record.id).folder
    aside = last.rename(tmp_path / "aside")
    before = refresh_summary(store.folder)
    aside.rename(last)
    read: list[str] = []
    honest = RunStore.named_predictions

    def counted(self: RunStore) -> Any:
        read.append(self.folder.name)
        return honest(self)

    monkeypatch.setattr(RunStore, "named_predictions", counted)
    now = refresh_summary(store.folder)
    assert [entry["n"] for entry in before] == [3, 2, 3]
    assert [entry["n"] for entry in now] == [3, 3, 3]
    assert len(read) == 3
    assert {name.partition("-seed")[0] for name in read} == {now[1].header.id}
    (store.folder / "summary.json").unlink()
    assert refresh_summary(store.folder) == now
    assert len(read) == 3 + 9


def test_no_run_can_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = run_small(small_study(tmp_path / "data"), tmp_path / "study")
    honest = RunStore.named_predictions

    def spoiled(self: RunStore) -> Any:
        logits, labels, images = honest(self)
        return logits[:, :2], labels, images

    monkeypatch.setattr(RunStore, "named_predictions", spoiled)
    with pytest.raises(StoreError) as error:
        refresh_summary(store.folder)
    assert error.value.where == str(store.folder)


def test_a_folder_that_another_process_holds_is_summarized_without_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seedbed.study.store.study.LOCK_TIMEOUT", 0.1)
    store = run_small(small_study(tmp_path / "data", epochs=1), tmp_path / "study")
    with store.lock():
        assert refresh_summary(store.folder)[0]["n"] == 3
    assert not (store.folder / "summary.json").exists()


def test_a_summary_that_cannot_be_written_is_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = run_small(small_study(tmp_path / "data", epochs=1), tmp_path / "study")

    def full(*_: object) -> None:
        raise StoreError("no space left", where="summary.json")

    monkeypatch.setattr("seedbed.analysis.summary.study.write_summary", full)
    with pytest.raises(StoreError) as error:
        refresh_summary(store.folder)
    assert error.value.what == "no space left"


def test_a_folder_without_a_study_stays_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as error:
        refresh_summary(tmp_path)
    assert error.value.where == str(tmp_path)
    assert list(tmp_path.iterdir()) == []
