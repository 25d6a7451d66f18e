from seedbed.core.suggestions import did_you_mean, unknown
from sentences import Sentence


def test_the_message_has_the_nearest_name_and_all_names(sentence: Sentence) -> None:
    message = unknown("dataset", "minst", iter(["digits", "mnist"]))
    assert "'mnist'" in message
    assert "digits, mnist" in message
    sentence(message)


def test_nothing_is_suggested_if_no_name_is_near() -> None:
    message = unknown("dataset", "xyz", ["digits"])
    assert "'digits'" not in message
    assert "digits" in message
    assert did_you_mean(12, iter(["digits"])) == ""
