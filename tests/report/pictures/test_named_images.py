"""Sprites of test images, and finding these images again."""

import base64
import shutil
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from made_entries import made_entry
from made_errors import NAMELESS
from seedbed.analysis.entry import Entry
from seedbed.analysis.summary.study import refresh_summary
from seedbed.data.images import ImageDataset
from seedbed.report.pictures.named_images import (
    FoundImages,
    find_test_images,
    make_pictures,
    named_images,
)
from seedbed.report.pictures.sprite import (
    BUDGET,
    LARGEST_TILE,
    MOST_PIXELS,
    DatasetTiles,
    Sprite,
    make_sprite,
)
from small import run_small, small_study, write_images


def noise_images(count: int, height: int, width: int, channels: int) -> ImageDataset:
    generator = np.random.Generator(np.random.Philox(5))
    images = generator.integers(0, 256, (count, height, width, channels)).astype(np.uint8)
    return ImageDataset(images, np.zeros(count, np.int64), ("zero", "one"))


def naming(*indices: int, n_wrong: int = 1, n: int = 3, **changes: Any) -> Entry:
    """Return an entry that names these images, as those of a cell of the confusion matrix."""
    cell = {
        "true": "zero",
        "predicted": "one",
        "index": list(indices),
        "name": [None] * len(indices),
        "probability": [0.9] * len(indices),
        "n_wrong": [n_wrong] * len(indices),
    }
    nothing = {
        "top_pairs": [],
        "merged_pairs": [],
        "hard_examples": {"images_by_n_wrong": [], "examples": []},
    }
    return made_entry(runs=n, **{**nothing, "confused_images": [cell], **changes})


def hard_examples(*indices: int, n_wrong: int) -> dict[str, Any]:
    of_all = {**NAMELESS, "true": "zero", "predicted": "one", "probability": 0.5, "loss": 1.0}
    examples = [{"index": index, "n_wrong": n_wrong, **of_all} for index in indices]
    return {"images_by_n_wrong": [], "examples": examples}


def sprite_of(entries: list[Entry], images: ImageDataset, budget: int = BUDGET) -> Sprite | None:
    return make_sprite(named_images(entries), DatasetTiles(images), budget=budget)


def tiles(sprite: Sprite) -> dict[int, NDArray[np.uint8]]:
    """Return the images of a sprite as a browser would cut them out."""
    with Image.open(BytesIO(sprite.data)) as file:
        assert file.size == sprite.size
        sheet = np.asarray(file.convert("RGB"))
    found = {}
    for index in sprite.places:
        position = sprite.position(index)
        assert position is not None
        x, y = position
        found[index] = sheet[y : y + sprite.tile_height, x : x + sprite.tile_width]
    return found


@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 3), (9, 20, 3), (1, 100, 1)])
def test_every_pixel_is_kept(shape: tuple[int, int, int]) -> None:
    images = noise_images(40, *shape)
    indices = [3, 39, 0, 17, 25, 6, 11]
    sprite = sprite_of([naming(*indices)], images)
    assert sprite is not None
    assert sorted(sprite.places) == sorted(indices)
    assert sprite.left_out == 0
    for index, tile in tiles(sprite).items():
        expected = np.broadcast_to(images.images[index], tile.shape)
        np.testing.assert_array_equal(tile, expected)


def test_the_address_holds_the_file() -> None:
    sprite = sprite_of([naming(1)], noise_images(3, 8, 8, 1))
    assert sprite is not None
    kind, _, text = sprite.data_url.partition(",")
    assert kind == f"data:{sprite.media_type};base64"
    assert base64.b64decode(text) == sprite.data
    assert sprite.position(0) is None


def test_images_of_all_entries_and_tables_are_there_once() -> None:
    images = [{"index": index, **NAMELESS, "n_wrong": 2, "probability": 0.5} for index in (4, 7)]
    pair = {"true": "zero", "predicted": "one", "rate": 0.1, "images": images}
    first = naming(1, 4, top_pairs=[pair], hard_examples=hard_examples(9, n_wrong=3))
    second = naming(4, 5)
    sprite = sprite_of([first, second], noise_images(10, 8, 8, 3))
    assert sprite is not None
    assert sorted(sprite.places) == [1, 4, 5, 7, 9]
    assert sorted(sprite.places.values()) == list(range(5))


def test_without_errors_there_is_no_sprite() -> None:
    assert sprite_of([naming()], noise_images(3, 8, 8, 1)) is None
    unfinished = naming(confused_images=None, top_pairs=None, merged_pairs=None, hard_examples=None)
    assert sprite_of([unfinished], noise_images(3, 8, 8, 1)) is None


def test_the_budget_is_kept_and_the_least_wrong_are_left_out() -> None:
    images = noise_images(300, 16, 16, 3)
    often, seldom = range(100, 200), [*range(100), *range(200, 300)]
    entries = [naming(*seldom, n_wrong=1), naming(*often, n_wrong=3)]
    everything = sprite_of(entries, images)
    assert everything is not None
    assert everything.left_out == 0
    budget = len(everything.data) // 2
    sprite = sprite_of(entries, images, budget=budget)
    assert sprite is not None
    assert 0.9 * budget < len(sprite.data) <= budget
    assert sprite.left_out == 300 - len(sprite.places)
    assert set(often) < set(sprite.places)
    for index, tile in tiles(sprite).items():
        np.testing.assert_array_equal(tile, images.images[index])


def test_what_is_shown_without_a_click_stays_longest() -> None:
    hard = hard_examples(*range(10), n_wrong=1)
    entry = naming(*range(10, 50), n_wrong=3, hard_examples=hard)
    sprite = sprite_of([entry], noise_images(50, 16, 16, 3), budget=12_000)
    assert sprite is not None
    assert 10 < len(sprite.places) < 50
    assert set(range(10)) < set(sprite.places)


def test_of_a_cell_the_first_images_stay_longest() -> None:
    cells = [
        naming(*range(10), n_wrong=2)["confused_images"][0],
        naming(*range(10, 20), n_wrong=2)["confused_images"][0],
    ]
    entry = naming(confused_images=cells)
    sprite = sprite_of([entry], noise_images(20, 16, 16, 3), budget=8_300)
    assert sprite is not None
    kept = sorted(sprite.places)
    half = len(kept) // 2
    assert kept == [*range(len(kept) - half), *range(10, 10 + half)]


def test_one_image_stays_however_small_the_budget() -> None:
    sprite = sprite_of([naming(*range(5))], noise_images(5, 16, 16, 3), budget=1)
    assert sprite is not None
    assert (len(sprite.places), sprite.left_out) == (1, 4)


def test_large_images_are_reduced() -> None:
    flat = np.full((4, 300, 200, 3), 90, np.uint8)
    images = ImageDataset(flat, np.zeros(4, np.int64), ("zero", "one"))
    sprite = sprite_of([naming(0, 2)], images)
    assert sprite is not None
    assert (sprite.tile_width, sprite.tile_height) == (
        round(200 * LARGEST_TILE / 300),
        LARGEST_TILE,
    )
    for tile in tiles(sprite).values():
        np.testing.assert_allclose(tile, 90, atol=3)


def test_a_sprite_is_never_too_large_for_a_phone() -> None:
    black = np.zeros((2000, 112, 112, 1), np.uint8)
    images = ImageDataset(black, np.zeros(2000, np.int64), ("zero", "one"))
    sprite = sprite_of([naming(*range(2000))], images)
    assert sprite is not None
    assert sprite.left_out > 0
    width, height = sprite.size
    assert width * height <= 1.1 * MOST_PIXELS


def test_test_sets_share_the_budget() -> None:
    entries = [
        naming(*range(5), test_fingerprint="small"),
        naming(*range(300), test_fingerprint="large"),
        naming(*range(10), test_fingerprint="gone"),
    ]
    images = FoundImages(
        {"small": noise_images(5, 8, 8, 1), "large": noise_images(300, 16, 16, 3)},
        {"gone": "it is gone"},
    )
    pictures = make_pictures(entries, images, budget=100_000)
    assert pictures.missing == {"gone": "it is gone"}
    small, large = pictures.of(entries[0]), pictures.of(entries[1])
    assert small is not None
    assert large is not None
    assert pictures.of(entries[2]) is None
    assert small.left_out == 0
    assert large.left_out > 0
    assert 90_000 < len(small.data) + len(large.data) <= 100_000


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return run_small(small_study(tmp_path / "data", epochs=1), tmp_path / "study").folder


def errors_in(study: Path) -> list[Entry]:
    """Return the summary of a study, as if some images had been confused."""
    found = refresh_summary(study)
    return [
        naming(
            1, 5, **{key: each[key] for key in ("test_fingerprint", "configuration", "provenance")}
        )
        for each in found
    ]


def images_of(path: Path) -> NDArray[np.uint8]:
    with np.load(path) as arrays:
        found: NDArray[np.uint8] = arrays["test_images"]
        return found


def test_the_images_of_a_study_are_found(study: Path, tmp_path: Path) -> None:
    entries = errors_in(study)
    found = find_test_images(study, entries)
    assert found.missing == {}
    (images,) = found.splits.values()
    np.testing.assert_array_equal(images.images, images_of(tmp_path / "data" / "images.npz"))


def test_they_are_resized_as_training_saw_them(tmp_path: Path) -> None:
    data = write_images(tmp_path / "data")
    spec = small_study(tmp_path / "data", epochs=1, settings=["dataset.resize=12"])
    study = run_small(spec, tmp_path / "study").folder
    found = find_test_images(study, errors_in(study))
    (images,) = found.splits.values()
    assert images.image_shape == (12, 12, 1)
    assert images_of(data).shape[1:] == (8, 8, 1)


def test_a_dataset_that_is_gone_is_named(study: Path, tmp_path: Path) -> None:
    entries = errors_in(study)
    shutil.rmtree(tmp_path / "data")
    found = find_test_images(study, entries)
    assert found.splits == {}
    (why,) = found.missing.values()
    assert str(tmp_path / "data" / "images.npz") in why
    assert "\n" not in why


def test_other_images_in_its_place_are_refused(study: Path, tmp_path: Path) -> None:
    entries = errors_in(study)
    write_images(tmp_path / "data", count=90)
    found = find_test_images(study, entries)
    assert found.splits == {}
    (why,) = found.missing.values()
    assert why.endswith("the images have changed since the study was trained")


def test_what_is_in_memory_is_not_read_again(study: Path, tmp_path: Path) -> None:
    from seedbed.study.loaded import LoadedStudy
    from seedbed.study.store.study import StudyStore

    entries = errors_in(study)
    known = LoadedStudy.load(StudyStore(study).read_study()).datasets
    shutil.rmtree(tmp_path / "data")
    found = find_test_images(study, entries, known=known)
    assert found.missing == {}
    assert list(found.splits) == [entries[0]["test_fingerprint"]]


def test_nothing_is_read_where_no_image_is_named(tmp_path: Path) -> None:
    found = find_test_images(tmp_path / "nowhere", [naming()])
    assert (found.splits, found.missing) == ({}, {})


def test_predictions_from_elsewhere_have_no_images(tmp_path: Path) -> None:
    found = find_test_images(tmp_path, [naming(1, test_fingerprint="theirs")])
    assert found.missing == {"theirs": "external predictions come without images"}


def test_a_dataset_is_found_where_the_study_found_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the variable that named the folder is not set any more."""
    from seedbed.data.catalog import load_dataset
    from seedbed.data.published import PUBLISHED
    from seedbed.study.spec.reader import parse_study

    write_images(tmp_path / "root" / PUBLISHED["mnist"].locations[0])
    monkeypatch.setattr("seedbed.data.catalog.cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setenv("SEEDBED_DATA", str(tmp_path / "root"))
    dataset = load_dataset("mnist", download=False)
    spec = parse_study(
        'name = "mine"\ndataset = "mnist"\nnetwork = "lenet5"\nseeds = 1\n'
        "[recipe]\nepochs = 1\nbatch_size = 16\n",
        "mine.toml",
    )
    study = run_small(spec, tmp_path / "study").folder
    entries = errors_in(study)
    monkeypatch.delenv("SEEDBED_DATA")
    found = find_test_images(study, entries)
    assert found.missing == {}
    (images,) = found.splits.values()
    np.testing.assert_array_equal(images.images, dataset.test.images)

    shutil.rmtree(tmp_path / "root")
    (why,) = find_test_images(study, entries).missing.values()
    assert why == "mnist: is not on this machine (run: seedbed data download mnist)"


def test_what_either_has_found_counts() -> None:
    images = noise_images(3, 8, 8, 1)
    both = FoundImages({"a": images}, {"b": "gone"}) | FoundImages({"b": images}, {"c": "gone"})
    assert set(both.splits) == {"a", "b"}
    assert both.missing == {"c": "gone"}
