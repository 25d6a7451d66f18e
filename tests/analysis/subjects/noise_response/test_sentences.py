"""The sentences about the response to label noise."""

from made_answers import HIGH, LOW, MIXED, answer_text, made_noisy
from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.entry import fields_of
from sentences import Sentence


def test_accuracy_falls_with_noise(sentence: Sentence) -> None:
    rates = (0.0, 0.2, 0.4)
    entries = [
        made_noisy(f"noise.rate={rate}", rate, [each - 20 * rate for each in LOW]) for rate in rates
    ]
    text = answer_text(*entries)
    for shown in (
        "98.30 ± 0.22%",
        "at 20%",
        "at 40%",
        "of 7 runs",
        "+7.98 to +8.02",
        "corrected over 3 tests",
    ):
        assert shown in text
    assert "above its test accuracy" not in text
    few = [each | {"n": 5, "seeds": [0, 1, 2, 3, 4]} for each in entries]
    for each in few:
        runs = Accuracies.of(tuple(each["test_accuracy"]["runs"][:5]))
        each["test_accuracy"] = fields_of(runs)
    text = answer_text(*few)
    assert "falls with symmetric label noise" in text
    sentence(text)


def test_what_falls_by_chance_is_not_said_to_fall(sentence: Sentence) -> None:
    means = (90.1, 90.05, 90.0)
    entries = [
        made_noisy(f"noise.rate={rate}", rate, [mean + 0.3, mean - 0.3 * (1 - 2 * rate), mean])
        for rate, mean in zip((0.0, 0.2, 0.4), means, strict=True)
    ]
    text = answer_text(*entries)
    assert "falls" not in text
    sentence(text)


def test_losses_of_methods_are_told_apart_only_by_a_test(sentence: Sentence) -> None:
    def study(fall: float) -> str:
        return answer_text(
            *(
                made_noisy(
                    f"noise.rate={rate}, loss={loss}",
                    rate,
                    [
                        run - change * rate + (wave - 98) * rate
                        for run, wave in zip(LOW, MIXED, strict=True)
                    ],
                    loss=loss,
                )
                for loss, change in (("cross-entropy", 10 + fall), ("gce", 10))
                for rate in (0.0, 0.4)
            )
        )

    (differs,) = [line for line in study(20).splitlines() if "a difference of" in line]
    assert "“loss=gce” loses 3.86" in differs
    assert "“loss=cross-entropy” loses 11.86" in differs
    assert "+7.9" in differs  # more minus less, whichever is A
    (turned,) = [line for line in study(-5).splitlines() if "a difference of" in line]
    assert "“loss=cross-entropy” loses 1.86" in turned
    same = study(0)
    (line,) = [line for line in same.splitlines() if "the losses of 2 methods" in line]
    assert "do not differ significantly" in line
    sentence(same)


def test_accuracy_need_not_fall_with_noise(sentence: Sentence) -> None:
    text = answer_text(
        made_noisy("a", 0.0, LOW),
        made_noisy("b", 0.2, HIGH),
        made_noisy("c", 0.3, LOW, kind="pair"),
    )
    assert "falls" not in text
    assert "loses" not in text
    sentence(text)


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
    lines = text.splitlines()
    (loss,) = [line for line in lines if "of mean test accuracy" in line]
    assert "“loss=gce” loses 4.00 percentage points" in loss
    assert "“loss=cross-entropy” loses 12.00 percentage points" in loss
    highest = [line for line in lines if "has the highest mean" in line]
    assert ["“loss=cross-entropy” has" in line for line in highest] == [True, False]
    assert ["40% symmetric label noise" in line for line in highest] == [False, True]


def test_labels_that_people_gave() -> None:
    text = answer_text(
        made_noisy("clean", 0.0, LOW, kind="none"), made_noisy("worst", 0.4021, MIXED, kind="human")
    )
    assert "human label noise: 98.30" in text
    assert "at 40.2%" in text
