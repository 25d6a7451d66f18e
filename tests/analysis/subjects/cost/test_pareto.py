"""The Pareto front, against its definition by brute force."""

import math

import numpy as np
import pytest

from made_entries import made_entry
from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.entry import fields_of
from seedbed.analysis.subjects.cost.pareto import fronts, pareto_front
from seedbed.core.errors import DataError
from sentences import Sentence


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


def test_each_test_set_has_a_front_of_its_own() -> None:
    entries = [
        made_entry(
            test_fingerprint=of,
            cost=made_entry()["cost"] | {"seconds": cost},
            test_accuracy=fields_of(Accuracies.of([mean])),
        )
        for of, cost, mean in [("a", 2.0, 0.8), ("b", 1.0, 0.9), ("a", 1.0, 0.7), ("b", 3.0, 0.8)]
    ]
    assert fronts(entries, "seconds") == ((2, 0), (1,))


@pytest.mark.parametrize(
    ("costs", "accuracies"), [([1.0], []), ([math.nan], [0.5])], ids=["lengths", "nan"]
)
def test_what_cannot_be_ordered_is_rejected(
    costs: list[float], accuracies: list[float], sentence: Sentence
) -> None:
    with pytest.raises(DataError) as error:
        pareto_front(costs, accuracies)
    sentence(error.value)
