"""Images that one network alone gets right, by brute force."""

import numpy as np
import pytest
from numpy.typing import NDArray

from seedbed.core.errors import DataError
from seedbed.evaluation.only_right import only_right


@pytest.mark.parametrize("runs", [(1, 1), (5, 5), (4, 3), (5, 2, 3), (1, 4, 2, 2)])
def test_most_runs_of_one_are_right_and_most_runs_of_each_other_are_wrong(
    runs: tuple[int, ...],
) -> None:
    generator = np.random.Generator(np.random.Philox(sum(runs)))
    n_wrong = [generator.integers(0, count + 1, 400) for count in runs]
    found = only_right(n_wrong, runs)
    for network, each in enumerate(found):
        others = [other for other in range(len(runs)) if other != network]
        expected = [
            image
            for image in range(400)
            if 2 * n_wrong[network][image] < runs[network]
            and all(2 * n_wrong[other][image] > runs[other] for other in others)
        ]
        assert sorted(each.index.tolist()) == expected
        assert each.always == sum(
            n_wrong[network][image] == 0
            and all(n_wrong[other][image] == runs[other] for other in others)
            for image in expected
        )
        own = [n_wrong[network][image] / runs[network] for image in each.index]
        assert own == sorted(own)


def test_no_image_is_right_in_one_network_only_for_two_of_them() -> None:
    found = only_right([np.array([0, 5, 2]), np.array([5, 0, 3])], [5, 5])
    assert [each.index.tolist() for each in found] == [[0, 2], [1]]
    assert [each.always for each in found] == [1, 1]


@pytest.mark.parametrize(
    "n_wrong", [[np.zeros(3, int)], [np.zeros(3, int), np.zeros(4, int)]], ids=["one", "other"]
)
def test_what_cannot_be_compared_is_refused(n_wrong: list[NDArray[np.int64]]) -> None:
    with pytest.raises(DataError, match="networks"):
        only_right(n_wrong, [1] * len(n_wrong))
