"""The answer of a page: the sentences of all analyses."""

from typing import Any

from made_answers import LOW, MIXED, answer_text, made_accuracies


def test_different_test_images_have_an_answer_each() -> None:
    other: dict[str, Any] = {"dataset": "fashion-mnist", "test_fingerprint": "fashion's"}
    text = answer_text(
        made_accuracies("a", LOW),
        made_accuracies("b", MIXED),
        made_accuracies("c", (90.0, 90.1), **other),
    )
    assert "of 2 configurations on mnist" in text
    assert "“c” reaches 90.05 ± 0.07 % test accuracy on fashion-mnist" in text
    assert "Accuracies on different test images are not compared with each other." in text


def test_long_names_are_shortened() -> None:
    text = answer_text(made_accuracies("x" * 300, LOW))
    assert "x" * 61 not in text
    assert "…”" in text
