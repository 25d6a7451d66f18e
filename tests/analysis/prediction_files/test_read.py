"""Predictions from NPZ, CSV and Parquet: read alike, and rejected in one line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from made_predictions import made
from seedbed.analysis.prediction_files.layout import Layout
from seedbed.analysis.prediction_files.read import read_predictions
from seedbed.analysis.predictions import Predictions
from seedbed.core.errors import DataError
from sentences import Sentence

NAMES = ("cat", "dog", "owl")
RUN = made(60, 3)
SCORES, LABELS = RUN.scores.astype(np.float64), RUN.labels


def write_npz(path: Path, names: tuple[str, ...], scores: Any, labels: Any) -> None:
    np.savez(path, scores=np.asarray(scores), labels=np.asarray(labels), class_names=names)


def write_csv(path: Path, names: tuple[str, ...], scores: Any, labels: Any) -> None:
    rows = zip(labels, np.asarray(scores).tolist(), strict=True)
    lines = [f"{label},{','.join(map(repr, row))}" for label, row in rows]
    path.write_text("\n".join([f"label,{','.join(names)}", *lines]) + "\n", encoding="utf-8")


def write_parquet(path: Path, names: tuple[str, ...], scores: Any, labels: Any) -> None:
    columns = dict(zip(names, np.asarray(scores).T, strict=True))
    parquet.write_table(pa.table({"label": list(labels), **columns}), path)


WRITERS: dict[str, Callable[..., None]] = {
    "npz": write_npz,
    "csv": write_csv,
    "parquet": write_parquet,
}


@pytest.mark.parametrize("kind", WRITERS)
def test_numbers_survive_to_the_last_bit(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"run.{kind}"
    WRITERS[kind](path, NAMES, SCORES, LABELS)
    found = read_predictions(path).predictions
    assert found.class_names == NAMES
    assert found.kind == "logits"
    np.testing.assert_array_equal(found.scores, SCORES)
    np.testing.assert_array_equal(found.labels, LABELS)


@pytest.mark.parametrize("kind", WRITERS)
def test_labels_may_be_names(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"run.{kind}"
    WRITERS[kind](path, NAMES, RUN.probabilities, [NAMES[label] for label in LABELS])
    found = read_predictions(path).predictions
    np.testing.assert_array_equal(found.labels, LABELS)
    assert found.kind == "probabilities"


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize(
    ("prefix", "expected"), [("logit_", "logits"), ("prob_", "probabilities"), ("score_", "logits")]
)
def test_names_of_columns_may_tell_the_kind(
    tmp_path: Path, kind: str, prefix: str, expected: str
) -> None:
    scores = RUN.probabilities if expected == "probabilities" else SCORES
    path = tmp_path / f"run.{kind}"
    WRITERS[kind](path, tuple(prefix + name for name in NAMES), scores, LABELS)
    found = read_predictions(path).predictions
    assert (found.class_names, found.kind) == (NAMES, expected)


@pytest.mark.parametrize("name", ["logits", "probabilities"])
def test_names_of_arrays_tell_the_kind(tmp_path: Path, name: str) -> None:
    scores = SCORES if name == "logits" else RUN.probabilities
    arrays: dict[str, Any] = {"labels": LABELS, name: scores}
    np.savez(tmp_path / "run.npz", **arrays)
    found = read_predictions(tmp_path / "run.npz").predictions
    assert found.kind == name
    assert found.class_names == ("0", "1", "2")


def test_the_layout_says_what_the_file_does_not(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    path.write_text("file;truth;p0;p1\na.png;1;0.2;0.8\nb.png;0;0.5;0.5\n", encoding="utf-8-sig")
    found = read_predictions(
        path, Layout("truth", ("file",), "logits", ("left", "right"))
    ).predictions
    assert found.class_names == ("left", "right")
    assert found.kind == "logits"
    assert found.scores.tolist() == [[0.2, 0.8], [0.5, 0.5]]
    assert found.labels.tolist() == [1, 0]


WRONG_CSV: dict[str, str] = {
    "empty": "",
    "no image": "label,a,b\n",
    "a short row": "label,a,b\n0,1,2\n0,1\n",
    "no header": "0,1,2\n0,1,2\n",
    "no label": "kind,a,b\n0,1,2\n",
    "a column twice": "label,a,a\n0,1,2\n",
    "text for a score": "label,a,b\n0,1,2\n1,2,x\n",
    "no score": "label,a,b\n0,1,\n",
    "NaN": "label,a,b\n0,1,nan\n",
    "label too high": "label,a,b\n2,1,7\n",
    "no whole number": "label,a,b\n1e30,1,7\n",
    "unknown class": "label,a,b\nc,1,7\n",
    "no softmax": "label,prob_a,prob_b\n0,0.5,0.1\n",
    "quotation mark": 'label,a,b\n0,"1,2\n',
}


@pytest.mark.parametrize("case", WRONG_CSV)
def test_what_is_wrong_with_a_csv_file_is_one_line(
    tmp_path: Path, case: str, sentence: Sentence
) -> None:
    path = tmp_path / "run.csv"
    path.write_text(WRONG_CSV[case], encoding="utf-8")
    with pytest.raises(DataError) as error:
        read_predictions(path)
    assert error.value.where.startswith(str(path))
    sentence(error.value)


WRONG_NPZ: dict[str, dict[str, Any]] = {
    "no scores": {"labels": LABELS},
    "no labels": {"logits": SCORES},
    "too few labels": {"logits": SCORES, "labels": LABELS[:5]},
    "counted from 1": {"logits": SCORES, "labels": LABELS + 1},
    "one dimension": {"logits": SCORES[0], "labels": LABELS},
    "too few names": {"logits": SCORES, "labels": LABELS, "class_names": ["a", "b"]},
    "objects": {"logits": SCORES.astype(object), "labels": LABELS},
}


WRONG_COLUMNS: dict[str, dict[str, Any]] = {
    "labels of several numbers": {"label": RUN.probabilities, "logits": SCORES},
    "labels without a class": {"label": np.zeros((60, 0)), "logits": SCORES},
    "no image": {"label": LABELS[:0], "logits": SCORES[:0]},
    "image names of several numbers": {"label": LABELS, "logits": SCORES, "path": SCORES},
    "one score that is not finite": {"label": LABELS % 2, "p": np.full(60, np.nan)},
    "infinite scores": {"label": LABELS, "logits": SCORES * np.inf},
    "a missing label": {"label": np.where(LABELS == 2, np.nan, LABELS), "logits": SCORES},
}


@pytest.mark.parametrize("case", WRONG_COLUMNS)
def test_arrays_that_cannot_be_understood(tmp_path: Path, case: str, sentence: Sentence) -> None:
    np.savez(tmp_path / "run.npz", **WRONG_COLUMNS[case])
    image = "path" if "path" in WRONG_COLUMNS[case] else None
    with pytest.raises(DataError) as error:
        read_predictions(tmp_path / "run.npz", Layout(image=image))
    assert error.value.where == str(tmp_path / "run.npz")
    sentence(error.value)


@pytest.mark.parametrize("case", WRONG_NPZ)
def test_what_is_wrong_with_an_npz_file_is_one_line(
    tmp_path: Path, case: str, sentence: Sentence
) -> None:
    path = tmp_path / "run.npz"
    np.savez(path, **WRONG_NPZ[case])
    with pytest.raises(DataError) as error:
        read_predictions(path)
    assert error.value.where.startswith(str(path))
    sentence(error.value)


@pytest.mark.parametrize("name", ["run.npz", "run.parquet", "run.csv"])
def test_other_contents_are_one_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with pytest.raises(DataError) as error:
        read_predictions(path)
    assert (error.value.where, error.value.what) == (str(path), "there is no such file")
    path.write_bytes(b"\xff\xfe\x00nothing of the kind")
    with pytest.raises(DataError) as error:
        read_predictions(path)
    assert error.value.where == str(path)


def test_other_files_are_rejected(tmp_path: Path, sentence: Sentence) -> None:
    with pytest.raises(DataError) as error:
        read_predictions(tmp_path / "run.pkl")
    assert error.value.where == str(tmp_path / "run.pkl")
    sentence(error.value)


def test_whole_numbers_may_be_scores(tmp_path: Path) -> None:
    """Quantized networks have such logits, which may well be all different."""
    path = tmp_path / "run.csv"
    WRITERS["csv"](path, NAMES, np.round(SCORES * 1e9), LABELS)
    assert read_predictions(path).predictions.kind == "logits"


def test_parquet_without_a_value(tmp_path: Path) -> None:
    write_parquet(tmp_path / "run.parquet", ("a", "b"), [[1.0, 2.0]], [0])
    table = pa.table({"label": [0, 1], "a": [1.0, None], "b": [0.5, 2.0]})
    parquet.write_table(table, tmp_path / "run.parquet")
    with pytest.raises(DataError) as error:
        read_predictions(tmp_path / "run.parquet")
    assert "image 1" in error.value.what


def test_predictions_of_a_stored_run_can_be_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "predictions.npz", logits=RUN.scores, labels=RUN.labels)
    found = read_predictions(tmp_path / "predictions.npz").predictions
    assert isinstance(found, Predictions)
    assert found.accuracy == RUN.accuracy


@pytest.mark.parametrize("labels", ["labels", "y_true", "targets", "target", "y", "gt_labels"])
@pytest.mark.parametrize(
    "scores",
    [
        "logits",
        "probabilities",
        "probs",
        "scores",
        "outputs",
        "output",
        "y_pred",
        "preds",
        "softmax",
    ],
)
def test_names_of_arrays_in_scripts(tmp_path: Path, labels: str, scores: str) -> None:
    of = SCORES if scores in ("logits", "scores", "outputs", "output") else RUN.probabilities
    arrays: dict[str, Any] = {
        "features": np.zeros((60, 16)),
        scores: of,
        "epoch": np.array(3),
        "history": np.zeros(5),
        labels: LABELS,
    }
    np.savez(tmp_path / "run.npz", **arrays)
    layout = Layout(label=labels) if labels == "gt_labels" else Layout()
    file = read_predictions(tmp_path / "run.npz", layout)
    np.testing.assert_array_equal(file.predictions.predicted, RUN.predicted)
    np.testing.assert_array_equal(file.predictions.labels, LABELS)
    assert file.predictions.kind == ("logits" if of is SCORES else "probabilities")
    assert set(file.reading.left_out) == {"features", "epoch", "history"}


def test_predicted_labels_beside_probabilities_in_arrays(tmp_path: Path) -> None:
    arrays: dict[str, Any] = {"y_true": LABELS, "y_pred": RUN.predicted, "probs": RUN.probabilities}
    np.savez(tmp_path / "run.npz", **arrays)
    file = read_predictions(tmp_path / "run.npz")
    assert file.predictions.kind == "probabilities"
    assert list(file.reading.left_out) == ["y_pred"]
    del arrays["probs"]
    np.savez(tmp_path / "run.npz", **arrays)
    assert read_predictions(tmp_path / "run.npz").predictions.kind == "labels"


def test_two_arrays_that_may_be_the_scores(tmp_path: Path, sentence: Sentence) -> None:
    np.savez(tmp_path / "run.npz", labels=LABELS, one=SCORES, other=SCORES)
    with pytest.raises(DataError) as error:
        read_predictions(tmp_path / "run.npz")
    sentence(error.value)
    file = read_predictions(tmp_path / "run.npz", Layout(ignore=("other",)))
    np.testing.assert_array_equal(file.predictions.scores, SCORES)
    assert file.reading.left_out == {"other": "--ignore"}


@pytest.mark.parametrize("names", [[f"{n}" for n in range(60)], [f"a/{n}.png" for n in range(60)]])
@pytest.mark.parametrize("hashed", [False, True])
def test_names_and_hashes_of_images(tmp_path: Path, names: list[str], hashed: bool) -> None:
    hashes = [f"{n:032x}" for n in range(60)]
    arrays: dict[str, Any] = {"hashes": hashes} if hashed else {}
    np.savez(tmp_path / "run.npz", labels=LABELS, logits=SCORES, names=names, **arrays)
    file = read_predictions(tmp_path / "run.npz")
    images = file.predictions.images
    assert images is not None
    assert images.names.tolist() == names
    assert images.hashes.tolist() == (hashes if hashed else [""] * 60)
    assert file.reading.left_out == {}


@pytest.mark.parametrize("contents", ["{}", "[1]", "no JSON", '{"class_names": ["a", "b", "c"]}'])
def test_a_run_json_of_another_tool(tmp_path: Path, contents: str) -> None:
    np.savez(tmp_path / "predictions.npz", labels=LABELS, logits=SCORES)
    (tmp_path / "run.json").write_text(contents, encoding="utf-8")
    file = read_predictions(tmp_path / "predictions.npz")
    assert file.predictions.class_names == ("0", "1", "2")


@pytest.mark.parametrize("huge", [1.7e308, np.inf, np.longdouble("1e400")])
@pytest.mark.parametrize("name", ["image", "scores", "label", "prediction"])
def test_huge_numbers_in_any_column_are_read_or_rejected_without_a_warning(
    tmp_path: Path, name: str, huge: Any
) -> None:
    columns: dict[str, Any] = {"label": LABELS, "scores": SCORES, "image": np.arange(len(LABELS))}
    columns["prediction"] = SCORES.argmax(axis=1)
    columns[name] = np.full(np.shape(columns[name]), huge)
    np.savez(tmp_path / "run.npz", **columns)
    try:
        read_predictions(tmp_path / "run.npz")
    except DataError:
        return
    assert name not in ("scores", "label")
