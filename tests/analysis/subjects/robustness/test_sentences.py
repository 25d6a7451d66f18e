"""Which network is most accurate on corrupted images."""

from made_networks import made_robustness, made_size, made_sizes
from seedbed.analysis.subjects import only_right
from seedbed.analysis.subjects.robustness.sentences import sentences
from sentences import Sentence

RUNS = (0.5, 0.5, 0.5)


def test_the_strongest_corruption_of_each_kind(sentence: Sentence) -> None:
    entries = [
        made_size("lenet5", 100, RUNS, robustness=made_robustness(1.0)),
        made_size("vit", 100, RUNS, robustness=made_robustness(0.5)),
    ]
    (found,) = sentences(entries)
    for shown in ("89.00%", "shift of 4 pixels", "87.00%", "85.00%", "96 gray levels", "41.00%"):
        assert shown in found
    sentence(found)
    assert list(sentences(made_sizes(lenet5={9: RUNS}, vit={9: RUNS}))) == []


def test_of_several_test_sets_the_first_is_named(sentence: Sentence) -> None:
    entries = [
        made_size(network, 100, RUNS, robustness=made_robustness(1.0), **of)
        for of in ({"dataset": "mnist"}, {"dataset": "digits", "test_fingerprint": "others"})
        for network in ("lenet5", "vit")
    ]
    only = only_right.ANALYSIS.sentences
    assert only is not None
    *_, named = sentences(entries)
    assert list(only(entries))[-1] == named
    assert named not in [*sentences(entries[:2]), *only(entries[:2])]
    sentence(named)
