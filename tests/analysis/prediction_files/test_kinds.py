"""Logits, probabilities and percent are told by their sums, as closely as their rounding allows."""

from typing import Any

import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from seedbed.analysis.prediction_files.kinds import GivenKind, kind_of
from seedbed.analysis.predictions import Predictions
from seedbed.core.errors import DataError
from sentences import Sentence


def logits(classes: int, images: int = 300, seed: int = 0) -> Any:
    generator = np.random.Generator(np.random.Philox(seed))
    return generator.normal(size=(images, classes)) * 2


@pytest.mark.parametrize("classes", [2, 3, 10, 37, 100])
@pytest.mark.parametrize("decimals", [2, 3, 4, 16])
@pytest.mark.parametrize("percent", [False, True])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_rounded_probabilities(classes: int, decimals: int, percent: bool, dtype: Any) -> None:
    scale = 100 if percent else 1
    probabilities = softmax(logits(classes), axis=1)
    scores = (probabilities.round(decimals) * scale).astype(dtype)
    known = kind_of(scores)
    assert (known.kind, known.divisor) == ("probabilities", scale)
    run = Predictions.from_scores(
        scores, np.zeros(len(scores), int), list(map(str, range(classes)))
    )
    np.testing.assert_allclose(run.probabilities, probabilities, atol=0.5 / 10**decimals + 1e-6)


@pytest.mark.parametrize("classes", [2, 3, 10, 100])
def test_logits(classes: int) -> None:
    for scores in (
        logits(classes),
        log_softmax(logits(classes), axis=1),
        np.maximum(logits(classes), 0),
        logits(classes).round(2),
        np.abs(logits(classes)) * 50,
    ):
        assert kind_of(scores).kind == "logits"


def test_logarithms_of_probabilities_are_named() -> None:
    assert "logarithms" in kind_of(log_softmax(logits(5), axis=1)).why
    assert "logarithms" not in kind_of(logits(5)).why


@pytest.mark.parametrize("classes", [2, 5, 20])
@pytest.mark.parametrize("decimals", [2, 16])
def test_sigmoids_are_refused_until_their_kind_is_said(
    classes: int, decimals: int, sentence: Sentence
) -> None:
    scores = (1 / (1 + np.exp(-logits(classes)))).round(decimals)
    with pytest.raises(DataError) as error:
        kind_of(scores)
    assert "--kind" in error.value.hint
    assert kind_of(scores, "logits", "--kind").kind == "logits"
    if (classes, decimals) == (5, 2):
        sentence(error.value)


@pytest.mark.parametrize(
    ("given", "scale", "kind", "divisor"),
    [
        ("probabilities", 1, "probabilities", 1),
        ("probabilities", 100, "probabilities", 100),
        ("percent", 100, "probabilities", 100),
    ],
)
def test_a_name_says_the_kind(given: GivenKind, scale: int, kind: str, divisor: int) -> None:
    known = kind_of(softmax(logits(4), axis=1) * scale, given, "their name")
    assert (known.kind, known.divisor) == (kind, divisor)


def test_logits_that_sum_to_one_are_refused(sentence: Sentence) -> None:
    """A softmax in the network, and another in the loss, is a common mistake."""
    probabilities = softmax(logits(4), axis=1)
    with pytest.raises(DataError) as error:
        kind_of(probabilities, "logits", "their name")
    sentence(error.value)
    assert kind_of(probabilities, "logits", "--kind").kind == "logits"
    assert kind_of(logits(4), "logits", "their name").kind == "logits"


@pytest.mark.parametrize("given", ["logits", "probabilities", "percent", None])
@pytest.mark.parametrize("huge", [1.7e308, -1.7e308, 4e38])
def test_scores_beyond_float32_are_rejected_without_a_warning(
    huge: float, given: GivenKind | None
) -> None:
    scores = np.array([[0.2, 0.8], [huge, huge]])
    known = kind_of(scores, given)
    with pytest.raises(DataError) as error:
        Predictions(scores, np.array([0, 1]), ("a", "b"), known.kind)
    assert "image 1" in error.value.what
    assert "3.4e+38" in (error.value.expected or "")


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_the_largest_scores_of_a_network_are_used(dtype: Any) -> None:
    largest = np.finfo(dtype).max
    run = Predictions(np.array([[largest, -largest]], dtype), np.array([1]), ("a", "b"))
    assert run.probabilities.tolist() == [[1, 0]]
    assert run.losses[0] == 2 * float(largest)
