"""What is said of the networks of a study, in numbers that the entries have."""

from made_entries import made_entries
from made_networks import made_robustness, made_size, made_sizes
from seedbed.analysis.entry import Entry
from seedbed.evaluation.only_right import right_in_one
from seedbed.report.answer.networks import front, only_right, robustness

RUNS = (0.5, 0.5, 0.5)


def networks(**costs: tuple[float, dict[str, float]]) -> list[Entry]:
    """Return a study of networks: name -> mean accuracy and costs."""
    found = []
    for name, (accuracy, cost) in costs.items():
        entry = made_size(name, 100, (accuracy,) * 3, label=name)
        entry["cost"] = {**entry["cost"], **cost}
        found.append(entry)
    return found


def test_costs_with_the_same_front_share_a_sentence() -> None:
    entries = networks(
        small=(0.8, {"parameters": 10, "multiply_adds": 50, "seconds": 1.0}),
        large=(0.9, {"parameters": 99, "multiply_adds": 90, "seconds": 0.5}),
        poor=(0.7, {"parameters": 50, "multiply_adds": 60, "seconds": 2.0}),
    )
    assert list(front(entries)) == [
        "By parameters and multiply-adds, none beats “small” and “large”: what has a higher mean "
        "accuracy costs more.",
        "By training time, none has a higher mean accuracy than “large”, or costs less.",
        "Whether the means differ by more than chance, the comparisons say.",
    ]


def test_other_test_images_have_a_front_of_their_own() -> None:
    entries = networks(
        easy=(0.9, {"parameters": 10}),
        hard=(0.5, {"parameters": 20}),
        poor=(0.4, {"parameters": 30}),
    )
    for each in entries[1:]:
        each["test_fingerprint"] = "hard"
    assert list(front(entries))[:2] == [
        "By parameters, none on the same test images has a higher mean accuracy than “easy”, or "
        "costs less.",
        "By parameters, none on the same test images has a higher mean accuracy than “hard”, or "
        "costs less.",
    ]


def test_costs_that_are_the_same_have_no_front() -> None:
    assert list(front(made_entries("a", "b"))) == []
    assert list(front(made_entries("a", "b", cost=None))) == []


def test_the_strongest_alteration_of_each_kind() -> None:
    entries = [
        made_size("lenet5", 100, RUNS, robustness=made_robustness(1.0)),
        made_size("vit", 100, RUNS, robustness=made_robustness(0.5)),
    ]
    (found,) = robustness(entries)
    assert found.startswith(
        "Of the images as they are, 89.00 % (“lenet5”) and 89.00 % (“vit”) are right. Of the most "
        "altered ones, with a shift of 4 pixels “vit” gets the most right, 87.00 % (“lenet5” "
        "85.00 %); with a rotation of 45 degrees “vit”"
    )
    assert "with noise of 96 gray levels “vit” gets the most right, 41.00 %" in found
    assert found.endswith("These are means over the runs, and were not tested.")
    assert list(robustness(made_sizes(lenet5={9: RUNS}, vit={9: RUNS}))) == []


def test_how_many_images_one_network_alone_gets_right() -> None:
    wrong = {"index": [4], "true": [1], "predicted": [2], "n_wrong": [3]}
    right = {"index": [5], "true": [1], "predicted": [2], "n_wrong": [2]}
    entries = [
        made_size("lenet5", 100, RUNS, image_errors=wrong),
        made_size("vit", 100, RUNS, image_errors=right),
    ]
    (found,) = only_right(entries, right_in_one(entries))
    assert found.startswith(
        "Of 60 test images, most runs of one network get right what most runs of the other get "
        "wrong: 1 image by “lenet5” (0 in every run, where every run of the other is wrong) and 1 "
        "image by “vit” (1 in every run, where every run of the other is wrong)."
    )
    assert "Equally good networks have such images too, by chance." in found
    assert list(only_right([], ())) == []


def test_of_several_test_sets_it_is_said_which_is_shown() -> None:
    entries = [
        made_size(network, 100, RUNS, robustness=made_robustness(1.0), **of)
        for of in ({"dataset": "mnist"}, {"dataset": "digits", "test_fingerprint": "others"})
        for network in ("lenet5", "vit")
    ]
    said = "Of the 2 test sets, this is that of mnist, the first."
    assert list(robustness(entries))[-1] == said
    assert list(only_right(entries, right_in_one(entries)))[-1] == said
    assert said not in [*robustness(entries[:2]), *only_right(entries[:2], right_in_one(entries))]
