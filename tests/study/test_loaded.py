"""A study with its datasets: each loaded once, and everything checked before training."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fake_engine import FakeEngine
from seedbed.core.errors import NetworkError, SeedbedError, StudyError
from seedbed.data import catalog
from seedbed.data.catalog import load_dataset
from seedbed.study.loaded import LoadedStudy
from seedbed.study.plan import plan_runs
from seedbed.study.spec.reader import parse_study
from sentences import Sentence
from small import small_study, write_images


def test_every_dataset_is_loaded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: Counter[int | None] = Counter()

    def counting(*arguments: Any, **options: Any) -> Any:
        loaded[options["resize"]] += 1
        return load_dataset(*arguments, **options)

    monkeypatch.setattr(catalog, "load_dataset", counting)
    settings = ["dataset.resize=[8, 16]", "recipe.epochs=[1, 2]"]
    study = LoadedStudy.load(small_study(tmp_path, settings=settings))
    assert loaded == {8: 1, 16: 1}
    assert len(study.datasets) == 2
    shapes = [study.task(run).dataset.image_shape for run in plan_runs(study.spec)]
    assert shapes == [(8, 8, 1)] * 6 + [(16, 16, 1)] * 6
    for run in plan_runs(study.spec):
        assert study.task(run).dataset.fingerprint == run.configuration.fingerprint


def test_the_same_contents_under_two_paths_are_refused(tmp_path: Path) -> None:
    one, other = (write_images(tmp_path / name) for name in ("one", "other"))
    spec = parse_study(
        f'name = "x"\nseeds = 1\nnetwork = "lenet5"\n'
        f'dataset = [{{ path = "{one}" }}, {{ path = "{other}" }}]',
        "x.toml",
    )
    with pytest.raises(StudyError) as error:
        LoadedStudy.load(spec)
    assert f"'dataset={one}'" in error.value.what
    assert f"'dataset={other}'" in error.value.what


def warnings(folder: Path, *settings: str) -> list[str]:
    study = LoadedStudy.load(small_study(folder, settings=settings))
    return study.check(FakeEngine(), study.spec.configurations)


def test_noise_that_hides_the_classes_draws_a_warning(tmp_path: Path) -> None:
    assert warnings(tmp_path) == []
    assert warnings(tmp_path, "noise.kind=pair", "noise.rate=0.4") == []
    settings = ["noise.kind=pair", "noise.rate=[0.4, 0.5]", "recipe.epochs=[1, 2, 3]"]
    (warning,) = warnings(tmp_path, *settings)
    assert warning.startswith("noise.rate=0.5, epochs=1 and 2 more: ")


def test_people_may_hide_the_classes_too(tmp_path: Path) -> None:
    clean = np.arange(60) % 3
    worse = np.where(clean == 1, 2, clean)
    np.savez(tmp_path / "labels.npz", clean_label=clean, good=clean, worse=worse)
    settings = ["noise.kind=human", f"noise.labels={tmp_path / 'labels.npz'}"]
    assert warnings(tmp_path, *settings, "noise.key=good") == []
    (warning,) = warnings(tmp_path, *settings, "noise.key=worse")
    assert {"'1'", "'2'"} <= set(re.findall(r"'\d'", warning))


BEST = 'recipe.checkpoint="best-on-validation"'


def test_the_validation_split_of_a_dataset_selects_the_epoch(tmp_path: Path) -> None:
    spec = small_study(tmp_path, settings=[BEST], validation=12)
    study = LoadedStudy.load(spec)
    assert study.check(FakeEngine(), study.spec.configurations) == []
    task = study.task(plan_runs(study.spec)[0])
    assert len(task.splits()["validation"]) == 12
    assert task.splits()["validation"].source == "validation"


def test_the_validation_split_is_part_of_the_identity_of_a_run(tmp_path: Path) -> None:
    ids = {
        plan_runs(LoadedStudy.load(small_study(tmp_path, validation=n)).spec)[0].id
        for n in (0, 12, 13)
    }
    assert len(ids) == 3


def test_best_on_validation_needs_validation_images(tmp_path: Path, sentence: Sentence) -> None:
    assert warnings(tmp_path, BEST, "recipe.validation_size=10") == []
    with pytest.raises(StudyError) as error:
        warnings(tmp_path, BEST)
    assert error.value.where == "recipe.checkpoint"
    assert "validation_size" in error.value.expected
    sentence(error.value)


@pytest.mark.parametrize("setting", ["recipe.validation_size=10", "recipe.folds=3"])
def test_held_out_images_replace_the_validation_split_with_a_word(
    tmp_path: Path, setting: str, sentence: Sentence
) -> None:
    settings = [setting, "recipe.evaluate_every=1"]
    spec = small_study(tmp_path, settings=settings, validation=12)
    study = LoadedStudy.load(spec)
    (warning,) = study.check(FakeEngine(), study.spec.configurations)
    assert "12" in warning.split()
    assert study.task(plan_runs(study.spec)[0]).splits()["validation"].source == "train"
    sentence(warning)


@pytest.mark.parametrize(("epochs", "when"), [(4, "2"), (2, "end")])
def test_evaluation_that_is_seldom_draws_a_warning(
    tmp_path: Path, epochs: int, when: str, sentence: Sentence
) -> None:
    few = ("recipe.train_size=15", f"recipe.epochs={epochs}")  # and 30 test images
    (warning,) = warnings(tmp_path, *few)
    assert when in warning.split() or f"{when}," in warning.split()
    sentence(warning)
    assert warnings(tmp_path, *few, "recipe.evaluate_every=2") == []
    assert warnings(tmp_path, "recipe.train_size=30") == []


def test_splits_without_images_draw_a_warning(tmp_path: Path, sentence: Sentence) -> None:
    (warning,) = warnings(tmp_path, 'keep_logits=["test", "validation"]')
    assert "validation" in warning
    sentence(warning)


@pytest.mark.parametrize(
    ("settings", "where", "name"),
    [
        (["dataset.resize=[8, 64]"], "lenet5", "32×32"),
        (["recipe.train_size=[10, 61]"], "recipe", "61"),
        (["recipe.validation_size=60"], "recipe", "60"),
        (["noise.kind=matrix", "noise.matrix=[[1.0]]"], "noise.matrix", "3×3"),
        (["noise.kind=pair", "noise.rate=0.1", "noise.mapping={0='3'}"], "noise.mapping", "'3'"),
    ],
)
def test_what_cannot_be_trained_is_refused(
    tmp_path: Path, settings: list[str], where: str, name: str
) -> None:
    with pytest.raises(SeedbedError) as error:
        warnings(tmp_path, *settings)
    assert isinstance(error.value, StudyError | NetworkError)
    assert error.value.where == where
    assert name in str(error.value)
    assert "\n" not in str(error.value)
