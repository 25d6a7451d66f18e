"""Predictions and labels that cannot belong together are rejected; bad networks are not."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from made_predictions import CASES, contradictory, made
from seedbed.analysis.predictions import Predictions
from seedbed.analysis.subjects.roc.compute import run_roc
from seedbed.analysis.summary.self_check import check_order, check_scores
from seedbed.core.errors import DataError
from sentences import Sentence

GOOD = made(2000, 10, skill=2.0)
assert 0.6 < GOOD.accuracy < 0.8  # like the report with its AUC of 0.50


def reordered(
    *, scores: NDArray[np.floating] | None = None, labels: NDArray[np.int64] | None = None
) -> Predictions:
    return Predictions(
        GOOD.scores if scores is None else scores,
        GOOD.labels if labels is None else labels,
        GOOD.class_names,
    )


def shuffled() -> Predictions:
    generator = np.random.Generator(np.random.Philox(3))
    # A good network is about as sure as it is right.
    return reordered(scores=2 * GOOD.scores, labels=generator.permutation(GOOD.labels))


def test_accurate_scores_with_an_auc_of_chance(sentence: Sentence) -> None:
    run = contradictory()
    auc = run_roc(run).weighted_auc
    assert run.accuracy == pytest.approx(0.6)
    assert auc is not None
    assert auc < 0.55
    with pytest.raises(DataError) as error:
        check_scores(run)
    assert "60.00%" in error.value.what
    assert f"AUC {auc:.2f}" in error.value.what
    sentence(error.value)


@pytest.mark.parametrize("case", CASES)
def test_what_is_consistent_passes(case: str) -> None:
    run = CASES[case]()
    check_scores(run)
    check_order(run)


@pytest.mark.parametrize(
    "columns",
    [
        [3, 1, 4, 0, 5, 9, 2, 6, 8, 7],
        [9, 0, 1, 2, 3, 4, 5, 6, 7, 8],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ],
)
def test_columns_in_another_order(columns: list[int]) -> None:
    with pytest.raises(DataError) as error:
        check_order(reordered(scores=GOOD.scores[:, columns]))
    moved = [column for column in range(10) if columns[column] != column]
    assert f"{GOOD.accuracy:.2%}" in error.value.what
    assert "of " + ", ".join("abcdefghij"[column] for column in moved) in error.value.what
    assert ", ".join("abcdefghij"[columns[column]] for column in moved) in error.value.what


def test_two_columns_exchanged(sentence: Sentence) -> None:
    run = made(2000, 10, skill=8)
    exchanged = run.scores[:, [0, 1, 2, 4, 3, 5, 6, 7, 8, 9]]
    with pytest.raises(DataError) as error:
        check_order(reordered(scores=exchanged, labels=run.labels))
    sentence(error.value)


MIXED_UP: dict[str, Callable[[], Predictions]] = {
    "one row too early": lambda: reordered(labels=np.roll(GOOD.labels, 1)),
    "one row too late": lambda: reordered(labels=np.roll(GOOD.labels, -1)),
    "backwards": lambda: reordered(labels=GOOD.labels[::-1].copy()),
    "shuffled": shuffled,
    "lowest for highest": lambda: reordered(scores=-GOOD.scores),
}


@pytest.mark.parametrize("case", MIXED_UP)
def test_mistakes_are_rejected_with_their_cause(case: str, sentence: Sentence) -> None:
    with pytest.raises(DataError) as error:
        check_order(MIXED_UP[case](), where="predictions.csv")
    assert error.value.where == "predictions.csv"
    sentence(error.value)


def test_bad_networks_are_only_bad() -> None:
    generator = np.random.Generator(np.random.Philox(4))
    # One that has learnt nothing, one that always says the same, a weak one, and few images.
    check_order(made(2000, 10, skill=0))
    always = np.zeros((2000, 10))
    always[:, 3] = 10
    check_order(reordered(scores=always))
    check_order(made(2000, 10, skill=0.5))
    check_order(
        Predictions(GOOD.scores[:90], generator.permutation(GOOD.labels[:90]), GOOD.class_names)
    )


def test_few_images_may_contradict_themselves_by_chance() -> None:
    run = contradictory()
    few = Predictions(run.scores[:30], run.labels[:30], run.class_names, "probabilities")
    check_scores(few)


def test_a_rare_class_and_a_network_that_never_finds_it() -> None:
    labels = (np.arange(1000) % 20 == 0).astype(np.int64)
    scores = np.random.Generator(np.random.Philox(5)).normal(size=(1000, 2))
    scores[:, 0] += 6
    run = Predictions(scores, labels, ("common", "rare"))
    assert run.accuracy > 0.94
    check_scores(run)
    check_order(run)
