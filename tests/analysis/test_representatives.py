"""Which configurations represent the networks of a study."""

import pytest

from made_entries import made_entries
from made_networks import made_robustness, made_size, made_sizes
from seedbed.analysis.representatives import (
    network_names,
    network_of,
    representative_places,
    representatives,
)
from seedbed.analysis.subjects.robustness.result import corrupted_networks
from seedbed.study.spec.reader import parse_study

TWO = 'network = ["lenet5", "vit"]\n'


def chosen(study: str) -> list[dict[str, object]]:
    spec = parse_study(f'name = "mine"\ndataset = "digits"\nseeds = 2\n{study}', "study.toml")
    settings = [each.settings for each in spec.configurations]
    return [settings[place] for place in representative_places(settings)]


def test_a_study_of_one_network_compares_none() -> None:
    assert chosen('network = "lenet5"\n[recipe]\nlearning_rate = [0.1, 0.2]') == []
    assert representative_places([]) == ()


def test_it_is_the_one_that_learns_from_the_most_images() -> None:
    found = chosen(f"{TWO}[recipe]\ntrain_size = [100, 900, 300]")
    assert [each["network.name"] for each in found] == ["lenet5", "vit"]
    assert [each["recipe.train_size"] for each in found] == [900, 900]


def test_all_images_are_more_than_any_number_and_less_noise_is_preferred() -> None:
    every = {"network.name": "a"}
    few = {"network.name": "a", "recipe.train_size": 10}
    noisy = {"network.name": "a", "noise.kind": "symmetric", "noise.rate": 0.2}
    human = {"network.name": "a", "noise.kind": "human"}
    other = {"network.name": "b"}
    assert representative_places([few, human, noisy, every, every, other]) == (3, 5)
    assert representative_places([few, human, noisy, other]) == (2, 3)


@pytest.mark.parametrize("argument", ["dropout", "activation"])
def test_arguments_make_another_network(argument: str) -> None:
    plain = {"network.name": "lenet5", "recipe.epochs": 3}
    assert network_of(plain) != network_of({**plain, f"network.{argument}": 0.5})
    assert network_of(plain) == network_of({**plain, "recipe.epochs": 5})


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (["network=lenet5", "network=vit"], ["lenet5", "vit"]),
        (["network=lenet5, train_size=100", "network=vit, train_size=100"], ["lenet5", "vit"]),
        (["cnn, train_size=9, momentum=0.5", "vit"], ["cnn, momentum=0.5", "vit"]),
        (["a: network=vit, train_size=5", "b: train_size=5"], ["a: vit", "b"]),
        (
            ["vit, train_size=5", "vit, train_size=9"],
            ["vit, train_size=5", "vit, train_size=9"],
        ),
        (["train_size=5", "lenet5"], ["train_size=5", "lenet5"]),
    ],
)
def test_networks_are_called_by_what_is_theirs(labels: list[str], names: list[str]) -> None:
    assert network_names(labels) == names


def test_each_network_has_its_entry_with_the_most_images() -> None:
    entries = made_sizes(lenet5={100: (0.5,), 900: (0.8,)}, vit={900: (0.9,), 100: (0.3,)})
    found = representatives(entries)
    assert [(each.name, each.entry["label"]) for each in found] == [
        ("lenet5", "network=lenet5, train_size=900"),
        ("vit", "network=vit, train_size=900"),
    ]


def test_one_network_is_compared_with_nothing() -> None:
    assert representatives(made_entries("a", "b")) == ()
    assert representatives([]) == ()
    assert representatives(made_entries("a", "b", settings=None)) == ()
    other = made_size("vit", 100, (0.5,), test_fingerprint="other images")
    assert representatives([made_size("lenet5", 100, (0.5,)), other]) == ()
    unfinished = made_size("vit", 100, (), n=0)
    assert representatives([made_size("lenet5", 100, (0.5,)), unfinished]) == ()


def test_what_a_selection_leaves_of_the_networks_keeps_what_it_was_asked() -> None:
    known = made_size("vit", 900, (0.5,), robustness=made_robustness(0.5))
    entries = [known, made_size("lenet5", 900, (0.5,)), made_size("vit", 100, (0.5,))]
    assert [each.name for each in corrupted_networks(entries)] == ["vit"]
    assert [each.name for each in corrupted_networks(entries[::2])] == [known["label"]]
    assert corrupted_networks(made_entries("a", "b")) == ()
