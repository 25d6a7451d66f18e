"""Which test images one network gets right and every other gets wrong."""

from collections.abc import Iterator, Sequence
from typing import Any

from seedbed.analysis.base import Analysis
from seedbed.analysis.entry import Entry
from seedbed.analysis.part import PageMaterial, PagePart, ShownImage
from seedbed.analysis.representatives import first_test_set
from seedbed.display.sentence import counted, enumerated, quoted


def _sentences(entries: Sequence[Entry]) -> Iterator[str]:
    """Say how many images one network of a study alone gets right."""
    from seedbed.analysis.subjects.only_right.images import right_in_one

    networks = right_in_one(entries)
    if not networks:
        return
    images = networks[0].network.entry.header.test_images
    others = "the other" if len(networks) == 2 else "all others"
    parts = [
        f"{counted(len(only.images), 'image')} by {quoted(only.network.name)} ({only.always:,} "
        "where all of its runs are right and all other runs are wrong)"
        for only in networks
    ]
    yield (
        f"Of {images:,} test images, these are classified correctly by most runs of one network "
        f"and misclassified by most runs of {others}: {enumerated(parts)}. Equally good networks "
        "have such images too, by chance. Each network is represented by its configuration with "
        "the most training images and the least label noise."
    )
    yield from first_test_set(entries, networks[0].network.entry)


def _only_right(material: PageMaterial) -> Any:
    from seedbed.analysis.subjects.only_right.page import only_right

    return only_right(material)


def _images(entries: Sequence[Entry]) -> Iterator[ShownImage]:
    from seedbed.analysis.subjects.only_right.page import only_right_images

    return only_right_images(entries)


ANALYSIS: Analysis[Any] = Analysis(
    "only-right",
    topic="networks",
    sentences=_sentences,
    opens_page=False,
    parts=(
        PagePart(
            title="Right in one network only",
            template="only_right",
            data=_only_right,
            images=_images,
            folded=True,
        ),
    ),
    rank=80,
)
