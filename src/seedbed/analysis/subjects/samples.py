"""What the images of a dataset look like: some test images of each class."""

from typing import TYPE_CHECKING, Any, Final

from seedbed.analysis.base import Analysis, PictureView
from seedbed.analysis.part import PageMaterial, PagePart

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from seedbed.display.pictures.drawing import Picture
    from seedbed.display.pictures.panel import Panel

IMAGES: Final = 8
"""Of each class, the first of the test split."""
PAGE_CENTIMETERS: Final = 12.0
MOST_CLASSES: Final = 20


def _draw(material: PageMaterial) -> "Sequence[Picture]":
    from seedbed.analysis.subjects.image_errors.tiles import one_by_one

    shown: set[str] = set()
    panels: list[Picture] = []
    sets = {entry.header.test_fingerprint for entry in material.entries if entry.header.n}
    for one in one_by_one(material):
        key = one.entries[0].header.test_fingerprint
        if key not in shown:
            shown.add(key)
            panels += _panel(one, several=len(sets) > 1)
    return panels


def _shown(material: PageMaterial) -> Any:
    from seedbed.display.pictures.drawing import shown_on_page

    return shown_on_page(_draw(material), PAGE_CENTIMETERS) or None


def _panel(material: PageMaterial, *, several: bool) -> "Iterator[Panel]":
    from seedbed.analysis.subjects.image_errors.tiles import known_pixels
    from seedbed.display.pictures.panel import Panel, Row, Tile

    (entry,) = material.entries
    names = (entry.header.class_names or ())[:MOST_CLASSES]
    chosen = _hashes(material, len(names))
    pixels = known_pixels(material, [of for row in chosen for of in row])
    rows = [
        Row([Tile(pixels[of]) for of in row if of in pixels], name)
        for name, row in zip(names, chosen, strict=True)
    ]
    rows = [row for row in rows if row.tiles]
    if rows:
        name = entry.header.dataset_name
        cut = len(entry.header.class_names or ()) - len(names)
        yield Panel(
            f"Images of {name}",
            f"The first test images of each class{f'; {cut} more classes' if cut else ''}.",
            rows,
            name if several else "",
            columns=IMAGES,
            beside=True,
        )


def _hashes(material: PageMaterial, classes: int) -> list[list[str]]:
    """Return the content hashes of the first test images of each class."""
    import numpy as np

    from seedbed.core.errors import StoreError
    from seedbed.study.store.names import PREDICTIONS
    from seedbed.study.store.run import DamagedRunError
    from seedbed.study.store.study import StudyStore

    (entry,), folders = material.entries, material.folders
    for seed in entry.header.seeds if folders else ():
        run = StudyStore(folders[0]).run(f"{entry.header.id}-seed{seed}")
        try:
            stored = run.load()
            if stored is None or PREDICTIONS not in stored.record.files:
                continue
            labels, hashes = run.predictions()[1], run.identities().hashes
        except (DamagedRunError, StoreError):  # the summary, which is older, names it
            continue
        return [
            hashes[np.flatnonzero(labels == number)[:IMAGES]].tolist() for number in range(classes)
        ]
    return [[] for _ in range(classes)]


ANALYSIS = Analysis[Any](
    "samples",
    topic="setup",
    pictures={
        "samples": PictureView(
            "Dataset",
            "The first test images of each class of the dataset.",
            _draw,
        )
    },
    parts=(
        PagePart(name="dataset", title="Images", template="pictures", data=_shown, folded=True),
    ),
    rank=0,
)
