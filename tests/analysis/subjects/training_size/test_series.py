"""Configurations that differ in nothing but how many images they learn from."""

from made_entries import made_entries
from made_networks import made_size, made_sizes
from seedbed.analysis.subjects.training_size.series import (
    series,
    series_of_networks,
    size_of,
    with_most_images,
)

ENTRIES = made_sizes(
    lenet5={900: (0.9, 0.8), 100: (0.5, 0.6)},
    vit={100: (0.3, 0.4), 900: (0.9, 0.9)},
)


def test_a_series_is_one_network_from_few_images_to_many() -> None:
    found = series(ENTRIES)
    assert [each.name for each in found] == ["lenet5", "vit"]
    assert [list(each.sizes) for each in found] == [[100, 900], [100, 900]]
    assert [each.name for each in series_of_networks(ENTRIES)] == ["lenet5", "vit"]


def test_what_differs_in_something_else_is_another_series() -> None:
    other = made_size("lenet5", 300, (0.5,))
    other["settings"] = {**other["settings"], "recipe.epochs": 9}
    assert [len(each.entries) for each in series([*ENTRIES, other])] == [2, 2]
    slow = made_size("lenet5", 900, (0.5,), label="network=lenet5, train_size=900, epochs=9")
    slow["settings"] = {**slow["settings"], "recipe.epochs": 9}
    found = series([*ENTRIES, other, slow])
    assert [each.name for each in found] == ["lenet5", "vit", "lenet5, epochs=9"]
    # A network is represented by the first of those that learned from the most images.
    assert [each.name for each in series_of_networks([*ENTRIES, other, slow])] == ["lenet5", "vit"]


def test_one_size_runs_without_an_end_and_predictions_from_elsewhere_are_no_series() -> None:
    assert series(made_entries("a", "b")) == ()
    unfinished = made_size("lenet5", 300, (), n=0)
    outside = made_entries("outside", settings=None, provenance=None)
    assert [len(each.entries) for each in series([*ENTRIES, unfinished, *outside])] == [2, 2]
    assert size_of(outside[0]) == 0


def test_only_those_with_the_most_images_are_left_under_the_names_of_networks() -> None:
    left = with_most_images(ENTRIES)
    assert [(each["label"], size_of(each)) for each in left] == [("lenet5", 900), ("vit", 900)]
    same = made_entries("a", "b")
    assert with_most_images(same) == same
    assert with_most_images([]) == []
