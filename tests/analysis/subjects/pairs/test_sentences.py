"""What the best configuration confuses most."""

from made_answers import HIGH, LOW, answer_text, made_accuracies
from seedbed.analysis.answer import answer


def test_no_error_and_one_kind_of_error() -> None:
    right = {"images_by_n_wrong": [1000, 0, 0], "examples": []}
    perfect = made_accuracies("lenet5", (100.0, 100.0), top_pairs=[], hard_examples=right)
    assert answer([perfect])[1:] == ("Every test image is classified correctly.",)
    pair = {"true": "cat", "predicted": "dog", "rate": 0.01, "images": []}
    wrong = {"images_by_n_wrong": [999, 0, 1], "examples": []}
    found = made_accuracies("lenet5", (99.9, 99.9), top_pairs=[pair], hard_examples=wrong)
    confused, always = answer([found])[1:]
    assert "“cat” images are predicted as “dog” (means of 2 runs)" in confused
    assert always == "1 of the 1,000 test images is misclassified in both runs."


def test_the_best_configuration_is_named() -> None:
    text = answer_text(made_accuracies("a", LOW), made_accuracies("b", HIGH))
    assert "Most confused by “b”: 12.50" in text
    assert "100 of the 1,000 test images are misclassified in all 7 runs of “b”." in text
