"""What the best configuration confuses most."""

from made_answers import HIGH, LOW, answer_text, made_accuracies
from seedbed.analysis.answer import answer
from sentences import Sentence


def test_no_error_and_one_kind_of_error(sentence: Sentence) -> None:
    right = {"images_by_n_wrong": [1000, 0, 0], "examples": []}
    perfect = made_accuracies("lenet5", (100.0, 100.0), top_pairs=[], hard_examples=right)
    (all_right,) = answer([perfect])[1:]
    pair = {"true": "cat", "predicted": "dog", "rate": 0.01, "images": []}
    wrong = {"images_by_n_wrong": [999, 0, 1], "examples": []}
    found = made_accuracies("lenet5", (99.9, 99.9), top_pairs=[pair], hard_examples=wrong)
    confused, always = answer([found])[1:]
    for shown in ("“cat”", "“dog”", "1.00%", "2 runs"):
        assert shown in confused
    assert "1 of the 1,000 test images" in always
    sentence("\n".join([all_right, confused, always]))


def test_the_best_configuration_is_named() -> None:
    text = answer_text(made_accuracies("a", LOW), made_accuracies("b", HIGH))
    assert "“b”: 12.50%" in text
    assert "all 7 runs of “b”" in text
