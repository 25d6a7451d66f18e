"""Which configurations are compared: those of one test set, all pairs of a few."""

import numpy as np
import pytest

from made_entries import made_entry
from made_predictions import made
from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.entry import Entry, fields_of
from seedbed.analysis.material import Material
from seedbed.analysis.registry import compute_all, relate_all
from seedbed.analysis.statistics.comparison import LEVEL
from seedbed.analysis.statistics.components import estimate_for_new_images
from seedbed.analysis.statistics.paired import compare_all
from seedbed.analysis.subjects.comparisons.pairs import compare_entries
from seedbed.analysis.subjects.comparisons.result import MOST_IN_PAIRS
from seedbed.analysis.subjects.comparisons.table import comparisons_table
from seedbed.analysis.subjects.image_errors import correct_by_seed
from seedbed.core.errors import DataError, StudyError
from seedbed.core.suggestions import unknown
from sentences import Sentence


def entry(label: str, runs: dict[int, float], test_fingerprint: str = "mnist") -> Entry:
    return made_entry(
        label,
        test_fingerprint=test_fingerprint,
        n=len(runs),
        seeds=list(runs),
        test_accuracy=fields_of(Accuracies.of(runs.values())),
    )


RUNS = {
    "a": {0: 0.9, 1: 0.92, 2: 0.91},
    "b": {0: 0.89, 1: 0.9, 2: 0.915},
    "c": {2: 0.5, 1: 0.6, 9: 0.7},
}


def test_all_pairs_of_a_few() -> None:
    found = compare_entries([entry(label, runs) for label, runs in RUNS.items()])
    assert found == compare_all(RUNS)
    assert [(each.a, each.b, each.n) for each in found] == [
        ("a", "b", 3),
        ("a", "c", 2),
        ("b", "c", 2),
    ]


def test_of_many_each_with_the_first() -> None:
    many = [entry(str(number), RUNS["a"]) for number in range(MOST_IN_PAIRS + 1)]
    found = compare_entries(many)
    assert [(each.a, each.b) for each in found] == [
        (str(number), "0") for number in range(1, MOST_IN_PAIRS + 1)
    ]
    assert {each.comparisons for each in found} == {MOST_IN_PAIRS}


def test_of_many_none_is_compared_with_one_that_has_not_finished() -> None:
    many = [entry(str(number), RUNS["a"]) for number in range(MOST_IN_PAIRS + 1)]
    many[0] = entry("0", {})
    found = compare_entries(many)
    assert {each.b for each in found} == {"1"}
    assert [each.a for each in found if each.n == 0] == ["0"]


def test_with_a_baseline() -> None:
    entries = [entry(label, runs) for label, runs in RUNS.items()]
    assert compare_entries(entries, "b") == compare_all(RUNS, baseline="b")
    with pytest.raises(StudyError) as error:
        compare_entries(entries, "d")
    assert error.value.where == "--baseline"
    assert error.value.what == unknown("configuration", "d", RUNS)


def test_other_test_images_are_not_compared(sentence: Sentence) -> None:
    entries = [
        entry("a", RUNS["a"]),
        entry("far", RUNS["a"], "cifar10"),
        entry("b", RUNS["b"]),
    ]
    (found,) = compare_entries(entries)
    assert (found.a, found.b, found.comparisons) == ("a", "b", 1)
    with pytest.raises(DataError) as error:
        compare_entries(entries, "b")
    sentence(error.value)


def test_the_difference_on_new_images_is_of_the_answers_to_each() -> None:
    entries, correct = [], []
    for label, first in (("a", 0), ("b", 10)):
        runs = [made(60, 3, seed=first + seed) for seed in range(4)]
        correct.append(~np.array([run.wrong for run in runs]))
        computed = compute_all(Material(runs, [str(seed) for seed in range(4)]))
        accuracy = {"test_accuracy": computed["test_accuracy"]}
        errors = {"image_errors": computed["image_errors"]}
        entries.append(made_entry(label, runs=4, test_images=60, **accuracy, **errors))
    for answers, made_of in zip(correct, entries, strict=True):
        np.testing.assert_array_equal(list(correct_by_seed(made_of).values()), answers)
    (found,) = compare_entries(entries)
    estimate = estimate_for_new_images(correct[0].astype(float) - correct[1])
    assert found.difference == pytest.approx(estimate.mean, abs=1e-12)
    assert found.new_images is not None
    expected = estimate.interval(LEVEL)
    low, high = expected.low, expected.high
    assert (found.new_images.interval.low, found.new_images.interval.high) == pytest.approx(
        (low, high), abs=1e-12
    )
    turned = found.swapped().new_images
    assert turned is not None
    assert (turned.interval.low, turned.interval.high) == pytest.approx((-high, -low), abs=1e-12)
    assert correct_by_seed(made_entry("without answers")) == {}


def test_where_a_run_collapsed_the_trimmed_difference_stands_beside() -> None:
    runs = {"a": {**dict(enumerate((0.99, 0.991, 0.992, 0.99, 0.993))), 5: 0.2}}
    runs["b"] = dict.fromkeys(range(6), 0.98)
    entries = [entry(label, of) for label, of in runs.items()]
    assert compare_entries(entries)[0].trimmed is None
    entries[0]["collapsed"] = [{"seed": 5, "accuracy": 0.2}]
    (found,) = compare_entries(entries)
    assert found.trimmed is not None
    # The paired t-test and the trimmed one are two tests of the same difference.
    assert found.weight == 1 / 2
    assert found.verdict == "not significant"
    assert found.trimmed.p_adjusted < LEVEL
    turned = found.swapped().trimmed
    assert turned is not None
    assert turned.difference == -found.trimmed.difference
    notes = comparisons_table(relate_all(entries)).tables[0].notes
    assert any("Yuen" in note for note in notes)
