"""The facts are complete and consistent, and contents are recognized in any format."""

import hashlib
import re
from dataclasses import replace
from pathlib import PurePath

import numpy as np
import pytest

from seedbed.data.images import ImageDataset
from seedbed.data.published import PUBLISHED, Published
from seedbed.data.readers.cifar import COARSE_LABELS
from seedbed.data.readers.contents import Contents

REMOTE = [
    dataset for dataset in PUBLISHED.values() if dataset.alternatives and not dataset.homepage
]
MEDICAL = [dataset for dataset in PUBLISHED.values() if dataset.homepage]


@pytest.mark.parametrize("published", REMOTE, ids=lambda published: str(published.name))
def test_every_file_has_mirrors_and_a_checksum(published: Published) -> None:
    for files in published.alternatives:
        for file in files:
            assert len(file.urls) >= 3
            assert len(set(file.urls)) == len(file.urls)
            assert all(re.match(r"https?://[^/]+/.*" + file.name, url) for url in file.urls)
            assert re.fullmatch(r"[0-9a-f]{64}", file.digest.value)
            assert file.digest.algorithm == "sha256"
            assert file.size > 1000
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in published.contents)


@pytest.mark.parametrize("published", REMOTE, ids=lambda published: str(published.name))
def test_mirrors_with_https_come_first(published: Published) -> None:
    for file in (file for files in published.alternatives for file in files):
        secure = [url.startswith("https://") for url in file.urls]
        assert secure[0]
        assert secure == sorted(secure, reverse=True)


@pytest.mark.parametrize("published", MEDICAL, ids=lambda published: str(published.name))
def test_the_sets_of_medmnist_have_a_checksum_and_three_splits(published: Published) -> None:
    ((file,),) = published.alternatives
    assert re.fullmatch(r"[0-9a-f]{32}", file.digest.value)
    assert (file.digest.algorithm, file.urls) == ("md5", ())
    assert published.locations[0] == f"medmnist/{published.name}.npz"
    assert len(published.images) == 3
    assert len(set(published.classes)) == len(published.classes) > 1
    assert published.homepage.startswith("https://")


def test_inner_folders_come_first_even_if_the_file_system_ignores_case() -> None:
    for published in PUBLISHED.values():
        locations = [PurePath(location.lower()) for location in published.locations]
        for number, location in enumerate(locations):
            assert not any(location in later.parents for later in locations[number:])


def test_the_superclasses_of_cifar100_have_five_classes_each() -> None:
    coarse = np.array(COARSE_LABELS.split(), int)
    assert np.bincount(coarse).tolist() == [5] * 20
    names = PUBLISHED["cifar100"].classes
    assert list(names) == sorted(names)
    large_carnivores = [name for name, label in zip(names, coarse, strict=True) if label == 8]
    assert large_carnivores == ["bear", "leopard", "lion", "tiger", "wolf"]


def random_contents(classes: int, *, count: int = 100) -> Contents:
    generator = np.random.default_rng(0)
    train, test = (
        ImageDataset(
            generator.integers(0, 256, (size, 32, 32, 3), np.uint8),
            np.arange(size) % classes,
            tuple(map(str, range(classes))),
        )
        for size in (5 * count, count)
    )
    return Contents(train, test)


@pytest.mark.parametrize("name", ["cifar10", "cifar100"])
def test_cifar_is_recognized_by_the_bytes_of_its_binary_version(name: str) -> None:
    classes = len(PUBLISHED[name].classes)
    contents = random_contents(classes)
    assert contents.test is not None
    coarse = np.array(COARSE_LABELS.split(), np.uint8)

    def digest(dataset: ImageDataset) -> str:
        lines = []
        for image, label in zip(dataset.images, dataset.labels, strict=True):
            labels = [label] if classes == 10 else [coarse[label], label]
            planes = [image[:, :, channel].tobytes() for channel in range(3)]
            lines.append(bytes(labels) + b"".join(planes))
        return hashlib.sha256(b"".join(lines)).hexdigest()

    def part(start: int, stop: int) -> ImageDataset:
        train = contents.train
        return ImageDataset(train.images[start:stop], train.labels[start:stop], train.class_names)

    parts = [part(n, n + 100) for n in range(0, 500, 100)] if classes == 10 else [contents.train]
    digests = tuple(digest(split) for split in (*parts, contents.test))
    fake = replace(PUBLISHED[name], images=(500, 100), contents=digests)
    assert fake.has_contents(contents)
    assert not replace(fake, contents=(*digests[:-1], "0" * 64)).has_contents(contents)
    assert not replace(fake, images=(500, 101)).has_contents(contents)
    assert not fake.has_contents(Contents(contents.train, None))
    assert not PUBLISHED["mnist"].has_contents(contents)


def test_labels_beyond_the_published_classes_are_not_the_published_ones() -> None:
    fake = replace(PUBLISHED["cifar10"], images=(500, 100))
    assert not fake.has_contents(random_contents(20))
