"""Verifying the files of a study: none is doubted without a reason, and every reason is found."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seedbed import workflow
from seedbed.analysis.entry import Entry
from seedbed.analysis.summary.study import refresh_summary
from seedbed.analysis.summary_file import stored_summary, write_summary
from seedbed.core.errors import StoreError, StudyError
from seedbed.core.files import sha256
from seedbed.core.seal import sealed
from seedbed.engines.native.engine import NativeEngine
from seedbed.study.store.study import StudyStore
from small import StopAfterEvery, run_small, small_study
from sound import copy_of, write_sound


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> StudyStore:
    return write_sound(tmp_path_factory.mktemp("sound"))


@pytest.fixture
def store(sound: StudyStore, tmp_path: Path) -> StudyStore:
    return copy_of(sound, tmp_path / "study")


def doubts(store: StudyStore, **options: Any) -> dict[str, str]:
    return {
        finding.name: finding.text
        for finding in workflow.verify(store.folder, **options)
        if finding.status == "doubt"
    }


def contents(folder: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def edited(file: Path, **changes: Any) -> None:
    """Change a record as somebody would who knows how it is sealed."""
    values = json.loads(file.read_bytes())
    file.write_bytes(sealed(json.dumps(values | changes, indent=2).encode()))


def test_a_sound_study_has_no_doubts_and_stays_as_it_is(store: StudyStore) -> None:
    before = contents(store.folder)
    findings = list(workflow.verify(store.folder))
    assert {finding.status for finding in findings} == {"ok"}
    assert [finding.name for finding in findings] == [
        "study.toml",
        *[f"runs/{run.id}" for run in _planned(store)],
        "summary.json",
    ]
    assert contents(store.folder) == before


def test_the_images_are_not_needed(store: StudyStore, sound: StudyStore) -> None:
    data = sound.folder.parent / "data"
    away = data.rename(data.with_name("away"))
    try:
        assert doubts(store) == {}
    finally:
        away.rename(data)


FORGED: dict[str, tuple[dict[str, Any], str]] = {
    "seconds": ({"seconds": 1.5}, "seconds"),
    "parameters": ({"cost": {"parameters": 7, "multiply_adds": 1, "weight_bytes": 4}}, "cost"),
    "seeds": ({"seeds": {"run": 5}}, "seeds"),
    "selected epoch": (
        {"selected_epoch": 1},
        "selected_epoch|history.jsonl",
    ),  # or its accuracy, if another
    "layers": ({"layers": []}, "layers"),
}


@pytest.mark.parametrize("what", FORGED)
def test_a_record_that_was_edited_and_sealed_again_is_doubted(store: StudyStore, what: str) -> None:
    changes, word = FORGED[what]
    run = store.run(store.run_ids()[0])
    edited(run.record_file, **changes)
    assert re.search(word, doubts(store)[f"runs/{run.folder.name}"])


def test_a_rate_of_noise_that_was_edited_is_doubted(store: StudyStore) -> None:
    run = next(run for run in _runs(store) if (run.folder / "training_labels.npz").exists())
    noise = json.loads(run.record_file.read_bytes())["noise"]
    edited(run.record_file, noise=noise | {"observed_rate": 0.25})
    assert "observed_rate" in doubts(store)[f"runs/{run.folder.name}"]
    edited(run.record_file, noise=noise | {"labels_sha256": "0" * 64})
    assert "labels_sha256" in doubts(store)[f"runs/{run.folder.name}"]


def test_logits_that_were_edited_and_hashed_again_are_doubted(store: StudyStore) -> None:
    run = _runs(store)[0]
    with np.load(run.predictions_file) as file:
        arrays = dict(file)
    arrays["logits"][0] *= 1.5  # the same class, so the accuracy is as before
    np.savez(run.predictions_file, **arrays)
    record = json.loads(run.record_file.read_bytes())
    hashes = record["files"] | {"predictions.npz": sha256(run.predictions_file.read_bytes())}
    edited(run.record_file, files=hashes)
    text = doubts(store)[f"runs/{run.folder.name}"]
    assert "test_loss" in text
    assert "test_accuracy" not in text


def test_fields_of_the_summary_that_differ_are_named(store: StudyStore) -> None:
    entries = stored_summary(store.folder).entries
    entries[1]["test_accuracy"] = entries[1]["test_accuracy"] | {"mean": 0.9017}
    entries[0]["n"] = 4
    write_summary(store.folder, entries)
    text = doubts(store)["summary.json"]
    assert f"{entries[1]['label']}: test_accuracy.mean is 0.9017, recomputed " in text
    assert f"{entries[0]['label']}: n is 4, recomputed 3" in text
    write_summary(store.folder, entries[:1])
    assert "has 1 entries, recomputed 2" in doubts(store)["summary.json"]


def test_an_edited_field_of_the_summary_is_named(store: StudyStore) -> None:
    file = store.folder / "summary.json"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"n": 3', '"n": 4', 1), encoding="utf-8")
    found = doubts(store)["summary.json"]
    assert found.startswith("was changed after it was written; ")
    assert "n is 4, recomputed 3" in found


def test_a_summary_of_other_runs_is_doubted(store: StudyStore) -> None:
    shutil.rmtree(_runs(store)[0].folder)
    found = doubts(store)
    assert list(found) == ["summary.json"]
    refresh_summary(store.folder)
    assert doubts(store) == {}


def test_what_is_not_there_yet_is_no_doubt(tmp_path: Path) -> None:
    spec = small_study(tmp_path / "data", epochs=2)
    with pytest.raises(KeyboardInterrupt):
        run_small(spec, tmp_path / "study", NativeEngine(), StopAfterEvery(3), threads=1)
    store = StudyStore(tmp_path / "study")
    statuses = [finding.status for finding in workflow.verify(store.folder)]
    assert statuses[:4] == ["ok", "ok", "open", "open"]
    refresh_summary(store.folder)
    assert [finding.status for finding in workflow.verify(store.folder)][-1] == "ok"


def test_every_kind_of_damage_is_one_doubt_and_the_rest_is_still_checked(
    store: StudyStore,
) -> None:
    first, second, third, *others = _runs(store)
    first.record_file.write_bytes(b"")
    second.weights_file.unlink()
    shutil.rmtree(third.folder)
    third.folder.touch()
    with store.study_file.open("a", encoding="utf-8") as file:
        file.write("# by hand\n")
    findings = {finding.name: finding.status for finding in workflow.verify(store.folder)}
    for run in (first, second, third):
        assert findings[f"runs/{run.folder.name}"] == "doubt"
    for run in others:
        assert findings[f"runs/{run.folder.name}"] == "ok"
    assert findings["study.toml"] == findings["summary.json"] == "doubt"


SPOILED: dict[str, Callable[[Path], object]] = {
    "cut off": lambda file: file.write_bytes(file.read_bytes()[:-40]),
    "empty": lambda file: file.write_bytes(b""),
    "gone": lambda file: file.unlink(),
}


@pytest.mark.parametrize("how", SPOILED)
def test_without_a_readable_study_file_the_runs_are_still_listed(
    store: StudyStore, how: str
) -> None:
    SPOILED[how](store.study_file)
    found = list(workflow.verify(store.folder))
    assert (found[0].name, found[0].status) == ("study.toml", "doubt")
    assert {f"runs/{run.folder.name}" for run in _runs(store)} <= {each.name for each in found}


def test_a_study_file_without_the_fingerprint_is_doubted(store: StudyStore) -> None:
    lines = store.study_file.read_text(encoding="utf-8").splitlines(keepends=True)
    text = "".join(line for line in lines if not line.startswith("fingerprint"))
    store.study_file.write_text(text, encoding="utf-8")
    assert "fingerprint" in doubts(store)["study.toml"]


def test_a_folder_without_a_study_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as error:
        list(workflow.verify(tmp_path))
    assert error.value.where == str(tmp_path)


@pytest.mark.parametrize(
    ("options", "where"),
    [({"repeat": -1}, "repeat"), ({"margin": 0.0}, "margin"), ({"threads": 0}, "threads")],
)
def test_options_that_cannot_be_used(
    store: StudyStore, options: dict[str, Any], where: str
) -> None:
    with pytest.raises(StudyError) as error:
        list(workflow.verify(store.folder, **options))
    assert error.value.where == where


def _planned(store: StudyStore) -> Any:
    from seedbed.study.plan import plan_runs

    return plan_runs(store.read_study())


def _runs(store: StudyStore) -> Any:
    return [store.run(run_id) for run_id in store.run_ids()]


def test_a_summary_without_the_fields_of_a_new_analysis_is_open(store: StudyStore) -> None:
    """Every command makes such a summary again, so no figure of it is shown."""
    entries = [
        entry if number else Entry(without(entry, "hard_examples"))
        for number, entry in enumerate(stored_summary(store.folder).entries)
    ]
    write_summary(store.folder, entries)
    findings = {finding.name: finding.status for finding in workflow.verify(store.folder)}
    assert findings["summary.json"] == "open"


def without(entry: Entry, name: str) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != name}
