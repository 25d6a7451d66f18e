"""Which configurations are compared: those of one test set, all pairs of a few."""

import numpy as np
import pytest
from scipy import stats

from made_networks import made_sizes
from seedbed.analysis.entry import Entry
from seedbed.core.errors import DataError, StudyError
from seedbed.evaluation.comparisons import MOST_IN_PAIRS, compare_entries
from seedbed.evaluation.statistics import compare_all


def entry(label: str, runs: dict[int, float], test_fingerprint: str = "mnist") -> Entry:
    return Entry(
        label=label,
        test_fingerprint=test_fingerprint,
        n=len(runs),
        seeds=list(runs),
        test_accuracy={"runs": list(runs.values())},
    )


RUNS = {
    "a": {0: 0.9, 1: 0.92, 2: 0.91},
    "b": {0: 0.89, 1: 0.9, 2: 0.915},
    "c": {2: 0.5, 1: 0.6, 9: 0.7},
}


def test_all_pairs_of_a_few() -> None:
    found = compare_entries([entry(label, runs) for label, runs in RUNS.items()])
    assert found == compare_all(RUNS)
    assert [(each.first, each.second, each.n) for each in found] == [
        ("a", "b", 3),
        ("a", "c", 2),
        ("b", "c", 2),
    ]


def test_of_many_each_with_the_first() -> None:
    many = [entry(str(number), RUNS["a"]) for number in range(MOST_IN_PAIRS + 1)]
    found = compare_entries(many)
    assert [(each.first, each.second) for each in found] == [
        (str(number), "0") for number in range(1, MOST_IN_PAIRS + 1)
    ]
    assert {each.family for each in found} == {MOST_IN_PAIRS}


def test_of_many_none_is_compared_with_one_that_has_not_finished() -> None:
    many = [entry(str(number), RUNS["a"]) for number in range(MOST_IN_PAIRS + 1)]
    many[0] = entry("0", {})
    found = compare_entries(many)
    assert {each.second for each in found} == {"1"}
    assert [each.first for each in found if each.n == 0] == ["0"]


def test_with_a_baseline() -> None:
    entries = [entry(label, runs) for label, runs in RUNS.items()]
    assert compare_entries(entries, "b") == compare_all(RUNS, baseline="b")
    with pytest.raises(StudyError, match=r"--baseline: unknown configuration 'd'.*a, b, c"):
        compare_entries(entries, "d")


def test_other_test_images_are_not_compared() -> None:
    entries = [
        entry("a", RUNS["a"]),
        entry("far", RUNS["a"], "cifar10"),
        entry("b", RUNS["b"]),
    ]
    (found,) = compare_entries(entries)
    assert (found.first, found.second, found.family) == ("a", "b", 1)
    with pytest.raises(DataError, match="'far' and 'b' have different test images"):
        compare_entries(entries, "b")


def test_networks_are_compared_at_every_size_that_both_have() -> None:
    cnn = {100: (0.5, 0.6, 0.7, 0.8), 900: (0.9, 0.91, 0.92, 0.93), 5000: (0.99, 0.99, 0.99, 0.99)}
    vit = {100: (0.4, 0.55, 0.6, 0.71), 900: (0.92, 0.9, 0.95, 0.96)}
    entries = made_sizes(lenet5=cnn, vit=vit)
    found = [each for entry in entries for each in entry["by_size"]]
    assert [(each["training_images"], each["first"], each["second"]) for each in found] == [
        (100, "lenet5", "vit"),
        (900, "lenet5", "vit"),
    ]
    p_values = []
    for each, size in zip(found, (100, 900), strict=True):
        first, second = np.array(cnn[size]), np.array(vit[size])
        assert each["difference"] == pytest.approx(np.mean(first - second))
        test = stats.permutation_test(
            (first, second), lambda a, b: np.mean(a - b), permutation_type="samples"
        )
        assert each["p_value"] == pytest.approx(test.pvalue)
        p_values.append(test.pvalue)
    low, high = sorted(p_values)
    holm = {low: min(1, 2 * low), high: min(1, max(2 * low, high))}
    assert [each["p_holm"] for each in found] == pytest.approx([holm[p] for p in p_values])
    assert all(each["comparisons"] == 2 for each in found)
