"""The Pareto front, against its definition by brute force."""

import math

import numpy as np
import pytest

from seedbed.errors import DataError
from seedbed.evaluation.pareto import pareto_front


def beaten(place: int, costs: list[float], accuracies: list[float]) -> bool:
    return any(
        costs[other] <= costs[place]
        and accuracies[other] >= accuracies[place]
        and (costs[other] < costs[place] or accuracies[other] > accuracies[place])
        for other in range(len(costs))
    )


@pytest.mark.parametrize("seed", range(50))
def test_the_front_is_every_point_that_no_other_beats(seed: int) -> None:
    generator = np.random.Generator(np.random.Philox(seed))
    count = int(generator.integers(1, 30))
    # Whole numbers, so that many points are equal in one or in both.
    costs = generator.integers(0, 8, count).astype(float).tolist()
    accuracies = (generator.integers(0, 8, count) / 8).tolist()
    found = pareto_front(costs, accuracies)
    assert sorted(found) == [
        place for place in range(count) if not beaten(place, costs, accuracies)
    ]
    assert [costs[place] for place in found] == sorted(costs[place] for place in found)


def test_no_points_have_no_front() -> None:
    assert pareto_front([], []) == ()


@pytest.mark.parametrize(
    ("costs", "accuracies", "said"),
    [([1.0], [], "1 costs for 0 accuracies"), ([math.nan], [0.5], "is NaN")],
)
def test_what_cannot_be_ordered_is_refused(
    costs: list[float], accuracies: list[float], said: str
) -> None:
    with pytest.raises(DataError, match=said):
        pareto_front(costs, accuracies)
