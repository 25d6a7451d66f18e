"""The sentences about runs that do not count."""

from typing import Any

from made_answers import HIGH, LOW, answer_text, made_accuracies


def test_runs_that_have_learned_nothing() -> None:
    text = answer_text(made_accuracies("lenet5", (98.0, 98.1, 11.35)))
    assert (
        "1 of 3 runs reaches 11.35 %, while the best reaches 98.10 %: the mean and the standard "
        "deviation mix two kinds of runs."
    ) in text
    odd = [made_accuracies(name, (98.0, 98.1, 11.35, 10.0)) for name in "abcde"]
    text = answer_text(*odd, made_accuracies("f", LOW))
    assert "2 of 4 runs of “a” reach at most 11.35 %, while the best reaches 98.10 %" in text
    assert "2 of 4 runs of “d”" not in text
    assert "The same holds for 2 other configurations." in text
    assert "two kinds" not in answer_text(
        made_accuracies("a", LOW), made_accuracies("b", (50.0, 60.0))
    )


def test_runs_that_diverged_or_have_not_finished() -> None:
    diverged = [{"seed": 3, "epoch": 2}]
    text = answer_text(made_accuracies("lenet5", (99.0, 99.2), diverged=diverged, unfinished=[4]))
    assert (
        "1 of 4 runs diverged; the accuracy is that of the 2 runs that finished.\n"
        "1 of 4 runs has not finished; all numbers here may still change."
    ) in text
    text = answer_text(
        made_accuracies("a", (99.0,), diverged=diverged),
        made_accuracies("b", (98.0, 98.1), unfinished=[2, 3]),
    )
    assert "1 of 2 runs of “a” diverged; the accuracy is that of the 1 run that finished." in text
    assert "2 of 6 runs have not finished" in text


def test_nothing_has_finished() -> None:
    text = answer_text(made_accuracies("lenet5", (), diverged=[{"seed": 0, "epoch": 2}]))
    assert text == (
        "No run on mnist has finished, so there is no accuracy yet.\n"
        "The only run diverged, so there is no accuracy."
    )
    text = answer_text(
        made_accuracies("a", LOW),
        made_accuracies("b", (), diverged=[{"seed": each, "epoch": 2} for each in (0, 1)]),
    )
    assert "“a” reaches 98.30 ± 0.22 % test accuracy" in text
    assert "Both runs of “b” diverged, so there is no accuracy." in text


def test_some_diverged_and_the_others_have_not_finished() -> None:
    text = answer_text(
        made_accuracies("lenet5", (), diverged=[{"seed": 0, "epoch": 2}], unfinished=[1, 2])
    )
    assert "1 of 3 runs diverged and none has finished, so there is no accuracy." in text
    assert "2 of 3 runs have not finished" in text


def test_many_that_diverged_are_counted() -> None:
    diverged = [{"seed": 9, "epoch": 2}]
    text = answer_text(*(made_accuracies(name, LOW, diverged=diverged) for name in "abcde"))
    assert text.count("diverged;") == 3
    assert "Runs of 2 other configurations diverged too." in text


def test_an_altered_dataset_is_named_once() -> None:
    how = "not the published pixels: JPEG copy"
    altered: dict[str, Any] = {"dataset": f"cifar10 (altered: {how})", "modified": how}
    text = answer_text(made_accuracies("a", LOW, **altered), made_accuracies("b", HIGH, **altered))
    assert "on cifar10: 99.33" in text
    assert text.count(how) == 1
    assert f"cifar10 is a modified copy ({how}), so published accuracies may" in text
