"""Which columns are labels, classes, or something else: by names, labels and sums, or refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from pyarrow import parquet

from made_predictions import made
from seedbed.analysis.prediction_files.layout import PLAIN, Layout
from seedbed.analysis.prediction_files.read import PredictionFile, read_predictions
from seedbed.core.errors import DataError
from sentences import Sentence

NAMES = ("cat", "dog", "owl")
RUN = made(120, 3)
LOGITS = RUN.scores.astype(np.float64).round(4)
PROBABILITIES = RUN.probabilities.round(4)
NUMBERS, WORDS = RUN.labels, np.array(NAMES)[RUN.labels]
BY_CLASS = {"logits": LOGITS, "probabilities": PROBABILITIES, "percent": PROBABILITIES * 100}
ROWS = np.arange(len(RUN))

STRAYS: dict[str, tuple[str, NDArray[Any]]] = {
    "predicted number": ("pred", RUN.predicted),
    "predicted name": ("prediction", np.array(NAMES)[RUN.predicted]),
    "predicted": ("predicted", RUN.predicted),
    "sklearn's": ("y_pred", RUN.predicted),
    "loss": ("loss", RUN.losses.round(4)),
    "confidence": ("confidence", RUN.confidences.round(4)),
    "index": ("index", ROWS),
    "index of a data frame": ("", ROWS),
    "index, written again": ("Unnamed: 0", ROWS),
    "index of joined batches": ("nth", ROWS % 32),
    "numbers": ("nth", 1000 + 3 * ROWS),
    "shuffled numbers": ("nth", np.random.default_rng(0).permutation(len(RUN))),
    "id": ("id", ROWS),
    "fold": ("fold", ROWS % 5),
    "split": ("split", np.array(["test"] * len(RUN))),
    "epoch": ("epoch", np.full(len(RUN), 7)),
    "file": ("file", np.array([f"images/{row}.png" for row in ROWS])),
    "whole numbers": ("group_of_patients", 40 + ROWS % 7 * 2),
}
"""Columns that are no class, by what they are."""


def write(path: Path, columns: dict[str, NDArray[Any]]) -> Path:
    if path.suffix == ".parquet":
        parquet.write_table(pa.table({name: of.tolist() for name, of in columns.items()}), path)
        return path
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    lines = [",".join(columns), *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def by_class(scores: NDArray[Any], names: tuple[str, ...] = NAMES) -> dict[str, NDArray[Any]]:
    return dict(zip(names, scores.T, strict=True))


def assert_is_the_run(file: PredictionFile, names: tuple[str, ...] = NAMES) -> None:
    assert file.predictions.class_names == names
    np.testing.assert_array_equal(file.predictions.labels, RUN.labels)
    np.testing.assert_array_equal(file.predictions.predicted, RUN.predicted)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("scores", BY_CLASS)
@pytest.mark.parametrize("labels", [NUMBERS, WORDS], ids=["numbers", "names"])
@pytest.mark.parametrize("stray", STRAYS)
@pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
def test_a_column_that_is_no_class_is_told_apart(
    tmp_path: Path, suffix: str, scores: str, labels: Any, stray: str, first: bool
) -> None:
    name, column = STRAYS[stray]
    classes = by_class(BY_CLASS[scores])
    columns = {"label": labels, name: column, **classes}
    if not first:
        columns = {**classes, name: column, "label": labels}
    file = read_predictions(write(tmp_path / f"run{suffix}", columns))
    assert_is_the_run(file)
    is_image = file.reading.images == f"named by column {name!r}"
    assert (name in file.reading.left_out) != is_image
    assert is_image == (stray == "file")


def test_case_4_of_a_predicted_class(tmp_path: Path) -> None:
    run = made(100, 3, skill=2.4)
    columns = {"label": run.labels, "pred": run.predicted, **by_class(run.scores)}
    file = read_predictions(write(tmp_path / "run.csv", columns))
    assert file.predictions.accuracy == run.accuracy
    assert file.predictions.class_names == NAMES


@pytest.mark.parametrize("labels", [NUMBERS, WORDS], ids=["numbers", "names"])
@pytest.mark.parametrize("scores", ["probabilities", "percent"])
@pytest.mark.parametrize("unknown", [1, 2])
def test_sums_tell_unknown_columns_apart(
    tmp_path: Path, labels: Any, scores: str, unknown: int
) -> None:
    more = {f"depth{n}": made(120, 3, seed=n).scores[:, 0] for n in range(unknown)}
    columns = {"label": labels, **by_class(BY_CLASS[scores]), **more}
    path = write(tmp_path / "run.csv", columns)
    if unknown == 2 and labels is NUMBERS:
        with pytest.raises(DataError):
            read_predictions(path)
        return
    file = read_predictions(path)
    assert_is_the_run(file)
    assert set(file.reading.left_out) == set(more)


@pytest.mark.parametrize("labels", [NUMBERS, WORDS], ids=["numbers", "names"])
def test_logits_that_may_be_of_a_class_without_images_are_refused(
    tmp_path: Path, labels: Any, sentence: Sentence
) -> None:
    """And both readings can be had."""
    extra = made(120, 3, seed=5).scores[:, 0].astype(np.float64) - 5
    path = write(tmp_path / "run.csv", {"label": labels, **by_class(LOGITS), "emu": extra})
    with pytest.raises(DataError) as error:
        read_predictions(path)
    assert "'emu'" in error.value.what
    assert "--ignore 'emu'" in error.value.hint
    assert "--classes" in error.value.hint
    assert_is_the_run(read_predictions(path, Layout(ignore=("emu",))))
    both = (*NAMES, "emu")
    assert read_predictions(path, Layout(class_names=both)).predictions.class_names == both
    if labels is WORDS:
        sentence(error.value)


@pytest.mark.parametrize("affix", ["prob_{}", "p_{}", "{}_prob", "probability {}", "prob.{}"])
@pytest.mark.parametrize("labels", [NUMBERS, WORDS], ids=["numbers", "names"])
def test_an_affix_tells_classes_and_kind(tmp_path: Path, affix: str, labels: Any) -> None:
    names = tuple(affix.format(name) for name in NAMES)
    columns = {
        "nth": ROWS % 7,
        "label": labels,
        **by_class(PROBABILITIES, names),
        "depth": ROWS / 7,
    }
    file = read_predictions(write(tmp_path / "run.csv", columns))
    assert_is_the_run(file)
    assert file.predictions.kind == "probabilities"
    assert set(file.reading.left_out) == {"nth", "depth"}


@pytest.mark.parametrize("affix", ["p_{}", "p{}", "class_{}", "logit_{}", "score{}", "y{}", "{}"])
def test_an_affix_before_numbers(tmp_path: Path, affix: str) -> None:
    names = tuple(affix.format(number) for number in range(3))
    columns = {"depth": ROWS / 7, **by_class(LOGITS, names), "label": NUMBERS, "loss": ROWS / 2}
    layout = Layout(kind="logits") if affix.startswith("p") else PLAIN
    file = read_predictions(write(tmp_path / "run.csv", columns), layout)
    assert_is_the_run(file, ("0", "1", "2"))


def test_logits_beside_probabilities(tmp_path: Path) -> None:
    logits = by_class(LOGITS, tuple(f"logit_{name}" for name in NAMES))
    probabilities = by_class(PROBABILITIES, tuple(f"prob_{name}" for name in NAMES))
    for columns in ({**probabilities, **logits}, {**logits, **probabilities}):
        file = read_predictions(write(tmp_path / "run.csv", {"label": WORDS, **columns}))
        assert_is_the_run(file)
        assert file.predictions.kind == "logits"
        assert set(file.reading.left_out) == set(probabilities)


@pytest.mark.parametrize(
    "name", ["index", "pred", "fold", "id", "test", "control", "train", "label 1"]
)
@pytest.mark.parametrize("labels", ["numbers", "names"])
@pytest.mark.parametrize("scores", BY_CLASS)
def test_classes_with_such_names(tmp_path: Path, name: str, labels: str, scores: str) -> None:
    """The labels, or the sums, say that they are classes."""
    names = ("thumb", name, "palm")
    of = np.array(names)[NUMBERS] if labels == "names" else NUMBERS
    columns = {"label": of, **by_class(BY_CLASS[scores], names)}
    assert_is_the_run(read_predictions(write(tmp_path / "run.csv", columns)), names)


@pytest.mark.parametrize("order", [(2, 0, 1), (1, 0, 2)])
def test_columns_in_another_order_are_matched_by_name(tmp_path: Path, order: Any) -> None:
    columns = by_class(LOGITS)
    moved = {NAMES[number]: columns[NAMES[number]] for number in order}
    file = read_predictions(write(tmp_path / "run.csv", {"label": WORDS, **moved}))
    assert file.predictions.class_names == tuple(moved)
    assert file.predictions.accuracy == RUN.accuracy
    # Labels that are numbers count --classes, whose columns may stand anywhere.
    path = write(tmp_path / "numbers.csv", {"label": NUMBERS, **moved})
    assert_is_the_run(read_predictions(path, Layout(class_names=NAMES)))


@pytest.mark.parametrize(
    "name",
    ["label", "Labels", "y_true", "true", "target", "targets", "ground truth", "gt", "class"],
)
def test_usual_names_of_labels(tmp_path: Path, name: str) -> None:
    columns = {**by_class(PROBABILITIES), name: WORDS}
    assert_is_the_run(read_predictions(write(tmp_path / "run.csv", columns)))


def test_two_columns_of_labels(tmp_path: Path, sentence: Sentence) -> None:
    """If they say the same, any will do; otherwise the user says which."""
    same = {"class": NUMBERS, "label": WORDS, **by_class(LOGITS)}
    assert_is_the_run(read_predictions(write(tmp_path / "same.csv", same)))
    noisy = {"label": np.roll(NUMBERS, 1), "true_label": NUMBERS, **by_class(LOGITS)}
    path = write(tmp_path / "noisy.csv", noisy)
    with pytest.raises(DataError) as error:
        read_predictions(path)
    assert "--label 'true_label'" in error.value.hint
    sentence(error.value)
    assert_is_the_run(read_predictions(path, Layout(label="true_label")))


def test_a_label_without_a_column(tmp_path: Path) -> None:
    columns = {"label": WORDS, **by_class(LOGITS[:, :2], NAMES[:2])}
    with pytest.raises(DataError) as error:
        read_predictions(write(tmp_path / "run.csv", columns))
    assert "'owl'" in error.value.what


def test_a_small_sample_may_lack_a_class(tmp_path: Path) -> None:
    columns = {"label": WORDS[:6], **by_class(LOGITS[:6]), "emu": LOGITS[:6, 0] - 9}
    file = read_predictions(write(tmp_path / "run.csv", columns))
    assert file.predictions.class_names == (*NAMES, "emu")


def test_labels_from_one_do_not_make_a_loss_a_class(tmp_path: Path) -> None:
    columns = {"label": NUMBERS + 1, **by_class(LOGITS), "loss": RUN.losses}
    with pytest.raises(DataError) as error:
        read_predictions(write(tmp_path / "run.csv", columns))
    assert "subtract 1" in error.value.hint


def test_names_beside_numbers_that_count_in_another_order(
    tmp_path: Path, sentence: Sentence
) -> None:
    """As of a dataset whose classes are not in alphabetic order, but whose columns are."""
    numbers = np.array([2, 0, 1])[NUMBERS]
    columns = {"label": numbers, "label_name": WORDS, **by_class(LOGITS)}
    path = write(tmp_path / "run.csv", columns)
    with pytest.raises(DataError) as error:
        read_predictions(path)
    sentence(error.value)
    assert_is_the_run(read_predictions(path, Layout(label="label_name")))
    agreeing = {**columns, "label": NUMBERS}
    assert_is_the_run(read_predictions(write(tmp_path / "agreeing.csv", agreeing)))


@pytest.mark.parametrize("as_text", [False, True])
def test_predicted_classes_that_are_not_the_highest_scores(
    tmp_path: Path, as_text: bool, sentence: Sentence
) -> None:
    moved = by_class(LOGITS[:, [1, 2, 0]])
    predicted = np.array(NAMES)[RUN.predicted] if as_text else RUN.predicted
    path = write(tmp_path / "run.csv", {"label": NUMBERS, "pred": predicted, **moved})
    with pytest.raises(DataError) as error:
        read_predictions(path)
    assert "--ignore 'pred'" in error.value.hint
    if as_text:
        sentence(error.value)
    assert read_predictions(path, Layout(ignore=("pred",))).predictions.accuracy < RUN.accuracy


@pytest.mark.parametrize("agree", [1.0, 0.95])
def test_how_often_predicted_classes_agree_is_said(tmp_path: Path, agree: float) -> None:
    predicted = RUN.predicted.copy()
    predicted[: round(120 * (1 - agree))] += 1
    predicted %= 3
    columns = {"label": NUMBERS, "pred": predicted, **by_class(LOGITS)}
    file = read_predictions(write(tmp_path / "run.csv", columns))
    assert any(f"{agree:.1%}" in decision for decision in file.reading.decisions)
