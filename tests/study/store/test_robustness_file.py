"""What is kept of a run on altered images."""

from seedbed.study.store.robustness_file import QUESTIONS, UNALTERED, Robustness


def test_what_is_written_is_read_back() -> None:
    found = Robustness(weights_sha256="abc").with_answer("shift", 2.0, 0.75, 100)
    again = Robustness.parse(found.to_json(), "abc")
    assert again == found
    assert again.accuracy("shift", 2) == 0.75
    assert again.accuracy("blur", 2) is None
    assert again.missing == QUESTIONS - {("shift", 2.0)}
    assert UNALTERED in again.missing


def test_what_is_of_other_weights_or_not_whole_says_nothing() -> None:
    found = Robustness(weights_sha256="abc").with_answer("shift", 2.0, 0.75, 100).to_json()
    newer = found.replace(b'"format": 1', b'"format": 2')
    for contents, weights in ((found, "other"), (found[:40], "abc"), (b"", "abc"), (newer, "abc")):
        assert Robustness.parse(contents, weights) == Robustness(weights_sha256=weights)
    impossible = found.replace(b"0.75", b"1.75")
    assert Robustness.parse(impossible, "abc").missing == QUESTIONS
