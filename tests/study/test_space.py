"""The space that a plan shows, against what runs take."""

from dataclasses import replace
from pathlib import Path

from seedbed.study.loaded import LoadedStudy
from seedbed.study.space import space_needed
from small import run_small, runs, small_study


def test_a_plan_says_what_the_runs_take(tmp_path: Path) -> None:
    noise = ["noise.kind=pair", "noise.rate=0.2"]
    spec = replace(small_study(tmp_path / "data", settings=noise), keep_logits=("test", "train"))
    study = LoadedStudy.load(spec)
    store = run_small(spec, tmp_path / "study")
    files = [file for run in runs(store) for file in run.folder.iterdir()]
    others = sum(file.stat().st_size for file in files if file.suffix != ".safetensors")
    space = space_needed(study)
    assert 0.6 < space.others / others < 1.6  # headers count here, where images are few
    cost = runs(store)[0].load()
    assert cost is not None
    assert space.weights == 3 * cost.record.cost.weight_bytes


def test_what_is_pruned_takes_nothing(tmp_path: Path) -> None:
    study = LoadedStudy.load(small_study(tmp_path / "data"))
    whole = space_needed(study)
    none = space_needed(replace(study, spec=replace(study.spec, keep=("logits",))))
    assert (none.weights, none.others) == (0, whole.others)
    best = space_needed(replace(study, spec=replace(study.spec, keep=("best-weights",))))
    assert (best.weights, best.others) == (whole.weights // 3, whole.others)
