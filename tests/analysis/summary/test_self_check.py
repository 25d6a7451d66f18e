"""Predictions and labels that cannot belong together are refused; what is merely bad is not."""

import numpy as np
import pytest
from numpy.typing import NDArray

from made_predictions import CASES, contradictory, made
from seedbed.analysis.predictions import Predictions
from seedbed.analysis.subjects.roc.compute import run_roc
from seedbed.analysis.summary.self_check import check_order, check_recorded, check_scores
from seedbed.core.errors import DataError

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


def test_the_report_with_an_auc_of_one_half() -> None:
    check_recorded(GOOD, GOOD.accuracy)
    with pytest.raises(DataError, match=r"run 3: .*recorded as .*AUC 0\.\d\d.*different order"):
        check_recorded(shuffled(), GOOD.accuracy, where="run 3")


def test_another_recorded_accuracy() -> None:
    check_recorded(GOOD, GOOD.accuracy + 1e-5)
    with pytest.raises(DataError, match="not of this run"):
        check_recorded(GOOD, GOOD.accuracy + 0.001)
    with pytest.raises(DataError, match="not of this run"):
        check_recorded(CASES["one image"](), 0.5)


def test_accurate_scores_with_an_auc_of_chance() -> None:
    run = contradictory()
    auc = run_roc(run).weighted_auc
    assert run.accuracy == pytest.approx(0.6)
    assert auc is not None
    assert auc < 0.55
    with pytest.raises(DataError, match=r"accuracy is 60\.00% but the AUC 0\.\d\d"):
        check_scores(run)


@pytest.mark.parametrize("case", CASES)
def test_what_is_consistent_passes(case: str) -> None:
    run = CASES[case]()
    check_scores(run)
    check_order(run)
    check_recorded(run, run.accuracy)


@pytest.mark.parametrize(
    "columns",
    [
        [3, 1, 4, 0, 5, 9, 2, 6, 8, 7],
        [9, 0, 1, 2, 3, 4, 5, 6, 7, 8],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ],
)
def test_columns_in_another_order(columns: list[int]) -> None:
    with pytest.raises(
        DataError, match=r"but would be 6.* if the columns of .* were those of "
    ) as e:
        check_order(reordered(scores=GOOD.scores[:, columns]))
    moved = [column for column in range(10) if columns[column] != column]
    assert "of " + ", ".join("abcdefghij"[each] for each in moved) in str(e.value)
    assert "those of " + ", ".join("abcdefghij"[columns[each]] for each in moved) in str(e.value)


def test_two_columns_exchanged() -> None:
    run = made(2000, 10, skill=8)
    exchanged = run.scores[:, [0, 1, 2, 4, 3, 5, 6, 7, 8, 9]]
    with pytest.raises(
        DataError, match=r"is 7.*%, but would be 100.* if the columns of d, e were those of e, d$"
    ):
        check_order(reordered(scores=exchanged, labels=run.labels))


def test_rows_in_another_order() -> None:
    for labels, cause in (
        (np.roll(GOOD.labels, 1), "one row too early"),
        (np.roll(GOOD.labels, -1), "one row too late"),
        (GOOD.labels[::-1], "opposite order"),
    ):
        with pytest.raises(DataError, match=cause):
            check_order(reordered(labels=labels.copy()))
    with pytest.raises(DataError, match=r"no better than chance .* confident .*different order"):
        check_order(shuffled(), where="predictions.csv")


def test_the_lowest_score_taken_for_the_highest() -> None:
    with pytest.raises(DataError, match="if the lowest score were the predicted class"):
        check_order(reordered(scores=-GOOD.scores))


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
