"""Which configuration is better: what the sentences claim, and what they must never claim."""

import re

import numpy as np
import pytest

from made_answers import HIGH, LOW, MIXED, answer_text, made_accuracies, made_noisy
from seedbed.analysis.answer import answer
from seedbed.analysis.registry import relate_all
from seedbed.analysis.statistics.comparison import LEVEL
from seedbed.analysis.subjects.comparisons.evidence import p_cited
from seedbed.analysis.subjects.comparisons.result import over_blocks_of
from seedbed.analysis.subjects.comparisons.table import comparisons_table
from sentences import Sentence


def test_one_configuration_has_mean_deviation_and_interval() -> None:
    first, *_ = answer([made_accuracies("lenet5", (99.0, 99.1, 99.2))])
    for shown in ("99.10 ± 0.10", "mnist", "of 3 runs", "98.81 to 99.32"):
        assert shown in first


def test_one_run_has_no_deviation() -> None:
    text = answer_text(made_accuracies("lenet5", (99.0,)))
    assert "98.17 to 99.46%" in text
    assert "±" not in text
    assert "means" not in text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0499, "0.0499"), (0.049996, "0.049996"), (0.0504, "0.05"), (1.0, "1")]
)
def test_rounding_moves_no_p_value_to_the_level(value: float, text: str) -> None:
    assert p_cited(value) == text


def test_a_significant_difference() -> None:
    first, second, third, *_ = answer(
        relate_all([made_accuracies("a", LOW), made_accuracies("b", HIGH)])
    )
    for shown in ("“b”", "2 configurations", "mnist", "99.33 ± 0.24%"):
        assert shown in first
    for shown in ("1.03 percentage points", "“a”", "+1.01 to +1.05", "p = 1.7e-11"):
        assert shown in second
    assert "significantly better than “a” (p < 0.05)" in third


def test_a_difference_that_is_not_significant_is_no_equality() -> None:
    text = answer_text(made_accuracies("a", LOW), made_accuracies("b", MIXED))
    assert "The difference is not significant" in text
    assert "significantly" not in text


def test_five_pairs_can_be_significant(sentence: Sentence) -> None:
    text = answer_text(made_accuracies("a", LOW[:5]), made_accuracies("b", HIGH[:5]))
    assert "significantly better than “a” (p < 0.05)" in text
    sentence(text)


def test_each_level_of_another_setting_is_a_block(sentence: Sentence) -> None:
    entries = [
        made_accuracies(
            f"train_size={size}, loss={loss}",
            runs,
            settings={"recipe.train_size": size, "recipe.loss": loss},
        )
        for size in (100, 900)
        for loss, runs in (("gce", LOW), ("cross-entropy", HIGH))
    ]
    text = answer_text(*entries)
    assert "corrected over 3 tests" in text
    assert text.count("“loss=cross-entropy” has the highest mean") == 2
    sentence(text)


def test_some_differ_significantly_and_others_do_not(sentence: Sentence) -> None:
    runs = tuple(np.linspace(98.0, 98.5, 11).tolist())
    far = [made_accuracies(name, [each - 5 for each in runs]) for name in "abcd"]
    near = [
        made_accuracies("e", runs),
        made_accuracies("f", [each + 0.1 * (-1) ** place for place, each in enumerate(runs)]),
    ]
    text = answer_text(*far, *near)
    assert "significantly better than 4 of the other 5" in text
    assert "15 tests" in text
    assert "“e” is not significant (p ≥ 0.05)" in text
    sentence(text)


def test_better_than_all_and_better_than_none(sentence: Sentence) -> None:
    runs = tuple(np.linspace(98.0, 98.5, 9).tolist())
    higher = made_accuracies("c", [each + 1 for each in runs])
    text = answer_text(made_accuracies("a", runs), made_accuracies("b", runs), higher)
    assert "significantly better than each of the other 2" in text
    mixed = [
        made_accuracies(
            name, [each + 0.1 * (-1) ** (place // step) for place, each in enumerate(runs)]
        )
        for name, step in (("a", 1), ("b", 2), ("c", 3))
    ]
    text = answer_text(*mixed)
    assert "significantly" not in text
    sentence(text)


def test_a_single_pair_of_runs_decides_nothing(sentence: Sentence) -> None:
    text = answer_text(made_accuracies("a", (98.0,)), made_accuracies("b", (99.0,)))
    assert "significantly" not in text
    sentence(text)


def test_equal_means_are_called_the_same(sentence: Sentence) -> None:
    sentence(answer_text(made_accuracies("a", LOW), made_accuracies("b", LOW)))
    text = answer_text(
        made_accuracies("a", HIGH), made_accuracies("b", HIGH), made_accuracies("c", LOW)
    )
    assert "same mean" in text
    assert "99.33" in text
    assert "“a” is significantly better than “c”" in text
    assert "than the next best" not in text


def test_seeds_that_are_not_all_shared(sentence: Sentence) -> None:
    text = answer_text(made_accuracies("a", LOW[:3]), made_accuracies("b", HIGH))
    assert "3 shared seeds" in text
    assert "+1.01" in text
    sentence(text)


def test_the_shared_seeds_may_show_the_opposite(sentence: Sentence) -> None:
    shared = [90.0 + 0.1 * place for place in range(8)]
    first = made_accuracies("a", [*shared, 100.0, 100.0])
    second = made_accuracies("b", [each + 1 for each in shared])
    text = answer_text(first, second)
    assert "significantly worse than “b”" in text
    sentence(text)


def test_of_many_configurations_only_those_with_the_first_are_tested() -> None:
    runs = tuple(np.linspace(90.0, 90.7, 12).tolist())
    many = [
        made_accuracies(f"c{place}", [each + 0.3 * place for each in runs]) for place in range(12)
    ]
    text = answer_text(*many)
    assert text.startswith("“c11” has the highest mean")
    assert "significantly better than 1 of the other 11, “c0”" in text
    assert "10 of the other 11 were not tested" in text
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
        if best in (each["a"], each["b"])
        and each["p_adjusted"] is not None
        and each["p_adjusted"] < LEVEL
    ]
    assert ("significantly better" in text) == bool(significant)
    if n < 2:
        assert "significantly" not in text
    if len(significant) == count - 1 > 1:
        assert f"each of the other {count - 1}" in text


def test_equivalence_is_said_where_two_tests_show_it(sentence: Sentence) -> None:
    entries = [made_accuracies("a", LOW), made_accuracies("b", MIXED)]
    for entry in entries:
        entry["study"] = entry["study"] | {"margin": 0.004}
    text = answer_text(*relate_all(entries))
    assert "are equivalent within ±0.40 percentage points" in text
    sentence(next(line for line in text.splitlines() if "equivalent" in line))
    for entry in entries:
        entry["study"] = entry["study"] | {"margin": 0.002}
    assert "equivalent" not in answer_text(*relate_all(entries))


def test_datasets_are_blocks_with_an_effect_over_all_of_them(sentence: Sentence) -> None:
    wave = (0.0, 0.05, -0.05, 0.1, -0.1, 0.0, 0.05)
    entries = [
        made_accuracies(
            f"{name}, loss={loss}",
            [run + gain * (loss == "gce") for run, gain in zip(LOW, gains, strict=True)],
            settings={"recipe.loss": loss, "dataset.name": name},
            dataset=name,
            test_fingerprint=name,
        )
        for name, gains in (("mnist", [0.4 + each for each in wave]), ("digits", [0.5] * 7))
        for loss in ("ce", "gce")
    ]
    related = relate_all(entries)
    (effect,) = over_blocks_of(related)
    assert (effect.blocks, effect.over) == (2, "dataset")
    said = answer(related)
    assert [line.startswith("Averaged over 2 blocks") for line in said].count(True) == 1
    assert said[0].startswith("Averaged over 2 blocks that differ in dataset")
    assert "corrected over 3 tests" in "\n".join(said)
    sentence(said[0])


def test_levels_of_noise_on_several_datasets_are_told_apart() -> None:
    entries = [
        made_noisy(
            f"dataset={name}, noise.rate={rate}, loss={loss}",
            rate,
            [run - 10 * rate + (loss == "gce") for run in LOW],
            loss=loss,
            dataset=name,
            test_fingerprint=name,
        )
        for name in ("mnist", "digits")
        for loss in ("ce", "gce")
        for rate in (0.0, 0.2)
    ]
    for entry in entries:
        entry["settings"] = entry["settings"] | {"dataset.name": entry["dataset"]}
    said = answer(relate_all(entries))
    ranked = [sentence for sentence in said if "has the highest mean" in sentence]
    assert len(ranked) == 4
    assert [sentence.split()[:2] for sentence in ranked] == [["On", "mnist"]] * 2 + [
        ["On", "digits"]
    ] * 2
    losses = [sentence for sentence in said if "losses of 2 methods" in sentence]
    assert [sentence.split()[1] for sentence in losses] == ["mnist,", "digits,"]


def test_which_difference_would_be_found_is_said(sentence: Sentence) -> None:
    text = answer_text(made_accuracies("a", LOW), made_accuracies("b", MIXED))
    (power,) = [line for line in text.splitlines() if "power" in line]
    assert "(n = 7)" in power
    assert "is 80%" in power
    sentence(power)


@pytest.mark.parametrize("depends", [False, True])
def test_what_holds_over_all_blocks_comes_first(depends: bool, sentence: Sentence) -> None:
    wave = (0.0, 0.05, -0.05, 0.1, -0.1, 0.0, 0.05)
    entries = [
        made_noisy(
            f"noise.rate={rate}, loss={loss}",
            rate,
            [
                run - 10 * rate + gain * (1 + depends * 10 * rate)
                for run, gain in zip(LOW, gains, strict=True)
            ],
            loss=loss,
        )
        for loss, gains in (("ce", (0.0,) * 7), ("gce", [0.4 + each for each in wave]))
        for rate in (0.0, 0.2, 0.4)
    ]
    related = relate_all(entries)
    (effect,) = over_blocks_of(related)
    assert (effect.a, effect.b, effect.blocks, effect.n) == ("loss=ce", "loss=gce", 3, 7)
    assert (effect.p_interaction < 0.05) == depends
    first, *_ = answer(related)
    assert "“loss=gce” is" in first
    assert ("need not hold in every block" in first) == depends
    sentence(first)
    over, _ = comparisons_table(related).tables
    assert over.groups[0][0][:4] == ("loss=ce", "loss=gce", "3", "7")
    equal = answer_text(*(entry for entry in entries if "loss=ce" in entry.header.label))
    assert "Averaged" not in equal


def test_of_effects_over_all_blocks_the_best_level_comes_first() -> None:
    means = {"a": 0.90, "b": 0.94, "c": 0.97, "d": 0.96}
    noise = np.random.default_rng(3).normal(0, 0.0005, (len(means), 2, 6))
    entries = [
        made_accuracies(
            f"{name}, epochs={epochs}",
            (100 * (mean + noise[place, epochs - 1])).tolist(),
            settings={"recipe.optimizer": name, "recipe.epochs": epochs},
        )
        for place, (name, mean) in enumerate(means.items())
        for epochs in (1, 2)
    ]
    for entry in entries:
        entry["study"] |= {"compare": "recipe.optimizer"}
    said = [each for each in answer(relate_all(entries)) if " blocks that differ" in each]
    pairs = [re.findall("“(.)”", each) for each in said]
    assert pairs == [["c", "d"], ["c", "b"], ["c", "a"]]
