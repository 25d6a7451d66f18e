"""The sentences about label noise."""

from made_answers import LOW, answer_text, made_noisy
from sentences import Sentence


def test_noise_of_all_configurations_is_named_once(sentence: Sentence) -> None:
    text = answer_text(made_noisy("lenet5", 0.4, LOW))
    assert text.count("40% symmetric label noise") == 1
    sentence(text)
