"""The sentences about label noise."""

from made_answers import HIGH, LOW, MIXED, answer_text, made_noisy
from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.entry import fields_of


def test_accuracy_falls_with_noise() -> None:
    rates = (0.0, 0.2, 0.4)
    entries = [
        made_noisy(f"noise.rate={rate}", rate, [each - 20 * rate for each in LOW]) for rate in rates
    ]
    text = answer_text(*entries)
    assert text.startswith("Test accuracy falls with symmetric label noise: 98.30 ± 0.22")
    for shown in (
        "without noise",
        "at 20%",
        "at 40%",
        "of 7 runs",
        "From no noise to 40% it loses",
    ):
        assert shown in text
    assert "8.00 percentage points (95% interval +8.00 to +8.00; p = 0.047 after Holm's" in text
    assert "are predicted by “noise.rate=0.4” as their noisy label (memorized)" in text
    assert "percentage points above its test accuracy" not in text
    few = [each | {"n": 5} for each in entries]
    for each in few:
        runs = Accuracies.of(tuple(each["test_accuracy"]["runs"][:5]))
        each.update(test_accuracy=fields_of(runs), seeds=[0, 1, 2, 3, 4])
    assert "5 pairs of runs cannot reach p < 0.05)" in answer_text(*few)


def test_accuracy_need_not_fall_with_noise() -> None:
    text = answer_text(
        made_noisy("a", 0.0, LOW),
        made_noisy("b", 0.2, HIGH),
        made_noisy("c", 0.3, LOW, kind="pair"),
    )
    assert "Test accuracy under symmetric label noise: 98.30" in text
    assert "Test accuracy under pair label noise: 98.30" in text
    assert "loses" not in text


def test_methods_are_ranked_at_each_level_of_noise() -> None:
    entries = [
        made_noisy(
            f"noise.rate={rate}, loss={loss}",
            rate,
            [each - fall * rate for each in runs],
            loss=loss,
        )
        for loss, fall, runs in (("cross-entropy", 30, HIGH), ("gce", 10, LOW))
        for rate in (0.0, 0.4)
    ]
    text = answer_text(*entries)
    assert (
        "From no label noise to 40% symmetric label noise, “loss=gce” loses the least mean test "
        "accuracy of 2 methods (4.00 percentage points), “loss=cross-entropy” the most (12.00 "
        "percentage points)."
    ) in text
    assert "Without label noise, “loss=cross-entropy” has the highest mean" in text
    assert "1.03 percentage points more than “loss=gce”" in text
    assert "With 40% symmetric label noise, “loss=gce” has the highest mean" in text
    assert "That is" not in text


def test_labels_that_people_gave() -> None:
    text = answer_text(
        made_noisy("clean", 0.0, LOW, kind="none"), made_noisy("worst", 0.4021, MIXED, kind="human")
    )
    assert "under human label noise: 98.30" in text
    assert "at 40.2%" in text


def test_noise_that_all_have_is_said_once() -> None:
    text = answer_text(made_noisy("lenet5", 0.4, LOW))
    assert (
        "The training labels have 40% symmetric label noise; training accuracy is measured "
        "against them, test accuracy against clean labels."
    ) in text
    assert "are predicted as their noisy label (memorized)" in text
