"""A tiny version of ``make simulation``: intervals hold, and equals are not told apart."""

import numpy as np
import pytest
from benchmarks.simulation.coverage import coverage
from benchmarks.simulation.power import power
from benchmarks.simulation.suggestions import entry, suggesting, suggesting_at_looks, suggestions
from benchmarks.simulation.worlds import WORLDS, World

from seedbed.analysis.registry import relate_all
from seedbed.analysis.statistics import planning

DIGITS, SMALL, *_, COLLAPSING = WORLDS.values()


@pytest.fixture
def generator() -> np.random.Generator:
    return np.random.Generator(np.random.Philox(15))


def test_a_difference_is_seen_where_there_is_one(generator: np.random.Generator) -> None:
    runs = 0.9 + 0.001 * generator.normal(size=(2, 5))
    entries = [entry(str(place), of, DIGITS) for place, of in enumerate(runs)]
    assert list(suggestions(relate_all(entries))) == []
    entries[1] = entry("1", runs[1] + 0.05, DIGITS)
    assert list(suggestions(relate_all(entries))) != []


@pytest.mark.parametrize("world", [DIGITS, COLLAPSING])
def test_equal_configurations_are_rarely_told_apart(
    generator: np.random.Generator, world: World
) -> None:
    studies = 60
    counts = suggesting(world, (2, 5, 12), (3, 5), 0.6, studies, generator)
    assert max(counts.values()) / studies < 0.055 + 4 * np.sqrt(0.055 * 0.945 / studies)


def test_looks_do_not_add_false_claims(generator: np.random.Generator) -> None:
    studies = 100
    decided = suggesting_at_looks(SMALL, (3, 6, 12), studies, generator)
    assert decided / studies < 0.055 + 4 * np.sqrt(0.055 * 0.945 / studies)


@pytest.mark.parametrize("world", [DIGITS, SMALL, COLLAPSING])
def test_intervals_hold(generator: np.random.Generator, world: World) -> None:
    for shares in coverage(world, (2, 5), 300, generator).values():
        for held, shown in shares.values():
            error = 4 * np.sqrt(0.05 * 0.95 / shown)
            assert 0.935 - error < held / shown < 0.97 + error


def test_power_is_that_of_the_noncentral_t_distribution(generator: np.random.Generator) -> None:
    expected = planning.power(5, 2.0, 1 / 3)
    studies = 300
    found = power(3, 5, studies, generator) / studies
    assert found == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / studies))
