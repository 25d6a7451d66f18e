"""The engine contract: what trains networks, and what it promises.

An engine (:class:`Engine`) is given runs (:class:`RunTask`) and trains all of them, in any order
and as parallel as it likes. It tells an :class:`Observer` what happens. It declares what it is and
what it can train (:class:`EngineFacts`), and promises:

* The result of a run depends on the run alone: not on the other runs, the number of threads, or how
  often training was interrupted and resumed from a :class:`RunState`.
* Initial weights, the order of images and the augmentation parameters come from
  :mod:`seedbed.training.batches` and :mod:`seedbed.networks.initialization`, so that engines agree
  within rounding; each is drawn with the seed that the run has for it.
* Weights have the names and shapes of :meth:`seedbed.networks.network.Network.parameters`: those of
  the obvious ``torch.nn.Module``.
* ``check`` refuses by name a layer or a setting that it lacks, before anything is trained.
* A task with a ``claim`` is claimed just before its run begins, and is left out if that fails; the
  runs that have been begun are few, so that other processes can claim the rest.
* A loss that is not finite ends that run as diverged; the other runs go on.
* ``stop`` is checked several times a second; when it is set, the engine returns without calling
  the observer again. Nothing is lost but the epochs that had not finished.
* ``logits`` needs no dataset and no recipe: a network, its weights, images and a normalization.

:mod:`seedbed.engines.registry` says how another package adds an engine.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import UnsupportedLayer
from seedbed.core.seeds import Seeds
from seedbed.data.images import DatasetSplits, Normalization
from seedbed.networks.network import Network
from seedbed.noise.spec import NoiseSpec
from seedbed.training.recipe import Recipe
from seedbed.training.splits import Sample, Split, draw_sample, splits_of

NO_NOISE: Final = NoiseSpec()
SAME_SEEDS: Final = Seeds()

Arrays = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, kw_only=True)
class EpochRecord:
    """What is known after an epoch.

    ``train_*``, ``validation_*`` and ``test_*`` are measured alike, in the epochs in which the
    recipe evaluates: after the epoch, without augmentation, with the weights that the run would
    keep (the averaged ones where the recipe averages). ``train_*`` uses a fixed sample of as many
    training images as the test split has (or the validation images, if there is no test split), and
    all of them after the last epoch. ``running_*`` is the mean over the epoch's batches while the
    weights were changing, on augmented images, as most training scripts print it.

    Losses are the recipe's loss, a mean per image; ``running_loss`` includes label smoothing, the
    others do not. Accuracies are fractions from 0 to 1. Training and validation labels are those
    that the run was given: noisy ones where the configuration has noise. What was not measured, or
    does not apply, is ``None``.
    """

    epoch: int
    """Epochs finished: 1 after the first."""
    learning_rate: float
    """Of the epoch's last step."""
    train_loss: float | None = None
    train_accuracy: float | None = None
    test_loss: float | None = None
    test_accuracy: float | None = None
    running_loss: float
    running_accuracy: float
    seconds: float
    """Wall time of the epoch on its worker, evaluation included."""
    validation_loss: float | None = None
    """Of the held-out training images, if there are any; without augmentation."""
    validation_accuracy: float | None = None
    clean_train_accuracy: float | None = None
    """With noise: as ``train_accuracy``, but against the clean labels."""
    memorized: float | None = None
    """With noise: the fraction of wrong labels, among the images of ``train_accuracy``, that the
    network predicts as it was taught."""
    recovered: float | None = None
    """With noise: the fraction of the same for which it predicts the clean label."""

    @property
    def evaluated(self) -> bool:
        """Whether anything was measured after the epoch."""
        return self.train_loss is not None


@dataclass(frozen=True)
class RunState:
    """Everything that a run needs to go on bit for bit after ``epoch`` finished epochs."""

    epoch: int
    arrays: Mapping[str, NDArray[Any]]
    """By names that say whose they are and what they hold: ``network/weights``,
    ``network/first_moment``, ``best/weights``, ``method/targets``."""


@dataclass(frozen=True)
class RunTask:
    """A run to train: one configuration with one set of seeds, from the start or from a state."""

    network: Network
    recipe: Recipe
    dataset: DatasetSplits
    seeds: Seeds = SAME_SEEDS
    state: RunState | None = None
    noise: NoiseSpec = NO_NOISE
    keep_logits: tuple[str, ...] = ("test",)
    """The splits whose logits belong to the result, of those that the run has."""
    claim: "Callable[[], RunTask | None] | None" = field(default=None, compare=False)
    """Called once, just before the run begins, where several processes share a study. Returns the
    task with the state to resume from, or ``None`` if the run is not to be trained here."""

    def sample(self) -> Sample:
        """Draw what this run learns from.

        Raises:
            StudyError: If there are too few images, or the noise does not fit the classes.
            DataError: If human labels do not fit the images.
        """
        return draw_sample(self.dataset.train, self.recipe, self.noise, self.seeds)

    def splits(self, sample: Sample | None = None) -> dict[str, Split]:
        """Return the run's splits by name: ``train``, and ``validation`` and ``test`` if there are.

        Args:
            sample: The run's own, if it has been drawn already.
        """
        return splits_of(self.dataset, sample or self.sample())


@dataclass(frozen=True)
class RunResult:
    """A run that has ended.

    A diverged run has no weights worth keeping: ``weights`` is ``None``, ``logits`` is empty, and
    ``diverged_epoch`` is the epoch, counted from 1, in which the loss stopped being finite.
    """

    weights: Arrays | None
    logits: Arrays = field(default_factory=dict)
    """Of every split that the task asks for and has, N×K in the order of :meth:`RunTask.splits`."""
    epoch: int | None = None
    """After which the weights were kept, counted from 1; chosen by the recipe's epoch rule."""
    diverged_epoch: int | None = None


class Observer(Protocol):
    """Told what happens, from the engine's threads: one call at a time for any one run.

    ``run`` is the position of the run in the sequence that was given to the engine.
    """

    def images_trained(self, run: int, count: int) -> None:
        """``count`` more images of the current epoch have been trained on."""

    def epoch_finished(self, run: int, record: EpochRecord, state: RunState) -> None:
        """An epoch is over; ``state`` can be stored to go on from here."""

    def run_finished(self, run: int, result: RunResult) -> None:
        """The run has ended; nothing more is reported of it."""


@dataclass(frozen=True)
class EngineFacts:
    """What an engine is, and what it can train."""

    name: str
    """In study files and in records, such as ``"native"``."""
    title: str
    """In messages, such as ``"built-in engine"`` or ``"PyTorch 2.13"``."""
    device: str
    """``"cpu"``, or what PyTorch calls a GPU."""
    deterministic: bool
    """Whether a run that is trained again gets the same bits."""
    precisions: frozenset[str]
    """Of :data:`seedbed.training.recipe.Precision`."""
    losses: frozenset[str]
    """Names in :data:`seedbed.training.losses.registry.LOSSES`."""
    methods: frozenset[str]
    """Names in :data:`seedbed.training.methods.registry.METHODS`."""
    user_modules: bool
    """Whether it trains any ``torch.nn.Module``."""
    layers: frozenset[str] | None = None
    """Names in :data:`seedbed.networks.layers.LAYERS`; ``None`` for every layer that says how the
    engine computes it."""
    instructions: str | None = None
    """The instruction set of its kernels, such as ``"avx2"``; the last digits of a result depend on
    it."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Of the libraries that compute."""

    def check_network(self, network: Network, image_shape: tuple[int, int, int]) -> None:
        """Raise :class:`~seedbed.core.errors.UnsupportedLayer` for the first layer it lacks.

        Raises:
            NetworkError: Also if the layers do not fit each other or the images.
        """
        if network.opaque and not self.user_modules:
            raise UnsupportedLayer(
                f"the {self.name} engine trains layers of Seedbed, not modules of PyTorch",
                where=network.name,
            )
        network.shapes(image_shape)
        for part in network.walk(image_shape):
            kind = type(part.layer).__name__
            if self.layers is not None and kind not in self.layers:
                raise UnsupportedLayer(
                    f"the {self.name} engine has no {kind} layer ({part.name})", where=network.name
                )

    def check(self, task: RunTask) -> None:
        """Raise the same for anything that a run needs and the engine lacks."""
        recipe = task.recipe
        needs = (
            ("precision", recipe.precision, self.precisions),
            ("loss", recipe.loss.name, self.losses),
            ("method", recipe.method, self.methods),
        )
        for setting, value, available in needs:
            if value not in available:
                raise UnsupportedLayer(
                    f"the {self.name} engine has no {value} {setting}",
                    where=f"recipe.{setting}",
                    expected=" or ".join(sorted(available)),
                )
        self.check_network(task.network, task.dataset.image_shape)


class Engine(Protocol):
    """What trains networks, and computes logits with trained weights."""

    @property
    def facts(self) -> EngineFacts:
        """What it is, and what it can train."""

    def check_network(self, network: Network, image_shape: tuple[int, int, int]) -> None:
        """Raise an error for a network of which it cannot compute logits.

        Raises:
            UnsupportedLayer: If it lacks a layer.
            NetworkError: If the layers do not fit each other or the images.
        """

    def check(self, task: RunTask) -> None:
        """Raise an error for a run that it cannot train.

        Raises:
            UnsupportedLayer: If it lacks a layer or a setting of the recipe.
            NetworkError: If the network does not fit.
            StudyError: If its device lacks a setting of the recipe.
        """

    def train(
        self, tasks: Sequence[RunTask], observer: Observer, *, threads: int, stop: Event
    ) -> None:
        """Train all tasks to their end, unless ``stop`` is set first.

        Args:
            tasks: The runs; they may differ in everything.
            observer: Told about every epoch and every end.
            threads: How many cores to use, 1 or more. Never changes a result.
            stop: Set by another thread (or a signal handler) to end early, and by the engine when
                the observer raises, which ends the other runs too.
        """

    def logits(
        self,
        network: Network,
        weights: Arrays,
        images: NDArray[np.uint8],
        normalization: Normalization,
    ) -> NDArray[np.float32]:
        """Return the logits of images. May be called by several threads at once.

        Args:
            network: With K classes.
            weights: Of the network, buffers included.
            images: N×H×W×C, N at least 1.
            normalization: How pixels become the network's input.

        Returns:
            N×K.
        """
