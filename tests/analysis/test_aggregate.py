"""Mean and sample standard deviation over runs, against NumPy."""

import math

import numpy as np
import pytest

from seedbed.analysis.aggregate import Accuracies, Aggregate

VALUES = (0.91, 0.93, 0.925, 0.9)


def test_of_several_runs() -> None:
    aggregate = Aggregate.of(VALUES)
    assert aggregate.n == 4
    assert aggregate.mean == pytest.approx(np.mean(VALUES), abs=1e-15)
    assert aggregate.std == pytest.approx(np.std(VALUES, ddof=1), abs=1e-15)


def test_accuracies_keep_every_run() -> None:
    accuracies, aggregate = Accuracies.of(VALUES), Aggregate.of(VALUES)
    assert (accuracies.mean, accuracies.std) == (aggregate.mean, aggregate.std)
    assert (accuracies.n, accuracies.best, accuracies.runs) == (4, 0.93, VALUES)


def test_a_single_run_has_no_deviation() -> None:
    assert Aggregate.of([0.5]) == Aggregate(mean=0.5, std=None, n=1)


def test_no_run_has_nothing() -> None:
    assert Aggregate.of([]) == Aggregate(mean=None, std=None, n=0)
    assert Accuracies.of([]) == Accuracies(mean=None, std=None, best=None, runs=())


def test_runs_without_the_number_are_left_out() -> None:
    assert Aggregate.of([0.5, None, math.nan, 0.25]) == Aggregate.of([0.5, 0.25])
    unknown = Accuracies.of([None, None])
    assert (unknown.n, unknown.mean, unknown.runs) == (0, None, (None, None))
