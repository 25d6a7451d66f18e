"""The networks of a study, and what one of them alone gets right."""

from made_entries import made_entries
from made_networks import made_robustness, made_size, made_sizes
from seedbed.evaluation.only_right import right_in_one
from seedbed.evaluation.standing import asked_about_altered, standing


def errors(**wrong: tuple[int, int, int]) -> dict[str, list[int]]:
    """Return image errors from image -> (true, predicted, wrong in)."""
    keys = sorted(wrong, key=int_of)
    true, predicted, n_wrong = zip(*(wrong[key] for key in keys), strict=True)
    return {
        "index": [int_of(key) for key in keys],
        "true": list(true),
        "predicted": list(predicted),
        "n_wrong": list(n_wrong),
    }


def int_of(key: str) -> int:
    return int(key.removeprefix("image"))


def test_each_network_has_its_entry_with_the_most_images() -> None:
    entries = made_sizes(lenet5={100: (0.5,), 900: (0.8,)}, vit={900: (0.9,), 100: (0.3,)})
    found = standing(entries)
    assert [(each.name, each.entry["label"]) for each in found] == [
        ("lenet5", "network=lenet5, train_size=900"),
        ("vit", "network=vit, train_size=900"),
    ]


def test_one_network_is_compared_with_nothing() -> None:
    assert standing(made_entries("a", "b")) == ()
    assert standing([]) == ()
    assert right_in_one(made_entries("a", "b")) == ()
    assert standing(made_entries("a", "b", settings=None)) == ()
    other = made_size("vit", 100, (0.5,), test_fingerprint="other images")
    assert standing([made_size("lenet5", 100, (0.5,)), other]) == ()
    unfinished = made_size("vit", 100, (), n=0)
    assert standing([made_size("lenet5", 100, (0.5,)), unfinished]) == ()


def test_what_a_selection_leaves_of_the_networks_keeps_what_it_was_asked() -> None:
    known = made_size("vit", 900, (0.5,), robustness=made_robustness(0.5))
    entries = [known, made_size("lenet5", 900, (0.5,)), made_size("vit", 100, (0.5,))]
    assert [each.name for each in asked_about_altered(entries)] == ["vit"]
    assert [each.name for each in asked_about_altered(entries[::2])] == [known["label"]]
    assert asked_about_altered(made_entries("a", "b")) == ()


def test_images_that_one_network_alone_gets_right_with_what_the_others_say() -> None:
    runs = (0.5, 0.5, 0.5)
    entries = [
        made_size("lenet5", 100, runs, image_errors=errors(image3=(1, 2, 3), image7=(0, 2, 1))),
        made_size(
            "vit",
            100,
            runs,
            image_errors=errors(image3=(1, 0, 1), image7=(0, 1, 2), image9=(2, 0, 3)),
        ),
    ]
    cnn, vit = right_in_one(entries)
    # Image 9 is right in all runs of the first; image 7 in two of three, and wrong in two of three.
    assert [(each.index, each.true, each.right_in, each.others) for each in cnn.images] == [
        (9, 2, 3, ((0, 3),)),
        (7, 0, 2, ((1, 2),)),
    ]
    assert cnn.always == 1
    assert [(each.index, each.true, each.right_in, each.others) for each in vit.images] == [
        (3, 1, 2, ((2, 3),))
    ]
    assert (vit.always, vit.network.name, [each.name for each in vit.others]) == (
        0,
        "vit",
        ["lenet5"],
    )
