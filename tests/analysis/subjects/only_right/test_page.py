"""The images that one network alone gets right, as a page shows them."""

from made_entries import made_entries
from made_errors import image_errors
from made_networks import made_size
from seedbed.analysis.part import PageMaterial
from seedbed.analysis.subjects.only_right.page import only_right, only_right_images

RUNS = (0.5, 0.6, 0.7)


def test_a_page_has_the_images_of_each_network_and_what_the_others_predict() -> None:
    wrong = image_errors([4, 9], [1, 0], [2, 1], [3, 1])
    entries = [
        made_size("lenet5", 100, RUNS, image_errors=image_errors()),
        made_size("vit", 100, RUNS, image_errors=wrong),
    ]
    first, second = only_right(PageMaterial(entries)) or []
    assert first == {
        "place": 0,
        "name": "lenet5",
        "n": 3,
        "others": [{"name": "vit", "n": 3}],
        "total": 1,
        "images": [[4, 1, 3, ((2, 3),)]],
    }
    assert (second["place"], second["images"]) == (1, [])
    assert [each.index for each in only_right_images(entries)] == [4]


def test_one_network_has_nothing_to_be_compared_with() -> None:
    assert only_right(PageMaterial(made_entries("a", "b"))) is None
