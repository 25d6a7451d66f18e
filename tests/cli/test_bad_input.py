"""What users give by mistake is answered in one line that names the place, by every command."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from made_entries import made_entry
from made_predictions import made
from seedbed.analysis.summary_file import write_summary
from seedbed.cli.main import main
from small import run_small, small_study, write_images

Refused = Callable[..., str]


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Refused:
    """A command that must fail; it returns its one line."""

    def command(*words: str | Path) -> str:
        capsys.readouterr()
        assert main(list(map(str, words))) == 2
        output = capsys.readouterr()
        assert output.out == ""
        assert output.err.startswith("seedbed: error: ")
        assert output.err.count("\n") == 1
        return output.err.removeprefix("seedbed: error: ").strip()

    return command


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
    ("arrays", "expected"),
    [
        ({"scores": with_nan()}, "image 7: its scores hold NaN"),
        ({"scores": made(60, 3).scores[:, :2]}, "scores have 2 columns for 3 classes"),
        (
            {"labels": np.full(60, 3)},
            "image 0, the first of 60 images: its label is 3, which is no class",
        ),
    ],
)
def test_predictions(
    refused: Refused, tmp_path: Path, arrays: dict[str, Any], expected: str
) -> None:
    path = predictions(tmp_path / "run.npz", **arrays)
    assert refused("evaluate", path).startswith(f"{path}: {expected}")


def test_predictions_of_different_test_sets(refused: Refused, tmp_path: Path) -> None:
    one = predictions(tmp_path / "one.npz")
    other = predictions(tmp_path / "other.npz", labels=np.arange(60) % 3)
    message = refused("evaluate", one, other)
    assert message.startswith(f"{other}: has other labels than {one}; expected runs on the same")


def test_configurations_of_different_test_sets(refused: Refused, tmp_path: Path) -> None:
    write_summary(tmp_path, [made_entry("a"), made_entry("b", test_fingerprint="others")])
    message = refused("table", tmp_path, "comparisons")
    assert "different test images" in message
    assert "with the same fingerprint" in message
    message = refused("table", tmp_path, "comparisons", "--baseline", "a")
    assert "'b' and 'a' have different test images" in message


@pytest.mark.parametrize(
    ("noise", "expected"),
    [
        ("[[1.1, -0.1, 0], [0, 1, 0], [0, 0, 1]]", "has -0.1 in row 0, column 1"),
        ("[[0.5, 0.4, 0], [0, 1, 0], [0, 0, 1]]", "row 0 (counted from 0) of the transition"),
        ("[[1, 0, 0], [0, 1, 0]]", "the transition matrix is 2×3; expected 2×2"),
    ],
)
def test_transition_matrices(refused: Refused, tmp_path: Path, noise: str, expected: str) -> None:
    message = refused("plan", study(tmp_path, f'[noise]\nkind = "matrix"\nmatrix = {noise}'))
    assert message.startswith(f"{tmp_path}/study.toml, line 9, noise.matrix: ")
    assert expected in message


@pytest.mark.parametrize("matrix", ["[[1, 0], [0, 1]]", '"matrix.csv"'])
def test_transition_matrices_of_another_number_of_classes(
    refused: Refused, tmp_path: Path, matrix: str
) -> None:
    (tmp_path / "matrix.csv").write_text("1,0\n0,1\n", encoding="utf-8")
    message = refused("plan", study(tmp_path, f'[noise]\nkind = "matrix"\nmatrix = {matrix}'))
    assert message.startswith("noise.matrix: the transition matrix is 2×2; expected 3×3")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (
            '[[variants]]\nname = "a"\nrecipe.epochz = 3',
            "line 9, variants.0.recipe.epochz: unknown setting 'epochz' (did you mean 'epochs'?)",
        ),
        ("learning_rate = []", "line 7, recipe.learning_rate: the list is empty; expected one"),
    ],
)
def test_study_files(refused: Refused, tmp_path: Path, more: str, expected: str) -> None:
    message = refused("plan", study(tmp_path, more))
    assert message.startswith(f"{tmp_path}/study.toml, {expected}")


def test_a_study_without_a_finished_run(refused: Refused, tmp_path: Path) -> None:
    store = run_small(small_study(tmp_path / "data", epochs=1), tmp_path / "study")
    for run_id in store.run_ids():
        store.run(run_id).set_aside()
    message = refused("table", store.folder)
    assert message.startswith(f"{store.folder}: no run of this study has finished yet (train them")


@pytest.mark.parametrize("file", ["study.toml", "run.json", "summary.json"])
def test_a_study_of_a_newer_version(refused: Refused, tmp_path: Path, file: str) -> None:
    store = run_small(small_study(tmp_path / "data", epochs=1), tmp_path / "study")
    assert main(["table", str(store.folder)]) == 0
    shutil.copytree(store.folder, tmp_path / "copy")
    (path,) = list((tmp_path / "copy").glob(f"**/{file}"))[:1]
    text = path.read_text(encoding="utf-8")
    for newer in ("format = ", '"format": '):
        text = text.replace(newer, f"{newer}9")
    path.write_text(text, encoding="utf-8")
    message = refused("table", tmp_path / "copy")
    assert message.startswith(f"{path}: ")
    assert "a newer Seedbed" in message


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
