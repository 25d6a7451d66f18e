"""A natural mistake in a setting is answered with the setting, or the value, that was meant."""

import re

import pytest

from seedbed.core.errors import StudyError
from seedbed.study.spec.overrides import Override
from seedbed.study.spec.reader import parse_study
from sentences import Sentence

GOOD = """name = "mine"
dataset = "mnist"
network = "lenet5"
seeds = 5

[recipe]
epochs = 15
"""

MEANT = {
    "epochs": "recipe.epochs",
    "lr": "recipe.learning_rate",
    "batchSize": "recipe.batch_size",
    "bs": "recipe.batch_size",
    "optim": "recipe.optimizer",
    "optimizer": "recipe.optimizer",
    "rotation": "recipe.augmentation.rotation",
    "model": "network",
    "train": "recipe",
    "training": "recipe",
    "data": "dataset",
    "trials": "seeds",
    "rate": "noise.rate",
    "noise.type": "kind",
    "recipe.lr": "learning_rate",
    "recipe.learning-rate": "learning_rate",
    "recipe.wd": "weight_decay",
    "recipe.init": "initialization",
    "recipe.augmentation.hflip": "flip",
    "recipe.augmentation.epochs": "recipe.epochs",
    "recipe.dropout": "network.dropout",
    "network.lr": "recipe.learning_rate",
    "network.slope": "negative_slope",
    # Names of Seedbed 0.1.
    "recipe.weight_average": "ema_decay",
    "recipe.epsilon": "eps",
    "recipe.decay": "gamma",
    "recipe.step_epochs": "step_size",
    "recipe.epoch_rule": "checkpoint",
    "recipe.train_images": "train_size",
    "recipe.validation_images": "validation_size",
}


def refusal(setting: str) -> StudyError:
    with pytest.raises(StudyError) as error:
        parse_study(GOOD, "mine.toml", [Override.parse(setting)])
    assert error.value.where == f"--set {setting.partition('=')[0]}"
    return error.value


def suggested(message: str) -> list[str]:
    suggestion = re.search(r"\(did you mean ([^?]*)\?\)", message)
    return re.findall("'([^']*)'", suggestion[1]) if suggestion else []


@pytest.mark.parametrize(("typed", "meant"), MEANT.items())
def test_a_setting_is_suggested(typed: str, meant: str) -> None:
    assert meant in suggested(refusal(f"{typed}=3").what)


@pytest.mark.parametrize("name", ["train", "training", "hyperparameters"])
def test_a_table_is_suggested(name: str) -> None:
    with pytest.raises(StudyError) as error:
        parse_study(GOOD.replace("[recipe]", f"[{name}]"), "mine.toml")
    assert error.value.where == f"mine.toml, line 6, {name}"
    assert suggested(error.value.what) == ["recipe"]


@pytest.mark.parametrize(
    ("setting", "meant"),
    [
        ("network=LeNet", "lenet5"),
        ("network=LeNet-5", "lenet5"),
        ("network=resnet", "resnet8"),
        ("dataset=FashionMNIST", "fashion-mnist"),
        ("dataset=fashion_mnist", "fashion-mnist"),
        ("dataset=CIFAR-10", "cifar10"),
        ("recipe.optimizer=AdamW", "adamw"),
        ("recipe.schedule=CosineAnnealing", "cosine"),
        ("recipe.schedule=OneCycle", "one-cycle"),
        ("recipe.loss=l1", "mae"),
        ("recipe.loss=CrossEntropyLoss", "cross-entropy"),
        ("recipe.loss=GCE", "generalized-cross-entropy"),
        ("noise.kind=uniform", "symmetric"),
        ("noise.kind=asymmetric", "pair"),
        ("engine=lanes", "native"),
        ("engine=PyTorch", "torch"),
    ],
)
def test_a_value_is_suggested(setting: str, meant: str) -> None:
    with pytest.raises(StudyError) as error:
        parse_study(GOOD, "mine.toml", [Override.parse(setting)])
    assert suggested(error.value.what)[:1] == [meant]


@pytest.mark.parametrize(
    ("setting", "corrected"),
    [
        ("recipe.learning_rate=0,1", "0.1"),
        ("recipe.learning_rate=,5", "0.5"),
        ("recipe.learning_rate=.1", "0.1"),
        ("recipe.learning_rate='0.1'", "0.1"),
        ("recipe.momentum=90%", "0.9"),
        ("recipe.epochs=1e1", "10"),
        ("recipe.epochs=3.0", "3"),
        ("recipe.epochs='3'", "3"),
        ("deterministic=True", "true"),
        ("deterministic=No", "false"),
        ("recipe.nesterov=1", "true"),
    ],
)
def test_a_number_in_another_form_is_corrected(setting: str, corrected: str) -> None:
    assert refusal(setting).what.endswith(f"(write {corrected})")


@pytest.mark.parametrize("setting", ["recipe.epochs=2.5", "recipe.epochs=many", "deterministic=7"])
def test_what_means_no_number_is_not_corrected(setting: str) -> None:
    assert "(write " not in refusal(setting).what


def test_a_key_after_a_table_belongs_before_it(sentence: Sentence) -> None:
    with pytest.raises(StudyError) as error:
        parse_study(GOOD.replace("seeds = 5\n", "") + "seeds = 5\n", "mine.toml")
    assert error.value.where == "mine.toml, line 7, recipe.seeds"
    sentence(error.value)


@pytest.mark.parametrize("name", ["patch", "patch_size", "num_heads", "heads"])
def test_an_argument_of_other_networks(name: str) -> None:
    problem = refusal(f"network.{name}=3").what
    assert problem.endswith("it belongs to vit")


@pytest.mark.parametrize(
    "setting",
    ["recipe.epochs=0", "recipe.momentum=1", "name=a/b", "recipe.betas=1", "recipe.batch_size=x"],
)
def test_messages_do_not_speak_of_pydantic(setting: str, sentence: Sentence) -> None:
    error = refusal(setting)
    assert not re.search("valid (integer|number|string|tuple)|Input|pattern", error.what)
    sentence(error)


@pytest.mark.parametrize("key", ["dataset.path", "noise.matrix"])
def test_a_path_with_a_null_character(key: str) -> None:
    override = Override.of(key, "a\0b")
    text = GOOD.replace('dataset = "mnist"\n', "") if key == "dataset.path" else GOOD
    kind = Override.of("noise.kind", "matrix")
    with pytest.raises(StudyError) as error:
        parse_study(text, "mine.toml", [override, kind] if key == "noise.matrix" else [override])
    assert error.value.where == f"settings['{key}']"
    assert repr("a\0b") in error.value.what


def test_a_setting_in_a_list_of_tables_has_its_own_neighbors() -> None:
    claim = "[[claims]]\nclaim = 'a'\nrises-with = 'b'\n"
    with pytest.raises(StudyError) as error:
        parse_study(GOOD + claim, "mine.toml")
    assert error.value.where == "mine.toml, line 10, claims.0.rises-with"
    assert suggested(error.value.what) == ["rises_with"]
