"""The matrix of a page holds the numbers of the summary, in fewer words."""

import numpy as np

from made_entries import CLASSES, made_entry
from seedbed.analysis.part import PageMaterial
from seedbed.analysis.subjects.confusion.page import cell_images, matrices


def test_the_matrix_is_that_of_the_summary() -> None:
    entry = made_entry()
    (found,) = filter(None, matrices(PageMaterial([entry])) or [])
    counts = np.zeros(CLASSES**2)
    counts[found["cells"]] = found["counts"]
    images = counts.reshape(CLASSES, CLASSES)
    np.testing.assert_array_equal(images, np.sum(entry["confusion_counts"], axis=0))
    assert found["support"] == [each["support"] for each in entry["per_class"]]
    rates = images / (np.array(found["support"])[:, None] * entry["n"])
    np.testing.assert_allclose(rates, entry["confusion"], rtol=1e-12)
    deviations = np.zeros(CLASSES**2)
    deviations[found["cells"]] = found["deviations"]
    np.testing.assert_allclose(
        deviations.reshape(CLASSES, CLASSES), entry["confusion_std"], atol=1e-5
    )


def test_images_go_by_the_numbers_of_their_classes() -> None:
    entry = made_entry()
    (found,) = filter(None, matrices(PageMaterial([entry])) or [])
    assert len(found["images"]) == len(entry["confused_images"]) > 0
    for cell in entry["confused_images"]:
        true, predicted = map(entry["class_names"].index, (cell["true"], cell["predicted"]))
        index, probability, n_wrong = found["images"][f"{true},{predicted}"]
        assert (list(index), list(n_wrong)) == (cell["index"], cell["n_wrong"])
        np.testing.assert_allclose(probability, cell["probability"], atol=0.005)


def test_images_of_cells_need_a_click() -> None:
    entry = made_entry()
    found = list(cell_images([entry]))
    named = {index for cell in entry["confused_images"] for index in cell["index"]}
    assert {each.index for each in found} == named
    assert not any(each.at_once for each in found)
    assert all(0 < each.share <= 1 for each in found)


def test_without_a_finished_run_there_is_no_matrix() -> None:
    empty = made_entry(runs=0, confusion=None)
    assert matrices(PageMaterial([empty])) is None
    found = matrices(PageMaterial([empty, made_entry()])) or []
    assert [each is not None for each in found] == [False, True]
