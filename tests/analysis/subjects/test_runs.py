"""The sentences about runs that do not count."""

from typing import Any

from made_answers import HIGH, LOW, answer_text, made_accuracies
from sentences import Sentence


def test_runs_that_have_learned_nothing(sentence: Sentence) -> None:
    sentence(answer_text(made_accuracies("lenet5", (98.0, 98.1, 11.35))))
    odd = [made_accuracies(name, (98.0, 98.1, 11.35, 10.0)) for name in "abcde"]
    text = answer_text(*odd, made_accuracies("f", LOW))
    seeds = "“a”: seeds 2 (11.35% in training) and 3 (10.00% in training)"
    for shown in (seeds, "54.67%", "2 other configurations"):
        assert shown in text
    assert "“d”: seeds" not in text
    assert "far less" not in answer_text(
        made_accuracies("a", LOW), made_accuracies("b", (50.0, 60.0))
    )


def test_runs_that_diverged_or_have_not_finished(sentence: Sentence) -> None:
    diverged = [{"seed": 3, "epoch": 2}]
    sentence(
        answer_text(made_accuracies("lenet5", (99.0, 99.2), diverged=diverged, unfinished=[4]))
    )
    text = answer_text(
        made_accuracies("a", (99.0,), diverged=diverged),
        made_accuracies("b", (98.0, 98.1), unfinished=[2, 3]),
    )
    assert "1 of 2 runs of “a” diverged" in text
    assert "2 of 6 runs" in text


def test_nothing_has_finished(sentence: Sentence) -> None:
    sentence(answer_text(made_accuracies("lenet5", (), diverged=[{"seed": 0, "epoch": 2}])))
    text = answer_text(
        made_accuracies("a", LOW),
        made_accuracies("b", (), diverged=[{"seed": each, "epoch": 2} for each in (0, 1)]),
    )
    assert "98.30 ± 0.22%" in text
    assert "Both runs of “b” diverged" in text


def test_some_diverged_and_the_others_have_not_finished(sentence: Sentence) -> None:
    sentence(
        answer_text(
            made_accuracies("lenet5", (), diverged=[{"seed": 0, "epoch": 2}], unfinished=[1, 2])
        )
    )


def test_many_that_diverged_are_counted() -> None:
    diverged = [{"seed": 9, "epoch": 2}]
    text = answer_text(*(made_accuracies(name, LOW, diverged=diverged) for name in "abcde"))
    assert text.count("diverged;") == 3
    assert "2 other configurations" in text


def test_a_modified_dataset_is_named_once(sentence: Sentence) -> None:
    how = "not the published pixels: JPEG copy"
    modified: dict[str, Any] = {"dataset": f"cifar10 (modified: {how})", "modified": how}
    text = answer_text(
        made_accuracies("a", LOW, **modified), made_accuracies("b", HIGH, **modified)
    )
    assert text.count(how) == 1
    sentence(text)
