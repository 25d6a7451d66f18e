"""One probability of two classes, and predicted labels without scores."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from made_predictions import made
from seedbed.analysis.prediction_files.kinds import GivenKind
from seedbed.analysis.prediction_files.layout import PLAIN, Layout
from seedbed.analysis.prediction_files.read import read_predictions
from seedbed.core.errors import DataError
from sentences import Sentence

RUN = made(150, 2)
PROBABILITY = RUN.probabilities[:, 1]
NAMES = np.array(["healthy", "ill"])


def write(path: Path, **columns: Any) -> Path:
    if path.suffix == ".npz":
        np.savez(path, **columns)
        return path
    rows = zip(*(np.asarray(column).tolist() for column in columns.values()), strict=True)
    lines = [",".join(columns), *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("suffix", ["csv", "npz"])
@pytest.mark.parametrize("name", ["p", "prob", "score", "probability", "y_score", "prob_1", "p1"])
def test_one_probability(tmp_path: Path, suffix: str, name: str) -> None:
    columns = {"label": RUN.labels, name: PROBABILITY}
    file = read_predictions(write(tmp_path / f"run.{suffix}", **columns))
    np.testing.assert_allclose(file.predictions.probabilities, RUN.probabilities, atol=1e-15)
    assert file.predictions.class_names == ("0", "1")
    assert any(repr(name) in decision for decision in file.reading.decisions)


@pytest.mark.parametrize(
    ("name", "labels", "layout", "names"),
    [
        ("ill", NAMES[RUN.labels], PLAIN, ("healthy", "ill")),
        ("prob_ill", NAMES[RUN.labels], PLAIN, ("healthy", "ill")),
        ("ill", RUN.labels, PLAIN, ("not ill", "ill")),
        ("p", RUN.labels, Layout(class_names=("healthy", "ill")), ("healthy", "ill")),
        ("p", NAMES[RUN.labels], Layout(class_names=("healthy", "ill")), ("healthy", "ill")),
        ("p", RUN.labels.astype(bool), PLAIN, ("False", "True")),
    ],
)
def test_whose_probability_it_is(
    tmp_path: Path, name: str, labels: Any, layout: Layout, names: tuple[str, ...]
) -> None:
    run = read_predictions(write(tmp_path / "run.csv", label=labels, **{name: PROBABILITY}), layout)
    assert run.predictions.class_names == names
    np.testing.assert_array_equal(run.predictions.labels, RUN.labels)
    np.testing.assert_allclose(run.predictions.probabilities, RUN.probabilities, atol=1e-15)


def test_the_probability_of_the_first_class(tmp_path: Path) -> None:
    path = write(tmp_path / "run.csv", label=NAMES[RUN.labels], healthy=1 - PROBABILITY)
    run = read_predictions(path).predictions
    assert run.class_names == ("ill", "healthy")
    assert run.accuracy == RUN.accuracy


@pytest.mark.parametrize("kind", ["logits", "percent"])
def test_one_score_of_another_kind(tmp_path: Path, kind: GivenKind) -> None:
    logit = RUN.scores[:, 1].astype(float) - RUN.scores[:, 0]
    column = logit if kind == "logits" else PROBABILITY * 100
    path = write(tmp_path / "run.csv", label=RUN.labels, score=column)
    with pytest.raises(DataError) as error:
        read_predictions(path)
    assert "--kind" in error.value.hint
    run = read_predictions(path, Layout(kind=kind)).predictions
    np.testing.assert_allclose(run.probabilities, RUN.probabilities, atol=1e-6)
    if kind == "logits":
        named = write(tmp_path / "named.csv", label=RUN.labels, logit=column)
        np.testing.assert_array_equal(read_predictions(named).predictions.scores, run.scores)


@pytest.mark.parametrize(
    "labels", [NAMES[RUN.labels], RUN.labels + 1, RUN.labels * 2 - 1], ids=["names", "1 2", "-1 1"]
)
def test_a_probability_that_may_be_of_either_is_refused(
    tmp_path: Path, labels: Any, sentence: Sentence
) -> None:
    with pytest.raises(DataError) as error:
        read_predictions(write(tmp_path / "run.csv", label=labels, p=PROBABILITY))
    assert "--classes" in error.value.hint
    if labels.dtype.kind == "U":
        sentence(error.value)


def test_one_score_of_three_classes_is_refused(tmp_path: Path, sentence: Sentence) -> None:
    run = made(60, 3)
    with pytest.raises(DataError) as error:
        read_predictions(write(tmp_path / "run.csv", label=run.labels, p=run.confidences))
    sentence(error.value)


@pytest.mark.parametrize("suffix", ["csv", "npz"])
@pytest.mark.parametrize("name", ["pred", "prediction", "predicted", "y_pred", "Predicted Label"])
@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize("confidence", [None, "confidence", "score"])
def test_predicted_labels(
    tmp_path: Path, suffix: str, name: str, as_text: bool, confidence: str | None
) -> None:
    run = made(150, 3)
    names = np.array(["cat", "dog", "owl"])
    labels, predicted = (names[of] if as_text else of for of in (run.labels, run.predicted))
    more = {} if confidence is None else {confidence: run.confidences}
    columns = {"y_true": labels, name: predicted, **more}
    file = read_predictions(write(tmp_path / f"run.{suffix}", **columns))
    assert not file.predictions.has_scores
    assert file.predictions.class_names == (tuple(names) if as_text else ("0", "1", "2"))
    np.testing.assert_array_equal(file.predictions.labels, run.labels)
    np.testing.assert_array_equal(file.predictions.predicted, run.predicted)
    assert list(file.reading.left_out) == list(more)


@pytest.mark.parametrize("of", ["the positive class", "the predicted class"])
def test_a_score_beside_predicted_labels(tmp_path: Path, of: str) -> None:
    score = PROBABILITY if of == "the positive class" else RUN.confidences
    path = write(tmp_path / "run.csv", label=RUN.labels, pred=RUN.predicted, score=score)
    run = read_predictions(path).predictions
    assert run.accuracy == RUN.accuracy
    assert run.has_scores == (of == "the positive class")


def test_predicted_labels_of_named_classes(tmp_path: Path) -> None:
    """The names say the order, and that there is a class which never occurs."""
    path = write(tmp_path / "run.csv", label=NAMES[RUN.labels], pred=NAMES[RUN.predicted])
    names = ("ill", "unknown", "healthy")
    run = read_predictions(path, Layout(class_names=names)).predictions
    assert (run.class_names, run.accuracy) == (names, RUN.accuracy)


def test_a_score_of_another_threshold_is_refused(tmp_path: Path, sentence: Sentence) -> None:
    """And both ways to understand it can be had."""
    predicted = (PROBABILITY > 0.3).astype(int)
    path = write(tmp_path / "run.csv", label=RUN.labels, pred=predicted, score=PROBABILITY)
    with pytest.raises(DataError) as error:
        read_predictions(path)
    sentence(error.value)
    at_half = read_predictions(path, Layout(ignore=("pred",))).predictions
    np.testing.assert_array_equal(at_half.predicted, PROBABILITY > 0.5)
    at_threshold = read_predictions(path, Layout(ignore=("score",))).predictions
    np.testing.assert_array_equal(at_threshold.predicted, predicted)
