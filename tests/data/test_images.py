"""The image dataset against NumPy, and what it rejects."""

import hashlib
import time
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from seedbed.core.errors import DataError
from seedbed.data.images import DatasetSplits, ImageDataset, Normalization, describe_shape
from sentences import Sentence


def make(count: int = 6, height: int = 4, width: int = 5, channels: int = 3) -> ImageDataset:
    generator = np.random.default_rng(1)
    images = generator.integers(0, 256, (count, height, width, channels), np.uint8)
    return ImageDataset(images, np.arange(count) % 2, ("cat", "dog"))


def test_it_knows_its_shape_and_counts() -> None:
    dataset = make()
    assert len(dataset) == 6
    assert dataset.image_shape == (4, 5, 3)
    assert dataset.class_counts.tolist() == [3, 3]


def test_the_arrays_are_read_only_and_the_callers_stay_writable() -> None:
    images, labels = np.zeros((2, 3, 3, 1), np.uint8), np.zeros(2, np.int64)
    groups = np.array(["x", "y"])
    dataset = ImageDataset(images, labels, ("a",), groups=groups)
    assert dataset.groups is not None
    for array in (dataset.images, dataset.labels, dataset.names, dataset.groups):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = array[1]
    images[0] = 1
    labels[0] = 0
    groups[0] = "y"


def test_the_fingerprint_depends_on_everything_it_stands_for() -> None:
    dataset = make()
    changed = dataset.images.copy()
    changed[5, 3, 4, 2] ^= 1
    labels = dataset.labels.copy()
    labels[0] = 1
    wide = dataset.images.reshape(6, 5, 4, 3)
    others = [
        ImageDataset(changed, dataset.labels, dataset.class_names),
        ImageDataset(dataset.images, labels, dataset.class_names),
        ImageDataset(dataset.images, dataset.labels, ("cat", "wolf")),
        ImageDataset(wide, dataset.labels, dataset.class_names),
    ]
    same = ImageDataset(dataset.images.copy(), dataset.labels.copy(), dataset.class_names)
    assert same.fingerprint == dataset.fingerprint
    assert len({dataset.fingerprint, *(other.fingerprint for other in others)}) == 5


def test_labels_may_be_a_slice() -> None:
    dataset = make()
    table = np.stack([dataset.labels, dataset.labels], axis=1)
    sliced = ImageDataset(dataset.images, table[:, 0], dataset.class_names)
    assert sliced.labels.flags.c_contiguous
    assert sliced.fingerprint == dataset.fingerprint


def test_the_fingerprint_is_the_documented_sha256() -> None:
    dataset = make(count=2, height=1, width=1, channels=1)
    expected = hashlib.sha256(
        b'[[2, 1, 1, 1], ["cat", "dog"]]\n'
        + (0).to_bytes(8, "little")
        + (1).to_bytes(8, "little")
        + dataset.images.tobytes()
    )
    assert dataset.fingerprint == expected.hexdigest()


def test_any_class_name_can_be_fingerprinted() -> None:
    images, labels = np.zeros((1, 1, 1, 1), np.uint8), np.zeros(1, np.int64)
    assert len(ImageDataset(images, labels, ("\x7f 猫",)).fingerprint) == 64


def test_a_class_name_that_is_not_unicode_text_is_rejected() -> None:
    images, labels = np.zeros((1, 1, 1, 1), np.uint8), np.zeros(1, np.int64)
    with pytest.raises(DataError) as error:
        ImageDataset(images, labels, ("caf\udce9",))
    assert repr("caf\udce9") in error.value.what
    assert error.value.hint


@pytest.mark.parametrize("channels", [1, 3])
def test_the_normalization_is_numpys_mean_and_std(channels: int) -> None:
    dataset = make(count=1500, channels=channels)
    normalization = dataset.normalization()
    pixels = dataset.images / 255
    np.testing.assert_allclose(normalization.mean, pixels.mean(axis=(0, 1, 2)), rtol=1e-12)
    np.testing.assert_allclose(normalization.std, pixels.std(axis=(0, 1, 2)), rtol=1e-12)
    applied = normalization.apply(dataset.images)
    assert applied.dtype == np.float32
    expected = (pixels - normalization.mean) / normalization.std
    np.testing.assert_allclose(applied, expected, atol=2e-6)


def test_a_constant_channel_can_be_normalized() -> None:
    images = np.full((3, 2, 2, 1), 77, np.uint8)
    normalization = ImageDataset(images, np.zeros(3, np.int64), ("a",)).normalization()
    assert normalization.std == (1.0,)
    np.testing.assert_allclose(normalization.apply(images), 0, atol=1e-7)


@pytest.mark.parametrize(
    ("mean", "std"), [((0.5,), (0.0,)), ((0.5,), (-1.0,)), ((0.5, 0.5), (1.0,))]
)
def test_an_invalid_normalization_is_rejected(
    mean: tuple[float, ...], std: tuple[float, ...]
) -> None:
    with pytest.raises(DataError) as error:
        Normalization(mean, std)
    assert str(mean) in error.value.what
    assert str(std) in error.value.what


def test_a_normalization_for_other_channels_is_rejected(sentence: Sentence) -> None:
    with pytest.raises(DataError) as error:
        Normalization((0.0,) * 3, (1.0,) * 3).apply(np.zeros((1, 2, 2, 1), np.uint8))
    sentence(error.value)


IMAGES = np.zeros((2, 3, 3, 1), np.uint8)
LABELS = np.zeros(2, np.int64)


INVALID: dict[str, tuple[Any, Any, Any]] = {
    "float images": (IMAGES.astype(float), LABELS, ("a",)),
    "a list of images": (IMAGES.tolist(), LABELS, ("a",)),
    "three dimensions": (IMAGES[..., 0], LABELS, ("a",)),
    "four channels": (np.zeros((2, 3, 3, 4), np.uint8), LABELS, ("a",)),
    "no images": (IMAGES[:0], LABELS[:0], ("a",)),
    "no rows": (np.zeros((2, 0, 3, 1), np.uint8), LABELS, ("a",)),
    "not contiguous": (np.zeros((2, 6, 3, 1), np.uint8)[:, ::2], LABELS, ("a",)),
    "too few labels": (IMAGES, LABELS[:1], ("a",)),
    "int32 labels": (IMAGES, LABELS.astype(np.int32), ("a",)),
    "label too large": (IMAGES, np.array([0, 3]), ("a", "b")),
    "negative label": (IMAGES, np.array([-1, 0]), ("a",)),
    "no classes": (IMAGES, LABELS, ()),
    "equal names": (IMAGES, LABELS, ("a", "a")),
    "a list of names": (IMAGES, LABELS, ["a"]),
}


@pytest.mark.parametrize(("images", "labels", "class_names"), INVALID.values(), ids=INVALID)
def test_invalid_arrays_are_rejected(
    images: Any, labels: Any, class_names: Any, sentence: Sentence
) -> None:
    with pytest.raises(DataError) as error:
        ImageDataset(images, labels, class_names)
    sentence(error.value)


def test_splits_share_classes_and_size() -> None:
    train, test = make(), make(count=4)
    splits = DatasetSplits("pets", {"test": test, "train": train})
    assert list(splits.splits) == ["train", "test"]
    assert (splits.train, splits.test) == (train, test)
    assert splits.class_names == ("cat", "dog")
    assert splits.image_shape == (4, 5, 3)
    assert splits.title == "pets"


def test_the_fingerprint_says_which_split_is_which() -> None:
    one, other = make(), make(count=4)
    datasets = [
        DatasetSplits("pets", {"train": one, "test": other}),
        DatasetSplits("pets", {"train": other, "test": one}),
        DatasetSplits("pets", {"train": one, "validation": other}),
        DatasetSplits("pets", {"train": one, "validation": other, "test": other}),
        DatasetSplits("pets", {"train": one}),
    ]
    assert len({dataset.fingerprint for dataset in datasets}) == len(datasets)
    again = DatasetSplits("cats", {"test": other, "train": one})
    assert again.fingerprint == datasets[0].fingerprint


def test_a_dataset_may_have_no_test_split() -> None:
    splits = DatasetSplits("pets", {"train": make()})
    assert "test" not in splits.splits
    with pytest.raises(DataError) as error:
        _ = splits.test
    assert error.value.where == "pets"


@pytest.mark.parametrize("names", [(), ("test",), ("train", "dev")])
def test_splits_with_other_names_are_rejected(names: tuple[str, ...]) -> None:
    with pytest.raises(DataError) as error:
        DatasetSplits("pets", dict.fromkeys(names, make()))
    assert error.value.where == "pets"
    assert (", ".join(names) or "none") in error.value.what
    assert error.value.expected.startswith("train,")


def test_the_title_marks_a_modified_copy() -> None:
    splits = DatasetSplits("cifar10", {"train": make(), "test": make()}, modified="JPEG copy")
    assert splits.title == "cifar10 (modified: JPEG copy)"


def renamed(*class_names: str) -> ImageDataset:
    return ImageDataset(make().images, make().labels, class_names)


WRONG_SPLITS: dict[str, dict[str, ImageDataset]] = {
    "no training split": {"test": make()},
    "other sizes": {"train": make(), "test": make(width=6)},
    "other classes": {"train": make(), "test": renamed("dog", "cat")},
}


@pytest.mark.parametrize("splits", WRONG_SPLITS.values(), ids=WRONG_SPLITS)
def test_splits_that_do_not_fit_are_rejected(
    splits: dict[str, ImageDataset], sentence: Sentence
) -> None:
    with pytest.raises(DataError) as error:
        DatasetSplits("pets", splits)
    assert error.value.where == "pets"
    sentence(error.value)


def test_it_shows_itself_in_a_few_lines() -> None:
    images = make()
    names = tuple(f"class\n{number}" for number in range(20))
    many = DatasetSplits("many", {"train": ImageDataset(images.images, images.labels, names)})
    shown = repr(many)
    assert len(shown.splitlines()) <= 4
    assert "6 train images" in shown
    assert "4×5 RGB" in shown
    assert "20 classes: class\\x0a0, " in shown
    assert "class\\x0a12" not in shown
    assert "array" not in shown + repr(images)


def test_a_shape_in_words() -> None:
    assert describe_shape((28, 30, 1)) == "28×30 gray"


def test_images_have_names_and_content_hashes() -> None:
    images = np.arange(24, dtype=np.uint8).reshape(2, 2, 2, 3)
    labels = np.zeros(2, np.int64)
    numbered = ImageDataset(images, labels, ("a",))
    assert numbered.names.tolist() == ["0", "1"]
    named = ImageDataset(images, labels, ("a",), np.array(["a/x.png", "a/y.png"]))
    assert named.names.tolist() == ["a/x.png", "a/y.png"]
    assert named.fingerprint == numbered.fingerprint
    assert named.hashes.tolist() == numbered.hashes.tolist()
    expected = hashlib.blake2b(b"[2, 2, 3]" + bytes(range(12)), digest_size=16).hexdigest()
    assert named.hashes[0] == expected
    # The same bytes in another shape are another image.
    flat = ImageDataset(images.reshape(2, 1, 4, 3), labels, ("a",))
    assert not set(flat.hashes) & set(named.hashes)


@pytest.mark.parametrize(
    ("names", "what"),
    [
        (np.array(["a", "a"]), "two images have the name 'a'"),
        (np.array(["a"]), "1 names for 2 images"),
        (np.array([1, 2]), "image names are int64 of shape (2,)"),
    ],
)
def test_names_that_do_not_fit_are_rejected(names: NDArray[Any], what: str) -> None:
    with pytest.raises(DataError) as error:
        ImageDataset(np.zeros((2, 1, 1, 1), np.uint8), np.zeros(2, np.int64), ("a",), names)
    assert error.value.what == what


@pytest.mark.parametrize(
    ("groups", "what"),
    [
        (["x", "y"], "image groups are ['x', 'y']"),
        (np.array([["x"], ["y"]]), "image groups are <U1 of shape (2, 1)"),
        (np.array(["x"]), "1 groups for 2 images"),
    ],
)
def test_groups_that_do_not_fit_are_rejected(groups: Any, what: str) -> None:
    with pytest.raises(DataError) as error:
        ImageDataset(IMAGES, LABELS, ("a",), groups=groups)
    assert error.value.what == what
    assert error.value.expected


def test_many_class_names_are_checked_at_once() -> None:
    names = tuple(map(str, range(200_000)))
    images, labels = np.zeros((1, 2, 2, 1), np.uint8), np.zeros(1, np.int64)
    started = time.perf_counter()
    assert len(ImageDataset(images, labels, names).class_names) == len(names)
    assert time.perf_counter() - started < 5
