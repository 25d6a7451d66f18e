"""Images that one network alone gets right, by brute force."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from made_entries import made_entries
from made_errors import image_errors
from made_networks import made_size
from seedbed.analysis.subjects.only_right.images import only_right, right_in_one
from seedbed.core.errors import DataError
from sentences import Sentence


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
def test_what_cannot_be_compared_is_rejected(
    n_wrong: list[NDArray[np.int64]], sentence: Sentence
) -> None:
    with pytest.raises(DataError) as error:
        only_right(n_wrong, [1] * len(n_wrong))
    sentence(error.value)


def errors(**wrong: tuple[int, int, int]) -> dict[str, Any]:
    """Return image errors from image -> (true, predicted, wrong in)."""
    keys = sorted(wrong, key=int_of)
    true, predicted, n_wrong = zip(*(wrong[key] for key in keys), strict=True)
    return image_errors([int_of(key) for key in keys], true, predicted, n_wrong)


def int_of(key: str) -> int:
    return int(key.removeprefix("image"))


def test_images_that_one_network_alone_gets_right_with_what_the_others_say() -> None:
    runs = (0.5, 0.5, 0.5)
    entries = [
        made_size("lenet5", 100, runs, image_errors=errors(image3=(1, 2, 3), image7=(0, 2, 1))),
        made_size(
            "vit",
            100,
            runs,
            image_errors=errors(image3=(1, 0, 1), image7=(0, 1, 2), image9=(2, 0, 3)),
        ),
    ]
    cnn, vit = right_in_one(entries)
    # Image 9 is right in all runs of the first; image 7 in two of three, and wrong in two of three.
    assert [(each.index, each.true, each.right_in, each.others) for each in cnn.images] == [
        (9, 2, 3, ((0, 3),)),
        (7, 0, 2, ((1, 2),)),
    ]
    assert cnn.always == 1
    assert [(each.index, each.true, each.right_in, each.others) for each in vit.images] == [
        (3, 1, 2, ((2, 3),))
    ]
    assert (vit.always, vit.network.name, [each.name for each in vit.others]) == (
        0,
        "vit",
        ["lenet5"],
    )


def test_one_network_is_compared_with_nothing() -> None:
    assert right_in_one(made_entries("a", "b")) == ()
