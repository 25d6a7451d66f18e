"""The confused pairs of a page."""

from made_entries import made_entry
from seedbed.analysis.part import PageMaterial
from seedbed.analysis.subjects.pairs.page import confused_pairs, pair_images


def test_pairs_go_by_the_numbers_of_their_classes() -> None:
    entry = made_entry()
    (found,) = filter(None, confused_pairs(PageMaterial([entry])) or [])
    for pair, made in zip(entry["top_pairs"], found, strict=True):
        assert entry["class_names"][made["true"]] == pair["true"]
        assert entry["class_names"][made["predicted"]] == pair["predicted"]
        assert made["images"][0] == [image["index"] for image in pair["images"]]


def test_the_first_image_of_each_pair_is_the_most_telling() -> None:
    entry = made_entry()
    found = list(pair_images([entry]))
    first = [pair["images"][0]["index"] for pair in entry["top_pairs"]]
    assert [each.index for each in found if each.place == 0] == first
    assert all(each.at_once for each in found)


def test_a_page_without_an_error_says_so_and_one_without_a_run_does_not() -> None:
    right = made_entry(top_pairs=[], merged_pairs=[], confused_images=[])
    assert confused_pairs(PageMaterial([right])) == [[]]
    assert confused_pairs(PageMaterial([made_entry(runs=0, top_pairs=None)])) is None
