"""How often intervals of measures by class hold what they are for, where classes are unbalanced.

Images are drawn with their classes, so that the number of a class varies as it does in other
images of the same kind. Run i answers image j of class k correctly with the probability
expit(mean_k + image_j + seed_i + seed_ik): a seed makes a run better or worse, and more or less
willing to answer with a class. A wrong answer is the class that the image resembles.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from benchmarks.simulation.coverage import Counts, Held, Tally
from benchmarks.simulation.worlds import NODES, WEIGHTS, WIDE_NODES, WIDE_WEIGHTS, Floats
from seedbed.analysis.material import Material
from seedbed.analysis.predictions import Predictions
from seedbed.analysis.subjects import class_averages, per_class

Integers = NDArray[np.int64]

MEASURES: Final = (
    "balanced accuracy, these images",
    "balanced accuracy, new images",
    "macro F1, these images",
    "macro F1, new images",
    "recall of the most frequent class, these images",
    "recall of the most frequent class, new images",
    "recall of the rarest class, these images",
    "recall of the rarest class, new images",
)
SEEDS: Final = 2000
"""Of which the macro F1 on these images is the mean; it has no formula."""
SEEDS_EVERYWHERE: Final = 20_000
"""Of which the macro F1 on very many images is the mean."""


@dataclass(frozen=True)
class ClassWorld:
    """A kind of images in unbalanced classes.

    Args:
        shares: Of the classes, from the most frequent to the rarest; they sum to 1.
        means: Of the logits of correct answers, by class.
        images: Of the test split.
        image_std: Of the effects of images.
        seed_std: Of the effects of seeds.
        class_seed_std: Of the effects of seeds on single classes.
    """

    shares: tuple[float, ...]
    means: tuple[float, ...]
    images: int
    image_std: float
    seed_std: float
    class_seed_std: float

    @property
    def spread_of_seeds(self) -> float:
        """The standard deviation of the logits of an image over seeds."""
        return float(np.hypot(self.seed_std, self.class_seed_std))

    @cached_property
    def recalls(self) -> Floats:
        """K: the recalls of very many seeds on very many images."""
        spread = np.hypot(self.image_std, self.spread_of_seeds)
        chance = expit(np.array(self.means)[:, None] + spread * WIDE_NODES)
        recalls: Floats = np.average(chance, axis=1, weights=WIDE_WEIGHTS)
        return recalls

    @cached_property
    def resembled(self) -> Floats:
        """K×K: the probability that an image of a class (row) resembles another (column)."""
        chance = np.tile(np.array(self.shares), (len(self.shares), 1))
        np.fill_diagonal(chance, 0)
        resembled: Floats = chance / chance.sum(axis=1, keepdims=True)
        return resembled

    @cached_property
    def macro_f1(self) -> float:
        """Mean macro F1 of very many seeds on very many images."""
        generator = np.random.Generator(np.random.Philox(self.images))
        effects = self.effects(SEEDS_EVERYWHERE, generator)
        chance = expit(np.array(self.means) + effects + self.image_std * NODES[:, None, None])
        right = np.average(chance, axis=0, weights=WEIGHTS)
        shares = np.array(self.shares)
        wrong = (shares * (1 - right)) @ self.resembled
        return float((2 * shares * right / (shares + shares * right + wrong)).mean())

    def effects(self, n: int, generator: np.random.Generator) -> Floats:
        """Return the effects of n seeds on the logits of each class: n×K."""
        of_class = generator.normal(0, self.class_seed_std, (n, len(self.shares)))
        effects: Floats = of_class + generator.normal(0, self.seed_std, (n, 1))
        return effects


CLASS_WORLDS: Final = {
    "3 classes (80, 16, 4%), 400 images": ClassWorld(
        (0.8, 0.16, 0.04), (4.0, 2.0, 1.0), 400, 2.0, 0.2, 0.3
    ),
    "7 classes (67 to 1.5%), 2,000 images": ClassWorld(
        (0.67, 0.11, 0.1, 0.05, 0.03, 0.025, 0.015),
        (3.5, 0.8, 1.2, 0.8, -0.2, 0.4, 1.5),
        *(2000, 2.0, 0.1, 0.3),
    ),
    "10 classes (18 to 2%), 1,000 images, 98%": ClassWorld(
        tuple(np.linspace(0.18, 0.02, 10).tolist()), (7.5,) * 10, 1000, 3.0, 0.2, 0.3
    ),
}


@dataclass(frozen=True, eq=False)
class _Images:
    """The test split of a study."""

    labels: Integers
    logits: Floats
    """Of correct answers."""
    resembles: Integers
    """Another class for each image."""

    @classmethod
    def of(cls, world: ClassWorld, generator: np.random.Generator) -> "_Images":
        labels = generator.choice(len(world.shares), world.images, p=world.shares)
        logits = np.array(world.means)[labels]
        logits += generator.normal(0, world.image_std, world.images)
        limits = world.resembled.cumsum(axis=1)[labels]
        resembles = (generator.random((world.images, 1)) > limits).sum(axis=1)
        return cls(labels, logits, np.minimum(resembles, len(world.shares) - 1))

    def answers(self, world: ClassWorld, n: int, generator: np.random.Generator) -> Integers:
        """Return what n runs answer: n×N."""
        effects = world.effects(n, generator)[:, self.labels]
        chance = expit((self.logits + effects).astype(np.float32))
        right = generator.random(chance.shape, np.float32) < chance
        answers: Integers = np.where(right, self.labels, self.resembles)
        return answers

    def recalls(self, world: ClassWorld) -> Floats:
        """Return the recall of each class of very many seeds on these images."""
        chance = expit(self.logits + world.spread_of_seeds * NODES[:, None])
        of_images = np.average(chance, axis=0, weights=WEIGHTS)
        sums = np.bincount(self.labels, of_images, len(world.shares))
        recalls: Floats = sums / np.bincount(self.labels, minlength=len(world.shares))
        return recalls

    def macro_f1(self, world: ClassWorld, generator: np.random.Generator) -> float:
        """Return the mean macro F1 of many seeds on these images."""
        classes = len(world.shares)
        answers = self.answers(world, SEEDS, generator)
        rows = np.arange(SEEDS)[:, None] * classes
        predicted = np.bincount((rows + answers).ravel(), minlength=SEEDS * classes)
        of_right = np.where(answers == self.labels, 1.0, 0.0)
        right = np.bincount((rows + self.labels).ravel(), of_right.ravel(), SEEDS * classes)
        both = predicted.reshape(SEEDS, classes) + np.bincount(self.labels, minlength=classes)
        return float((2 * right.reshape(SEEDS, classes) / both).mean())


def coverage_of_classes(
    world: ClassWorld, runs: Sequence[int], studies: int, generator: np.random.Generator
) -> Counts:
    """Return how often intervals of measures by class hold what they are for.

    Studies in which a class has no test image are drawn again.

    Args:
        world: Where studies are.
        runs: Numbers of runs of a configuration; the first so many of the same ones.
        studies: How many are invented.
        generator: What is drawn with.
    """
    counts = Tally(runs)
    for _ in range(studies):
        images = _Images.of(world, generator)
        while len(np.unique(images.labels)) < len(world.shares):
            images = _Images.of(world, generator)
        recalls, macro_f1 = images.recalls(world), images.macro_f1(world, generator)
        answers = images.answers(world, max(runs), generator)
        names = tuple(map(str, range(len(world.shares))))
        scores = np.eye(len(world.shares), dtype=np.float32)
        drawn = [Predictions(scores[run], images.labels, names, "labels") for run in answers]
        for n in runs:
            counts.add(n, _held(drawn[:n], world, recalls, macro_f1))
    return counts.total()


def _held(
    runs: Sequence[Predictions], world: ClassWorld, recalls: Floats, macro_f1: float
) -> Iterator[Held]:
    averages = class_averages.compute(Material(runs, [str(place) for place in range(len(runs))]))
    assert averages is not None
    balanced, f1 = averages.balanced_accuracy, averages.macro_f1
    yield "balanced accuracy, these images", balanced.interval, float(recalls.mean())
    yield "balanced accuracy, new images", balanced.interval_new_images, world.recalls.mean()
    yield "macro F1, these images", f1.interval, macro_f1
    yield "macro F1, new images", f1.interval_new_images, world.macro_f1
    scores = per_class.class_scores(runs)
    for k, which in ((0, "most frequent"), (-1, "rarest")):
        name, of = f"recall of the {which} class", scores[k]
        yield f"{name}, these images", of.recall_interval, recalls[k]
        yield f"{name}, new images", of.recall_interval_new_images, world.recalls[k]
