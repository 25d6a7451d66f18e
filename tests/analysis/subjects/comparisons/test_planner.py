"""How many seeds a study needs, from its finished runs."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from commands import Refused
from made_answers import LOW, made_accuracies
from made_entries import made_entry
from seedbed import workflow
from seedbed.analysis.entry import Entry
from seedbed.analysis.statistics.planning import seeds_needed, upper_limit
from seedbed.analysis.subjects.comparisons.planner import plan_seeds
from seedbed.cli.main import main
from seedbed.core.errors import StudyError
from sentences import Sentence
from small import run_small, small_study


def test_the_spread_is_that_of_paired_differences(sentence: Sentence) -> None:
    other = np.array(LOW) + np.array([0.4, -0.2, 0.1, 0.3, -0.1, 0.0, 0.2])
    entries = [made_accuracies("a", LOW), made_accuracies("b", other.tolist())]
    plan = plan_seeds(entries, seeds=7, detect=0.002)
    std = float(np.std(other - np.array(LOW), ddof=1)) / 100
    assert plan.spread.std == pytest.approx(upper_limit(std, 6))
    assert plan.tests == 1
    assert plan.needed == seeds_needed(0.002 / plan.spread.std, 0.8)
    assert plan.least is not None
    sentence(plan)


def test_one_configuration_has_the_spread_of_its_runs() -> None:
    plan = plan_seeds([made_accuracies("a", LOW)], seeds=7, detect=0.002)
    std = float(np.std(LOW, ddof=1)) / 100 * 2**0.5
    assert plan.spread.std == pytest.approx(upper_limit(std, 6))


def test_a_given_spread_needs_no_runs(sentence: Sentence) -> None:
    entries = [made_entry(name, runs=0) for name in "abc"]
    plan = plan_seeds(entries, seeds=1, detect=0.002, spread=0.003, wanted=0.9)
    assert (plan.tests, plan.spread.std, plan.least) == (3, 0.003, None)
    assert plan.needed == seeds_needed(2 / 3, 0.9, 1 / 3)
    sentence(plan)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"detect": 0.0}, "--detect"),
        ({"detect": 1.5}, "--detect"),
        ({"detect": float("nan")}, "--detect"),
        ({"wanted": 1.0}, "--power"),
        ({"spread": -0.1}, "--spread"),
        ({}, "--detect"),
    ],
)
def test_what_cannot_be_planned(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(StudyError) as error:
        plan_seeds([made_entry(runs=0)], seeds=5, **({"detect": 0.002} | changes))
    assert error.value.where == where


def test_the_command_prints_the_number_of_seeds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = small_study(tmp_path / "data", settings=["recipe.momentum=[0.0, 0.9]"])
    store = run_small(spec, tmp_path / "study")
    file = tmp_path / "study.toml"
    file.write_bytes(store.study_file.read_bytes())
    command = ["plan", str(file), "--out", str(store.folder), "--detect", "5"]
    assert main(command) == 0
    plan = workflow.plan_seeds(file, out=store.folder, detect=5)
    assert capsys.readouterr().out == f"{plan}\n"
    assert f"{plan.needed} seeds" in str(plan)
    # Without runs there is a pilot, of which nothing is kept.
    assert main([*command[:2], "--out", str(tmp_path / "none"), "--detect", "5"]) == 0
    shown = capsys.readouterr()
    assert "pilot runs of 2 epochs" in shown.out
    assert "more seeds take" in shown.out
    assert "6 runs for 2 epochs" in shown.err
    assert not (tmp_path / "none").exists()


def test_a_pilot_warms_up_no_longer_than_it_lasts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = ["recipe.schedule=cosine", "recipe.epochs=6", "recipe.warmup_epochs=4"]
    file = tmp_path / "study.toml"
    file.write_text(small_study(tmp_path / "data", settings=settings).to_toml())
    assert main(["plan", str(file), "--out", str(tmp_path / "none"), "--detect", "5"]) == 0
    assert "pilot runs of 2 epochs" in capsys.readouterr().out


@pytest.mark.parametrize("compare", ["", 'compare = "recipe.epochs"\n'])
def test_a_pilot_cannot_tell_numbers_of_epochs_apart(
    tmp_path: Path, refused: Refused, compare: str
) -> None:
    file = tmp_path / "study.toml"
    spec = small_study(tmp_path / "data", settings=["recipe.epochs=[3, 4]"])
    file.write_text(compare + spec.to_toml())
    error = refused("plan", str(file), "--out", str(tmp_path / "none"), "--detect", "5")
    assert error.where == "--detect"
    assert "--spread" in error.hint


def test_a_pilot_is_trained_where_no_runs_show_the_spread() -> None:
    std = float(np.std(LOW, ddof=1)) / 100 * 2**0.5
    nothing = [made_entry(runs=0)]
    plan = plan_seeds(nothing, seeds=5, detect=0.002, pilot=lambda: [made_accuracies("a", LOW)])
    assert plan.spread.std == pytest.approx(upper_limit(std, 6))
    plan_seeds([made_accuracies("a", LOW)], seeds=5, detect=0.002, pilot=_unwanted)
    plan_seeds(nothing, seeds=5, detect=0.002, spread=0.01, pilot=_unwanted)
    with pytest.raises(StudyError):
        plan_seeds(nothing, seeds=5, detect=2.0, pilot=_unwanted)


def _unwanted() -> list[Entry]:
    pytest.fail("a pilot was trained that nothing is learned from")
