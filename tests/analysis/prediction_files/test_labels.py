"""Labels name classes or count them; where both fit and differ, the user says which."""

from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from made_predictions import made
from seedbed.analysis.prediction_files.layout import LabelsAre, Layout
from seedbed.analysis.prediction_files.read import read_predictions
from seedbed.core.errors import DataError
from sentences import Sentence

RUN = made(200, 4)


def write(path: Path, names: tuple[str, ...], labels: Any, scores: Any = RUN.scores) -> Path:
    rows = zip(labels, scores.tolist(), strict=True)
    lines = [f"{label},{','.join(map(str, row))}" for label, row in rows]
    path.write_text("\n".join([f"label,{','.join(names)}", *lines]) + "\n", encoding="utf-8")
    return path


def by_name(names: tuple[str, ...]) -> list[str]:
    return [names[label] for label in RUN.labels]


@pytest.mark.parametrize("names", list(permutations("0123")))
@pytest.mark.parametrize("labels_are", ["names", "positions"])
def test_numbers_in_another_order(
    tmp_path: Path, names: tuple[str, ...], labels_are: LabelsAre
) -> None:
    labels = by_name(names) if labels_are == "names" else RUN.labels
    path = write(tmp_path / "run.csv", names, labels)
    if names == tuple("0123"):
        assert read_predictions(path).predictions.accuracy == RUN.accuracy
    else:
        with pytest.raises(DataError) as error:
            read_predictions(path)
        assert f"{RUN.accuracy:.1%}" in error.value.what
    run = read_predictions(path, Layout(labels_are=labels_are)).predictions
    assert (run.accuracy, run.class_names) == (RUN.accuracy, names)


def test_case_8(tmp_path: Path, sentence: Sentence) -> None:
    run = made(1000, 11, skill=0.9)
    names = tuple(sorted(map(str, range(11))))
    path = write(tmp_path / "run.csv", names, run.labels, run.scores)
    with pytest.raises(DataError) as error:
        read_predictions(path)
    sentence(error.value)
    layout = Layout(labels_are="positions")
    assert read_predictions(path, layout).predictions.accuracy == run.accuracy


@pytest.mark.parametrize(
    "names", [("1", "2", "3", "4"), ("3", "8", "5", "9"), ("10", "20", "5", "7")]
)
def test_labels_that_fit_as_names_only(tmp_path: Path, names: tuple[str, ...]) -> None:
    run = read_predictions(write(tmp_path / "run.csv", names, by_name(names))).predictions
    assert (run.accuracy, run.class_names) == (RUN.accuracy, names)


@pytest.mark.parametrize(
    "names", [("1", "2", "3", "4"), ("3", "8", "5", "9"), ("10", "20", "30", "7")]
)
def test_labels_that_fit_as_positions_only(tmp_path: Path, names: tuple[str, ...]) -> None:
    run = read_predictions(write(tmp_path / "run.csv", names, RUN.labels)).predictions
    assert (run.accuracy, run.class_names) == (RUN.accuracy, names)


@pytest.mark.parametrize("written", ["{}.0", "{:02d}", "{:.3f}", " {} ", "{},0"])
def test_other_writings_of_numbers(tmp_path: Path, written: str) -> None:
    number = int if "d" in written else (float if "f" in written else str)
    labels = [f'"{written.format(number(label))}"' for label in RUN.labels.tolist()]
    path = write(tmp_path / "run.csv", tuple("abcd"), labels)
    assert read_predictions(path).predictions.accuracy == RUN.accuracy


def test_names_of_classes_with_zeros_before(tmp_path: Path) -> None:
    names = ("007", "008", "009", "010")
    for labels in (by_name(names), [int(name) for name in by_name(names)]):
        run = read_predictions(write(tmp_path / "run.csv", names, labels)).predictions
        assert run.accuracy == RUN.accuracy


@pytest.mark.parametrize("labels", ["column", "float", "one-hot", "bytes", "text"])
def test_labels_of_arrays(tmp_path: Path, labels: str) -> None:
    of: Any = {
        "column": RUN.labels[:, None],
        "float": RUN.labels.astype(np.float32),
        "one-hot": np.eye(4)[RUN.labels],
        "bytes": np.array(list("abcd"), "S")[RUN.labels],
        "text": np.array(list("abcd"))[RUN.labels],
    }[labels]
    np.savez(tmp_path / "run.npz", y_true=of, logits=RUN.scores, class_names=list("abcd"))
    file = read_predictions(tmp_path / "run.npz")
    assert file.predictions.accuracy == RUN.accuracy
    assert ("one-hot" in file.reading.labels) == (labels == "one-hot")


@pytest.mark.parametrize("missing", ["", "nan", "NA"])
def test_a_missing_label(tmp_path: Path, missing: str) -> None:
    labels = [*by_name(tuple("abcd"))[:-1], missing]
    with pytest.raises(DataError) as error:
        read_predictions(write(tmp_path / "run.csv", tuple("abcd"), labels))
    assert "199" in error.value.what
