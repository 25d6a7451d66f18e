"""Runs that cross the seeds of several streams: the variance of their mean."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
from scipy import stats

from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.intervals import interval_for_new_images, interval_over_seeds
from seedbed.analysis.statistics.crossed import complete_design, levels_of, mean_variance
from seedbed.analysis.statistics.paired import compare
from seedbed.study.spec.seeds import read_seeds


def keys(value: object) -> list[int | str]:
    return [seeds.key for seeds in read_seeds(value)]


@pytest.mark.parametrize(
    "value", [5, [4], {"run": 4, "noise": 0}, {"initialization": 3}, {"order": [2, 7], "fold": [1]}]
)
def test_runs_that_differ_in_one_seed_are_independent(value: object) -> None:
    assert levels_of(keys(value)) is None


def test_crossed_runs_have_a_level_for_each_stream() -> None:
    assert levels_of(keys({"initialization": 2, "order": [0, 5], "noise": [3]})) == [
        (0, 0),
        (0, 5),
        (1, 0),
        (1, 5),
    ]
    assert levels_of(keys({"run": 2, "noise": 3})) == [
        (run, noise) for run in range(2) for noise in range(3)
    ]


def test_nothing_is_known_of_external_runs() -> None:
    assert levels_of(["run_0.csv", "run_1.csv"]) is None
    assert levels_of(["0-a1", "0-b1", "1-a1"]) is None


def test_independent_runs_have_the_variance_of_student() -> None:
    values = np.random.default_rng(0).normal(size=6)
    found = mean_variance(values, None)
    assert found is not None
    assert found.standard_error == pytest.approx(stats.sem(values), abs=1e-15)
    assert found.degrees_of_freedom == 5
    assert mean_variance(values[:1], None) is None


def test_the_variance_is_the_sum_over_streams_of_mean_squares() -> None:
    """Against the mean squares of a two-way layout, from their definition."""
    a, b = 4, 3
    cells = np.random.default_rng(1).normal(size=(a, b))
    rows = b * sum((cells[i].mean() - cells.mean()) ** 2 for i in range(a)) / (a - 1)
    columns = a * sum((cells[:, j].mean() - cells.mean()) ** 2 for j in range(b)) / (b - 1)
    found = mean_variance(cells.ravel(), list(product(range(a), range(b))))
    assert found is not None
    assert found.variance == pytest.approx((rows + columns) / (a * b), abs=1e-12)
    freedom = (rows + columns) ** 2 / (rows**2 / (a - 1) + columns**2 / (b - 1))
    assert found.degrees_of_freedom == pytest.approx(freedom, abs=1e-10)


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        ([], (4, 3)),
        ([(1, 2)], (3, 3)),
        ([(0, 1), (2, 1), (3, 1)], (4, 2)),
        ([(0, 0), (1, 1), (2, 2)], (2, 2)),
        ([level for level in product(range(4), range(3)) if 0 not in level], None),
    ],
)
def test_a_part_without_missing_combinations_is_used(
    missing: Sequence[tuple[int, int]], expected: tuple[int, int] | None
) -> None:
    levels = [level for level in product(range(4), range(3)) if level not in missing]
    design = complete_design(levels)
    if expected is None:
        assert design is None
        assert mean_variance(np.zeros(len(levels)), levels) is None
        return
    assert design is not None
    assert design.runs.shape == expected
    for place, level in zip(np.ndindex(design.runs.shape), product(*design.seeds), strict=True):
        assert levels[design.runs[place]] == level


def world(generator: np.random.Generator, a: int, b: int, std: float) -> np.ndarray:
    """Return accuracies of runs whose initialization (rows) matters most."""
    return (
        0.9
        + generator.normal(0, std, (a, 1))
        + generator.normal(0, std / 3, (1, b))
        + generator.normal(0, std / 2, (a, b))
    ).ravel()


def test_intervals_and_tests_of_crossed_runs_hold_what_they_are_for() -> None:
    generator = np.random.default_rng(2)
    levels = list(product(range(4), range(4)))
    names = keys({"initialization": 4, "order": 4})
    studies, held, naive, claimed = 1500, 0, 0, 0
    for _ in range(studies):
        values = world(generator, 4, 4, 0.01).tolist()
        interval = interval_over_seeds(Accuracies.of(values), 10_000, levels=levels)
        independent = interval_over_seeds(Accuracies.of(values), 10_000)
        assert interval is not None
        assert independent is not None
        held += interval.low <= 0.9 <= interval.high
        naive += independent.low <= 0.9 <= independent.high
        runs = [dict(zip(names, world(generator, 4, 4, 0.01), strict=True)) for _ in range(2)]
        p_value = compare("a", "b", *runs).p_value
        claimed += p_value is not None and p_value < 0.05
    error = 4 * np.sqrt(0.05 * 0.95 / studies)
    assert 0.935 - error < held / studies < 0.97 + error
    assert claimed / studies < 0.055 + error
    assert naive / studies < 0.8  # as 16 independent runs, which they are not


def test_a_comparison_of_crossed_runs_says_its_degrees_of_freedom() -> None:
    names = keys({"initialization": 3, "order": 3})
    generator = np.random.default_rng(3)
    first, second = (dict(zip(names, generator.normal(size=9), strict=True)) for _ in range(2))
    found = compare("a", "b", first, second)
    differences = np.array([first[name] - second[name] for name in names])
    expected = mean_variance(differences, levels_of(names))
    assert expected is not None
    assert found.standard_error == expected.standard_error
    assert found.degrees_of_freedom == expected.degrees_of_freedom
    assert found.p_sign_flip is None
    assert found.n == 9
    few = dict(list(first.items())[:3])  # one initialization: its orders are independent
    assert compare("a", "b", few, second).degrees_of_freedom == 2
    corner = {name: first[name] for name in (names[0], names[1], names[3])}
    alone = compare("a", "b", corner, second)
    assert alone.p_value is None
    assert alone.interval is None
    assert alone.note is not None


def test_new_images_vary_beside_crossed_seeds() -> None:
    generator = np.random.default_rng(4)
    levels = list(product(range(3), range(3)))
    right = generator.random((9, 400)) < 0.8
    crossed = interval_for_new_images(right, levels=levels)
    independent = interval_for_new_images(right)
    assert crossed is not None
    assert independent is not None
    assert crossed.low < right.mean() < crossed.high
    assert crossed.high - crossed.low > 0.9 * (independent.high - independent.low)
    assert interval_for_new_images(right[:3], levels=[(0, 0), (0, 1), (1, 0)]) is None
