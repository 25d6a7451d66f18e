"""Which network is most accurate on corrupted images."""

from made_networks import made_robustness, made_size, made_sizes
from seedbed.analysis.subjects import only_right
from seedbed.analysis.subjects.robustness.sentences import sentences

RUNS = (0.5, 0.5, 0.5)


def test_the_strongest_corruption_of_each_kind() -> None:
    entries = [
        made_size("lenet5", 100, RUNS, robustness=made_robustness(1.0)),
        made_size("vit", 100, RUNS, robustness=made_robustness(0.5)),
    ]
    (found,) = sentences(entries)
    assert "uncorrupted images is 89.00 % (“lenet5”) and 89.00 % (“vit”)" in found
    assert "shift of 4 pixels: “vit” is most accurate, 87.00 % (“lenet5” 85.00 %)" in found
    assert "noise of 96 gray levels: “vit” is most accurate, 41.00 %" in found
    assert found.endswith("they were not tested.")
    assert list(sentences(made_sizes(lenet5={9: RUNS}, vit={9: RUNS}))) == []


def test_of_several_test_sets_the_first_is_named() -> None:
    entries = [
        made_size(network, 100, RUNS, robustness=made_robustness(1.0), **of)
        for of in ({"dataset": "mnist"}, {"dataset": "digits", "test_fingerprint": "others"})
        for network in ("lenet5", "vit")
    ]
    named = "Of the 2 test sets, this is the first one, mnist."
    only = only_right.ANALYSIS.sentences
    assert only is not None
    assert list(sentences(entries))[-1] == list(only(entries))[-1] == named
    assert named not in [*sentences(entries[:2]), *only(entries[:2])]
