"""How many images one network alone gets right."""

from made_errors import image_errors
from made_networks import made_size
from seedbed.analysis.subjects.only_right import ANALYSIS
from sentences import Sentence

RUNS = (0.5, 0.5, 0.5)

assert ANALYSIS.sentences is not None
sentences = ANALYSIS.sentences


def test_how_many_images_one_network_alone_gets_right(sentence: Sentence) -> None:
    wrong = image_errors([4], [1], [2], [3])
    right = image_errors([5], [1], [2], [2])
    entries = [
        made_size("lenet5", 100, RUNS, image_errors=wrong),
        made_size("vit", 100, RUNS, image_errors=right),
    ]
    (found,) = sentences(entries)
    for shown in ("1,000 test images", "1 image by “lenet5” (0 ", "1 image by “vit” (1 "):
        assert shown in found
    sentence(found)
    assert list(sentences([])) == []
