"""The family of tests: one correction over everything that a study shows as its answer."""

import itertools
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pytest

from made_answers import LOW, made_noisy
from seedbed.analysis.entry import Entry
from seedbed.analysis.registry import relate_all
from seedbed.analysis.subjects.comparisons import compared
from seedbed.analysis.subjects.comparisons.family import Family, family_of
from seedbed.analysis.subjects.comparisons.result import comparisons_of, over_blocks_of
from seedbed.analysis.subjects.comparisons.table import comparisons_table, over_blocks_table
from seedbed.analysis.subjects.noise_response.result import NoiseResponse, responses_of
from tables import lines_of

if TYPE_CHECKING:
    from seedbed.analysis.statistics.comparison import Comparison, EffectOverBlocks


def noisy(losses: Iterable[str], rates: Iterable[float], seeds: int = 5) -> list[Entry]:
    """Return configurations whose differences vary from seed to seed and from level to level."""
    generator = np.random.default_rng(7)
    return [
        made_noisy(
            f"noise.rate={rate}, loss={loss}",
            rate,
            (LOW[:seeds] + generator.normal(0, 0.3, seeds)).tolist(),
            loss=loss,
        )
        for loss, rate in itertools.product(losses, rates)
    ]


@pytest.mark.parametrize(
    "family", [Family(1, 3, 5), Family(0, 3, 0), Family(3, 9, 0), Family(0, 2, 2), Family(0, 0, 0)]
)
def test_the_shares_of_all_tests_are_the_level(family: Family) -> None:
    total = (
        family.effects * family.of_effects
        + family.comparisons * family.of_comparisons
        + family.responses * family.of_responses
    )
    assert total == pytest.approx(1 if family.tests else 0)


def test_all_blocks_share_one_correction_with_their_effect_and_the_noise_response() -> None:
    entries = relate_all(noisy(("ce", "gce"), (0.0, 0.2, 0.4)))
    comparisons, effects = comparisons_of(entries), over_blocks_of(entries)
    responses = entries[0].view(NoiseResponse)
    assert responses is not None
    contrasts = [one for of in responses_of(entries) for one in (of.trend, of.fall)]
    assert family_of(entries) == Family(len(effects), len(comparisons), len(contrasts) + 1)
    tests: list[Comparison | EffectOverBlocks] = [*comparisons, *effects]
    weights = [one.weight for one in tests]
    weights += [responses.noise_response_weight] * (len(contrasts) + 1)
    assert sum(weights) == pytest.approx(1)
    assert {one.comparisons for one in tests} == {len(weights)}
    for one in tests:
        assert one.interval is not None
        assert one.p_value is not None
        assert one.p_adjusted is not None
        assert one.p_adjusted == pytest.approx(min(one.p_value / one.weight, 1))
        assert (one.p_adjusted < 0.05) == (not one.interval.low <= 0 <= one.interval.high)


@pytest.mark.parametrize("compare", [None, "noise", "noise.rate"])
def test_a_fall_that_is_a_comparison_too_has_a_share_of_its_own(compare: str | None) -> None:
    entries = [
        made_noisy(
            f"noise.rate={rate}, train_size={size}",
            rate,
            LOW[:5],
            configuration={
                "noise": {"kind": "symmetric", "rate": rate},
                "recipe": {"train_size": size},
            },
            settings={
                "noise.kind": "symmetric",
                "noise.rate": rate,
                "recipe.train_size": size,
            },
        )
        for rate, size in itertools.product((0.0, 0.2, 0.4), (100, 900))
    ]
    for entry in entries:
        entry["study"] |= {"compare": compare}
    entries = relate_all(entries)
    tests: list[Comparison | EffectOverBlocks] = [
        *comparisons_of(entries),
        *over_blocks_of(entries),
    ]
    weights = [one.weight for one in tests]
    responses = entries[0].view(NoiseResponse)
    assert responses is not None
    contrasts = 2 * len(responses.noise_responses) + len(responses.fall_differences)
    assert contrasts == 5
    weights += [responses.noise_response_weight] * contrasts
    assert sum(weights) == pytest.approx(1)
    assert {one.comparisons for one in tests} == {len(weights)}


def test_what_cannot_be_tested_takes_no_share() -> None:
    entries = noisy(("ce", "gce"), (0.0, 0.2))
    entries[0] = made_noisy("noise.rate=0.0, loss=ce", 0.0, LOW[:1], loss="ce")
    assert family_of(entries) == Family(0, 1, 3)
    assert family_of(entries, planned=True) == Family(1, 2, 3)


def test_a_baseline_that_is_named_has_the_whole_level() -> None:
    entries = relate_all(noisy(("ce", "gce"), (0.0, 0.2)))
    found = comparisons_of(compared(entries, baseline=entries[0].header.label))
    assert [one.comparisons for one in found] == [3, 3, 3]
    assert [one.weight for one in found] == pytest.approx([1 / 3] * 3)


def test_effects_over_blocks_have_a_file_of_their_own() -> None:
    entries = relate_all(noisy(("ce", "gce"), (0.0, 0.2, 0.4)))
    compared_pairs, report = comparisons_table(entries), over_blocks_table(entries)
    assert compared_pairs.tables[0] == report.tables[0]
    (effect,) = over_blocks_of(entries)
    (first,) = lines_of(report)
    assert (first["a"], first["b"], first["blocks"]) == ("loss=ce", "loss=gce", "3")
    assert (first["over"], first["dataset"]) == ("label noise", "mnist")
    for column, value in (
        ("difference", effect.difference),
        ("low", effect.interval.low),
        ("p_adjusted", effect.p_adjusted),
        ("p_interaction", effect.p_interaction),
        ("weight", effect.weight),
    ):
        assert float(first[column]) == pytest.approx(value)
    assert [one["blocks"] for one in report.data] == [3]
    assert [(line["a"], line["n"]) for line in lines_of(compared_pairs)] == [
        (one.a, "5") for one in comparisons_of(entries)
    ]
    assert len(compared_pairs.data) == 3


def test_where_only_the_noise_varies_a_fall_is_a_comparison() -> None:
    assert family_of(noisy(("ce",), (0.0, 0.4))) == Family(0, 1, 0)
    entries = relate_all(noisy(("ce",), (0.0, 0.2, 0.4)))
    assert family_of(entries) == Family(0, 2 + 1, 0)
    (response,), comparison = responses_of(entries), comparisons_of(entries)[-1]
    assert comparison.interval is not None
    assert response.fall.interval == comparison.swapped().interval
