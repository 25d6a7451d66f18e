"""Worlds: kinds of images and networks, and what runs answer in them.

Run i answers image j correctly with the probability expit(mean + image_j + seed_i), where image_j
and seed_i are normal. A run that collapses answers at chance.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]
Answers = NDArray[np.bool_]

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(12)
WIDE_NODES, WIDE_WEIGHTS = np.polynomial.hermite_e.hermegauss(150)
CHANCE: Final = 0.1
"""How often a collapsed run is right."""
FEW_IMAGES: Final = 1000
"""With more, only accuracies are drawn of studies with many configurations."""
KINDS: Final = 100
"""Of images that are equally difficult, at most, where only accuracies matter."""


@dataclass(frozen=True)
class World:
    """A kind of images and networks.

    Args:
        mean: Of the logits of correct answers.
        image_std: Of the effects of images.
        seed_std: Of the effects of seeds.
        images: Of the test split.
        collapse: The share of runs that answer at chance.
    """

    mean: float
    image_std: float
    seed_std: float
    images: int
    collapse: float = 0.0

    @property
    def accuracy(self) -> float:
        """Of very many seeds that do not collapse, on very many images."""
        spread = np.hypot(self.image_std, self.seed_std)
        return float(np.average(expit(self.mean + spread * WIDE_NODES), weights=WIDE_WEIGHTS))


WORLDS: Final = {
    "digits-like (98.3%, 360 images)": World(7.5, 3.0, 0.35, 360),
    "small test set (77%, 100 images)": World(2.0, 2.0, 0.3, 100),
    "CIFAR-like (68%, 10,000 images)": World(1.3, 2.2, 0.035, 10_000),
    "MNIST-like (99.75%, 10,000 images)": World(10.0, 3.0, 0.1, 10_000),
    "digits-like, one run in ten collapses": World(7.5, 3.0, 0.35, 360, collapse=0.1),
}


def answers(world: World, images: Floats, n: int, generator: np.random.Generator) -> Answers:
    """Return what n runs answer: bool, n×N.

    Args:
        world: Where they do.
        images: The logits of the images of the test split.
        n: Runs.
        generator: What is drawn with.
    """
    logits = images.astype(np.float32) + np.float32(world.seed_std) * generator.standard_normal(
        (n, 1), np.float32
    )
    chance = expit(logits)
    chance[generator.random(n) < world.collapse] = CHANCE
    correct: Answers = generator.random(chance.shape, np.float32) < chance
    return correct


def accuracies(
    world: World, configurations: int, n: int, pairing: float, generator: np.random.Generator
) -> Floats:
    """Return the accuracies of equal configurations in one study: configurations×n.

    The images of the test split are of a hundred kinds of difficulty or fewer, so that right
    answers can be counted kind by kind.

    Args:
        world: Where they are.
        configurations: Their number.
        n: Runs of each.
        pairing: The share of the variance of seeds that configurations have in common, 0 to 1.
        generator: What is drawn with.
    """
    kinds, sizes = _kinds(world)
    shared = generator.normal(size=(1, n, 1))
    own = generator.normal(size=(configurations, n, 1))
    effects = np.sqrt(pairing) * shared + np.sqrt(1 - pairing) * own
    chance = expit(kinds + world.seed_std * effects)
    chance[generator.random((configurations, n)) < world.collapse] = CHANCE
    right = generator.binomial(sizes, chance).sum(axis=2)
    found: Floats = right / world.images
    return found


def draws_images(world: World) -> bool:
    """Whether answers to single images are drawn where many configurations are."""
    return world.images <= FEW_IMAGES


def answers_of_equals(
    world: World, configurations: int, n: int, pairing: float, generator: np.random.Generator
) -> Answers:
    """Return what equal configurations answer on the same images: bool, configurations×n×N.

    The arguments are those of :func:`accuracies`.
    """
    images = generator.normal(world.mean, world.image_std, world.images).astype(np.float32)
    shared = generator.standard_normal((1, n, 1), np.float32)
    own = generator.standard_normal((configurations, n, 1), np.float32)
    effects = np.sqrt(pairing) * shared + np.sqrt(1 - pairing) * own
    chance = expit(images + (world.seed_std * effects).astype(np.float32))
    chance[generator.random((configurations, n)) < world.collapse] = CHANCE
    correct: Answers = generator.random(chance.shape, np.float32) < chance
    return correct


def of_many_seeds(world: World, images: Floats) -> float:
    """Return the mean accuracy on these images of very many seeds that do not collapse."""
    means = [float(expit(images + world.seed_std * node).mean()) for node in NODES]
    return float(np.average(means, weights=WEIGHTS))


def images_of(world: World, configurations: int, generator: np.random.Generator) -> list[Floats]:
    """Return the logits of the images for configurations that find similar ones difficult."""
    shared = generator.normal(0, np.sqrt(0.8) * world.image_std, world.images)
    own = np.sqrt(0.2) * world.image_std
    return [
        world.mean + shared + generator.normal(0, own, len(shared)) for _ in range(configurations)
    ]


@cache
def _kinds(world: World) -> tuple[Floats, NDArray[np.int64]]:
    generator = np.random.Generator(np.random.Philox(world.images))
    images = np.sort(generator.normal(world.mean, world.image_std, world.images))
    parts = np.array_split(images, min(KINDS, world.images))
    return np.array([part.mean() for part in parts]), np.array([len(part) for part in parts])
