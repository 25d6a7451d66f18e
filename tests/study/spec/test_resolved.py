"""Grids written out: what is shared is there, and axes stay axes."""

from typing import Any

from seedbed.study.spec.configuration import Configuration
from seedbed.study.spec.resolved import replaced, written_out


def test_every_table_of_a_part_is_changed() -> None:
    base = {"dataset": {"name": ["a", "b"]}, "recipe": {"epochs": [1, 2]}}
    variants: list[dict[str, Any]] = [{}, {"dataset": {"resize": 8}}, {"dataset": {"name": "c"}}]

    def marked(table: dict[str, Any]) -> dict[str, Any]:
        return {**table, "seen": True}

    tables, own = replaced("dataset", base, variants, marked)
    assert tables["dataset"] == [{"name": "a", "seen": True}, {"name": "b", "seen": True}]
    assert tables["recipe"] == base["recipe"]
    assert own == [
        {},
        {
            "dataset": [
                {"name": "a", "resize": 8, "seen": True},
                {"name": "b", "resize": 8, "seen": True},
            ]
        },
        {"dataset": {"name": "c", "seen": True}},
    ]
    assert base["dataset"] == {"name": ["a", "b"]}


def configuration(**recipe: Any) -> Configuration:
    network = {
        "name": "lenet5",
        "activation": "relu",
        "negative_slope": 0.01,
        "alpha": 1.0,
        "dropout": 0.0,
    }
    tables = {"dataset": {"name": "mnist"}, "network": network, "recipe": recipe}
    return Configuration.model_validate(tables)


def test_what_all_configurations_share_is_written() -> None:
    base = {"dataset": {"name": "mnist"}, "recipe": {"epochs": [1, 2], "momentum": 0.9}}
    found = written_out(base, [], [configuration(epochs=1), configuration(epochs=2)])
    assert found["recipe"]["epochs"] == [1, 2]
    assert found["recipe"]["batch_size"] == 128
    assert found["network"]["activation"] == "relu"
    assert "noise" not in found
    # An axis of one value is that value.
    one = written_out({"recipe": {"epochs": [1]}}, [], [configuration(epochs=1)])
    assert one["recipe"]["epochs"] == 1


def test_what_does_not_apply_to_all_is_not_written() -> None:
    base = {"recipe": {"optimizer": ["sgd", "adam"]}}
    every = [configuration(optimizer="sgd"), configuration(optimizer="adam")]
    recipe = written_out(base, [], every)["recipe"]
    assert {"momentum", "betas", "learning_rate"} & recipe.keys() == set()
    # A default that was spelled out, of a choice that was not made.
    given = {"recipe": {"optimizer": "adam", "momentum": 0.9}}
    assert "momentum" not in written_out(given, [], every[1:])["recipe"]


def test_what_variants_say_is_theirs() -> None:
    every = [configuration(epochs=1), configuration(epochs=1, batch_size=8)]
    variants: list[dict[str, Any]] = [{}, {"recipe": {"batch_size": 8}}]
    recipe = written_out({}, variants, every)["recipe"]
    assert recipe["epochs"] == 1
    assert "batch_size" not in recipe
