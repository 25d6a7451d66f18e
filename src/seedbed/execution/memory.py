"""Train one configuration with several seeds, in memory.

>>> runs = train(lenet5(), Recipe(epochs=5), load_dataset("digits"), seeds=5)
>>> [run.test_accuracy for run in runs]
"""

import logging
import os
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from operator import index
from threading import Event
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import DataError, SeedbedError, StudyError
from seedbed.core.seeds import Seeds
from seedbed.data.images import SPLITS, DatasetSplits
from seedbed.engines.registry import choose_engine
from seedbed.networks.network import Network
from seedbed.networks.shapes import times
from seedbed.networks.user_module import as_network
from seedbed.noise.spec import NoiseSpec
from seedbed.training.engine import (
    NO_NOISE,
    Arrays,
    Engine,
    EpochRecord,
    RunResult,
    RunState,
    RunTask,
)
from seedbed.training.metrics import probabilities
from seedbed.training.recipe import Recipe

_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False, repr=False)
class TrainedRun:
    """One configuration trained with one seed.

    A run whose loss stopped being finite has a ``diverged_epoch``, a history of the epochs before,
    and neither weights nor logits.
    """

    task: RunTask
    """The network, the recipe, the dataset and the seeds."""
    history: tuple[EpochRecord, ...]
    """One record an epoch."""
    weights: Arrays | None
    """As in the obvious ``torch.nn.Module``; for images normalized by ``normalization()`` of the
    training split."""
    split_logits: Arrays
    """Of each split that was to be kept, N×K in the order of ``task.splits()``."""
    epoch: int | None
    """After which the weights were kept, counted from 1: the last, unless the recipe says other."""
    diverged_epoch: int | None
    """Counted from 1."""
    engine: Engine

    @property
    def seed(self) -> int | str:
        """Of every random choice of this run; ``"0-noise3"`` where a stream has its own."""
        return self.task.seeds.key

    @property
    def logits(self) -> NDArray[np.float32] | None:
        """N×K, of the test split in its order, if there is one and its logits were to be kept."""
        return self.split_logits.get("test")

    @property
    def test_accuracy(self) -> float:
        """The fraction of test images that the kept weights get right.

        Raises:
            SeedbedError: If the run diverged, or the dataset has no test split.
        """
        self._trained_weights()
        accuracy = self.history[(self.epoch or 0) - 1].test_accuracy
        if accuracy is None:
            raise SeedbedError("there is no test split", where=self.task.dataset.name)
        return accuracy

    def predict_proba(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the probability of each class for each image, as in scikit-learn.

        Args:
            images: N×H×W×C, of the size that the network was trained on, not normalized.

        Returns:
            N×K; each row sums to 1.

        Raises:
            DataError: If the images have another type or shape.
            SeedbedError: If the run diverged.
        """
        weights = self._trained_weights()
        shape = self.task.dataset.image_shape
        if images.dtype != np.uint8 or images.shape[1:] != shape:
            raise DataError(
                f"cannot use images of type {images.dtype} and shape {times(images.shape)}",
                expected=f"uint8, N×{times(shape)}",
                hint="give a single image as images[None]" if images.shape == shape else "",
            )
        normalization = self.task.dataset.train.normalization()
        return probabilities(self.engine.logits(self.task.network, weights, images, normalization))

    def _trained_weights(self) -> Arrays:
        if self.weights is None:
            raise SeedbedError(
                f"the run with seed {self.seed} diverged in epoch {self.diverged_epoch}",
                hint="look at diverged_epoch first; a lower learning rate may help",
            )
        return self.weights

    def __repr__(self) -> str:
        facts = [f"seed={self.seed}", f"epochs={len(self.history)}"]
        if self.weights is None:
            facts.append(f"diverged_epoch={self.diverged_epoch}")
        elif "test" in self.task.dataset.splits:
            facts.append(f"test_accuracy={self.test_accuracy:.4f}")
        return f"TrainedRun({', '.join(facts)})"


def train(
    network: Network | object,
    recipe: Recipe,
    dataset: DatasetSplits,
    seeds: int | Sequence[int | Seeds] = 5,
    *,
    noise: NoiseSpec = NO_NOISE,
    keep_logits: Sequence[str] = ("test",),
    threads: int | None = None,
    engine: str | Engine = "auto",
    device: str = "cpu",
    deterministic: bool = False,
) -> list[TrainedRun]:
    """Train ``network`` once for each seed.

    Ctrl-C ends it within a second, with nothing returned; a study on disk can be resumed.

    Args:
        network: What is trained: layers, or with PyTorch a ``torch.nn.Module`` or a function that
            returns one. A module starts from the weights that it has, the same for every seed; a
            function is called for every seed, and is given the number of classes where it has an
            argument ``num_classes``.
        recipe: How.
        dataset: On what; its test split is only measured on.
        seeds: How many (n stands for 0 to n - 1), or which ones; ``Seeds(run=3, noise=0)`` holds
            streams fixed.
        noise: What happens to the training labels, drawn anew for each seed.
        keep_logits: The splits whose logits are kept, of those that the run has.
        threads: How many cores to use; all that this process may use by default. Never changes a
            result.
        engine: ``native``, ``torch``, or ``auto``: native if it can train every run and no GPU was
            asked for, else torch. The name of another package's engine, or an engine.
        device: ``cpu``, or what PyTorch calls a GPU: ``cuda``, ``cuda:1``, ``mps``.
        deterministic: Whether a GPU, too, must give the same bits each time; slower.

    Returns:
        A run for each seed, in their order, diverged ones included.

    Warns:
        UserWarning: If a wrong label is at least as probable as the true one, so that the classes
            cannot be identified from the noisy labels.

    Raises:
        NetworkError: If the network does not fit the images, the classes or the engine.
        StudyError: If ``seeds``, ``threads``, ``engine`` or ``device`` cannot be used, or the
            recipe or the noise asks for what the dataset does not have.
        MissingExtra: If PyTorch is needed, and not installed.
        DataError: If human labels do not fit the images.
    """
    unknown = set(keep_logits) - set(SPLITS)
    if unknown:
        raise StudyError(
            f"there is no split {min(unknown)!r}",
            where="keep_logits",
            expected=f"some of {', '.join(SPLITS)}",
        )
    classes = len(dataset.class_names)
    network = as_network(network, classes)
    network.check(dataset.image_shape, classes)
    tasks = [
        RunTask(network, recipe, dataset, each, noise=noise, keep_logits=tuple(keep_logits))
        for each in _seeds(seeds)
    ]
    cores = available_cores() if threads is None else _whole(threads, "threads", minimum=1)
    chosen = _engine(engine, device, deterministic, tasks, cores)
    for task in tasks:
        chosen.check(task)
    if noise.active:
        # The same for every seed: it is a matter of what was asked for, or of what people did.
        warning = tasks[0].sample().labels.warning(dataset.class_names)
        if warning:
            warnings.warn(warning, UserWarning, stacklevel=2)

    collector = _Collector(len(tasks))
    stop = Event()
    # The engine works in a thread of its own, so that this one is free to notice Ctrl-C; leaving
    # the block waits for it.
    with ThreadPoolExecutor(max_workers=1) as worker:
        try:
            worker.submit(chosen.train, tasks, collector, threads=cores, stop=stop).result()
        finally:
            stop.set()
    return [
        TrainedRun(
            task,
            tuple(history),
            result.weights,
            result.logits,
            result.epoch,
            result.diverged_epoch,
            chosen,
        )
        for task, history, result in zip(
            tasks, collector.histories, collector.results(), strict=True
        )
    ]


def available_cores() -> int:
    """Return how many cores this process may use, which can be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Collector:
    """An observer that keeps everything but the states."""

    def __init__(self, runs: int) -> None:
        self.histories: list[list[EpochRecord]] = [[] for _ in range(runs)]
        self._results: dict[int, RunResult] = {}

    def images_trained(self, run: int, count: int) -> None:
        pass

    def epoch_finished(self, run: int, record: EpochRecord, state: RunState) -> None:  # noqa: ARG002
        self.histories[run].append(record)

    def run_finished(self, run: int, result: RunResult) -> None:
        self._results[run] = result

    def results(self) -> list[RunResult]:
        return [self._results[run] for run in range(len(self.histories))]


def _engine(
    engine: str | Engine, device: str, deterministic: bool, tasks: Sequence[RunTask], threads: int
) -> Engine:
    if not isinstance(engine, str):
        return engine
    choice = choose_engine(engine, device, tasks, deterministic=deterministic)
    _LOG.info("%s", choice.message(threads))
    return choice.engine


def _seeds(seeds: int | Sequence[int | Seeds]) -> list[Seeds]:
    if not isinstance(seeds, Sequence | np.ndarray):
        return [Seeds(run=seed) for seed in range(_whole(seeds, "seeds", minimum=1))]
    chosen = [
        seed if isinstance(seed, Seeds) else Seeds(run=_whole(seed, "seeds", minimum=0))
        for seed in seeds
    ]
    if not chosen:
        raise StudyError("there are none", where="seeds", expected="one or more")
    if len(set(chosen)) < len(chosen):
        raise StudyError("the same seed twice gives the same run twice", where="seeds")
    return chosen


def _whole(value: object, where: str, *, minimum: int) -> int:
    """Return ``value`` as an integer (NumPy's are welcome) of at least ``minimum``."""
    expected = f"a whole number, {minimum} or more"
    try:
        number = index(value)  # type: ignore[arg-type]
    except TypeError:
        number = minimum - 1
    if isinstance(value, bool) or number < minimum:
        raise StudyError(f"{value!r} cannot be used", where=where, expected=expected)
    return number
