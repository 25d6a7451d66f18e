"""The seeds of a study file, and the sets of seeds that they mean."""

from typing import Any

import pytest

from seedbed.core.seeds import Seeds
from seedbed.display.seed_names import run_name, seeds_of
from seedbed.study.spec.seeds import (
    MAX_SEEDS,
    crossed_in_words,
    held_in_words,
    read_seeds,
    varied_streams,
    written_seeds,
)
from sentences import Sentence

STREAMS = tuple(name for name in Seeds.model_fields if name != "run")
OTHERS = "-".join(f"{name}{5 if name == 'order' else 3}" for name in STREAMS)


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
        ({"initialization": [4], "order": [4]}, ["0-initialization4-order4"]),
        (
            {"initialization": 2, "order": 2},
            [0, "0-order1", "0-initialization1", "0-initialization1-order1"],
        ),
        ({"run": 3, "noise": [0]}, [0, "1-noise0", "2-noise0"]),
        ({"run": 3, "noise": 1}, [0, "1-noise0", "2-noise0"]),
        ({name: [3] for name in STREAMS}, [3]),
        ({name: [3] for name in STREAMS} | {"order": [3, 5]}, [3, "0-" + OTHERS]),
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
    assert written_seeds(read_seeds({"run": [5], "noise": [5]})) == [5]
    table = {"run": 2, "noise": [0], "fold": 2}
    assert written_seeds(read_seeds(table)) == table
    assert written_seeds(read_seeds({"initialization": 4, "order": [0, 7]})) == {
        "initialization": 4,
        "order": [0, 7],
    }


@pytest.mark.parametrize(
    ("value", "varied"),
    [
        (5, ()),
        (1, ()),
        ({"run": 5, "noise": 0}, ("run",)),
        ({"initialization": 3}, ("initialization",)),
        ({"order": 2, "initialization": 3, "noise": [5]}, ("initialization", "order")),
        ({"run": 3, "noise": 3}, ("run", "noise")),
        (dict.fromkeys(STREAMS, 2), STREAMS),
    ],
)
def test_streams_with_several_seeds_of_their_own_are_varied(
    value: Any, varied: tuple[str, ...]
) -> None:
    assert varied_streams(read_seeds(value)) == varied


def test_a_crossed_run_with_equal_streams_is_the_run_of_that_seed() -> None:
    crossed = read_seeds(dict.fromkeys(STREAMS, 2))
    assert len(crossed) == 2 ** len(STREAMS)
    assert {seeds.key for seeds in crossed} >= {0, 1}
    assert set(read_seeds(2)) < set(crossed)


def test_runs_go_by_the_seeds_of_their_streams() -> None:
    seeds = read_seeds({"initialization": 3, "order": 2})
    varied = varied_streams(seeds)
    assert [run_name(each.key, varied) for each in seeds][:3] == [
        "initialization 0, order 0",
        "initialization 0, order 1",
        "initialization 1, order 0",
    ]
    for value in (3, {"run": 3, "noise": 2}, {"fold": 3, "order": [1, 7]}, {"run": 2, "noise": 0}):
        seeds = read_seeds(value)
        for each in seeds:
            streams = tuple(Seeds.model_fields)
            assert seeds_of(each.key, streams) == tuple(each.to_dict()[name] for name in streams)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(5, id="one seed"),
        pytest.param({"run": 5, "noise": 0}, id="held"),
        pytest.param({"initialization": 3}, id="one stream"),
        pytest.param({"initialization": 4, "order": 4, "noise": 3}, id="crossed"),
        pytest.param({"run": [4, 5], "noise": 3}, id="crossed with all others"),
        pytest.param(dict.fromkeys(STREAMS, 2), id="all"),
    ],
)
def test_what_crosses_and_what_is_held_is_said(value: Any, sentence: Sentence) -> None:
    seeds = read_seeds(value)
    sentence(f"{crossed_in_words(seeds)}; {held_in_words(seeds)}")


def test_seeds_by_stream_are_those_that_are_meant() -> None:
    first, second = read_seeds({"run": [4, 5], "dropout": [9]})
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
