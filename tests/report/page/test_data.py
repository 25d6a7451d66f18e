"""What the scripts of a page read: the numbers of the summary, in fewer words."""

import json

import pytest

from made_entries import made_entries, made_entry
from seedbed.report.page.data import as_script, page_data, sprite_style
from seedbed.report.page.short_labels import ShortLabels
from seedbed.report.pictures.named_images import Pictures
from seedbed.report.pictures.sprite import Sprite

SPRITE = Sprite(b"picture", "image/webp", 2, 28, 14, {7: 1, 3: 0, 9: 2}, left_out=4)


@pytest.mark.parametrize("text", ["</script>", "<!--", "a & b", "\u2028\u2029", "運動"])
def test_nothing_in_a_script_can_end_it(text: str) -> None:
    written = as_script({"name": text})
    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written) == {"name": text}


NO_LABELS = ShortLabels(())


def test_numbers_that_json_lacks_are_refused() -> None:
    with pytest.raises(ValueError, match="not JSON"):
        as_script([float("nan")])


def test_configurations_of_one_test_set_share_its_classes() -> None:
    data = page_data(made_entries("a", "b"), Pictures(), {"errors": 1}, NO_LABELS)
    assert [each["set"] for each in data["configurations"]] == [0, 0]
    assert len(data["sets"]) == 1
    assert data["chosen"] == {"errors": 1}


def test_a_configuration_without_a_run_has_no_set() -> None:
    data = page_data([made_entry(runs=0)], Pictures(), {}, NO_LABELS)
    assert data["configurations"][0]["set"] is None
    assert data["sets"] == []


def test_where_the_images_lie() -> None:
    entry = made_entry()
    pictures = Pictures({entry["test_fingerprint"]: SPRITE}, {})
    (found,) = page_data([entry], pictures, {"errors": 0}, NO_LABELS)["sets"]
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
