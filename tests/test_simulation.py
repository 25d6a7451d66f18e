"""A tiny version of ``make simulation``: intervals hold, and equals are not told apart."""

from collections.abc import Mapping

import numpy as np
import pytest
from benchmarks.simulation.blocks import coverage_of_blocks
from benchmarks.simulation.classes import CLASS_WORLDS, coverage_of_classes
from benchmarks.simulation.coverage import AT_LEAST, coverage, coverage_of_probability
from benchmarks.simulation.entries import entry
from benchmarks.simulation.power import power
from benchmarks.simulation.suggestions import (
    Design,
    suggesting,
    suggesting_at_looks,
    suggestions,
)
from benchmarks.simulation.worlds import WORLDS, World

from seedbed.analysis.registry import relate_all
from seedbed.analysis.statistics import planning

DIGITS, SMALL, *_, COLLAPSING = WORLDS.values()
LEVELS = (0.0, 0.2, 0.4)


@pytest.fixture
def generator() -> np.random.Generator:
    return np.random.Generator(np.random.Philox(15))


def test_a_difference_is_seen_where_there_is_one(generator: np.random.Generator) -> None:
    runs = 0.9 + 0.001 * generator.normal(size=(2, 5))
    entries = [entry(str(place), of, DIGITS) for place, of in enumerate(runs)]
    assert list(suggestions(relate_all(entries))) == []
    entries[1] = entry("1", runs[1] + 0.05, DIGITS)
    assert "learning_rate=1, bold" in suggestions(relate_all(entries))


def test_what_is_seen_in_one_block_or_over_all_of_them(generator: np.random.Generator) -> None:
    runs = 0.9 + 0.002 * generator.normal(size=(12, 12))
    design = Design(2, LEVELS, datasets=2)
    assert list(suggestions(relate_all(list(design.entries(runs, None, SMALL))))) == []
    everywhere = runs.copy()
    everywhere.reshape(2, 2, 3, 12)[:, 1] += 0.003
    found = list(suggestions(relate_all(list(design.entries(everywhere, None, SMALL)))))
    assert any("over dataset and label noise" in one for one in found)
    runs[0] += 0.02
    found = list(suggestions(relate_all(list(design.entries(runs, None, SMALL)))))
    assert any(one.startswith("learning_rate=0, noise.rate=0.0, dataset 0") for one in found)
    assert "a response to label noise" in found


@pytest.mark.parametrize("world", [DIGITS, COLLAPSING])
def test_equal_configurations_are_rarely_told_apart(
    generator: np.random.Generator, world: World
) -> None:
    studies = 40
    designs = (Design(2), Design(5), Design(2, LEVELS), Design(2, LEVELS, 2))
    counts = suggesting(world, designs, (3, 5), 0.6, studies, generator)
    assert max(counts.values()) / studies < 0.055 + 4 * np.sqrt(0.055 * 0.945 / studies)


def test_looks_do_not_add_false_claims(generator: np.random.Generator) -> None:
    studies = 100
    decided = suggesting_at_looks(SMALL, (3, 6, 12), studies, generator)
    assert decided / studies < 0.055 + 4 * np.sqrt(0.055 * 0.945 / studies)


@pytest.mark.parametrize("world", [DIGITS, SMALL, COLLAPSING])
def test_intervals_hold(generator: np.random.Generator, world: World) -> None:
    for shares in coverage(world, (2, 5), 300, generator).values():
        check(shares)


def test_intervals_over_levels_of_noise_hold(generator: np.random.Generator) -> None:
    for shares in coverage_of_blocks(SMALL, (2, 5), 60, generator).values():
        check(shares)


def test_intervals_by_class_hold(generator: np.random.Generator) -> None:
    world = next(iter(CLASS_WORLDS.values()))
    for shares in coverage_of_classes(world, (2, 5), 40, generator).values():
        check(shares)


def test_the_interval_of_the_probability_holds(generator: np.random.Generator) -> None:
    for counts in coverage_of_probability((0.0, 0.5), (5, 12), 200, generator).values():
        for shares in counts.values():
            check(shares)


def check(shares: Mapping[str, tuple[int, int]]) -> None:
    for name, (held, shown) in shares.items():
        error = 4 * np.sqrt(0.05 * 0.95 / shown)
        assert held / shown > 0.935 - error, name
        assert name in AT_LEAST or held / shown < 0.97 + error, name


def test_power_is_that_of_the_noncentral_t_distribution(generator: np.random.Generator) -> None:
    expected = planning.power(5, 2.0, 1 / 3)
    studies = 300
    found = power(3, 5, studies, generator) / studies
    assert found == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / studies))
