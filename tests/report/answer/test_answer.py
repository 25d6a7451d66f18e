"""The sentences that a page leads with: what they say, and what they must never say."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from made_entries import made_entry
from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.entry import Entry
from seedbed.analysis.intervals import accuracy_interval
from seedbed.evaluation.comparisons import with_comparisons
from seedbed.evaluation.statistics import LEVEL, holm
from seedbed.report.answer.answer import answer
from seedbed.report.answer.prose import counted, enumerated, names, points, quoted
from seedbed.report.answer.versus import pairs_needed

Numbers = Sequence[float]


def entry(label: str, test: Numbers, train: Numbers | None = None, **changes: Any) -> Entry:
    """Return an entry of runs with these accuracies, in percent; seeds count from 0."""
    of_test = Accuracies.of(tuple(each / 100 for each in test))
    of_train = Accuracies.of(tuple(each / 100 for each in (test if train is None else train)))
    interval = accuracy_interval(of_test, 1000) if test else None
    accuracies = {
        "test_accuracy": of_test.to_dict(),
        "train_accuracy": of_train.to_dict(),
        "test_accuracy_interval": interval.to_dict() if interval else None,
    }
    pairs = [
        {"true": "cat", "predicted": "dog", "rate": 0.125, "images": []},
        {"true": "dog", "predicted": "cat", "rate": 0.1, "images": []},
        {"true": "cat", "predicted": "cow", "rate": 0.05, "images": []},
    ]
    n_wrong = [900, *[0] * (len(test) - 1), 100]
    found = {
        "n": len(test),
        "seeds": list(range(len(test))),
        "top_pairs": pairs if test else None,
        "hard_examples": {"images_by_n_wrong": n_wrong, "examples": []} if test else None,
        **accuracies,
    }
    return made_entry(label, runs=min(len(test), 3)) | found | changes


def said(*entries: Entry) -> str:
    return "\n".join(answer(with_comparisons(entries)))


def noisy(
    label: str,
    rate: float,
    test: Numbers,
    *,
    kind: str = "symmetric",
    loss: str = "cross-entropy",
    **changes: Any,
) -> Entry:
    settings = {"kind": kind, "rate": rate} if kind in ("symmetric", "pair") else {"kind": kind}
    noise = {
        "kind": kind,
        "rate": settings.get("rate"),
        "observed_rate": rate,
        "settings": settings,
        "memorized": {"mean": 0.05, "std": 0.01, "n": 5},
        "recovered": {"mean": 0.9, "std": 0.01, "n": 5},
    }
    configuration = {"noise": settings, "recipe": {"loss": loss}}
    train = [(1 - rate) * each for each in test]
    return entry(label, test, train, noise=noise, configuration=configuration, **changes)


LOW = (98.0, 98.1, 98.2, 98.3, 98.4, 98.5, 98.6)
HIGH = tuple(each + 1 + 0.01 * place for place, each in enumerate(LOW))
MIXED = tuple(each + 0.3 * (-1) ** place for place, each in enumerate(LOW))


def test_one_configuration() -> None:
    first, confused, always = answer([entry("lenet5", (99.0, 99.1, 99.2))])
    assert first == (
        "“lenet5” reaches 99.10 ± 0.10 % test accuracy on mnist (mean ± standard deviation of 3 "
        "runs; 95 % interval of the mean 98.85 to 99.35 %)."
    )
    assert confused == (
        "What it confuses most: it takes 12.50 % of “cat” for “dog” and 10.00 % of “dog” for “cat” "
        "(means of 3 runs)."
    )
    assert always == "100 of the 1,000 test images are wrong in all 3 of its runs."


def test_one_run_has_no_spread() -> None:
    first, confused = answer([entry("lenet5", (99.0,))])
    assert first == (
        "A single run of “lenet5” reaches 99.00 % test accuracy on mnist (95 % Wilson interval for "
        "the choice of test images: 98.17 to 99.46 %); how much runs differ, one run cannot tell."
    )
    assert "means" not in confused


def test_no_error_and_one_kind_of_error() -> None:
    perfect = entry("lenet5", (100.0, 100.0), top_pairs=[])
    assert answer([perfect])[1:] == ("Of the test images it gets none wrong.",)
    pair = {"true": "cat", "predicted": "dog", "rate": 0.01, "images": []}
    wrong = {"images_by_n_wrong": [999, 0, 1], "examples": []}
    found = entry("lenet5", (99.9, 99.9), top_pairs=[pair], hard_examples=wrong)
    assert answer([found])[1:] == (
        "What it confuses most: it takes 1.00 % of “cat” for “dog” (means of 2 runs).",
        "1 of the 1,000 test images is wrong in both of its runs.",
    )


def test_a_significant_difference() -> None:
    first, second, third, *_ = answer(with_comparisons([entry("a", LOW), entry("b", HIGH)]))
    assert first == (
        "“b” has the highest mean test accuracy of 2 configurations on mnist: 99.33 ± 0.24 % (mean "
        "± standard deviation of 7 runs)."
    )
    assert second == (
        "That is 1.03 percentage points more than “a” (95 % interval +1.01 to +1.05; p = 0.016)."
    )
    assert third == (
        "It is significantly better than “a” (p < 0.05): over the seeds of training, on these test "
        "images."
    )


def test_a_difference_that_the_runs_do_not_show() -> None:
    text = said(entry("a", LOW), entry("b", MIXED))
    assert "The runs do not tell it apart from “a” (p ≥ 0.05), which does not show" in text
    assert "significantly" not in text


def test_five_pairs_cannot_be_significant() -> None:
    text = said(entry("a", LOW[:5]), entry("b", HIGH[:5]))
    assert "p = 0.062)" in text
    assert (
        "5 pairs of runs cannot reach p < 0.05, whatever they show (6 could): whether it is better "
        "than “a” stays open, though the 95 % interval lies above 0."
    ) in text
    assert "significantly" not in text


def test_six_pairs_cannot_be_significant_among_three_comparisons() -> None:
    text = said(
        *(entry(name, each[:6]) for name, each in zip("abc", (LOW, HIGH, MIXED), strict=True))
    )
    assert (
        "6 pairs of runs cannot reach p < 0.05, whatever they show (7 could, among 3 comparisons): "
        "no difference is established, though the 95 % intervals against “a” and “c” lie above 0."
    ) in text
    assert "significantly" not in text


def test_some_are_told_apart_and_others_not() -> None:
    runs = tuple(np.linspace(98.0, 98.5, 11))
    far = [entry(name, [each - 5 for each in runs]) for name in "abcd"]
    near = [
        entry("e", runs),
        entry("f", [each + 0.1 * (-1) ** place for place, each in enumerate(runs)]),
    ]
    text = said(*far, *near)
    assert (
        "It is significantly better than 4 of the other 5, “a”, “b”, “c” and 1 more (p < 0.05 "
        "after Holm's correction over 15 comparisons): over the seeds of training"
    ) in text
    assert "The runs do not tell it apart from “e” (p ≥ 0.05)" in text


def test_better_than_all_and_apart_from_none() -> None:
    runs = tuple(np.linspace(98.0, 98.5, 9))
    higher = entry("c", [each + 1 for each in runs])
    text = said(entry("a", runs), entry("b", runs), higher)
    assert "significantly better than each of the other 2 (p < 0.05 after Holm's" in text
    mixed = [
        entry(name, [each + 0.1 * (-1) ** (place // step) for place, each in enumerate(runs)])
        for name, step in (("a", 1), ("b", 2), ("c", 3))
    ]
    text = said(*mixed)
    assert (
        "do not tell it apart from either of the other 2 (p ≥ 0.05), which does not show that they"
        in text
    )


def test_single_runs_are_not_compared_for_certain() -> None:
    text = said(entry("a", (98.0,)), entry("b", (99.0,)))
    assert "99.00 % (a single run)" in text
    assert "A single pair of runs cannot reach p < 0.05, whatever it shows (6 could)" in text


def test_equal_means_are_called_the_same() -> None:
    assert "“a” and “b” have the same mean test accuracy on mnist, 98.30 %." in said(
        entry("a", LOW), entry("b", LOW)
    )
    text = said(entry("a", HIGH), entry("b", HIGH), entry("c", LOW))
    assert (
        "“a” and “b” have the same mean test accuracy on mnist, 99.33 %, the highest of 3" in text
    )
    assert "“a” is significantly better than “c”" in text
    assert "than the next best" not in text


def test_seeds_that_are_not_shared() -> None:
    text = said(entry("a", LOW), entry("b", HIGH, seeds=list(range(10, 17))))
    assert "The difference from “a” was not tested: no seed is shared." in text
    partly = said(entry("a", LOW[:3]), entry("b", HIGH))
    assert "(over the 3 seeds that they share +1.01, 95 % interval" in partly


def test_the_seeds_that_are_shared_may_say_the_opposite() -> None:
    shared = [90.0 + 0.1 * place for place in range(8)]
    first = entry("a", [*shared, 100.0, 100.0])
    second = entry("b", [each + 1 for each in shared])
    text = said(first, second)
    assert "“a” has the highest mean" in text
    assert "Over the seeds that they share, however, it is significantly worse than “b”." in text


def test_of_many_configurations_only_those_with_the_first_are_tested() -> None:
    runs = tuple(np.linspace(90.0, 90.7, 12))
    many = [entry(f"c{place}", [each + 0.3 * place for each in runs]) for place in range(12)]
    text = said(*many)
    assert "“c11” has the highest mean test accuracy of 12 configurations" in text
    assert "It is significantly better than 1 of the other 11, “c0” (p < 0.05 after Holm's" in text
    assert (
        "The differences from 10 of the other 11 were not tested: of more than 10 configurations "
        "each is compared with the first only."
    ) in text
    assert "As the highest of 12 on these very test images, its accuracy is likely" in text
    backwards = said(*many[::-1])
    assert "significantly better than each of the other 11" in backwards
    assert "not tested" not in backwards


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_called_better_that_the_tests_do_not_call_so(seed: int) -> None:
    """Whatever the runs are: what is said is what the corrected p-values say."""
    generator = np.random.Generator(np.random.Philox(seed))
    n, count = int(generator.integers(1, 12)), int(generator.integers(2, 14))
    entries = [
        entry(f"c{place}", (generator.normal(0, 1, n) + generator.normal(90, 1)).tolist())
        for place in range(count)
    ]
    compared = with_comparisons(entries)
    text = "\n".join(answer(compared))
    best = max(entries, key=lambda each: each["test_accuracy"]["mean"])["label"]
    significant = [
        each
        for one in compared
        for each in one["comparisons"]
        if best in (each["first"], each["second"]) and each["p_holm"] < LEVEL
    ]
    assert ("significantly better" in text) == bool(significant)
    if n < 6:
        assert "significantly" not in text
    if len(significant) == count - 1 > 1:
        assert f"each of the other {count - 1}" in text


def test_how_many_pairs_are_needed() -> None:
    for family in range(1, 50):
        n = pairs_needed(family)
        assert holm([2.0 ** (1 - n)] * family).min() < LEVEL
        assert holm([2.0 ** (2 - n)] * family).min() >= LEVEL


def test_overfitting_is_named_where_it_is_worth_it() -> None:
    text = said(entry("lenet5", (90.0, 90.2), train=(95.0, 95.2)))
    assert (
        "Training images are fitted better than new ones: training accuracy is 5.00 percentage "
        "points above test accuracy (95.10 % against 90.10 %)."
    ) in text
    assert "fitted" not in said(entry("lenet5", (99.0, 99.2), train=(99.9, 99.9)))
    two = said(entry("a", LOW, train=[99.9] * 7), entry("b", HIGH, train=[104.0] * 7))
    assert "most of all with “b”: training accuracy is 4.67 percentage points above" in two


def test_training_accuracy_that_is_not_known_is_not_compared() -> None:
    nothing = {"mean": None, "std": None, "best": None, "runs": [None, None]}
    found = entry("theirs", (99.0, 99.2), train_accuracy=nothing, noise=None, configuration=None)
    assert "Training" not in said(found)


def test_runs_that_have_learned_nothing() -> None:
    text = said(entry("lenet5", (98.0, 98.1, 11.35)))
    assert (
        "1 of 3 runs reaches 11.35 %, where the best has 98.10 %: mean and spread are of two kinds "
        "of runs."
    ) in text
    odd = [entry(name, (98.0, 98.1, 11.35, 10.0)) for name in "abcde"]
    text = said(*odd, entry("f", LOW))
    assert "2 of 4 runs of “a” reach at most 11.35 %, where the best has 98.10 %" in text
    assert "2 of 4 runs of “d”" not in text
    assert "So it is with 2 other configurations." in text
    assert "two kinds" not in said(entry("a", LOW), entry("b", (50.0, 60.0)))


def test_runs_that_diverged_or_have_not_finished() -> None:
    diverged = [{"seed": 3, "epoch": 2}]
    text = said(entry("lenet5", (99.0, 99.2), diverged=diverged, unfinished=[4]))
    assert (
        "1 of 4 runs diverged; its accuracy is that of the 2 runs that did not.\n"
        "1 of 4 runs has not finished; all numbers here may still change."
    ) in text
    text = said(entry("a", (99.0,), diverged=diverged), entry("b", (98.0, 98.1), unfinished=[2, 3]))
    assert "1 of 2 runs of “a” diverged; its accuracy is that of the 1 run that did not." in text
    assert "2 of 6 runs have not finished" in text


def test_nothing_has_finished() -> None:
    text = said(entry("lenet5", (), diverged=[{"seed": 0, "epoch": 2}]))
    assert text == (
        "No run on mnist has finished, so there is no accuracy yet.\n"
        "The only run diverged: it has no accuracy."
    )
    text = said(
        entry("a", LOW), entry("b", (), diverged=[{"seed": each, "epoch": 2} for each in (0, 1)])
    )
    assert "“a” reaches 98.30 ± 0.22 % test accuracy" in text
    assert "Both runs of “b” diverged: it has no accuracy." in text


def test_some_diverged_and_the_others_have_not_finished() -> None:
    text = said(entry("lenet5", (), diverged=[{"seed": 0, "epoch": 2}], unfinished=[1, 2]))
    assert "1 of 3 runs diverged, and none has finished: it has no accuracy." in text
    assert "2 of 3 runs have not finished" in text


def test_many_that_diverged_are_counted() -> None:
    diverged = [{"seed": 9, "epoch": 2}]
    text = said(*(entry(name, LOW, diverged=diverged) for name in "abcde"))
    assert text.count("diverged;") == 3
    assert "Runs of 2 other configurations diverged too." in text


def test_an_altered_dataset_is_named_once() -> None:
    how = "not the published pixels: JPEG copy"
    altered: dict[str, Any] = {"dataset": f"cifar10 (altered: {how})", "modified": how}
    text = said(entry("a", LOW, **altered), entry("b", HIGH, **altered))
    assert "on cifar10: 99.33" in text
    assert text.count(how) == 1
    assert f"cifar10 is an altered copy ({how}): accuracies that others have published" in text


def test_different_test_images_have_an_answer_each() -> None:
    other: dict[str, Any] = {"dataset": "fashion-mnist", "test_fingerprint": "fashion's"}
    text = said(entry("a", LOW), entry("b", MIXED), entry("c", (90.0, 90.1), **other))
    assert "of 2 configurations on mnist" in text
    assert "“c” reaches 90.05 ± 0.07 % test accuracy on fashion-mnist" in text
    assert "Accuracies on different test images are not compared with each other." in text


def test_accuracy_falls_with_noise() -> None:
    rates = (0.0, 0.2, 0.4)
    entries = [
        noisy(f"noise.rate={rate}", rate, [each - 20 * rate for each in LOW]) for rate in rates
    ]
    course, learned, *_ = answer(with_comparisons(entries))
    assert course == (
        "Test accuracy falls with symmetric label noise: 98.30 ± 0.22 % without, 94.30 ± 0.22 % at "
        "20 % and 90.30 ± 0.22 % at 40 % (mean ± standard deviation of 7 runs). From none to 40 % "
        "it loses 8.00 percentage points (95 % interval +8.00 to +8.00; p = 0.047 after Holm's "
        "correction over 3 comparisons)."
    )
    assert learned == (
        "Of the wrong labels that “noise.rate=0.4” was taught, it predicts 5.00 % as taught, and "
        "for 90.00 % the clean label instead."
    )
    assert "fitted" not in said(*entries)
    few = [each | {"n": 5} for each in entries]
    for each in few:
        runs = Accuracies.of(tuple(each["test_accuracy"]["runs"][:5]))
        each.update(test_accuracy=runs.to_dict(), seeds=[0, 1, 2, 3, 4])
    assert "5 pairs of runs cannot reach p < 0.05)" in said(*few)


def test_accuracy_need_not_fall_with_noise() -> None:
    text = said(noisy("a", 0.0, LOW), noisy("b", 0.2, HIGH), noisy("c", 0.3, LOW, kind="pair"))
    assert "Test accuracy goes with symmetric label noise: 98.30" in text
    assert "Test accuracy goes with pair label noise: 98.30 ± 0.22 % without and" in text
    assert "loses" not in text


def test_methods_are_ranked_at_each_level_of_noise() -> None:
    entries = [
        noisy(
            f"noise.rate={rate}, loss={loss}",
            rate,
            [each - fall * rate for each in runs],
            loss=loss,
        )
        for loss, fall, runs in (("cross-entropy", 30, HIGH), ("gce", 10, LOW))
        for rate in (0.0, 0.4)
    ]
    text = said(*entries)
    assert (
        "From no noise to 40 % symmetric label noise, “loss=gce” loses the least mean test "
        "accuracy of 2 (4.00 percentage points), “loss=cross-entropy” the most (12.00 "
        "percentage points)."
    ) in text
    assert (
        "Without noise, “loss=cross-entropy” has the highest mean test accuracy of 2 "
        "configurations, 99.33 ± 0.24 %: 1.03 percentage points more than “loss=gce” ("
    ) in text
    assert "With 40 % symmetric label noise, “loss=gce” has the highest mean" in text
    assert "That is" not in text


def test_labels_that_people_gave() -> None:
    text = said(noisy("clean", 0.0, LOW, kind="none"), noisy("worst", 0.4021, MIXED, kind="human"))
    assert "with label errors of people: 98.30 ± 0.22 % without and" in text
    assert "at 40.2 %" in text


def test_noise_that_all_have_is_said_once() -> None:
    text = said(noisy("lenet5", 0.4, LOW))
    assert (
        "The training labels have 40 % symmetric label noise; training accuracy is measured "
        "against them, test accuracy against clean labels."
    ) in text
    assert "Of the wrong labels that it was taught, it predicts" in text


def test_long_names_are_shortened() -> None:
    text = said(entry("x" * 300, LOW))
    assert "x" * 61 not in text
    assert "…”" in text


def test_words() -> None:
    assert quoted("a") == "“a”"
    assert [enumerated(list("abc"[:count])) for count in (1, 2, 3)] == [
        "a",
        "a and b",
        "a, b and c",
    ]
    assert names(list("abcd")) == "“a”, “b”, “c” and 1 more"
    assert (counted(1, "run"), counted(1200, "run")) == ("1 run", "1,200 runs")
    assert [points(each) for each in (0.0, 0.00001, -0.0123)] == [
        "0 percentage points",
        "less than 0.01 percentage points",
        "1.23 percentage points",
    ]
