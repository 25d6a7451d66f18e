"""The seeds of a study file, and the sets of seeds that they mean."""

from typing import Any

import pytest

from seedbed.core.seeds import Seeds
from seedbed.study.spec.seeds import MAX_SEEDS, read_seeds, written_seeds
from sentences import Sentence


def keys(value: object) -> list[int | str]:
    return [seeds.key for seeds in read_seeds(value)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, [0, 1, 2]),
        ([7, 3], [7, 3]),
        ({"run": 3}, [0, 1, 2]),
        ({"run": [7, 3]}, [7, 3]),
        ({"run": 3, "noise": 0}, [0, "1-noise0", "2-noise0"]),
        ({"initialization": [0, 1, 2], "order": 0}, [0, "0-initialization1", "0-initialization2"]),
        ({"initialization": 4, "order": 4}, ["0-initialization4-order4"]),
        (
            {"noise": [0, 1], "order": [0, 1]},  # in the order of the streams, whatever is first
            [0, "0-noise1", "0-order1", "0-order1-noise1"],
        ),
        ({"run": 2, "noise": [0, 1]}, [0, "0-noise1", "1-noise0", 1]),
    ],
)
def test_a_number_a_list_or_a_table_of_streams(value: Any, expected: list[int | str]) -> None:
    assert keys(value) == expected
    assert read_seeds(written_seeds(read_seeds(value))) == read_seeds(value)


def test_what_is_written_is_short() -> None:
    assert written_seeds(read_seeds({"run": 5})) == 5
    assert written_seeds(read_seeds([3, 1])) == [3, 1]
    assert written_seeds(read_seeds({"run": [5], "noise": 5})) == [5]
    table = {"run": 2, "noise": 0, "fold": [0, 1]}
    assert written_seeds(read_seeds(table)) == table


def test_seeds_by_stream_are_those_that_are_meant() -> None:
    first, second = read_seeds({"run": [4, 5], "dropout": 9})
    assert first == Seeds(run=4, dropout=9)
    assert (second.order, second.noise, second.dropout) == (5, 5, 9)


@pytest.mark.parametrize(
    "value",
    [
        *(-1, True, 2.0, "5", None, [0, -1], [True], MAX_SEEDS + 1),
        *({"run": 0}, {"noise": []}, {"noise": -1}, {"run": "5"}, {"order": True}),
    ],
)
def test_what_cannot_be_seeds_is_refused(value: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the sentences are below
        read_seeds(value)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(0, id="number"),
        pytest.param([], id="empty"),
        pytest.param([1, 1], id="repeated"),
        pytest.param([0.5], id="fraction"),
        pytest.param({"nois": 1}, id="stream"),
        pytest.param({"run": 200, "noise": list(range(51))}, id="product"),
    ],
)
def test_a_reason_is_given(value: Any, sentence: Sentence) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 - see the sentences
        read_seeds(value)
    sentence(error.value)
