"""Run ids: stable for ever, equal for what trains alike, different for what does not."""

import pytest

import small
from seedbed.core.errors import StudyError
from seedbed.study.plan import plan_runs
from seedbed.study.spec.overrides import Override
from seedbed.study.spec.reader import parse_study
from seedbed.study.spec.study import StudySpec

TEXT = """
name = "golden"
dataset = "mnist"
network = "lenet5"
seeds = [0, 7]

[recipe]
optimizer = "adamw"
learning_rate = 0.002
epochs = 3
augmentation = { shift = 2 }
"""


def bound(*settings: str, fingerprint: str = "0" * 64) -> StudySpec:
    overrides = [Override.parse(each) for each in settings]
    return small.bound(parse_study(TEXT, "golden.toml", overrides), fingerprint)


def ids(spec: StudySpec) -> list[str]:
    return [run.id for run in plan_runs(spec)]


def test_ids_never_change() -> None:
    # Results that people keep are found under these names: change the code, not this test.
    assert ids(bound()) == ["lenet5-fa5e17542b-seed0", "lenet5-fa5e17542b-seed7"]


@pytest.mark.parametrize(
    "setting",
    [
        "name=other",
        "recipe.learning_rate=2e-3",
        "recipe.augmentation.shift=2.0",
        "recipe.eps=1e-8",
        "network.activation=relu",
        "network.alpha=1",
    ],
)
def test_ids_do_not_depend_on_how_the_same_is_said(setting: str) -> None:
    assert ids(bound(setting)) == ids(bound())


def test_where_the_images_are_does_not_matter() -> None:
    assert ids(bound("dataset={path='/a/b'}")) == ids(bound())


@pytest.mark.parametrize(
    "setting",
    [
        "recipe.learning_rate=0.003",
        "recipe.epochs=4",
        "recipe.augmentation.flip=true",
        "recipe.batch_size=64",
        "network.activation=elu",
    ],
)
def test_ids_depend_on_what_trains_differently(setting: str) -> None:
    assert not set(ids(bound(setting))) & set(ids(bound()))


def test_ids_depend_on_the_contents_of_the_dataset() -> None:
    assert not set(ids(bound(fingerprint="1" * 64))) & set(ids(bound()))


def test_the_runs_of_a_configuration_share_its_id() -> None:
    runs = plan_runs(bound())
    assert len({run.configuration.id for run in runs}) == 1
    assert all(run.id == f"{run.configuration.id}-seed{run.seeds.run}" for run in runs)


def test_a_study_without_its_contents_has_no_ids() -> None:
    with pytest.raises(StudyError) as error:
        ids(parse_study(TEXT, "golden.toml"))
    assert error.value.where == "dataset"
