"""Hard examples: the test images that most runs misclassify."""

from typing import TYPE_CHECKING, Any, Final

import msgspec

from seedbed.analysis.base import Analysis, PictureView
from seedbed.analysis.entry import Entry
from seedbed.analysis.material import Material
from seedbed.analysis.part import PageMaterial, PagePart, ShownImage
from seedbed.analysis.subjects.accuracy.result import shown_of
from seedbed.display.formatters import rounded
from seedbed.display.sentence import every, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from seedbed.analysis.predictions import Predictions
    from seedbed.display.pictures.drawing import Picture
    from seedbed.display.pictures.panel import Panel

MOST: Final = 50
MOST_IN_PANEL: Final = 18


class HardExample(msgspec.Struct, frozen=True):
    """A test image that some runs misclassify."""

    index: int
    """In the test split, from 0."""
    name: str | None
    """What users call the image; ``None`` where that is not known."""
    hash: str | None
    """Of its content; ``None`` where that is not known."""
    true: str
    """The class of its label."""
    predicted: str
    """The wrong class that most runs predict; of equal ones the first."""
    probability: float | None
    """Of that class: the mean over the runs that predict it; ``None`` without scores."""
    n_wrong: int
    """How many runs misclassify it."""
    loss: float | None
    """Cross-entropy in nats, mean over all runs; ``None`` without scores."""


class HardExamples(msgspec.Struct, frozen=True):
    """How many images are misclassified by how many runs, and the hardest of them."""

    images_by_n_wrong: tuple[int, ...]
    """How many test images exactly 0, 1, ..., n of the n runs misclassify."""
    examples: tuple[HardExample, ...]
    """Ordered by the number of runs that misclassify them, then by mean loss."""
    shared: float | None = None
    """How many of these examples two sets of as many runs are expected to share; ``None`` for fewer
    than three runs. See :mod:`seedbed.analysis.statistics.resampling`."""


class HardExamplesOfRuns(msgspec.Struct, frozen=True):
    """The hard examples of one configuration."""

    hard_examples: HardExamples


def hard_examples_of(entry: Entry) -> tuple[HardExample, ...]:
    """Return the hard examples of an entry, the hardest first; none without a finished run."""
    result = entry.view(HardExamplesOfRuns)
    return result.hard_examples.examples if result else ()


def compute(material: Material) -> HardExamplesOfRuns | None:
    """Return the images that the runs misclassify; ``None`` without runs."""
    runs = material.predictions
    return HardExamplesOfRuns(hard_examples(runs)) if runs else None


def hard_examples(runs: "Sequence[Predictions]", most: int = MOST) -> HardExamples:
    """Return the images that the runs of a configuration misclassify.

    Args:
        runs: All of one configuration.
        most: How many examples at most; images that every run classifies correctly are left out.

    Raises:
        DataError: If there are no runs, or they are not of the same images.

    """
    import numpy as np

    from seedbed.analysis.predictions import check_same_images

    check_same_images(runs)
    n_wrong = np.sum([run.wrong for run in runs], axis=0)
    losses = np.mean([run.losses for run in runs], axis=0)
    order = np.lexsort((np.arange(len(losses)), -losses, -n_wrong))
    hardest = order[: min(max(most, 0), np.count_nonzero(n_wrong))].tolist()
    examples = (_example(runs, i, int(n_wrong[i]), float(losses[i])) for i in hardest)
    by_n_wrong = np.bincount(n_wrong, minlength=len(runs) + 1)
    return HardExamples(tuple(by_n_wrong.tolist()), tuple(examples), _shared(runs, len(hardest)))


def _shared(runs: "Sequence[Predictions]", most: int) -> float | None:
    """Return how many of the hardest images two sets of as many runs are expected to share."""
    import numpy as np

    from seedbed.analysis.statistics.resampling import LEAST_RUNS, highest, shared_by_two, weights

    if len(runs) < LEAST_RUNS or not most:
        return None
    wrong = np.stack([run.wrong for run in runs])
    ever = wrong.any(axis=0)
    losses = np.stack([run.losses[ever] for run in runs])
    of_runs = weights(len(runs))
    n_wrong = np.rint(of_runs @ wrong[:, ever] * len(runs))
    mean = of_runs @ losses
    # Losses only decide between images that equally many runs misclassify.
    fraction = mean / (1 + mean.max(axis=1, keepdims=True))
    return shared_by_two(highest(np.where(n_wrong > 0, n_wrong + fraction, 0.0), most))


def _example(runs: "Sequence[Predictions]", index: int, n_wrong: int, loss: float) -> HardExample:
    import numpy as np

    names, true = runs[0].class_names, int(runs[0].labels[index])
    votes = np.bincount([run.predicted[index] for run in runs], minlength=len(names))
    votes[true] = 0
    predicted = int(votes.argmax())
    scored = all(run.has_scores for run in runs)
    probabilities = [
        run.probabilities[index, predicted] for run in runs if run.predicted[index] == predicted
    ]
    return HardExample(
        index,
        runs[0].name(index),
        runs[0].content_hash(index),
        names[true],
        names[predicted],
        float(np.mean(probabilities)) if scored else None,
        n_wrong,
        loss if scored else None,
    )


def sentences(entries: "Sequence[Entry]") -> "Iterator[str]":
    """Say how many images all runs of the configuration with the highest accuracy misclassify."""
    best = shown_of(entries)
    result = best.view(HardExamplesOfRuns) if best else None
    if best is None or result is None or best.header.n == 1:
        return
    counts = result.hard_examples.images_by_n_wrong
    always, images = counts[-1], sum(counts)
    if always:
        are = "is" if always == 1 else "are"
        of = "" if len(entries) == 1 else f" of {quoted(best.header.label)}"
        runs = every(best.header.n)
        shared, hardest = result.hard_examples.shared, len(result.hard_examples.examples)
        stable = (
            f" Of the {hardest} hardest images, another {best.header.n} seeds would share about "
            f"{shared:.0f}."
            if shared is not None and hardest > 1
            else ""
        )
        yield (
            f"{always:,} of the {images:,} test images {are} misclassified in {runs} runs{of}."
            f"{stable}"
        )


def _shown(material: PageMaterial) -> list[dict[str, Any] | None] | None:
    """Return what a page shows of each entry with a finished run; ``None`` if there is none.

    Returns:
        ``hard``, of each example its index, the numbers of its class and of the predicted one, the
        probability, and in how many runs it is wrong; and ``byWrong``, as ``images_by_n_wrong``.
    """
    shown = [_of_entry(entry, entry.view(HardExamplesOfRuns)) for entry in material.entries]
    return shown if any(shown) else None


def _of_entry(entry: Entry, result: HardExamplesOfRuns | None) -> dict[str, Any] | None:
    if result is None:
        return None
    numbers = {name: number for number, name in enumerate(entry.header.class_names or ())}
    hard = [
        (
            example.index,
            numbers[example.true],
            numbers[example.predicted],
            rounded(example.probability),
            example.n_wrong,
        )
        for example in result.hard_examples.examples
    ]
    return {"hard": hard, "byWrong": result.hard_examples.images_by_n_wrong}


def _images(entries: "Sequence[Entry]") -> "Iterator[ShownImage]":
    for entry in entries:
        for order, example in enumerate(hard_examples_of(entry)):
            yield ShownImage(example.index, example.n_wrong / entry.header.n, order)


def _panels(material: PageMaterial) -> "Sequence[Picture]":
    from seedbed.analysis.subjects.image_errors.tiles import one_by_one

    several = len(material.entries) > 1
    return [panel for of in one_by_one(material) for panel in _panel(of, several=several)]


def _panel(material: PageMaterial, *, several: bool) -> "Iterator[Panel]":
    from seedbed.analysis.chart_captions import about, of_one, runs_in_words
    from seedbed.analysis.subjects.image_errors.tiles import error_tiles
    from seedbed.display.pictures.panel import Panel, Row

    (entry,) = material.entries
    hard = hard_examples_of(entry)[:MOST_IN_PANEL]
    tiles = error_tiles(
        material, hard, [(f"label {one.true}", f"predicted {one.predicted}") for one in hard]
    )
    if tiles:
        yield Panel(
            f"Hard examples{of_one(entry) if several else ''}",
            "The test images that most runs misclassify, with the class that most of these runs "
            f"predict. {runs_in_words([entry])}. {about([entry])}.",
            (Row(tiles),),
            entry.header.label if several else "",
            columns=MOST_IN_PANEL // 2,
        )


ANALYSIS = Analysis(
    "hard-examples",
    topic="errors",
    result=HardExamplesOfRuns,
    compute=compute,
    sentences=sentences,
    pictures={
        "hard-examples": PictureView(
            "Hard examples",
            "The test images that most runs misclassify, with label and prediction.",
            _panels,
        )
    },
    parts=(
        PagePart(
            title="Hard examples",
            template="examples",
            data=_shown,
            images=_images,
            per_configuration=True,
        ),
    ),
    rank=25,
)
