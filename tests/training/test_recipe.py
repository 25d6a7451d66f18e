import json
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from seedbed.core.errors import StudyError
from seedbed.core.settings import explain
from seedbed.core.suggestions import did_you_mean
from seedbed.training.recipe import Augmentation, Recipe
from sentences import Sentence


@pytest.mark.parametrize(("optimizer", "learning_rate"), [("sgd", 0.05), ("adamw", 0.001)])
def test_the_learning_rate_follows_the_optimizer(optimizer: str, learning_rate: float) -> None:
    assert Recipe.model_validate({"optimizer": optimizer}).learning_rate == learning_rate


def test_the_decay_follows_the_schedule() -> None:
    assert Recipe(schedule="step").gamma == 0.1
    assert Recipe(schedule="exponential").gamma == 0.95
    assert Recipe(schedule="step", gamma=0.5).gamma == 0.5


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(),
        Recipe(optimizer="adamw", betas=(0.8, 0.99), schedule="cosine", warmup_epochs=1.5),
        Recipe(schedule="step", step_size=3, augmentation=Augmentation(shift=2, flip=True)),
        Recipe(nesterov=True, label_smoothing=0.1, ema_decay=0.999, weight_decay=5e-4),
    ],
)
def test_a_resolved_recipe_reads_back_as_itself(recipe: Recipe) -> None:
    written = json.loads(json.dumps(recipe.model_dump(mode="json")))
    assert Recipe(**written) == recipe
    assert Recipe.model_validate(written) == recipe
    assert hash(Recipe(**written)) == hash(recipe)


def test_only_what_applies_is_written() -> None:
    plain = Recipe().model_dump()
    assert "momentum" in plain
    assert not {"betas", "eps", "warmup_epochs", "step_size", "gamma"} & set(plain)
    other = Recipe(optimizer="adamw", schedule="step").model_dump(mode="json")
    assert not {"momentum", "nesterov"} & set(other)
    assert (other["betas"], other["gamma"]) == ([0.9, 0.999], 0.1)


def test_whole_numbers_are_fractions_too() -> None:
    assert Recipe(learning_rate=1, augmentation=Augmentation(shift=2)) == Recipe(
        learning_rate=1.0, augmentation=Augmentation(shift=2.0)
    )


def test_a_recipe_cannot_be_changed() -> None:
    with pytest.raises(StudyError) as error:
        Recipe().epochs = 3  # type: ignore[misc]
    assert error.value.where == "Recipe"


def test_augmentation_is_active_when_anything_changes() -> None:
    assert not Augmentation().moves
    assert not Augmentation(shift=0.0).moves
    for setting in ("shift", "rotation", "scale"):
        assert Augmentation.model_validate({setting: 0.5}).moves
    assert Augmentation(flip=True).moves
    assert Augmentation(elastic_alpha=1).moves
    assert not Augmentation(erasing=0.5).moves


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({"learning_rate": -0.1}, "learning_rate"),
        ({"learning_rate": 0}, "learning_rate"),
        ({"learning_rate": float("nan")}, "learning_rate"),
        ({"learning_rate": float("inf")}, "learning_rate"),
        ({"learning_rate": "0.1"}, "learning_rate"),
        ({"learning_rate": True}, "learning_rate"),
        ({"learning_rat": 0.1}, "learning_rat"),
        ({"epochs": 0}, "epochs"),
        ({"epochs": 2.5}, "epochs"),
        ({"epochs": True}, "epochs"),
        ({"batch_size": 0}, "batch_size"),
        ({"batch_size": None}, "batch_size"),
        ({"optimizer": "sdg"}, "optimizer"),
        ({"schedule": "onecycle"}, "schedule"),
        ({"loss": "l1"}, "loss"),
        ({"robust": "co-teeching"}, "robust"),
        ({"weight_decay": -1e-4}, "weight_decay"),
        ({"momentum": 1.0}, "momentum"),
        ({"label_smoothing": 1.0}, "label_smoothing"),
        ({"ema_decay": 1}, "ema_decay"),
        ({"optimizer": "adamw", "betas": [0.9]}, "betas.1"),
        ({"optimizer": "adamw", "betas": [0.9, True]}, "betas.1"),
        ({"schedule": "step", "gamma": 1.5}, "gamma"),
        ({"folds": 1}, "folds"),
        ({"class_weights": "equal"}, "class_weights"),
        ({"class_weights": [1, 2]}, "class_weights"),
        ({"class_weights": "balanced", "mixup": 0.2}, "mixup"),
        ({"class_weights": "balanced", "robust": "early-learning"}, "robust"),
        ({"augmentation": {"shift": -2}}, "augmentation.shift"),
        ({"augmentation": {"rotation": 181}}, "augmentation.rotation"),
        ({"augmentation": {"scale": 1}}, "augmentation.scale"),
        ({"augmentation": {"flip": 1}}, "augmentation.flip"),
        ({"augmentation": {"elastic_alpha": -1}}, "augmentation.elastic_alpha"),
        ({"augmentation": {"elastic_alpha": 34, "elastic_sigma": 0}}, "augmentation.elastic_sigma"),
        ({"augmentation": {"elastic_sigma": 101}}, "augmentation.elastic_sigma"),
        ({"augmentation": {"elastic_sigma": 3}}, "augmentation.elastic_sigma"),
        ({"augmentation": {"elastic": 34}}, "augmentation.elastic"),
        ({"augmentation": {"shfit": 2}}, "augmentation.shfit"),
        ({"augmentation": 3}, "augmentation"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_its_field(
    settings: dict[str, Any], where: str
) -> None:
    with pytest.raises(StudyError) as error:
        Recipe(**settings)
    assert error.value.where == where
    assert "\n" not in str(error.value)
    assert "pydantic" not in str(error.value)


@pytest.mark.parametrize(
    ("settings", "where", "choices"),
    [
        ({"optimizer": "adamw", "momentum": 0.5}, "momentum", ("adamw", "sgd")),
        ({"optimizer": "adamw", "nesterov": True}, "nesterov", ("adamw", "sgd")),
        ({"betas": (0.5, 0.9)}, "betas", ("sgd", "adam", "adamw")),
        ({"eps": 1e-6}, "eps", ("sgd", "adam", "adamw")),
        ({"warmup_epochs": 1.0}, "warmup_epochs", ("one-cycle", "cosine")),
        ({"schedule": "cosine", "gamma": 0.5}, "gamma", ("cosine", "step", "exponential")),
        ({"step_size": 3}, "step_size", ("one-cycle", "step")),
        ({"milestones": (3,)}, "milestones", ("one-cycle", "step")),
    ],
)
def test_a_setting_of_another_choice_is_refused(
    settings: dict[str, Any], where: str, choices: tuple[str, ...]
) -> None:
    with pytest.raises(StudyError) as error:
        Recipe(**settings)
    assert error.value.where == where
    for choice in choices:
        assert choice in error.value.what


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        pytest.param({"schedule": "cosine", "gamma": 0.5}, "gamma", id="another choice"),
        pytest.param({"momentum": 0.0, "nesterov": True}, "nesterov", id="no momentum"),
        pytest.param({"schedule": "cosine", "warmup_epochs": 16}, "warmup_epochs", id="warm-up"),
        pytest.param(
            {"schedule": "step", "step_size": 3, "milestones": (1, 2)}, "milestones", id="two steps"
        ),
        pytest.param({"schedule": "step", "milestones": (4, 4)}, "milestones", id="milestones"),
        pytest.param({"mixup": 0.2, "robust": "early-learning"}, "robust", id="mixed"),
        pytest.param({"validation_size": 9, "folds": 2}, "folds", id="two held-out parts"),
        pytest.param(
            {"checkpoint": "best-on-validation", "folds": 2}, "checkpoint", id="fold selects"
        ),
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    settings: dict[str, Any], where: str, sentence: Sentence
) -> None:
    with pytest.raises(StudyError) as error:
        Recipe(**settings)
    assert error.value.where == where
    sentence(error.value)


def test_all_mistakes_are_named_at_once_and_only_they() -> None:
    with pytest.raises(StudyError) as error:
        Recipe(optimizer="sdg", epochs=0)  # type: ignore[arg-type]
    for setting in Recipe.model_fields:
        assert (f"{setting}: " in str(error.value)) == (setting in ("optimizer", "epochs"))


def test_settings_of_another_choice_are_harmless_at_their_default() -> None:
    assert Recipe(optimizer="adamw", momentum=0.9) == Recipe(optimizer="adamw")


def test_a_model_around_a_recipe_gets_the_whole_path() -> None:
    class Study(BaseModel):
        recipe: Recipe

    with pytest.raises(ValidationError) as error:
        Study.model_validate({"recipe": {"augmentation": {"shfit": 2}, "epochs": 0}})
    problems = dict(explain(error.value, Study))
    assert set(problems) == {"recipe.augmentation.shfit", "recipe.epochs"}
    assert did_you_mean("shfit", Augmentation.model_fields) in problems["recipe.augmentation.shfit"]
