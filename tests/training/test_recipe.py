import json
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from seedbed.core.errors import StudyError
from seedbed.core.settings import explain
from seedbed.training.recipe import Augmentation, Recipe


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


def test_the_page_about_recipes_names_every_setting() -> None:
    page = (Path(__file__).parents[2] / "docs" / "recipe.md").read_text(encoding="utf-8")
    for name in {*Recipe.model_fields, *Augmentation.model_fields}:
        assert f"`{name}`" in page


def test_whole_numbers_are_fractions_too() -> None:
    assert Recipe(learning_rate=1, augmentation=Augmentation(shift=2)) == Recipe(
        learning_rate=1.0, augmentation=Augmentation(shift=2.0)
    )


def test_a_recipe_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Recipe().epochs = 3  # type: ignore[misc]


def test_augmentation_is_active_when_anything_changes() -> None:
    assert not Augmentation().active
    assert not Augmentation(shift=0.0).active
    for setting in ("shift", "rotation", "scale"):
        assert Augmentation.model_validate({setting: 0.5}).active
    assert Augmentation(flip=True).active


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"learning_rate": -0.1}, "learning_rate: -0.1 cannot be used; expected greater than 0"),
        ({"learning_rate": 0}, "learning_rate: 0 cannot be used"),
        ({"learning_rate": float("nan")}, "learning_rate: nan .* finite number"),
        ({"learning_rate": float("inf")}, "learning_rate: inf .* finite number"),
        ({"learning_rate": "0.1"}, "learning_rate: '0.1' .* valid number"),
        ({"learning_rate": True}, "learning_rate: True .* valid number"),
        ({"learning_rat": 0.1}, "unknown setting 'learning_rat' .did you mean 'learning_rate'"),
        ({"epochs": 0}, "epochs: 0 .* greater than or equal to 1"),
        ({"epochs": 2.5}, "epochs: 2.5 .* valid integer"),
        ({"epochs": True}, "epochs: True .* valid integer"),
        ({"batch_size": 0}, "batch_size: 0"),
        ({"batch_size": None}, "batch_size: None"),
        ({"optimizer": "sdg"}, "optimizer: 'sdg' .*'sgd', 'adam' or 'adamw'.*did you mean 'sgd'"),
        ({"schedule": "onecycle"}, "schedule: .*did you mean 'one-cycle'"),
        ({"loss": "l1"}, "loss: .*'mae'"),
        ({"weight_decay": -1e-4}, "weight_decay"),
        ({"momentum": 1.0}, "momentum: 1.0 .* less than 1"),
        ({"label_smoothing": 1.0}, "label_smoothing"),
        ({"ema_decay": 1}, "ema_decay"),
        ({"optimizer": "adamw", "betas": [0.9]}, "betas.1: is missing"),
        ({"optimizer": "adamw", "betas": [0.9, True]}, "betas.1: True"),
        ({"optimizer": "adamw", "momentum": 0.5}, "momentum: adamw does not use it; .* sgd"),
        ({"optimizer": "adamw", "nesterov": True}, "nesterov: adamw does not use it"),
        ({"betas": (0.5, 0.9)}, "betas: sgd does not use it; .* adamw"),
        ({"eps": 1e-6}, "eps: sgd does not use it"),
        ({"momentum": 0.0, "nesterov": True}, "nesterov needs a momentum above 0"),
        ({"warmup_epochs": 1.0}, "warmup_epochs: one-cycle does not use it; .* cosine"),
        ({"schedule": "cosine", "warmup_epochs": 16}, "16 is more than the 15 epochs"),
        ({"schedule": "cosine", "gamma": 0.5}, "gamma: cosine does not use it; .* exponential"),
        ({"schedule": "step", "gamma": 1.5}, "gamma: 1.5"),
        ({"step_size": 3}, "step_size: one-cycle does not use it"),
        ({"augmentation": {"shift": -2}}, "augmentation.shift: -2"),
        ({"augmentation": {"rotation": 181}}, "augmentation.rotation: 181"),
        ({"augmentation": {"scale": 1}}, "augmentation.scale: 1"),
        ({"augmentation": {"flip": 1}}, "augmentation.flip: 1 .* valid boolean"),
        (
            {"augmentation": {"shfit": 2}},
            "augmentation.shfit: .*'shift'.*shift, crop, rotation, scale",
        ),
        ({"augmentation": 3}, "augmentation: 3"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line_that_names_the_field(
    settings: dict[str, object], message: str
) -> None:
    with pytest.raises(StudyError, match=message) as caught:
        Recipe(**settings)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    assert "pydantic" not in str(caught.value)


def test_all_mistakes_are_named_at_once_and_only_they() -> None:
    with pytest.raises(StudyError) as caught:
        Recipe(optimizer="sdg", epochs=0)  # type: ignore[arg-type]
    assert str(caught.value).count("cannot be used") == 2
    assert "learning_rate" not in str(caught.value)


def test_settings_of_another_choice_are_harmless_at_their_default() -> None:
    assert Recipe(optimizer="adamw", momentum=0.9) == Recipe(optimizer="adamw")


def test_a_model_around_a_recipe_gets_the_whole_path() -> None:
    class Study(BaseModel):
        recipe: Recipe

    with pytest.raises(ValidationError) as caught:
        Study.model_validate({"recipe": {"augmentation": {"shfit": 2}, "epochs": 0}})
    problems = dict(explain(caught.value, Study))
    assert set(problems) == {"recipe.augmentation.shfit", "recipe.epochs"}
    assert "did you mean 'shift'" in problems["recipe.augmentation.shfit"]
