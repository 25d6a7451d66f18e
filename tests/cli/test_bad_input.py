"""Invalid input ends every command with one line that names where the problem is."""

import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from commands import Refused
from made_entries import made_entry
from made_predictions import made
from seedbed.analysis.summary_file import write_summary
from seedbed.cli.main import main
from seedbed.core.errors import DataError, StoreError, StudyError
from seedbed.core.seal import sealed
from seedbed.core.suggestions import unknown
from seedbed.study.spec.study import FORMAT
from seedbed.training.recipe import Recipe
from small import run_small, small_study, write_images


def predictions(path: Path, scores: Any = None, labels: Any = None) -> Path:
    run = made(60, 3)
    arrays: dict[str, Any] = {
        "logits": run.scores if scores is None else scores,
        "labels": run.labels if labels is None else labels,
        "class_names": run.class_names,
    }
    np.savez(path, **arrays)
    return path


def with_nan() -> Any:
    scores = made(60, 3).scores.copy()
    scores[7, 1] = np.nan
    return scores


@pytest.mark.parametrize(
    ("arrays", "numbers"),
    [
        ({"scores": with_nan()}, {"7"}),
        ({"scores": made(60, 3).scores[:, :2]}, {"2", "3"}),
        ({"labels": np.full(60, 3)}, {"0", "3", "60"}),
    ],
)
def test_predictions(
    refused: Refused, tmp_path: Path, arrays: dict[str, Any], numbers: set[str]
) -> None:
    path = predictions(tmp_path / "run.npz", **arrays)
    error = refused("evaluate", path)
    assert isinstance(error, DataError)
    assert error.where == str(path)
    assert numbers <= set(re.findall(r"\d+", error.what))


def test_predictions_of_different_test_sets(refused: Refused, tmp_path: Path) -> None:
    one = predictions(tmp_path / "one.npz")
    other = predictions(tmp_path / "other.npz", labels=np.arange(60) % 3)
    error = refused("evaluate", one, other)
    assert isinstance(error, DataError)
    assert error.where == str(other)
    assert str(one) in error.what


@pytest.mark.parametrize("options", [[], ["--baseline", "a"]])
def test_configurations_of_different_test_sets(
    options: list[str], refused: Refused, tmp_path: Path
) -> None:
    write_summary(tmp_path, [made_entry("a"), made_entry("b", test_fingerprint="others")])
    error = refused("table", tmp_path, "comparisons", *options)
    assert isinstance(error, DataError)
    assert ("'b'" in error.what) == bool(options)


@pytest.mark.parametrize(
    ("noise", "numbers"),
    [
        ("[[1.1, -0.1, 0], [0, 1, 0], [0, 0, 1]]", ["-0.1", "0", "1"]),
        ("[[0.5, 0.4, 0], [0, 1, 0], [0, 0, 1]]", ["0", "0"]),
        ("[[1, 0, 0], [0, 1, 0]]", ["2", "3", "2", "2"]),
    ],
)
def test_transition_matrices(
    refused: Refused, tmp_path: Path, noise: str, numbers: list[str]
) -> None:
    error = refused("plan", study(tmp_path, f'[noise]\nkind = "matrix"\nmatrix = {noise}'))
    assert isinstance(error, StudyError)
    assert error.where == f"{tmp_path}/study.toml, line 9, noise.matrix"
    assert re.findall(r"-?\d+(?:\.\d+)?", error.what)[: len(numbers)] == numbers


@pytest.mark.parametrize("matrix", ["[[1, 0], [0, 1]]", '"matrix.csv"'])
def test_transition_matrices_of_another_number_of_classes(
    refused: Refused, tmp_path: Path, matrix: str
) -> None:
    (tmp_path / "matrix.csv").write_text("1,0\n0,1\n", encoding="utf-8")
    error = refused("plan", study(tmp_path, f'[noise]\nkind = "matrix"\nmatrix = {matrix}'))
    assert error.where == "noise.matrix"
    assert error.expected.startswith("3×3")
    assert "2×2" in error.what


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ('[[variants]]\nname = "a"\nrecipe.epochz = 3', "line 9, variants.0.recipe.epochz"),
        ("learning_rate = []", "line 7, recipe.learning_rate"),
    ],
)
def test_study_files(refused: Refused, tmp_path: Path, more: str, where: str) -> None:
    error = refused("plan", study(tmp_path, more))
    assert isinstance(error, StudyError)
    assert error.where == f"{tmp_path}/study.toml, {where}"
    if "epochz" in more:
        assert error.what == unknown("setting", "epochz", Recipe.model_fields)


@pytest.mark.parametrize(
    "value", ["[" * 100_000, "9" * 5000, '{ name = "vit", depth = 90071992547409913 }']
)
def test_study_files_that_would_fill_the_stack_or_the_memory(
    refused: Refused, tmp_path: Path, value: str
) -> None:
    file = tmp_path / "deep.toml"
    file.write_text(f"name = 'deep'\ndataset = 'digits'\nnetwork = {value}\n", encoding="utf-8")
    assert refused("plan", file).where.startswith(str(file))


def test_a_study_without_a_finished_run(refused: Refused, tmp_path: Path) -> None:
    store = run_small(small_study(tmp_path / "data", epochs=1), tmp_path / "study")
    for run_id in store.run_ids():
        store.run(run_id).set_aside()
    error = refused("table", store.folder)
    assert isinstance(error, StoreError)
    assert error.where == str(store.folder)


@pytest.mark.parametrize("file", ["study.toml", "summary.json"])
def test_a_study_of_a_newer_version(refused: Refused, tmp_path: Path, file: str) -> None:
    store = run_small(small_study(tmp_path / "data", epochs=1), tmp_path / "study")
    assert main(["table", str(store.folder)]) == 0
    shutil.copytree(store.folder, tmp_path / "copy")
    (path,) = list((tmp_path / "copy").glob(f"**/{file}"))[:1]
    text = path.read_text(encoding="utf-8")
    # A number: what was understood of a dataset has a format, too, which is a text.
    text = re.sub(r'(format = |"format": )(?=\d)', r"\g<1>9", text)
    path.write_bytes(sealed(text.encode()))
    error = refused("table", tmp_path / "copy")
    assert isinstance(error, StoreError)
    assert error.where == str(path)
    if file != "summary.json":
        assert error.expected == f"format {FORMAT}"


def study(folder: Path, more: str) -> Path:
    """Write a study of three classes; what is added to it begins on line 7."""
    path = write_images(folder)
    file = folder / "study.toml"
    file.write_text(
        f'name = "mine"\ndataset = {{ path = "{path}" }}\nnetwork = "lenet5"\nseeds = 2\n'
        f"[recipe]\nepochs = 2\n{more}\n",
        encoding="utf-8",
    )
    return file


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (["--set", "dataset.resize=100000"], ""),
        (["--set", "dataset.resize=100000000000"], ""),
        (["--threads", "99999999999"], "threads"),
    ],
)
def test_sizes_that_do_not_fit_into_memory(refused: Refused, words: list[str], where: str) -> None:
    assert refused("plan", "quickstart", *words).where == where
