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
from seedbed.study.spec import configuration
from seedbed.study.spec.reader import parse_study
from small import small_study, write_images


def test_every_dataset_is_loaded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: Counter[int | None] = Counter()

    def counting(*arguments: Any, **options: Any) -> Any:
        loaded[options["resize"]] += 1
        return load_dataset(*arguments, **options)

    monkeypatch.setattr(configuration, "load_dataset", counting)
    assert catalog.load_dataset is load_dataset
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
    expected = f"the configurations 'dataset={one}' and 'dataset={other}' are the same"
    with pytest.raises(StudyError, match=re.escape(expected)):
        LoadedStudy.load(spec)


def warnings(folder: Path, *settings: str) -> list[str]:
    return LoadedStudy.load(small_study(folder, settings=settings)).check(FakeEngine())


def test_noise_that_hides_the_classes_draws_a_warning(tmp_path: Path) -> None:
    assert warnings(tmp_path) == []
    assert warnings(tmp_path, "noise.kind=pair", "noise.rate=0.4") == []
    settings = ["noise.kind=pair", "noise.rate=[0.4, 0.5]", "recipe.epochs=[1, 2, 3]"]
    (warning,) = warnings(tmp_path, *settings)
    assert warning.startswith("noise.rate=0.5, epochs=1 and 2 more: the classes cannot be ident")


def test_people_may_hide_the_classes_too(tmp_path: Path) -> None:
    clean = np.arange(60) % 3
    worse = np.where(clean == 1, 2, clean)
    np.savez(tmp_path / "labels.npz", clean_label=clean, good=clean, worse=worse)
    settings = ["noise.kind=human", f"noise.labels={tmp_path / 'labels.npz'}"]
    assert warnings(tmp_path, *settings, "noise.key=good") == []
    (warning,) = warnings(tmp_path, *settings, "noise.key=worse")
    assert "'1' are labeled '2' with probability 1, and correctly with probability 0" in warning


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (["dataset.resize=[8, 64]"], "larger than 32×32"),
        (["recipe.train_size=[10, 61]"], "61 images to learn from"),
        (["recipe.validation_size=60"], "60 images for validation"),
        (["noise.kind=matrix", "noise.matrix=[[1.0]]"], "expected 3×3"),
        (["noise.kind=pair", "noise.rate=0.1", "noise.mapping={0='3'}"], "unknown class '3'"),
    ],
)
def test_what_cannot_be_trained_is_refused(
    tmp_path: Path, settings: list[str], expected: str
) -> None:
    with pytest.raises(SeedbedError, match=re.escape(expected)) as caught:
        warnings(tmp_path, *settings)
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, StudyError | NetworkError)
