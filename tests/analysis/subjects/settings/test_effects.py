"""Effects of settings: marginal means and shares of the variance, by hand and least squares."""

from itertools import product

import numpy as np
import pytest

from made_entries import made_entry
from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.entry import Entry, fields_of
from seedbed.analysis.subjects.settings import ANALYSIS, MANY
from seedbed.analysis.subjects.settings.effects import effects_of, over_seeds
from seedbed.analysis.subjects.settings.factors import is_full_grid
from seedbed.analysis.subjects.settings.table import effects_table

RATES, DECAYS = (0.01, 0.02, 0.1), (0.0, 0.001)


def made(rate: float, decay: float, runs: tuple[float, ...]) -> Entry:
    entry = made_entry(
        f"{rate} {decay}", runs=len(runs), test_accuracy=fields_of(Accuracies.of(runs))
    )
    settings = {"recipe.learning_rate": rate, "recipe.weight_decay": decay}
    return entry.replace(settings={**entry["settings"], **settings})


@pytest.fixture
def grid() -> list[Entry]:
    generator = np.random.Generator(np.random.Philox(3))
    return [
        made(rate, decay, tuple((0.8 + rate - 20 * decay + generator.normal(0, 0.01, 3)).tolist()))
        for rate, decay in product(RATES, DECAYS)
    ]


def test_marginal_means_by_hand() -> None:
    entries = [
        made(0.01, 0.0, (0.90, 0.92)),
        made(0.01, 0.001, (0.80, 0.82)),
        made(0.02, 0.0, (0.94, 0.96)),
        made(0.02, 0.001, (0.84, 0.86)),
    ]
    decay, rate = effects_of(entries)
    assert decay.factor.setting == "recipe.weight_decay"
    assert rate.factor.setting == "recipe.learning_rate"
    assert [level.value for level in rate.factor.levels] == [0.01, 0.02]
    assert [level.mean for level in rate.factor.levels] == pytest.approx([0.86, 0.90])
    assert [level.mean for level in decay.factor.levels] == pytest.approx([0.93, 0.83])
    assert [len(level.entries) for level in decay.factor.levels] == [2, 2]
    # Seed 0 has 0.90 and 0.80, seed 1 has 0.92 and 0.82: means 0.85 and 0.87.
    by_seed = over_seeds(rate.factor.levels[0])
    assert by_seed.n == 2
    assert by_seed.std == pytest.approx(0.02 / 2**0.5)
    # Sums of squares: 4 * 0.02**2 and 4 * 0.05**2, and nothing else.
    assert decay.share == pytest.approx(25 / 29)
    assert rate.share == pytest.approx(4 / 29)


def test_shares_are_those_of_least_squares(grid: list[Entry]) -> None:
    means = np.array([entry["test_accuracy"]["mean"] for entry in grid])
    for effect in effects_of(grid):
        values = np.array([entry["settings"][effect.factor.setting] for entry in grid])
        dummies = (values[:, None] == np.unique(values)).astype(float)
        fitted = dummies @ np.linalg.lstsq(dummies, means, rcond=None)[0]
        explained = 1 - ((means - fitted) ** 2).sum() / ((means - means.mean()) ** 2).sum()
        assert effect.share == pytest.approx(explained)


def test_a_grid_with_a_hole_is_said_to_be_none(grid: list[Entry]) -> None:
    assert is_full_grid([effect.factor for effect in effects_of(grid)])
    assert not is_full_grid([effect.factor for effect in effects_of(grid[1:])])
    (holed,), (full,) = effects_table(grid[1:]).tables, effects_table(grid).tables
    assert len(holed.notes) == len(full.notes) + 1


def test_each_test_set_has_a_table(grid: list[Entry]) -> None:
    others = [entry.replace(test_fingerprint="another", dataset="digits") for entry in grid]
    report = effects_table([*grid, *others])
    assert len(report.tables) == 2
    assert report.lines[: len(report.lines) // 2] == effects_table(grid).lines


def test_the_table_has_a_row_for_each_value(grid: list[Entry]) -> None:
    report = effects_table(grid)
    assert len(report.lines) == len(RATES) + len(DECAYS)
    assert [len(group) for group in report.tables[0].groups] == sorted(
        [len(RATES), len(DECAYS)], key=lambda rows: rows != len(report.data[0]["marginals"])
    )


def test_nothing_varies_or_nothing_is_known() -> None:
    assert effects_of([made_entry()]) == ()
    assert effects_of([made_entry(runs=0)]) == ()
    assert effects_table([made_entry(runs=0)]).lines == ()


def test_only_a_large_study_leads_with_it(grid: list[Entry]) -> None:
    (view,) = ANALYSIS.tables.values()
    assert view.first_look is not None
    assert view.first_look(grid) == ()
    many = [made(rate / 100, 0.0, (0.9, 0.91)) for rate in range(1, MANY + 2)]
    assert view.first_look(many) == many
