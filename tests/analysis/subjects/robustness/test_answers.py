"""``robustness.json`` is read as it was written; damaged, or of other weights, it is not."""

from seedbed.analysis.subjects.robustness.answers import (
    QUESTIONS,
    UNCORRUPTED,
    RobustnessAnswers,
)


def test_what_is_written_is_read_back() -> None:
    found = RobustnessAnswers(weights_sha256="abc").with_answer("shift", 2.0, 0.75, 100)
    again = RobustnessAnswers.parse(found.to_json(), "abc")
    assert again == found
    assert again.accuracy("shift", 2) == 0.75
    assert again.accuracy("blur", 2) is None
    assert set(again.missing) == set(QUESTIONS) - {("shift", 2.0)}
    assert again.missing[0] == UNCORRUPTED


def test_what_is_of_other_weights_or_not_whole_says_nothing() -> None:
    found = RobustnessAnswers(weights_sha256="abc").with_answer("shift", 2.0, 0.75, 100).to_json()
    newer = found.replace(b'"format": 1', b'"format": 2')
    for contents, weights in ((found, "other"), (found[:40], "abc"), (b"", "abc"), (newer, "abc")):
        assert RobustnessAnswers.parse(contents, weights) == RobustnessAnswers(
            weights_sha256=weights
        )
    impossible = found.replace(b"0.75", b"1.75")
    assert RobustnessAnswers.parse(impossible, "abc").missing == QUESTIONS


def test_the_file_does_not_depend_on_the_order_of_the_answers() -> None:
    one = two = RobustnessAnswers(weights_sha256="abc")
    for kind, strength in QUESTIONS:
        one = one.with_answer(kind, strength, strength / 100, 100)
    for kind, strength in reversed(QUESTIONS):
        two = two.with_answer(kind, strength, strength / 100, 100)
    assert one.to_json() == two.to_json()
    assert one.missing == ()
