"""What the scripts of a page read: the numbers of the summary, in fewer words."""

import json

import numpy as np
import pytest

from made_entries import CLASSES, made_entries, made_entry
from seedbed.report.page.data import as_script, page_data, sprite_style
from seedbed.report.pictures.named_images import Pictures, Sprite

SPRITE = Sprite(b"picture", "image/webp", 2, 28, 14, {7: 1, 3: 0, 9: 2}, left_out=4)


@pytest.mark.parametrize("text", ["</script>", "<!--", "a & b", "\u2028\u2029", "運動"])
def test_nothing_in_a_script_can_end_it(text: str) -> None:
    written = as_script({"name": text})
    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written) == {"name": text}


def test_numbers_that_json_lacks_are_refused() -> None:
    with pytest.raises(ValueError, match="not JSON"):
        as_script([float("nan")])


def test_the_matrix_is_that_of_the_summary() -> None:
    entry = made_entry()
    (found,) = page_data([entry], Pictures(), 0)["configurations"]
    counts = np.zeros(CLASSES**2)
    counts[found["cells"]] = found["counts"]
    np.testing.assert_array_equal(
        counts.reshape(CLASSES, CLASSES), np.sum(entry["confusion_counts"], axis=0)
    )
    (test_fingerprint,) = page_data([entry], Pictures(), 0)["sets"]
    rates = counts.reshape(CLASSES, CLASSES) / (
        np.array(test_fingerprint["support"])[:, None] * found["n"]
    )
    np.testing.assert_allclose(rates, entry["confusion"], rtol=1e-12)
    deviations = np.zeros(CLASSES**2)
    deviations[found["cells"]] = found["deviations"]
    np.testing.assert_allclose(
        deviations.reshape(CLASSES, CLASSES), entry["confusion_std"], atol=1e-5
    )


def test_images_go_by_the_numbers_of_their_classes() -> None:
    entry = made_entry()
    (found,) = page_data([entry], Pictures(), 0)["configurations"]
    assert len(found["images"]) == len(entry["confused_images"]) > 0
    for cell in entry["confused_images"]:
        true, predicted = map(entry["class_names"].index, (cell["true"], cell["predicted"]))
        index, probability, n_wrong = found["images"][f"{true},{predicted}"]
        assert (index, n_wrong) == (cell["index"], cell["n_wrong"])
        np.testing.assert_allclose(probability, cell["probability"], atol=1e-4)
    for pair, made in zip(entry["top_pairs"], found["pairs"], strict=True):
        assert entry["class_names"][made["true"]] == pair["true"]
        assert made["images"][0] == [image["index"] for image in pair["images"]]
    assert [each[0] for each in found["hard"]] == [
        each["index"] for each in entry["hard_examples"]["examples"]
    ]


def test_configurations_of_one_test_set_share_its_classes() -> None:
    data = page_data(made_entries("a", "b"), Pictures(), 1)
    assert [each["set"] for each in data["configurations"]] == [0, 0]
    assert len(data["sets"]) == 1
    assert data["best"] == 1


def test_a_configuration_without_a_run_has_no_set() -> None:
    data = page_data([made_entry(runs=0, confusion=None)], Pictures(), None)
    assert data["configurations"][0]["set"] is None
    assert data["sets"] == []


def test_where_the_images_lie() -> None:
    entry = made_entry()
    pictures = Pictures({entry["test_fingerprint"]: SPRITE}, {})
    (found,) = page_data([entry], pictures, 0)["sets"]
    assert found["sprite"] == {
        "number": 0,
        "columns": 2,
        "rows": 2,
        "width": 28,
        "height": 14,
        "indices": [3, 7, 9],
        "leftOut": 4,
    }
    assert found["missing"] is None
    assert sprite_style(pictures) == (
        ".sprite-0 { background-image: url(data:image/webp;base64,cGljdHVyZQ==); }"
    )


def test_the_charts_of_noise_begin_with_the_most() -> None:
    made = [made_entry(str(rate)) for rate in (0.2, 0.6, 0.4)]
    for each in made:
        each["noise"] = {**each["noise"], "rate": float(each["label"])}
    assert page_data(made, Pictures(), 0)["noisiest"] == 1
    made[1]["n"] = 0
    assert page_data(made, Pictures(), 0)["noisiest"] == 2
