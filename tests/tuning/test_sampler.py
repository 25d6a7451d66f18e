"""Which combinations are tried, in which order."""

import sys
from collections.abc import Sequence
from statistics import mean

import pytest

from seedbed.core.errors import MissingExtra
from seedbed.study.spec.reader import parse_study
from seedbed.study.tuning import Tune
from seedbed.tuning.combinations import Group, groups_of
from seedbed.tuning.sampler import STARTUP, check_sampler, next_trials

STUDY = """
name = "small"
dataset = "digits"
network = "lenet5"
seeds = 3
[[variants]]
name = "one"
[[variants]]
name = "two"
recipe = {{ momentum = 0.5 }}
[tune]
{sampler}
[tune.recipe]
learning_rate = {rates}
schedule = ["constant", "cosine", "one-cycle"]
augmentation = [{{}}, {{ shift = 1 }}]
"""


def study(
    sampler: str, rates: Sequence[float] = (0.1, 0.01, 0.02, 0.05, 0.2)
) -> tuple[Tune, list[Group]]:
    spec = parse_study(STUDY.format(sampler=sampler, rates=list(rates)), "small.toml")
    assert spec.tune is not None
    return spec.tune, groups_of(spec)


def score(group: Group, number: int) -> float:
    rate, schedule, augmentation = group.combinations[number]
    best: float = {"constant": 0.0, "cosine": 0.1, "one-cycle": 0.0}[schedule]
    return 0.5 + best - abs(float(rate) - 0.05) + 0.05 * bool(augmentation)


def tried(tune: Tune, group: Group) -> list[int]:
    scores: dict[int, float] = {}
    while new := next_trials(tune, group, scores):
        scores |= {number: score(group, number) for number in new}
    return list(scores)


def test_a_grid_is_tried_whole() -> None:
    tune, (group, _) = study("")
    assert tried(tune, group) == list(range(30))


def test_a_random_part_is_the_same_for_all_and_grows_with_trials() -> None:
    tune, (one, two) = study('sampler = "random"\ntrials = 8')
    first = tried(tune, one)
    assert len(set(first)) == 8
    assert first != sorted(first)
    assert tried(tune, two) == first
    more, (group, _) = study('sampler = "random"\ntrials = 20')
    assert tried(more, group)[:8] == first
    other, (group, _) = study('sampler = "random"\ntrials = 8\nseed = 1')
    assert tried(other, group) != first


def test_optuna_proposes_what_has_not_been_tried_and_does_better_than_chance() -> None:
    pytest.importorskip("optuna", reason="needs the extra tune")
    rates = [round(0.01 * number, 2) for number in range(40, 0, -1)]
    tune, (group, other) = study('sampler = "tpe"\ntrials = 30', rates)
    numbers = tried(tune, group)
    assert len(set(numbers)) == 30
    scored = [score(group, number) for number in numbers]
    assert mean(scored[STARTUP:]) > mean(scored[:STARTUP]) + 0.03
    # Proposals depend on the trials so far and nothing else, which is what resuming needs.
    start = {number: score(group, number) for number in numbers[:STARTUP]}
    assert next_trials(tune, group, start) == next_trials(tune, other, start) == [numbers[STARTUP]]
    worse = {number: -value for number, value in start.items()}
    assert next_trials(tune, group, worse) != [numbers[STARTUP]]


def test_optuna_may_try_everything() -> None:
    pytest.importorskip("optuna", reason="needs the extra tune")
    tune, (group, _) = study('sampler = "tpe"\ntrials = 30')
    scores = {number: 0.5 for number in range(30) if number != 17}
    assert next_trials(tune, group, scores) == [17]


def test_a_missing_optuna_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    tune, _ = study('sampler = "tpe"\ntrials = 12')
    with pytest.raises(MissingExtra) as error:
        check_sampler(tune)
    assert error.value.extra == "tune"
