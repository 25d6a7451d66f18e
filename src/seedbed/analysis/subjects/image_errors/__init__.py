"""Every test image that some run misclassifies: in how many runs, and as what."""

from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from seedbed.analysis.base import Analysis, TableView, never
from seedbed.analysis.captions import (
    SAME,
    identity,
    logits_notes,
    notes_of,
    same_values,
    study_notes,
    title,
)
from seedbed.analysis.entry import Entry
from seedbed.analysis.material import Material
from seedbed.display.formatters import flattened, number
from seedbed.display.table import Report, Row, Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seedbed.analysis.predictions import Predictions

MOST_SHOWN: Final = 20
"""Images of each configuration in a table for people."""
DIGITS: Final = 6
"""Of probabilities: there may be thousands."""


class ImageErrors(msgspec.Struct, frozen=True):
    """The M images that at least one run misclassifies, in the order of the test split."""

    index: tuple[int, ...]
    """In the test split, from 0, increasing."""
    name: tuple[str, ...] | None
    """What users call them; ``None`` where that is not known."""
    hash: tuple[str, ...] | None
    """Of their contents; ``None`` where they are not known."""
    true: tuple[int, ...]
    """The numbers of the classes of their labels."""
    predicted: tuple[int, ...]
    """The number of the wrong class that most runs predict, of equal ones the first."""
    n_wrong: tuple[int, ...]
    """How many runs misclassify each, at least 1."""
    probability: tuple[float, ...] | None
    """Of the predicted class: means over the runs that predict it; ``None`` without scores."""
    wrong_by_run: tuple[str, ...] = ()
    """Which of the M images each run misclassifies: a bit an image, as ``numpy.packbits`` packs
    them, in base64."""


class ImageErrorsOfRuns(msgspec.Struct, frozen=True):
    """What the runs of one configuration misclassify."""

    image_errors: ImageErrors


class Misclassified(msgspec.Struct, frozen=True):
    """One of these images, as the table and its JSON file have it."""

    name: str | None
    hash: str | None
    index: int
    split: str
    true: str
    predicted: str
    n_wrong: int
    probability: float | None


def compute(material: Material) -> ImageErrorsOfRuns | None:
    """Return what the runs misclassify; ``None`` without runs."""
    runs = material.predictions
    return ImageErrorsOfRuns(image_errors(runs)) if runs else None


def image_errors(runs: "Sequence[Predictions]") -> ImageErrors:
    """Return what the runs of a configuration misclassify.

    Raises:
        DataError: If there are no runs, or they are not of the same images.

    """
    import numpy as np

    from seedbed.analysis.predictions import check_same_images

    check_same_images(runs)
    labels, classes, images = runs[0].labels, len(runs[0].class_names), runs[0].images
    n_wrong = np.sum([run.wrong for run in runs], axis=0)
    index = np.flatnonzero(n_wrong)
    votes = np.zeros((len(index), classes), np.uint16)  # large for thousands of classes
    for run in runs:
        votes[np.arange(len(index)), run.predicted[index]] += 1
    votes[np.arange(len(index)), labels[index]] = 0
    predicted = votes.argmax(axis=1)
    probability = np.zeros(len(index))
    for run in runs:
        probability += np.where(run.predicted[index] == predicted, run.confidences[index], 0)
    probability = (probability / votes.max(axis=1, initial=1)).round(DIGITS)
    hashed = images is not None and not (images.hashes == "").any()
    return ImageErrors(
        index=tuple(index.tolist()),
        name=None if images is None else tuple(images.names[index].tolist()),
        hash=tuple(images.hashes[index].tolist()) if images is not None and hashed else None,
        true=tuple(labels[index].tolist()),
        predicted=tuple(predicted.tolist()),
        n_wrong=tuple(n_wrong[index].tolist()),
        probability=tuple(probability.tolist()) if all(run.has_scores for run in runs) else None,
        wrong_by_run=tuple(
            b64encode(np.packbits(run.wrong[index]).tobytes()).decode() for run in runs
        ),
    )


def correct_by_seed(entry: Entry) -> "dict[int | str, NDArray[np.bool_]]":
    """Return which test images each run classifies correctly, by its seed.

    Returns:
        Bool, N, in the order of the test split; empty where the predictions of runs are not known.
    """
    import numpy as np

    result, images = entry.view(ImageErrorsOfRuns), entry.header.test_images
    if result is None or not images or not result.image_errors.wrong_by_run:
        return {}
    errors = result.image_errors
    answers = {}
    for seed, packed in zip(entry.header.seeds, errors.wrong_by_run, strict=True):
        bits = np.unpackbits(np.frombuffer(b64decode(packed), np.uint8), count=len(errors.index))
        correct = np.ones(images, np.bool_)
        correct[np.asarray(errors.index, np.intp)[bits.astype(np.bool_)]] = False
        answers[seed] = correct
    return answers


def misclassified(entry: Entry) -> tuple[Misclassified, ...]:
    """Return the images that the runs of an entry misclassify, those that most runs do first.

    Of equal ones, those come first whose wrong class has the highest mean probability.
    """
    result, classes = entry.view(ImageErrorsOfRuns), entry.header.class_names
    if result is None or classes is None:
        return ()
    errors = result.image_errors
    unknown = (None,) * len(errors.index)
    columns = zip(
        errors.name or unknown,
        errors.hash or unknown,
        errors.index,
        ("test",) * len(errors.index),
        (classes[number] for number in errors.true),
        (classes[number] for number in errors.predicted),
        errors.n_wrong,
        errors.probability or unknown,
        strict=True,
    )
    images = (Misclassified(*values) for values in columns)
    return tuple(sorted(images, key=lambda image: (-image.n_wrong, -(image.probability or 0))))


def images_by_index(entries: Sequence[Entry]) -> dict[int, Misclassified]:
    """Return the images that any of the entries, all of one test set, misclassifies."""
    return {image.index: image for entry in entries for image in misclassified(entry)}


def misclassified_table(entries: Sequence[Entry]) -> Report:
    """Return the misclassified images: the hardest for people, and all of them for programs."""
    images = [(entry, misclassified(entry)) for entry in entries]
    return Report(
        tuple(_table(entry, of) for entry, of in images),
        (*SAME, *(field.name for field in msgspec.structs.fields(Misclassified))),
        flattened(_lines(entry, of) for entry, of in images),
        [
            identity(entry) | {"misclassified": [msgspec.structs.asdict(image) for image in of]}
            for entry, of in images
        ],
        study_notes(entries),
    )


def _table(entry: Entry, images: Sequence[Misclassified]) -> Table:
    n, more = entry.header.n, len(images) - MOST_SHOWN
    total = f"{len(images):,} of {entry.header.test_images or 0:,} test images"
    return Table(
        title([entry], "misclassified images"),
        ("image", "label", "predicted", "wrong in", "confidence"),
        (tuple(_row(image, n) for image in images[:MOST_SHOWN]),),
        (
            *((f"{more:,} more are in the formats csv and json.",) if more > 0 else ()),
            f"{total} are misclassified in at least one of the {n} runs. Predicted: the wrong "
            "class that most runs predict; confidence: its mean probability over these runs.",
            *logits_notes([entry], ImageErrorsOfRuns),
            *notes_of([entry]),
        ),
        text=(0, 1, 2),
    )


def _row(image: Misclassified, n: int) -> Row:
    name = f"image {image.index}" if image.name is None else image.name
    wrong = f"{image.n_wrong} of {n}"
    return (name, image.true, image.predicted, wrong, number(image.probability, 2))


def _lines(entry: Entry, images: Sequence[Misclassified]) -> Iterator[tuple[Any, ...]]:
    same = same_values(entry)
    for image in images:
        yield (*same, *msgspec.structs.astuple(image))


ANALYSIS = Analysis(
    "image-errors",
    topic="errors",
    result=ImageErrorsOfRuns,
    compute=compute,
    tables={
        "misclassified": TableView(
            "Misclassified images",
            misclassified_table,
            detail=lambda entry: entry.view(ImageErrorsOfRuns) is not None,
            in_documents=never,
        )
    },
    parts=(),
    rank=26,
)
