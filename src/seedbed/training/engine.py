"""The engine contract.

An engine (:class:`Engine`) trains runs (:class:`RunTask`), in any order and with any parallelism,
and reports to an :class:`Observer`. It declares its properties and what it supports
(:class:`EngineFacts`). It guarantees:

* The result of a run depends only on the run: not on the other runs, the number of threads, or how
  often training was interrupted and resumed from a :class:`RunState`.
* Initial weights, the order of images, augmentation and masks come from
  :mod:`seedbed.networks.initialization` and :mod:`seedbed.training.batches`, drawn with the run's
  seed for each, so engines agree within rounding.
* Weights have the names and shapes of :meth:`seedbed.networks.network.Network.parameters`, which
  are those of the obvious ``torch.nn.Module``.
* ``check`` rejects an unsupported layer or setting by name, before anything is trained.
* A task with a ``claim`` is claimed just before its run starts, and skipped if the claim fails. Few
  runs are claimed ahead of time, so other processes can claim the rest.
* A loss that is not finite, or a method that fails, ends its run as diverged; the other runs
  continue.
* ``stop`` is checked several times a second. Once it is set, the engine returns without calling the
  observer again. Only unfinished epochs are lost.
* ``logits`` needs neither a dataset nor a recipe.

:mod:`seedbed.engines.registry` describes how another package adds an engine.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import StudyError, UnsupportedLayer
from seedbed.core.seeds import Seeds
from seedbed.data.images import DatasetSplits, Normalization
from seedbed.networks.network import Network
from seedbed.noise.spec import NoiseSpec
from seedbed.training.memory import check_memory
from seedbed.training.recipe import Recipe
from seedbed.training.splits import Sample, Split, draw_sample, splits_of

NO_NOISE: Final = NoiseSpec()
SAME_SEEDS: Final = Seeds()

Arrays = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, kw_only=True)
class EpochRecord:
    """Metrics of one epoch.

    ``train_*``, ``validation_*`` and ``test_*`` are measured after the epoch, if the recipe
    evaluates it, without augmentation and with the weights that the run would keep (the average if
    ``ema_decay`` is set). ``train_*`` uses a fixed sample of the training images, as large as the
    test split (or the validation split, if there is no test split), and all training images after
    the last epoch. ``running_*`` is the mean over the epoch's batches during training, with
    augmentation, as most training scripts print it.

    Losses are the mean cross-entropy per image whatever the recipe's loss is, so that they can be
    compared; only ``running_loss`` is what is minimized, label smoothing included.
    Accuracies are fractions from 0 to 1. Training and validation labels are those of the run, which
    are noisy if the configuration has noise. Values that were not measured or do not apply are
    ``None``.
    """

    epoch: int
    """Epochs finished: 1 after the first."""
    learning_rate: float
    """At the last step of the epoch."""
    train_loss: float | None = None
    train_accuracy: float | None = None
    test_loss: float | None = None
    test_accuracy: float | None = None
    running_loss: float
    running_accuracy: float
    seconds: float
    """Wall time of the epoch on its worker, including evaluation."""
    validation_loss: float | None = None
    """On the validation split, if there is one."""
    validation_accuracy: float | None = None
    clean_train_accuracy: float | None = None
    """With noise: ``train_accuracy`` against the clean labels."""
    memorized: float | None = None
    """With noise: the fraction of images with a wrong label, among those of ``train_accuracy``, for
    which the network predicts that noisy label."""
    recovered: float | None = None
    """With noise: the fraction of the same images for which it predicts the clean label."""
    estimated_transition: tuple[tuple[float, ...], ...] | None = None
    """The transition matrix that the method estimated after the epoch, K×K."""

    @property
    def evaluated(self) -> bool:
        """Whether the epoch was evaluated."""
        return self.train_loss is not None


@dataclass(frozen=True)
class RunState:
    """Everything that a run needs to resume bit for bit after ``epoch`` finished epochs."""

    epoch: int
    arrays: Mapping[str, NDArray[Any]]
    """By owner and content: ``network/weights``, ``network/first_moment``, ``best/weights``,
    ``method/targets``."""


@dataclass(frozen=True)
class RunTask:
    """A run to train, from the start or from a state: one configuration with one set of seeds.

    Raises:
        StudyError: If the recipe selects the best epoch on validation images, and there are none;
            or if its method does not fit the noise or the classes.
    """

    network: Network
    recipe: Recipe
    dataset: DatasetSplits
    seeds: Seeds = SAME_SEEDS
    state: RunState | None = None
    noise: NoiseSpec = NO_NOISE
    keep_logits: tuple[str, ...] = ("test",)
    """The splits whose logits are part of the result, if the run has them."""
    claim: "Callable[[], RunTask | None] | None" = field(default=None, compare=False)
    """Called once, just before the run starts, if several processes share a study. Returns the task
    with the state to resume from, or ``None`` if another process has the run."""

    def __post_init__(self) -> None:
        recipe = self.recipe
        validates = recipe.validation_size or recipe.folds or "validation" in self.dataset.splits
        if recipe.checkpoint == "best-on-validation" and not validates:
            raise StudyError(
                "best-on-validation needs validation images, and the dataset has no validation "
                "split",
                where="recipe.checkpoint",
                expected="validation_size above 0, or a dataset with a validation split",
            )
        recipe.robust.check(self.noise, self.dataset.class_names)

    def sample(self) -> Sample:
        """Draw the training and validation images of this run, and its labels.

        Raises:
            StudyError: If there are too few images, or the noise does not match the classes.
            DataError: If human labels do not match the images.
        """
        return draw_sample(self.dataset.train, self.recipe, self.noise, self.seeds)

    def splits(self, sample: Sample | None = None) -> dict[str, Split]:
        """Return the run's splits: ``train``, and ``validation`` and ``test`` if it has them.

        Args:
            sample: The run's sample, if it has been drawn already.
        """
        return splits_of(self.dataset, sample or self.sample())


@dataclass(frozen=True)
class RunResult:
    """The result of a run.

    For a diverged run, ``weights`` is ``None``, ``logits`` is empty, and ``diverged_epoch`` is the
    first epoch, counted from 1, in which the loss was not finite or the method failed.
    """

    weights: Arrays | None
    logits: Arrays = field(default_factory=dict)
    """Split -> N×K logits, for the task's ``keep_logits``."""
    epoch: int | None = None
    """The epoch of the weights, counted from 1, as the recipe's ``checkpoint`` selects it."""
    diverged_epoch: int | None = None
    diverged_reason: str | None = None
    """Why the method failed; ``None`` where the loss was not finite."""


class Observer(Protocol):
    """Receives events from the engine's threads, one at a time for each run.

    ``run`` is the position of the run in the sequence of tasks.
    """

    def images_trained(self, run: int, count: int) -> None:
        """``count`` more images of the current epoch have been processed."""

    def epoch_finished(self, run: int, record: EpochRecord, state: RunState) -> None:
        """An epoch is finished; the run can resume from ``state``."""

    def run_finished(self, run: int, result: RunResult) -> None:
        """The run has ended; this is its last event."""


@dataclass(frozen=True)
class EngineFacts:
    """The properties of an engine, and what it supports."""

    name: str
    """In study files and records, such as ``"native"``."""
    title: str
    """In messages, such as ``"built-in engine"`` or ``"PyTorch 2.13"``."""
    device: str
    """``"cpu"``, or PyTorch's name of a GPU."""
    deterministic: bool
    """Whether training a run again gives the same bits."""
    precisions: frozenset[str]
    """Values of :data:`seedbed.training.recipe.Precision`."""
    losses: frozenset[str]
    """Names in :data:`seedbed.training.losses.registry.LOSSES`."""
    methods: frozenset[str]
    """Names in :data:`seedbed.training.methods.registry.METHODS`."""
    user_modules: bool
    """Whether it trains any ``torch.nn.Module``."""
    layers: frozenset[str] | None = None
    """Names in :data:`seedbed.networks.layers.LAYERS`; ``None`` for every layer that defines an
    implementation for the engine."""
    instructions: str | None = None
    """The instruction set of its kernels, such as ``"avx2"``, which affects the last digits of a
    result unless it is canonical."""
    canonical: bool = False
    """Whether training a run on any other machine where this is true gives the same bits."""
    images_at_once: int | None = None
    images_a_core: int | None = None
    """How many images of a batch a core takes at a time, if several cores can share a run."""
    """How many images of a batch are in memory between the layers; ``None`` for all of them."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Library -> version, for the libraries that compute."""

    def check_network(self, network: Network, image_shape: tuple[int, int, int]) -> None:
        """Raise an error if the engine does not support the network.

        Raises:
            UnsupportedLayer: For the first layer that is not supported.
            NetworkError: If the layers do not fit each other or the images.
        """
        if network.opaque and not self.user_modules:
            raise UnsupportedLayer(
                f"the {self.name} engine does not support PyTorch modules",
                where=network.name,
            )
        network.shapes(image_shape)
        for part in network.walk(image_shape):
            kind = type(part.layer).__name__
            if self.layers is not None and kind not in self.layers:
                raise UnsupportedLayer(
                    f"the {self.name} engine does not support {kind} layers ({part.name})",
                    where=network.name,
                )

    def check(self, task: RunTask) -> None:
        """Raise an error if the engine does not support the network or the recipe of a run.

        Raises:
            UnsupportedLayer: For the first setting or layer that is not supported.
            NetworkError: If the layers do not fit each other, the images or the memory.
        """
        recipe = task.recipe
        needs = (
            ("precision", recipe.precision, self.precisions),
            ("loss", recipe.loss.name, self.losses),
            ("robust", recipe.robust.method, self.methods),
        )
        for setting, value, available in needs:
            if value not in available:
                raise UnsupportedLayer(
                    f"the {self.name} engine does not support {setting} = {value!r}",
                    where=f"recipe.{setting}",
                    expected=" or ".join(sorted(available)),
                )
        self.check_network(task.network, task.dataset.image_shape)
        if self.device == "cpu":  # the memory of a GPU is its library's to know
            check_memory(task.network, task.dataset.image_shape, recipe, self.images_at_once)


class Engine(Protocol):
    """Trains networks, and computes logits with trained weights."""

    @property
    def facts(self) -> EngineFacts:
        """The properties of the engine, and what it supports."""

    def check_network(self, network: Network, image_shape: tuple[int, int, int]) -> None:
        """Raise an error for a network whose logits it cannot compute.

        Raises:
            UnsupportedLayer: If a layer is not supported.
            NetworkError: If the layers do not fit each other or the images.
        """

    def check(self, task: RunTask) -> None:
        """Raise an error for a run that it cannot train.

        Raises:
            UnsupportedLayer: If a layer or a setting of the recipe is not supported.
            NetworkError: If the layers do not fit each other or the images.
            StudyError: If the device does not support a setting of the recipe.
        """

    def train(
        self, tasks: Sequence[RunTask], observer: Observer, *, threads: int, stop: Event
    ) -> None:
        """Train all tasks to the end, unless ``stop`` is set first.

        Args:
            tasks: The runs, of any configurations.
            observer: Receives the events.
            threads: Number of cores to use, 1 or more. Never changes a result.
            stop: Set by another thread (or a signal handler) to stop early. The engine sets it if
                the observer raises an error, which stops the other runs too.
        """

    def logits(
        self,
        network: Network,
        weights: Arrays,
        images: NDArray[np.uint8],
        normalization: Normalization,
    ) -> NDArray[np.float32]:
        """Return the logits of images. Safe to call from several threads at once.

        Args:
            network: With K classes.
            weights: Parameters and buffers of the network.
            images: N×H×W×C, N at least 1.
            normalization: Of the network's input.

        Returns:
            N×K.
        """
