"""ROC curves and AUC against scikit-learn."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics

from made_predictions import CASES, made, made_runs
from seedbed.analysis.aggregate import Aggregate
from seedbed.analysis.predictions import Predictions
from seedbed.analysis.subjects.roc.compute import compute, run_roc
from seedbed.analysis.subjects.roc.curves import RocCurve, mean_curve, roc_curve
from seedbed.analysis.subjects.roc.result import Curve


def positives(run: Predictions) -> NDArray[np.bool_]:
    result: NDArray[np.bool_] = run.labels[:, None] == np.arange(len(run.class_names))
    return result


@pytest.mark.parametrize("case", CASES)
def test_every_class(case: str) -> None:
    run = CASES[case]()
    for positive, scores, curve, auc in zip(
        positives(run).T,
        run.probabilities.T,
        run_roc(run).per_class,
        run_roc(run).auc_per_class,
        strict=True,
    ):
        if positive.all() or not positive.any():
            assert curve is None
            assert auc is None
            continue
        assert curve is not None
        assert auc == pytest.approx(metrics.roc_auc_score(positive, scores), abs=1e-12)
        false, true, _ = metrics.roc_curve(positive, scores)
        points = list(zip(false.tolist(), true.tolist(), strict=True))
        mine = list(
            zip(curve.false_positive_rate.tolist(), curve.true_positive_rate.tolist(), strict=True)
        )
        assert set(mine) <= set(points)
        # What scikit-learn has beside lies on the straight lines.
        for point in points:
            assert distance(curve, point) < 1e-12


@pytest.mark.parametrize(
    "case", ["random", "hopeless", "class never predicted", "ties", "all equal"]
)
def test_averages(case: str) -> None:
    run = CASES[case]()
    result = run_roc(run)
    assert result.micro is not None
    for found, average in (
        (result.macro_auc, "macro"),
        (result.weighted_auc, "weighted"),
    ):
        expected = metrics.roc_auc_score(
            run.labels, run.probabilities, multi_class="ovr", average=average
        )
        assert found == pytest.approx(expected, abs=1e-12)
    expected = metrics.roc_auc_score(positives(run), run.probabilities, average="micro")
    assert result.micro.auc == pytest.approx(expected, abs=1e-12)


def test_averages_of_two_classes() -> None:
    run = CASES["two classes"]()
    result = run_roc(run)
    expected = metrics.roc_auc_score(run.labels, run.probabilities[:, 1])
    assert result.macro_auc == pytest.approx(expected, abs=1e-12)
    assert result.weighted_auc == pytest.approx(expected, abs=1e-12)


def test_averages_leave_out_an_absent_class() -> None:
    run = CASES["absent class"]()
    result = run_roc(run)
    present = slice(0, 4)
    for found, average in ((result.macro_auc, "macro"), (result.weighted_auc, "weighted")):
        expected = metrics.roc_auc_score(
            positives(run)[:, present], run.probabilities[:, present], average=average
        )
        assert found == pytest.approx(expected, abs=1e-12)
    assert result.auc_per_class[4] is None


def test_one_image() -> None:
    run = CASES["one image"]()
    result = run_roc(run)
    assert result.macro_auc is None
    assert result.weighted_auc is None
    assert result.micro is not None
    over_runs = compute([run])
    assert over_runs.auc.macro == Aggregate(mean=None, std=None, n=0)
    assert over_runs.roc_curves.macro is None
    assert over_runs.roc_curves.micro is not None
    assert over_runs.auc.per_class.mean == (None, None, None)


def test_a_curve_worked_by_hand() -> None:
    curve = roc_curve(np.array([True, False, True, False]), np.array([0.9, 0.8, 0.8, 0.1]))
    assert curve is not None
    assert curve.result() == Curve((0.0, 0.0, 0.5, 1.0), (0.0, 0.5, 1.0, 1.0))
    assert curve.auc == 0.875


def test_the_mean_curve_has_the_mean_area() -> None:
    curves = run_roc(made(skill=0.7)).per_class
    present = [curve for curve in curves if curve is not None]
    weights = [1.0, 2.0, 3.0, 4.0, 5.0]
    for given in (None, weights):
        mean = mean_curve(curves, given)
        assert mean is not None
        expected = np.average([curve.auc for curve in present], weights=given)
        assert mean.auc == pytest.approx(expected, abs=1e-12)
        assert_is_a_curve(mean)
    assert mean_curve([None, None]) is None


def test_the_mean_of_one_curve_is_that_curve() -> None:
    curve = run_roc(made(skill=0.7)).per_class[0]
    mean = mean_curve([curve, None])
    assert curve is not None
    assert mean is not None
    np.testing.assert_array_equal(mean.false_positive_rate, curve.false_positive_rate)
    np.testing.assert_array_equal(mean.true_positive_rate, curve.true_positive_rate)


@pytest.mark.parametrize("points", [2, 10, 50, 200])
@pytest.mark.parametrize("skill", [0.0, 0.7, 3.0])
def test_thinning_stays_close(points: int, skill: float) -> None:
    curve = run_roc(made(20_000, 3, skill=skill)).per_class[0]
    assert curve is not None
    thin = curve.thinned(points)
    assert_is_a_curve(thin)
    assert len(thin.false_positive_rate) <= points
    kept = set(zip(thin.false_positive_rate, thin.true_positive_rate, strict=True))
    every = list(zip(curve.false_positive_rate, curve.true_positive_rate, strict=True))
    assert kept <= set(every)
    step = max(1, len(every) // 100)
    assert max(distance(thin, point) for point in every[::step]) <= 2 / (points - 1) + 1e-12
    assert curve.thinned(len(every)) is curve


def test_over_runs() -> None:
    runs = made_runs(4, skill=0.8)
    each = [run_roc(run) for run in runs]
    result = compute(runs, points=60)
    macro = [
        metrics.roc_auc_score(run.labels, run.probabilities, multi_class="ovr") for run in runs
    ]
    assert result.auc.macro.mean == pytest.approx(np.mean(macro), abs=1e-12)
    assert result.auc.macro.std == pytest.approx(np.std(macro, ddof=1), abs=1e-12)
    for index, mean in enumerate(result.auc.per_class.mean):
        expected = np.mean([one.auc_per_class[index] for one in each])
        assert mean == pytest.approx(expected, abs=1e-12)
        assert result.auc.per_class.of(index).mean == mean
    curves = result.roc_curves
    for area, drawn in (
        (result.auc.macro, curves.macro),
        (result.auc.weighted, curves.weighted),
        (result.auc.micro, curves.micro),
    ):
        assert drawn is not None
        curve = RocCurve(np.array(drawn.false_positive_rate), np.array(drawn.true_positive_rate))
        assert_is_a_curve(curve)
        assert len(drawn.false_positive_rate) <= 60
        assert curve.auc == pytest.approx(area.mean, abs=0.01)
    assert len(curves.per_class) == 5


def assert_is_a_curve(curve: RocCurve) -> None:
    points = list(zip(curve.false_positive_rate, curve.true_positive_rate, strict=True))
    assert points[0] == (0, 0)
    assert points[-1] == (1, 1)
    assert all(a <= c and b <= d and (a, b) != (c, d) for (a, b), (c, d) in pairwise(points))


def distance(curve: RocCurve, point: tuple[float, float]) -> float:
    """Return how far the point is from the curve, as the sum of both coordinates, along a diagonal.

    Both go through the same false + true positive rate, at which the curve has exactly one point.
    """
    along = curve.false_positive_rate + curve.true_positive_rate
    x = np.interp(sum(point), along, curve.false_positive_rate)
    y = np.interp(sum(point), along, curve.true_positive_rate)
    return float(abs(x - point[0]) + abs(y - point[1]))
