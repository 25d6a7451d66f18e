from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fake_engine import FakeEngine
from seedbed.core.errors import MissingExtra, StudyError
from seedbed.execution.ray import place
from seedbed.execution.ray.place import Ray
from seedbed.study.loaded import LoadedStudy
from small import Remembering, small_study


def executor_of(folder: Path, ray: Ray, device: str = "cpu") -> Any:
    study = LoadedStudy.load(small_study(folder))
    engine = FakeEngine()
    engine.facts = replace(engine.facts, device=device)
    return ray(study, engine, threads=2, notice=Remembering().notice)


@pytest.mark.parametrize("gpus", [0.0, -1.0, 1.5, float("nan"), float("inf")])
def test_a_task_takes_whole_gpus_or_a_part_of_one(gpus: float) -> None:
    with pytest.raises(StudyError) as error:
        Ray(gpus=gpus)
    assert error.value.where == "gpus"


def test_gpus_are_for_studies_that_train_on_them(tmp_path: Path) -> None:
    with pytest.raises(StudyError) as error:
        executor_of(tmp_path, Ray(gpus=1.0))
    assert error.value.where == "gpus"
    for device in ("cuda:1", "mps"):
        with pytest.raises(StudyError) as error:
            executor_of(tmp_path, Ray(), device)
        assert error.value.where == "device"


def test_a_missing_ray_says_what_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "find_spec", lambda _name: None)
    with pytest.raises(MissingExtra) as error:
        executor_of(tmp_path, Ray())
    assert error.value.extra == "ray"


def test_ray_is_not_started_before_there_is_something_to_train(tmp_path: Path) -> None:
    import ray

    executor_of(tmp_path, Ray()).stop()
    assert not ray.is_initialized()
