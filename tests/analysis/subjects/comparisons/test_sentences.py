"""Which configuration is better: what the sentences claim, and what they must never claim."""

import numpy as np
import pytest

from made_answers import HIGH, LOW, MIXED, answer_text, made_accuracies
from seedbed.analysis.answer import answer
from seedbed.analysis.registry import relate_all
from seedbed.analysis.statistics.comparison import LEVEL


def test_one_configuration_has_mean_deviation_and_interval() -> None:
    first, *_ = answer([made_accuracies("lenet5", (99.0, 99.1, 99.2))])
    for shown in ("99.10 ± 0.10", "mnist", "of 3 runs", "98.85 to 99.35"):
        assert shown in first


def test_one_run_has_no_deviation() -> None:
    text = answer_text(made_accuracies("lenet5", (99.0,)))
    assert "Wilson interval" in text
    assert "98.17 to 99.46" in text
    assert "±" not in text
    assert "means" not in text


def test_a_significant_difference() -> None:
    first, second, third, *_ = answer(
        relate_all([made_accuracies("a", LOW), made_accuracies("b", HIGH)])
    )
    assert first.startswith(
        "“b” has the highest mean test accuracy of 2 configurations on mnist: 99.33 ± 0.24"
    )
    assert "1.03 percentage points more than “a” (95% interval +1.01 to +1.05; p = 0.016)" in second
    assert third.startswith("It is significantly better than “a” (p < 0.05).")


def test_a_difference_that_is_not_significant_is_no_equality() -> None:
    text = answer_text(made_accuracies("a", LOW), made_accuracies("b", MIXED))
    assert "The difference from “a” is not significant (p ≥ 0.05)" in text
    assert "not evidence of equality" in text
    assert "significantly" not in text


def test_five_pairs_cannot_be_significant() -> None:
    text = answer_text(made_accuracies("a", LOW[:5]), made_accuracies("b", HIGH[:5]))
    assert "p = 0.062)" in text
    assert "5 pairs of runs cannot reach p < 0.05" in text
    assert "(6 pairs could)" in text
    assert (
        "whether it is better than “a” remains open, although the 95% interval is above 0" in text
    )
    assert "significantly" not in text


def test_six_pairs_cannot_be_significant_among_three_comparisons() -> None:
    runs = zip("abc", (LOW, HIGH, MIXED), strict=True)
    text = answer_text(*(made_accuracies(name, each[:6]) for name, each in runs))
    assert "6 pairs of runs cannot reach p < 0.05 among 3 comparisons" in text
    assert "(7 pairs could): no difference is established" in text
    assert "the 95% intervals against “a” and “c” are above 0" in text
    assert "significantly" not in text


def test_some_are_told_apart_and_others_not() -> None:
    runs = tuple(np.linspace(98.0, 98.5, 11).tolist())
    far = [made_accuracies(name, [each - 5 for each in runs]) for name in "abcd"]
    near = [
        made_accuracies("e", runs),
        made_accuracies("f", [each + 0.1 * (-1) ** place for place, each in enumerate(runs)]),
    ]
    text = answer_text(*far, *near)
    assert (
        "It is significantly better than 4 of the other 5, “a”, “b”, “c” and 1 more (p < 0.05 "
        "after Holm's correction over 15 comparisons)"
    ) in text
    assert "The difference from “e” is not significant (p ≥ 0.05)" in text


def test_better_than_all_and_apart_from_none() -> None:
    runs = tuple(np.linspace(98.0, 98.5, 9).tolist())
    higher = made_accuracies("c", [each + 1 for each in runs])
    text = answer_text(made_accuracies("a", runs), made_accuracies("b", runs), higher)
    assert "significantly better than each of the other 2 (p < 0.05 after Holm's" in text
    mixed = [
        made_accuracies(
            name, [each + 0.1 * (-1) ** (place // step) for place, each in enumerate(runs)]
        )
        for name, step in (("a", 1), ("b", 2), ("c", 3))
    ]
    text = answer_text(*mixed)
    assert "The differences from the other 2 are not significant (p ≥ 0.05)" in text


def test_single_runs_are_not_compared_for_certain() -> None:
    text = answer_text(made_accuracies("a", (98.0,)), made_accuracies("b", (99.0,)))
    assert "(a single run)" in text
    assert "A single pair of runs cannot reach p < 0.05, whatever the data (6 pairs could)" in text


def test_equal_means_are_called_the_same() -> None:
    assert "“a” and “b” have the same mean test accuracy on mnist, 98.30" in answer_text(
        made_accuracies("a", LOW), made_accuracies("b", LOW)
    )
    text = answer_text(
        made_accuracies("a", HIGH), made_accuracies("b", HIGH), made_accuracies("c", LOW)
    )
    assert "“a” and “b” have the same mean test accuracy on mnist, 99.33" in text
    assert "“a” is significantly better than “c”" in text
    assert "than the next best" not in text


def test_seeds_that_are_not_shared() -> None:
    text = answer_text(
        made_accuracies("a", LOW), made_accuracies("b", HIGH, seeds=list(range(10, 17)))
    )
    assert "The difference from “a” was not tested: no seed is shared." in text
    partly = answer_text(made_accuracies("a", LOW[:3]), made_accuracies("b", HIGH))
    assert "(over the 3 shared seeds: +1.01, 95% interval" in partly


def test_the_seeds_that_are_shared_may_say_the_opposite() -> None:
    shared = [90.0 + 0.1 * place for place in range(8)]
    first = made_accuracies("a", [*shared, 100.0, 100.0])
    second = made_accuracies("b", [each + 1 for each in shared])
    text = answer_text(first, second)
    assert "“a” has the highest mean" in text
    assert "Over the shared seeds, however, it is significantly worse than “b”." in text


def test_of_many_configurations_only_those_with_the_first_are_tested() -> None:
    runs = tuple(np.linspace(90.0, 90.7, 12).tolist())
    many = [
        made_accuracies(f"c{place}", [each + 0.3 * place for each in runs]) for place in range(12)
    ]
    text = answer_text(*many)
    assert "“c11” has the highest mean test accuracy of 12 configurations" in text
    assert "It is significantly better than 1 of the other 11, “c0” (p < 0.05 after Holm's" in text
    assert (
        "The differences from 10 of the other 11 were not tested: of more than 10 configurations, "
        "each is compared with the first only."
    ) in text
    assert "It was picked as the highest of 12" in text
    backwards = answer_text(*many[::-1])
    assert "significantly better than each of the other 11" in backwards
    assert "not tested" not in backwards


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_called_better_that_the_tests_do_not_call_so(seed: int) -> None:
    """Whatever the runs are: what is said is what the corrected p-values say."""
    generator = np.random.Generator(np.random.Philox(seed))
    n, count = int(generator.integers(1, 12)), int(generator.integers(2, 14))
    entries = [
        made_accuracies(f"c{place}", (generator.normal(0, 1, n) + generator.normal(90, 1)).tolist())
        for place in range(count)
    ]
    compared = relate_all(entries)
    text = "\n".join(answer(compared))
    best = max(entries, key=lambda each: each["test_accuracy"]["mean"])["label"]
    significant = [
        each
        for one in compared
        for each in one["comparisons"]
        if best in (each["a"], each["b"]) and each["p_holm"] < LEVEL
    ]
    assert ("significantly better" in text) == bool(significant)
    if n < 6:
        assert "significantly" not in text
    if len(significant) == count - 1 > 1:
        assert f"each of the other {count - 1}" in text
