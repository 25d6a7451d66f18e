"""Studies of one specification are put together; what contradicts is refused."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seedbed.cli.main import main
from seedbed.core.errors import SeedbedError, StoreError, StudyError
from seedbed.core.seal import BLANK, sealed
from seedbed.study.merge import merge
from seedbed.study.store.claims import read_declarations
from seedbed.study.store.study import StudyStore
from small import contents, run_small, runs, small_study

CLAIM = """[[claims]]
claim = "A small rate is worse"
better = ["learning_rate=0.1"]
than = ["learning_rate=0.01"]
"""


def study(tmp_path: Path, name: str, seeds: str, *settings: str, more: str = "") -> StudyStore:
    spec = small_study(tmp_path / "data", seeds=seeds, epochs=2, settings=settings, more=more)
    return run_small(spec, tmp_path / name)


def tree(folder: Path) -> dict[str, Any]:
    return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture
def parts(tmp_path: Path) -> list[Path]:
    return [study(tmp_path, "a", "[0, 2]").folder, study(tmp_path, "b", "[1, 2]").folder]


def test_merged_studies_are_the_study_of_all_seeds(parts: list[Path], tmp_path: Path) -> None:
    before = [tree(part) for part in parts]
    merged = merge(parts, tmp_path / "out")
    assert (merged.planned, list(merged.taken.values()), merged.repeated) == (3, [2, 1], 1)
    assert not merged.damaged
    assert [tree(part) for part in parts] == before
    assert contents(StudyStore(tmp_path / "out")) == contents(study(tmp_path, "whole", "3"))
    assert merge(parts[::-1], tmp_path / "again").planned == 3
    assert contents(StudyStore(tmp_path / "again")) == contents(StudyStore(tmp_path / "out"))
    assert not list(tmp_path.glob("*.partial"))


def test_the_command_says_what_was_put_together(
    parts: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["merge", *map(str, parts), "--out", str(out)]) == 0
    text = capsys.readouterr().out
    assert f"2 from {parts[0]}, 1 from {parts[1]}" in text
    assert "still to train" not in text
    assert main(["table", str(out)]) == 0
    assert "mean (n = 3)" in capsys.readouterr().out
    assert main(["verify", str(out)]) == 1  # the weights of the fake engine are of no LeNet-5
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "ok     study.toml: a study of 3 runs"
    assert any(line.startswith("ok     summary.json") for line in lines)


def test_what_has_not_ended_is_left_out(parts: list[Path], tmp_path: Path) -> None:
    store = StudyStore(parts[1])
    run = next(each for each in runs(store) if each.folder.name.endswith("seed1"))
    record = json.loads(run.record_file.read_bytes()) | {"status": "running", "checksum": BLANK}
    run.record_file.write_bytes(sealed(json.dumps(record).encode()))
    merged = merge(parts, tmp_path / "out")
    assert (merged.planned, sum(merged.taken.values()), merged.damaged) == (3, 2, ())


def test_a_damaged_run_is_named_and_left_out(
    parts: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for run in runs(StudyStore(parts[1])):
        with run.weights_file.open("ab") as file:
            file.write(b"x")
    out = tmp_path / "out"
    assert main(["merge", *map(str, parts), "--out", str(out)]) == 1
    lines = capsys.readouterr().out.splitlines()
    left_out = [line for line in lines if line.startswith("damaged, left out")]
    replaced = [line for line in lines if line.startswith("damaged, taken")]
    assert ["seed1" in line for line in left_out] == [True]
    assert ["seed2" in line for line in replaced] == [True]
    assert [run.folder.name[-5:] for run in runs(StudyStore(out))] == ["seed0", "seed2"]


def refusal(parts: list[Path], out: Path) -> SeedbedError:
    before = sorted(out.parent.rglob("*"))
    with pytest.raises(SeedbedError) as error:
        merge(parts, out)
    assert sorted(out.parent.rglob("*")) == before
    return error.value


def test_other_results_of_the_same_run_are_refused(parts: list[Path], tmp_path: Path) -> None:
    run = next(each for each in runs(StudyStore(parts[1])) if each.folder.name.endswith("seed2"))
    with np.load(run.predictions_file) as arrays:
        logits = dict(arrays)
    logits["logits"] = logits["logits"] * np.float32(1.5)
    np.savez(run.predictions_file, **logits)
    record = json.loads(run.record_file.read_bytes()) | {"checksum": BLANK}
    record["files"]["predictions.npz"] = hashlib.sha256(
        run.predictions_file.read_bytes()
    ).hexdigest()
    run.record_file.write_bytes(sealed(json.dumps(record).encode()))
    error = refusal(parts, tmp_path / "out")
    assert isinstance(error, StoreError)
    assert error.where == str(parts[1])
    assert run.folder.name in error.what
    assert error.what.endswith("predictions.npz")


@pytest.mark.parametrize(
    ("setting", "key"),
    [("recipe.epochs=3", "recipe.epochs"), ("margin=1", "margin"), ("name=other", "name")],
)
def test_another_specification_is_refused(
    setting: str, key: str, parts: list[Path], tmp_path: Path
) -> None:
    other = study(tmp_path, "c", "[3]", setting)
    error = refusal([*parts, other.folder], tmp_path / "out")
    assert error.where == str(other.study_file)
    assert f" {key} = " in error.what


def test_another_dataset_is_refused_and_another_path_is_not(
    parts: list[Path], tmp_path: Path
) -> None:
    moved = run_small(small_study(tmp_path / "elsewhere", seeds="[4]", epochs=2), tmp_path / "c")
    assert merge([parts[0], moved.folder], tmp_path / "moved").planned == 3
    other = small_study(tmp_path / "larger", seeds="[5]", epochs=2)
    path = tmp_path / "larger" / "images.npz"
    with np.load(path) as arrays:
        changed = {name: array.copy() for name, array in arrays.items()}
    changed["train_images"][0] ^= 1
    np.savez(path, **changed)
    store = run_small(other, tmp_path / "d")
    assert "dataset.fingerprint" in refusal([parts[0], store.folder], tmp_path / "out").what


def test_another_format_and_a_changed_study_are_refused(parts: list[Path], tmp_path: Path) -> None:
    file = StudyStore(parts[1]).study_file
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("batch_size = 16", "batch_size = 17"), encoding="utf-8")
    assert refusal(parts, tmp_path / "out").where == str(file)
    newer = text.replace("format = 3", "format = 99")
    file.write_bytes(sealed(newer.encode()))
    assert "99" in refusal(parts, tmp_path / "out").what


def test_seeds_that_are_no_product_are_refused(tmp_path: Path) -> None:
    one = study(tmp_path, "a", "{ initialization = [0, 1], order = [0, 1] }")
    other = study(tmp_path, "b", "{ initialization = [2], order = [2] }")
    error = refusal([one.folder, other.folder], tmp_path / "out")
    assert isinstance(error, StudyError)
    more = study(tmp_path, "c", "{ initialization = [2], order = [0, 1] }")
    assert merge([one.folder, more.folder], tmp_path / "out").planned == 6


def test_folders_that_cannot_be_merged_are_refused(parts: list[Path], tmp_path: Path) -> None:
    assert refusal(parts[:1], tmp_path / "out").where == "merge"
    assert refusal([parts[0], parts[0]], tmp_path / "out").where == str(parts[0])
    assert refusal(parts, parts[0] / "out").where == str(parts[0] / "out")
    assert refusal([parts[0], tmp_path / "data"], tmp_path / "out").where == str(tmp_path / "data")
    full = tmp_path / "full"
    full.mkdir()
    (full / "notes").touch()
    assert refusal(parts, full).where == str(full)


def test_the_earliest_declaration_of_a_claim_counts_with_what_had_ended(tmp_path: Path) -> None:
    axis = "recipe.learning_rate=[0.01, 0.1]"
    one = study(tmp_path, "a", "[0, 1]", axis, more=CLAIM)
    other = study(tmp_path, "b", "[2, 3]", axis, more=CLAIM)
    merge([one.folder, other.folder], tmp_path / "out")
    (declared,) = read_declarations(tmp_path / "out").claims
    assert (declared.ended, declared.seeds) == (0, 2)
    # Of a claim that was declared later, the runs that had ended elsewhere count.
    for store in (one, other):
        (was,) = read_declarations(store.folder).claims
        stored = {**was.__dict__, "declared": "2999-01-01T00:00:00+00:00"}
        text = json.dumps({"checksum": BLANK, "claims": [stored], "looks": [2]})
        (store.folder / "claims.json").write_bytes(sealed(text.encode()))
    merge([one.folder, other.folder], tmp_path / "late")
    assert read_declarations(tmp_path / "late").looks == (2,)
    assert read_declarations(tmp_path / "late").claims[0].ended == 4
    (other.folder / "claims.json").unlink()
    assert refusal([one.folder, other.folder], tmp_path / "none").where == str(other.folder)
    shutil.copy(one.study_file, other.folder / "claims.json")
    assert refusal([one.folder, other.folder], tmp_path / "none").where == str(
        other.folder / "claims.json"
    )
