"""Studies that cross the seeds of streams: the same runs as ever, under the same names."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from seedbed.analysis.summary.study import refresh_summary
from seedbed.core.errors import StudyError
from seedbed.core.seeds import Seeds
from seedbed.data.catalog import load_dataset
from seedbed.data.images import ImageDataset
from seedbed.execution.memory import train
from seedbed.networks.zoo import lenet5
from seedbed.study.plan import plan_runs
from seedbed.training.recipe import Recipe
from small import StopAfterEvery, bound, run_small, small_study

CROSSED = "{ initialization = 2, order = 2 }"
STREAMS = tuple(name for name in Seeds.model_fields if name != "run")


def test_runs_that_agree_in_all_streams_are_those_of_one_seed(tmp_path: Path) -> None:
    everything = "{ " + ", ".join(f"{name} = 2" for name in STREAMS) + " }"
    crossed, plain = (
        {run.id for run in plan_runs(bound(small_study(tmp_path, seeds=seeds), "f" * 64))}
        for seeds in (everything, "2")
    )
    assert len(crossed) == 2 ** len(STREAMS)
    assert len(plain) == 2
    assert plain < crossed


def test_a_crossed_study_resumes_and_shares_runs_with_others(tmp_path: Path) -> None:
    spec = small_study(tmp_path / "data", seeds=CROSSED)
    with pytest.raises(KeyboardInterrupt):
        run_small(spec, tmp_path / "study", monitor=StopAfterEvery(5))
    store = run_small(spec, tmp_path / "study")
    whole = run_small(spec, tmp_path / "whole")
    assert store.run_ids() == whole.run_ids()
    for run_id in store.run_ids():
        for name, array in store.run(run_id).weights().items():
            np.testing.assert_array_equal(array, whole.run(run_id).weights()[name])
    assert store.read_study().seeds == spec.seeds
    wider = small_study(tmp_path / "data", seeds="{ initialization = 3, order = 2 }")
    before = {
        run_id: store.run(run_id).record_file.stat().st_mtime_ns for run_id in store.run_ids()
    }
    run_small(wider, tmp_path / "study")
    assert len(store.run_ids()) == 6
    for run_id, when in before.items():
        assert store.run(run_id).record_file.stat().st_mtime_ns == when
    (entry,) = refresh_summary(store.folder)
    assert entry.header.varied == ("initialization", "order")
    assert entry.header.is_crossed
    assert [entry.header.run_name(seed) for seed in entry.header.seeds][:2] == [
        "initialization 0, order 0",
        "initialization 0, order 1",
    ]


def test_training_in_memory_takes_the_same_table() -> None:
    data = load_dataset("digits")
    images = data.train
    small = ImageDataset(images.images[:100], images.labels[:100], images.class_names)
    few = replace(data, splits={**data.splits, "train": small})
    runs = train(lenet5(), Recipe(epochs=1), few, seeds={"initialization": 2, "order": [0, 3]})
    assert [run.seed for run in runs] == [
        0,
        "0-order3",
        "0-initialization1",
        "0-initialization1-order3",
    ]
    with pytest.raises(StudyError) as error:
        train(lenet5(), Recipe(epochs=1), few, seeds={"weights": 2})
    assert error.value.where == "seeds"
