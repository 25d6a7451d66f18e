"""Which trial is chosen, and what is said about how certain that is."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from seedbed.analysis.statistics.crossed.resampled import Resampling
from seedbed.core.errors import StudyError
from seedbed.study.spec.reader import parse_study
from seedbed.tuning.choice import choose, warnings
from seedbed.tuning.combinations import Group, groups_of
from seedbed.tuning.trials import Trial
from sentences import Sentence

RATES = [0.01, 0.02, 0.05, 0.1]
STUDY = f"""
name = "small"
dataset = "digits"
network = "lenet5"
seeds = 3
[tune.recipe]
learning_rate = {RATES}
"""
SPLITS = Resampling("validation", 900, 100)


@pytest.fixture
def group(tmp_path: Path) -> Group:
    (group,) = groups_of(parse_study(STUDY, "small.toml"))
    return group


def trials(*accuracies: Mapping[int, float] | None, diverged: int = 0) -> list[Trial]:
    return [Trial(number, of or {}, 0 if of else diverged) for number, of in enumerate(accuracies)]


def near(mean: float, *offsets: float) -> dict[int, float]:
    return {1000 + i: mean + offset for i, offset in enumerate(offsets)}


def test_the_highest_mean_over_seeds_is_chosen(group: Group) -> None:
    # The highest single run belongs to another combination.
    of = trials(
        near(0.5, 0.4, -0.4, 0.0), near(0.6, 0.0, 0.01, -0.01), near(0.55, 0.0, 0.01, -0.01), None
    )
    choice = choose(group, of, SPLITS)
    assert choice.chosen.settings == {"recipe.learning_rate": 0.02}
    assert choice.chosen.validation_accuracy == pytest.approx(0.6)
    assert choice.chosen.std == pytest.approx(0.01)
    assert choice.second is not None
    assert choice.second.settings == {"recipe.learning_rate": 0.05}
    assert choice.difference == pytest.approx(0.05)
    assert len(choice.trials) == 4


def test_a_difference_is_paired_by_seed(group: Group) -> None:
    # Seeds differ by 20 points, and the combinations by one in every seed.
    of = trials(near(0.5, -0.2, 0.0, 0.2), near(0.49, -0.2, 0.001, 0.2))
    choice = choose(group, of, SPLITS)
    assert choice.within_noise is False
    assert choice.interval is not None
    assert choice.interval[0] > 0
    assert list(warnings(choice, group))[1:] == []  # only that it is at the edge of the grid


def test_the_interval_is_nadeau_and_bengios(group: Group) -> None:
    of = trials(near(0.6, 0.03, -0.01, 0.01), near(0.55, 0.0, 0.0, 0.0))
    choice = choose(group, of, SPLITS)
    differences = [0.08, 0.04, 0.06]
    mean, std = 0.06, 0.02
    assert choice.difference == pytest.approx(sum(differences) / 3)
    half = 4.302652729911275 * std * (1 / 3 + 100 / 900) ** 0.5  # t with 2 degrees of freedom
    assert choice.interval == pytest.approx((mean - half, mean + half))


def test_diverged_trials_come_last(group: Group) -> None:
    of = [
        Trial(0, near(0.9, 0.0, 0.0), 1),
        Trial(1, near(0.3, 0.0, 0.1), 0),
        Trial(2, near(0.2, 0.0, 0.1), 0),
        Trial(3, {}, 3),
    ]
    choice = choose(group, of, SPLITS)
    assert choice.chosen.settings == {"recipe.learning_rate": 0.02}
    assert [trial.diverged for trial in choice.trials] == [1, 0, 0, 3]
    assert choice.trials[3].validation_accuracy is None


def test_equal_accuracies_choose_the_first(group: Group) -> None:
    same = near(0.5, 0.0, 0.1)
    choice = choose(group, trials(near(0.1, 0.0, 0.1), same, dict(same), same), SPLITS)
    assert choice.chosen.settings == {"recipe.learning_rate": 0.02}
    assert choice.within_noise


def test_nothing_is_chosen_where_everything_diverged(group: Group, sentence: Sentence) -> None:
    with pytest.raises(StudyError) as error:
        choose(group, trials(None, None, diverged=3), SPLITS)
    assert error.value.where == "tune"
    sentence(error.value)


def test_a_choice_that_is_nearly_blind_is_said_to_be(group: Group, sentence: Sentence) -> None:
    noise = near(0.5, -0.1, 0.0, 0.1), near(0.5, 0.1, -0.1, 0.0), near(0.51, 0.0, 0.1, -0.1)
    choice = choose(group, trials(*noise, near(0.1, 0.0, 0.0, 0.0)), SPLITS)
    assert (choice.indistinct, choice.within_noise) == (2, True)
    (line,) = warnings(choice, group)
    sentence(line)
    clear = trials(near(0.1, 0.0, 0.0), near(0.5, 0.0, 0.001), near(0.2, 0.0, 0.0), None)
    assert list(warnings(choose(group, clear, SPLITS), group)) == []


@pytest.mark.parametrize(("best", "end"), [(0, "smallest"), (3, "largest")])
def test_a_choice_at_the_end_of_the_candidates_is_pointed_out(
    group: Group, best: int, end: str
) -> None:
    of = [near(0.6 if number == best else 0.1, 0.0, 0.001) for number in range(4)]
    (line,) = warnings(choose(group, trials(*of), SPLITS), group)
    assert f"is the {end} candidate" in line
