"""What is wrong or doubtful about images that were inspected."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from seedbed.data.check.inspection import Inspected
from seedbed.data.check.near import near_duplicates

FEW: Final = 10
"""A class with fewer training images is doubtful."""
UNBALANCED: Final = 3
"""So is one with fewer than this fraction, 1 / UNBALANCED, of the largest class."""
PROBLEMS: Final = {
    "has transparent pixels": "transparent images (set background)",
    "is an animated image": "animated images",
    "has 16 bits per channel": "images with 16 bits per channel",
}
"""The reader's words for one image -> the kind of finding."""


@dataclass(frozen=True)
class Finding:
    """One kind of thing that is wrong or doubtful.

    Args:
        kind: In a few words that follow a number, for example ``"unreadable images"``.
        wrong: Whether it is wrong: images cannot be used, or results would be. Else it is doubtful.
        images: What it is about, most often images, by name; and a detail of each, or ``""``.
    """

    kind: str
    wrong: bool
    images: tuple[tuple[str, str], ...]


def findings(images: Sequence[Inspected]) -> list[Finding]:
    """Return all findings; those that are wrong come first."""
    every = [*_problems(images), *_duplicates(images), *_unlike(images), *_classes(images)]
    return sorted((item for item in every if item.images), key=lambda item: not item.wrong)


def _problems(images: Sequence[Inspected]) -> Iterator[Finding]:
    unreadable = [(image.name, image.problem) for image in images if image.unreadable]
    yield Finding("unreadable images", wrong=True, images=tuple(unreadable))
    kinds: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for image in images:
        if image.problem and not image.unreadable:
            kind = PROBLEMS.get(image.problem, "images of a kind that is not supported")
            kinds[kind].append((image.name, image.problem))
    for kind, names in kinds.items():
        yield Finding(kind, wrong=True, images=tuple(names))


def _duplicates(images: Sequence[Inspected]) -> Iterator[Finding]:
    groups: dict[str, list[Inspected]] = defaultdict(list)
    for image in images:
        if image.hash:
            groups[image.hash].append(image)
    labels, splits, copies = [], [], []
    for group in groups.values():
        if len(group) == 1:
            continue
        first = group[0]
        if len({image.label for image in group}) > 1:
            labels += [(image.name, _like(image, _unlike_label(group, image))) for image in group]
        if len({image.split for image in group}) > 1:
            splits += [
                (image.name, f"{image.split}, like {first.name} in {first.split}")
                for image in group
                if image.split != first.split
            ]
        copies += [(image.name, _like(image, first)) for image in group[1:]]
    yield Finding("duplicates with different labels", wrong=True, images=tuple(labels))
    yield Finding("images of one split that are in another, too", wrong=True, images=tuple(splits))
    yield Finding("exact duplicates", wrong=False, images=tuple(copies))
    yield from _near([group[0] for group in groups.values()])


def _unlike_label(group: Sequence[Inspected], image: Inspected) -> Inspected:
    return next(other for other in group if other.label != image.label)


def _like(image: Inspected, other: Inspected) -> str:
    if image.label == other.label:
        return f"like {other.name}"
    return f"{image.label}; {other.label} in {other.name}"


def _near(images: Sequence[Inspected]) -> Iterator[Finding]:
    """Return near duplicates among images of different contents."""
    if not images:
        return
    hashes = np.array([image.look for image in images], np.uint64)
    thumbnails = np.stack([i.thumbnail for i in images if i.thumbnail is not None])
    numbers = {split: number for number, split in enumerate({image.split for image in images})}
    splits = np.array([numbers[image.split] for image in images])
    for across, kind in (
        (True, "near duplicates of an image in another split"),
        (False, "near duplicates"),
    ):
        partners = near_duplicates(hashes, thumbnails, splits, across=across)
        yield Finding(
            kind,
            wrong=False,
            images=tuple(
                (images[second].name, _like(images[second], images[partners[second]]))
                for second in sorted(partners)
            ),
        )


def _unlike(images: Sequence[Inspected]) -> Iterator[Finding]:
    readable = [image for image in images if image.hash]
    for kind, facts in (
        ("images of another size than most (set resize)", [image.size for image in readable]),
        ("images of another format or color than most", [image.mode for image in readable]),
    ):
        if len(set(facts)) > 1:
            usual = Counter(facts).most_common(1)[0][0]
            yield Finding(
                kind,
                wrong=False,
                images=tuple(
                    (image.name, f"{fact}, most are {usual}")
                    for image, fact in zip(readable, facts, strict=True)
                    if fact != usual
                ),
            )


def _classes(images: Sequence[Inspected]) -> Iterator[Finding]:
    usable = [image for image in images if image.label and image.hash]
    counts = Counter(image.label for image in usable if image.split == "train")
    largest = max(counts.values(), default=0)
    yield Finding(
        f"classes with fewer than {FEW} training images",
        wrong=False,
        images=tuple((name, f"{count}") for name, count in counts.items() if count < FEW),
    )
    yield Finding(
        f"classes with less than 1/{UNBALANCED} of the images of the largest",
        wrong=False,
        images=tuple(
            (name, f"{count} of {largest}")
            for name, count in counts.items()
            if UNBALANCED * count < largest
        ),
    )
    for split in dict.fromkeys(image.split for image in images if image.split != "train"):
        names = {image.label for image in usable if image.split == split}
        yield Finding(
            f"classes without images in the {split} split",
            wrong=False,
            images=tuple((name, "") for name in counts if name not in names),
        )
