"""How far training accuracy is above test accuracy."""

from made_answers import LOW, answer_text, made_accuracies


def test_overfitting_is_named_where_it_is_worth_it() -> None:
    text = answer_text(made_accuracies("lenet5", (90.0, 90.2), train=(95.0, 95.2)))
    assert "training accuracy is 5.00 percentage points above its test accuracy" in text
    assert "training accuracy" not in answer_text(
        made_accuracies("lenet5", (99.0, 99.2), train=(99.9, 99.9))
    )
    lower = [each - 4 for each in LOW]
    two = answer_text(
        made_accuracies("a", LOW, train=[99.9] * 7), made_accuracies("b", lower, train=[99.9] * 7)
    )
    assert "training accuracy of “b” is 5.60 percentage points above its test accuracy" in two
    assert "was not tested" in two


def test_training_accuracy_that_is_not_known_is_not_compared() -> None:
    nothing = {"mean": None, "std": None, "best": None, "runs": [None, None]}
    found = made_accuracies(
        "theirs", (99.0, 99.2), train_accuracy=nothing, noise=None, configuration={}
    )
    assert "training accuracy" not in answer_text(found)
