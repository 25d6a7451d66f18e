"""A configuration: what it builds, its id, and its settings by name."""

from typing import Any, cast

import pytest
from pydantic import ValidationError
from syrupy.assertion import SnapshotAssertion

from seedbed.core.errors import StudyError
from seedbed.networks.zoo import ZOO, lenet5, vit, vit_774k
from seedbed.noise.spec import NoiseSpec
from seedbed.study.spec import configuration as module
from seedbed.study.spec.configuration import (
    Configuration,
    DatasetSpec,
    defaults_of,
    network_settings,
)
from seedbed.training.losses.registry import LOSSES
from seedbed.training.methods.registry import METHODS
from seedbed.training.recipe import DECAYS, LEARNING_RATES, Recipe
from sentences import Sentence

NETWORK = {"name": "lenet5", "activation": "elu", "negative_slope": 0.01, "alpha": 2.0}


NEEDED: dict[str, dict[str, object]] = {
    **{name: {"transition": "estimated"} for name in ("forward", "backward")},
    **{
        name: {"forget_rate": 0.2}
        for name in ("small-loss", "co-teaching", "co-teaching-plus", "jocor")
    },
}
"""Settings of methods that have no default."""


def configuration(**changes: object) -> Configuration:
    dataset = {"name": "mnist", "fingerprint": "abc"}
    return Configuration.model_validate({"dataset": dataset, "network": NETWORK} | changes)


def test_a_vision_transformer_is_named_with_its_settings() -> None:
    table = {"name": "vit", "patch_size": 4, "drop_path": 0.1, "pos_embed": "sinusoidal"}
    found = configuration(network=network_settings("vit").model_validate(table).model_dump())
    assert found.build_network(7) == vit(7, patch_size=4, drop_path=0.1, pos_embed="sinusoidal")
    assert found.settings["network.num_heads"] == 4
    assert found.id.startswith("vit-")
    assert configuration(network={**found.network, "patch_size": 7}).id != found.id
    assert configuration(network={"name": "vit-774k"}).build_network(10) == vit_774k()


@pytest.mark.parametrize(
    ("name", "setting", "value"),
    [
        ("vit", "patches", 4),
        ("vit", "pool", "max"),
        ("vit", "num_heads", 2.5),
        ("vit-774k", "patch_size", 4),
    ],
)
def test_settings_that_a_vision_transformer_does_not_have_are_refused(
    name: str, setting: str, value: object
) -> None:
    with pytest.raises(ValidationError) as error:
        network_settings(name).model_validate({"name": name, setting: value})
    assert [problem["loc"] for problem in error.value.errors()] == [(setting,)]


def test_the_network_is_built_for_the_classes_of_the_dataset() -> None:
    assert configuration().build_network(7) == lenet5(7, activation="elu", alpha=2.0)


def test_the_fingerprint_must_be_known(sentence: Sentence) -> None:
    assert configuration().fingerprint == "abc"
    with pytest.raises(StudyError) as error:
        _ = configuration(dataset={"name": "mnist"}).id
    assert error.value.where == "dataset"
    sentence(error.value)


def test_settings_by_name_are_those_that_apply() -> None:
    settings = configuration(recipe=Recipe(optimizer="adamw")).settings
    assert settings["dataset.name"] == "mnist"
    assert settings["noise.kind"] == "none"
    assert settings["network.activation"] == "elu"
    assert settings["recipe.augmentation.shift"] == 0.0
    assert "recipe.momentum" not in settings
    assert "recipe.train_size" not in settings


@pytest.mark.parametrize(
    "change",
    [
        {"noise": NoiseSpec(kind="symmetric", rate=0.2)},
        {"noise": NoiseSpec(kind="pair", rate=0.2)},
        {"recipe": Recipe(l1_penalty=0.1)},
        {"recipe": Recipe(train_size=100)},
        {"recipe": Recipe(folds=5)},
        {"network": {**NETWORK, "dropout": 0.5}},
        {"recipe": Recipe(validation_size=100)},
        {"recipe": Recipe(validation_size=100, checkpoint="best-on-validation")},
        {"recipe": Recipe(initialization="he-normal")},
        {"dataset": {"name": "mnist", "fingerprint": "abd"}},
    ],
)
def test_ids_depend_on_what_trains_differently(change: dict[str, object]) -> None:
    assert configuration(**change).id != configuration().id


def test_ids_do_not_depend_on_names_and_places() -> None:
    assert configuration(label="a", variant="b").id == configuration().id
    human = {"kind": "human", "fingerprint": "f"}
    ids = {
        configuration(noise=NoiseSpec.model_validate({**human, "labels": path, "key": key})).id
        for path, key in (("a.npz", "x"), ("b.npz", "y"))
    }
    assert len(ids) == 1


def test_ids_do_not_depend_on_settings_that_later_versions_bring(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Later(Recipe):
        glow: float = 0.5

    def later(glow: float) -> Configuration:
        return configuration().model_copy(update={"recipe": Later(glow=glow)})

    before = configuration().id
    monkeypatch.setattr(module, "Recipe", Later)
    assert later(0.5).id == before
    assert later(0.25).id != before


def test_defaults_never_change(snapshot: SnapshotAssertion) -> None:
    # Ids leave out settings at their default: with another default, results that people keep would
    # be taken for those of other settings.
    choices: list[dict[str, object]] = [{"optimizer": each} for each in LEARNING_RATES]
    choices += [{"schedule": each} for each in DECAYS]
    choices += [{"loss": each} for each in LOSSES]
    choices += [{"robust": {"method": name, **NEEDED.get(name, {})}} for name in METHODS]
    usual = defaults_of({"name": "lenet5"}, Recipe())
    found = [defaults_of({"name": "lenet5"}, Recipe.model_validate(each)) for each in choices]
    differing = [
        {k: each.get(k) for k in sorted(each.keys() | usual.keys()) if each.get(k) != usual.get(k)}
        for each in found
    ]
    networks = {
        name: {
            k: v
            for k, v in defaults_of({"name": name}, Recipe()).items()
            if k.startswith("network")
        }
        for name in ZOO
    }
    assert {
        "usual": usual,
        "choices": list(zip(map(str, choices), differing, strict=True)),
        "networks": networks,
        "noise": NoiseSpec.model_construct().__dict__,
    } == snapshot


def test_only_what_matters_of_a_dataset_is_written() -> None:
    assert DatasetSpec(name="mnist").to_dict() == {"name": "mnist"}
    assert DatasetSpec(path="p", split_seed=3).to_dict() == {
        "path": "p",
        "test_fraction": 0.2,
        "split_seed": 3,
    }
    rules = {"layout": "classes", "skip_unreadable": True, "background": "white"}
    spec = DatasetSpec.model_validate({"path": "p", **rules})
    assert rules.items() <= spec.to_dict().items()


@pytest.mark.parametrize(
    ("setting", "value"),
    [("layout", "folders"), ("skip_unreadable", "yes"), ("background", "whit"), ("background", 1)],
)
def test_rules_for_images_are_checked(setting: str, value: object) -> None:
    with pytest.raises(StudyError) as error:
        DatasetSpec(path="p", **cast("Any", {setting: value}))
    assert error.value.where == setting


@pytest.mark.parametrize(
    ("setting", "value"), [("layout", "splits"), ("skip_unreadable", True), ("background", "white")]
)
def test_rules_for_images_belong_to_a_path(setting: str, value: object) -> None:
    with pytest.raises(StudyError) as error:
        DatasetSpec(name="mnist", **cast("Any", {setting: value}))
    assert error.value.where == setting
