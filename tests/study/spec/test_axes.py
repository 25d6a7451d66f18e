"""Axes: which lists are some, what they multiply to, and what a variant changes."""

from typing import Any

import pytest

from seedbed.study.spec.axes import axes, count_points, merged, points, tables_of


def expanded(value: Any) -> list[Any]:
    found = list(points(value))
    assert len(found) == count_points(value)
    return found


def test_axes_multiply_and_the_last_varies_fastest() -> None:
    tables = {"recipe": {"epochs": 3, "batch_size": [8, 16], "learning_rate": [0.1, 0.2, 0.3]}}
    found = [
        (each["recipe"]["batch_size"], each["recipe"]["learning_rate"]) for each in expanded(tables)
    ]
    assert found == [(8, 0.1), (8, 0.2), (8, 0.3), (16, 0.1), (16, 0.2), (16, 0.3)]
    assert all(each["recipe"]["epochs"] == 3 for each in expanded(tables))


def test_without_a_list_there_is_one_point() -> None:
    tables = {"recipe": {"epochs": 3, "augmentation": {"shift": 2}}}
    assert expanded(tables) == [tables]


def test_the_order_of_tables_is_always_the_same() -> None:
    one = {"recipe": {"epochs": [1, 2]}, "dataset": {"name": ["a", "b"]}}
    other = dict(reversed(one.items()))
    assert expanded(one) == expanded(other)
    assert [each["dataset"]["name"] for each in expanded(one)] == ["a", "a", "b", "b"]
    # TOML puts tables behind values, wherever they stood.
    inner = {"recipe": {"augmentation": {"shift": [0, 2]}, "epochs": [1, 2]}}
    assert [each["recipe"]["epochs"] for each in expanded(inner)] == [1, 1, 2, 2]


def test_tables_in_a_list_may_have_axes_of_their_own() -> None:
    noise = [{"kind": "none"}, {"kind": "pair", "rate": [0.2, 0.4]}]
    assert [each["noise"] for each in expanded({"noise": noise})] == [
        {"kind": "none"},
        {"kind": "pair", "rate": 0.2},
        {"kind": "pair", "rate": 0.4},
    ]


@pytest.mark.parametrize(
    ("part", "name", "value", "count"),
    [
        ("recipe", "betas", [0.9, 0.999], 1),
        ("recipe", "betas", [[0.9, 0.999], [0.8, 0.99]], 2),
        ("noise", "matrix", [[0.9, 0.1], [0.2, 0.8]], 1),
        ("noise", "matrix", [[[0.9, 0.1], [0.2, 0.8]], [[1, 0], [0, 1]]], 2),
        ("noise", "matrix", ["a.csv", "b.npy"], 2),
        ("noise", "matrix", ["a.csv", [[1, 0], [0, 1]]], 2),
        ("noise", "mapping", {"a": "b"}, 1),
        ("noise", "mapping", [{"a": "b"}, {"b": "a"}], 2),
        ("network", "activation", ["relu", "elu"], 2),
        ("recipe", "learning_rate", [0.1], 1),
    ],
)
def test_a_value_that_is_a_list_is_an_axis_only_one_deeper(
    part: str, name: str, value: Any, count: int
) -> None:
    found = expanded({part: {name: value}})
    assert len(found) == count
    if count > 1:
        assert [each[part][name] for each in found] == value


def test_the_axes_are_named() -> None:
    tables = {
        "noise": [{"rate": [0.1]}, {"kind": "none"}],
        "recipe": {"epochs": [], "augmentation": {"shift": [1, 2]}, "betas": [0.9, 0.99]},
    }
    assert dict(axes(tables)) == {
        ("noise",): tables["noise"],
        ("noise", "rate"): [0.1],
        ("recipe", "epochs"): [],
        ("recipe", "augmentation", "shift"): [1, 2],
    }


def test_short_forms_are_tables() -> None:
    values = {"name": "x", "dataset": ["a", {"path": "p"}], "network": "lenet5", "seeds": 3}
    assert tables_of(values) == {
        "dataset": [{"name": "a"}, {"path": "p"}],
        "network": {"name": "lenet5"},
    }


@pytest.mark.parametrize(
    ("part", "base", "change", "expected"),
    [
        # Setting by setting.
        ("recipe", {"a": 1, "b": 2}, {"b": 3, "c": 4}, {"a": 1, "b": 3, "c": 4}),
        ("recipe", {"a": [1, 2]}, {"a": 3}, {"a": 3}),
        ("recipe", {"a": 1}, {"a": [2, 3]}, {"a": [2, 3]}),
        ("recipe", {}, {"a": 1}, {"a": 1}),
        # A setting that is a table is one setting.
        ("recipe", {"augmentation": {"x": 1}}, {"augmentation": {}}, {"augmentation": {}}),
        # Another dataset, network or kind of noise takes the whole place.
        ("dataset", {"name": "a", "resize": 8}, {"path": "p"}, {"path": "p"}),
        ("noise", {"kind": "pair", "rate": 0.1}, {"kind": "none"}, {"kind": "none"}),
        ("network", {"name": ["a", "b"], "x": 1}, {"name": "a"}, {"name": "a"}),
        # The same one does not.
        ("dataset", {"name": "a", "resize": 8}, {"name": "a"}, {"name": "a", "resize": 8}),
        ("dataset", {"resize": 8}, {"name": "a"}, {"resize": 8, "name": "a"}),
        # Each table of an axis.
        ("noise", [{"kind": "a"}, {"kind": "b"}], {"exact": True},
         [{"kind": "a", "exact": True}, {"kind": "b", "exact": True}]),
        ("noise", [{"kind": "a"}, {"kind": "b"}], {"kind": "a"}, {"kind": "a"}),
        ("noise", {"kind": "a"}, [{"kind": "b"}], [{"kind": "b"}]),
    ],
)  # fmt: skip
def test_what_a_variant_changes(part: str, base: Any, change: Any, expected: Any) -> None:
    assert merged({part: base, "other": 1}, {part: change}) == {part: expected, "other": 1}


def test_counting_makes_nothing() -> None:
    tables = {"recipe": {f"a{n}": list(range(1000)) for n in range(10)}}
    assert count_points(tables) == 1000**10


def test_the_names_of_a_matrix_are_one_value() -> None:
    noise = {"kind": "matrix", "matrix": [[1.0, 0.0], [0.0, 1.0]], "classes": ["cat", "dog"]}
    assert list(axes({"noise": noise})) == []
    assert list(points({"noise": noise})) == [{"noise": noise}]
    both = {**noise, "classes": [["cat", "dog"], ["dog", "cat"]]}
    assert [key for key, _ in axes({"noise": both})] == [("noise", "classes")]
    assert count_points({"noise": both}) == 2
