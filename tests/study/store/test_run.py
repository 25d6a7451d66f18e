"""One run's folder: what is written reads back, and what was damaged is noticed."""

import errno
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fake_engine import FakeEngine
from seedbed.core.errors import StoreError
from seedbed.core.seal import BLANK, sealed
from seedbed.data.images import ImageDataset
from seedbed.study.loaded import LoadedStudy
from seedbed.study.plan import plan_runs
from seedbed.study.spec.study import FORMAT
from seedbed.study.store.ended import Packer
from seedbed.study.store.record import RunRecord, history_lines, new_record
from seedbed.study.store.run import DamagedRunError, RunStore
from seedbed.training.engine import EpochRecord, RunResult, RunState
from seedbed.training.splits import Split
from sentences import Sentence
from small import small_study

EPOCHS = [
    EpochRecord(
        epoch=n,
        learning_rate=0.05,
        train_loss=0.9,
        train_accuracy=0.7,
        test_loss=0.95,
        test_accuracy=1 / 3,
        running_loss=1.5,
        running_accuracy=0.5,
        seconds=0.25,
    )
    for n in (1, 2, 3, 4)
]
STATE = {
    "weights/fc1.weight": np.arange(6, dtype=np.float32).reshape(2, 3).T,  # not contiguous
    "steps": np.array(7, np.float32),
    "empty": np.zeros((0, 3), np.float32),
}
WEIGHTS = {"fc1.weight": np.arange(6, dtype=np.float32).reshape(3, 2)}
LOGITS = np.linspace(-1, 1, 90, dtype=np.float32).reshape(30, 3)
LABELS = np.arange(30) % 3
IMAGES = ImageDataset(np.zeros((30, 8, 8, 1), np.uint8), LABELS, ("a", "b", "c"))
SPLITS = {"test": Split("test", IMAGES, np.arange(30), LABELS)}


@pytest.fixture
def record(tmp_path: Path) -> RunRecord:
    spec = small_study(tmp_path / "data")
    study = LoadedStudy.load(spec)
    run = plan_runs(study.spec)[0]
    return new_record(run, study.task(run), FakeEngine())


@pytest.fixture
def store(tmp_path: Path, record: RunRecord) -> RunStore:
    return RunStore(tmp_path / "runs" / record.id)


@pytest.fixture
def running(store: RunStore, record: RunRecord) -> RunStore:
    """A run that has finished two of its four epochs."""
    store.start(record, [])
    store.save_epochs(record, EPOCHS[:1], RunState(1, STATE), 0)
    store.save_epochs(record, EPOCHS[:2], RunState(2, STATE), 1)
    return store


@pytest.fixture
def finished(running: RunStore, record: RunRecord) -> RunStore:
    running.end(record, EPOCHS, Packer().pack(RunResult(WEIGHTS, {"test": LOGITS}), SPLITS))
    return running


def names(store: RunStore) -> set[str]:
    return {file.name for file in store.folder.iterdir()}


def test_nothing_is_stored_of_a_run_that_has_not_begun(store: RunStore) -> None:
    assert store.load() is None
    store.folder.mkdir(parents=True)
    assert store.load() is None


def test_a_run_that_has_finished_no_epoch_starts_again(store: RunStore, record: RunRecord) -> None:
    store.start(record, [])
    stored = store.load()
    assert stored is not None
    assert (stored.record, stored.history, stored.state) == (record, (), None)


def test_a_running_run_goes_on_from_its_last_epoch(running: RunStore, record: RunRecord) -> None:
    stored = running.load()
    assert stored is not None
    assert stored.state is not None
    assert stored.record == record
    assert stored.history == tuple(EPOCHS[:2])
    assert stored.state.epoch == 2
    assert set(stored.state.arrays) == set(STATE)
    for name, array in STATE.items():
        np.testing.assert_array_equal(stored.state.arrays[name], array)
        assert stored.state.arrays[name].dtype == np.float32
        assert stored.state.arrays[name].shape == array.shape


def test_the_checkpoint_and_not_the_history_file_says_how_far_it_is(running: RunStore) -> None:
    running.history_file.write_text("torn", encoding="utf-8")
    stored = running.load()
    assert stored is not None
    assert stored.history == tuple(EPOCHS[:2])


def test_epochs_are_stored_together(running: RunStore, record: RunRecord) -> None:
    running.save_epochs(record, EPOCHS, RunState(4, STATE), 2)
    assert running.history_file.read_bytes() == history_lines(EPOCHS)
    stored = running.load()
    assert stored is not None
    assert stored.state is not None
    assert (stored.history, stored.state.epoch) == (tuple(EPOCHS), 4)


def test_a_run_that_starts_again_has_no_history(running: RunStore, record: RunRecord) -> None:
    running.start(record, [])
    assert names(running) == {"run.json"}


def test_a_finished_run_holds_what_it_should(finished: RunStore, record: RunRecord) -> None:
    stored = finished.load()
    assert stored is not None
    assert names(finished) == {
        "run.json",
        "history.jsonl",
        "predictions.npz",
        "weights.safetensors",
    }
    assert stored.record.status == "finished"
    assert stored.record.seconds == 1.0
    assert stored.record.started == record.started
    assert stored.record.finished is not None
    assert stored.record.finished >= record.started
    assert stored.history == tuple(EPOCHS)
    assert stored.state is None
    logits, labels = finished.predictions()
    assert [logits.dtype.name, labels.dtype.name] == ["float32", "int64"]
    np.testing.assert_array_equal(logits, LOGITS)
    np.testing.assert_array_equal(labels, LABELS)
    np.testing.assert_array_equal(finished.weights()["fc1.weight"], WEIGHTS["fc1.weight"])


def test_a_diverged_run_keeps_its_history_and_no_arrays(
    running: RunStore, record: RunRecord
) -> None:
    running.end(record, EPOCHS[:2], Packer().pack(RunResult(None, diverged_epoch=3), SPLITS))
    stored = running.load()
    assert stored is not None
    assert (stored.record.status, stored.record.diverged_epoch) == ("diverged", 3)
    assert stored.history == tuple(EPOCHS[:2])
    assert names(running) == {"run.json", "history.jsonl"}


@pytest.mark.parametrize(
    "file", ["run.json", "history.jsonl", "predictions.npz", "weights.safetensors"]
)
@pytest.mark.parametrize("damage", ["gone", "empty", "torn", "one bit", "a folder"])
def test_every_damage_to_a_finished_run_is_noticed(
    finished: RunStore, file: str, damage: str
) -> None:
    path = finished.folder / file
    contents = path.read_bytes()
    path.unlink()
    if damage == "a folder":
        path.mkdir()
    elif damage != "gone":
        changed = bytearray(contents)
        changed[len(changed) // 2] ^= 0x80
        shorter = b"" if damage == "empty" else contents[: len(contents) // 2]
        path.write_bytes(changed if damage == "one bit" else shorter)
    with pytest.raises(DamagedRunError) as error:
        finished.load()
    assert str(error.value).startswith(file)


@pytest.mark.parametrize("position", [0, 4, 60, -60, -1])
@pytest.mark.parametrize("torn", [True, False])
def test_every_damage_to_a_checkpoint_is_noticed(
    running: RunStore, position: int, *, torn: bool
) -> None:
    contents = bytearray(running.checkpoint_file.read_bytes())
    if torn:
        contents = contents[:position]
    else:
        contents[position] ^= 0x01
    running.checkpoint_file.write_bytes(contents)
    with pytest.raises(DamagedRunError) as error:
        running.load()
    assert str(error.value).startswith("checkpoint.safetensors")


def test_every_bit_of_a_checkpoint_counts(running: RunStore) -> None:
    whole = running.checkpoint_file.read_bytes()
    before = running.load()
    assert before is not None
    assert before.state is not None
    for position in range(0, len(whole), 7):
        changed = bytearray(whole)
        changed[position] ^= 0x10
        running.checkpoint_file.write_bytes(changed)
        try:
            after = running.load()
        except DamagedRunError:
            continue
        # A bit that says nothing, such as the padding of the header.
        assert after is not None
        assert after.state is not None
        assert after.history == before.history
        for name, array in before.state.arrays.items():
            np.testing.assert_array_equal(after.state.arrays[name], array)


def test_a_checkpoint_of_another_run_is_noticed(
    running: RunStore, record: RunRecord, sentence: Sentence
) -> None:
    other = RunStore(running.folder.with_name("lenet5-0000000000-seed9"))
    other.start(record.model_copy(update={"id": other.folder.name}), [])
    shutil.copy(running.checkpoint_file, other.checkpoint_file)
    with pytest.raises(DamagedRunError) as error:
        other.load()
    sentence(error.value)


def test_a_record_of_another_run_is_noticed(finished: RunStore) -> None:
    copy = shutil.copytree(finished.folder, finished.folder.with_name("copy"))
    with pytest.raises(DamagedRunError) as error:
        RunStore(copy).load()
    assert finished.folder.name in str(error.value)


def test_a_newer_format_is_refused_and_not_taken_for_damage(finished: RunStore) -> None:
    values = json.loads(finished.record_file.read_bytes())
    contents = json.dumps({"checksum": BLANK, "format": 99, "new": values}).encode()
    finished.record_file.write_bytes(sealed(contents))
    with pytest.raises(StoreError) as error:
        finished.load()
    assert error.value.where == str(finished.record_file)
    assert error.value.expected == f"format {FORMAT}"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("cost", {"parameters": 1, "multiply_adds": 1, "weight_bytes": 4}),
        ("seconds", 0.5),
        ("status", "diverged"),
        ("format", FORMAT + 1),
        ("checksum", BLANK),
        ("label", "another"),
    ],
)
def test_a_record_that_was_edited_is_noticed(finished: RunStore, key: str, value: object) -> None:
    values = json.loads(finished.record_file.read_bytes())
    finished.record_file.write_text(json.dumps({**values, key: value}, indent=2), encoding="utf-8")
    with pytest.raises(DamagedRunError) as error:
        finished.load()
    assert str(error.value) == "run.json was changed after it was written"


def test_a_record_without_a_checksum_is_noticed(finished: RunStore) -> None:
    values = json.loads(finished.record_file.read_bytes())
    del values["checksum"]
    finished.record_file.write_text(json.dumps(values, indent=2), encoding="utf-8")
    with pytest.raises(DamagedRunError) as error:
        finished.load()
    assert str(error.value) == "run.json was changed after it was written"


@pytest.mark.parametrize(
    "logits",
    [LOGITS[:, :2], LOGITS[:7], LOGITS * np.nan, -LOGITS[::-1], np.roll(LOGITS, 1, axis=1)],
    ids=["too few classes", "too few images", "NaN", "other accuracy", "other columns"],
)
def test_predictions_that_contradict_the_history_are_noticed(
    running: RunStore, record: RunRecord, logits: NDArray[np.float32]
) -> None:
    labels = np.where(np.arange(30) < 20, LABELS, 0)  # so that each column is right another time
    split = Split("test", IMAGES, np.arange(30), labels)
    epochs = [replace(epoch, test_accuracy=6 / 30) for epoch in EPOCHS]
    running.end(
        record, epochs, Packer().pack(RunResult(WEIGHTS, {"test": LOGITS}), {"test": split})
    )
    assert running.load() is not None
    running.end(
        record, epochs, Packer().pack(RunResult(WEIGHTS, {"test": logits}), {"test": split})
    )
    with pytest.raises(DamagedRunError) as error:
        running.load()
    assert str(error.value).startswith("predictions.npz")


def test_a_selected_epoch_that_the_history_lacks_is_noticed(
    running: RunStore, record: RunRecord
) -> None:
    running.end(record, EPOCHS, Packer().pack(RunResult(WEIGHTS, epoch=5), {}))
    with pytest.raises(DamagedRunError) as error:
        running.load()
    assert str(error.value).startswith("history.jsonl")


@pytest.mark.parametrize("kind", ["a file", "a broken link", "a link to itself"])
def test_a_folder_that_is_none_is_damage(finished: RunStore, kind: str) -> None:
    away = finished.folder.rename(finished.folder.with_name("lenet5-0000000000-seed9"))
    match kind:
        case "a file":
            finished.folder.touch()
        case "a broken link":
            finished.folder.symlink_to("nowhere")
        case _:
            finished.folder.symlink_to(finished.folder)
    with pytest.raises(DamagedRunError):
        finished.load()
    finished.set_aside()
    assert finished.load() is None
    assert RunStore(away).record_file.exists()


def test_a_folder_that_may_not_be_read_is_one_line(
    finished: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(StoreError) as error:
        finished.load()
    assert error.value.where == str(finished.folder)


def test_answers_are_sealed_and_damaged_ones_do_not_count(finished: RunStore) -> None:
    room = f'{{"checksum": "{BLANK}", "accuracy": 0.5}}'.encode()
    assert finished.read_answers("answers.json") == b""
    assert finished.damage_of_answers("answers.json") == ""
    finished.write_answers("answers.json", room)
    file = finished.folder / "answers.json"
    assert finished.read_answers("answers.json") == file.read_bytes() == sealed(room)
    assert finished.damage_of_answers("answers.json") == ""
    file.write_bytes(file.read_bytes().replace(b"0.5", b"0.6"))
    assert finished.read_answers("answers.json") == b""
    assert finished.damage_of_answers("answers.json")
    file.unlink()
    file.mkdir()
    assert finished.read_answers("answers.json") == b""
    assert finished.damage_of_answers("answers.json")
    finished.write_answers("answers.json", room)
    assert finished.read_answers("answers.json") == sealed(room)
    assert finished.load() is not None


def test_damaged_runs_are_set_aside_beside_each_other(running: RunStore) -> None:
    contents = running.checkpoint_file.read_bytes()
    first = running.set_aside()
    running.folder.mkdir()
    second = running.set_aside()
    assert first.name == f"{running.folder.name}.damaged-1"
    assert second.name == f"{running.folder.name}.damaged-2"
    assert (first / "checkpoint.safetensors").read_bytes() == contents
    assert not running.folder.exists()


def test_starting_again_removes_what_was_left_behind(running: RunStore, record: RunRecord) -> None:
    (running.folder / "weights.safetensors.0a1b2c3d.partial").write_bytes(b"half")
    running.start(record, EPOCHS[:2])
    assert names(running) == {"run.json", "history.jsonl", "checkpoint.safetensors"}
    running.start(record, [])
    assert names(running) == {"run.json"}


def test_the_files_are_plain(finished: RunStore) -> None:
    """Anyone can read them, without Seedbed."""
    import safetensors.torch
    import torch

    weights = safetensors.torch.load_file(finished.weights_file)
    assert torch.equal(weights["fc1.weight"], torch.arange(6.0).reshape(3, 2))
    with np.load(finished.predictions_file, allow_pickle=False) as predictions:
        assert set(predictions) == {"logits", "labels", "names", "hashes"}
    lines = finished.history_file.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["test_accuracy"] for line in lines] == [1 / 3] * 4


def test_the_same_run_is_the_same_bytes(finished: RunStore, record: RunRecord) -> None:
    files = {file: file.read_bytes() for file in finished.folder.iterdir()}
    finished.end(record, EPOCHS, Packer().pack(RunResult(WEIGHTS, {"test": LOGITS}), SPLITS))
    for file in (finished.weights_file, finished.predictions_file, finished.history_file):
        assert file.read_bytes() == files[file]


def test_other_splits_are_kept_with_the_identity_of_their_images(
    running: RunStore, record: RunRecord
) -> None:
    indices = np.array([3, 7, 29])
    held_out = Split("train", IMAGES, indices, LABELS[indices])
    result = RunResult(WEIGHTS, {"test": LOGITS, "validation": LOGITS[:3]})
    running.end(record, EPOCHS, Packer().pack(result, SPLITS | {"validation": held_out}))
    logits, labels = running.predictions("validation")
    np.testing.assert_array_equal(logits, LOGITS[:3])
    np.testing.assert_array_equal(labels, LABELS[indices])
    stored_indices = running.indices("validation")
    np.testing.assert_array_equal(stored_indices, indices)
    assert stored_indices.dtype == np.int64
    np.testing.assert_array_equal(running.indices("test"), np.arange(30))
    for split, of in (("validation", indices), ("test", np.arange(30))):
        images = running.identities(split)
        np.testing.assert_array_equal(images.names, IMAGES.names[of])
        np.testing.assert_array_equal(images.hashes, IMAGES.hashes[of])
    file = running.folder / "predictions-validation.npz"
    with np.load(file, allow_pickle=False) as arrays:
        assert set(arrays) == {"logits", "labels", "indices", "names", "hashes"}
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(DamagedRunError) as error:
        running.load()
    assert str(error.value).startswith("predictions-validation.npz")


def test_a_run_without_test_logits_is_whole(running: RunStore, record: RunRecord) -> None:
    running.end(record, EPOCHS, Packer().pack(RunResult(WEIGHTS), {}))
    assert names(running) == {"run.json", "history.jsonl", "weights.safetensors"}
    stored = running.load()
    assert stored is not None
    assert stored.record.status == "finished"


def test_an_older_format_is_refused_and_not_taken_for_damage(finished: RunStore) -> None:
    finished.record_file.write_bytes(sealed(f'{{"checksum": "{BLANK}", "format": 1}}'.encode()))
    with pytest.raises(StoreError) as error:
        finished.load()
    assert error.value.where == str(finished.record_file)


def test_an_epoch_adds_a_line_to_the_history(running: RunStore, record: RunRecord) -> None:
    before = running.history_file.read_bytes()
    running.save_epochs(record, EPOCHS[:3], RunState(3, STATE), 2)
    after = running.history_file.read_bytes()
    assert after[: len(before)] == before
    assert after.count(b"\n") == 3


def test_a_history_that_was_torn_is_whole_again_when_the_run_goes_on(
    running: RunStore, record: RunRecord
) -> None:
    whole = running.history_file.read_bytes()
    running.history_file.write_bytes(whole + whole[:40])
    running.start(record, EPOCHS[:2])
    assert running.history_file.read_bytes() == whole
