"""Train one configuration with several seeds, in memory.

>>> runs = train(lenet5(), Recipe(epochs=5), load_dataset("digits"), seeds=5)
>>> [run.test_accuracy for run in runs]
"""

import logging
import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Event
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seedbed.core.arguments import instance_of, texts_of, whole
from seedbed.core.errors import DataError, SeedbedError, StudyError
from seedbed.core.seeds import Seeds
from seedbed.data.images import SPLITS, DatasetSplits
from seedbed.engines.registry import choose_engine
from seedbed.execution.local import TICK
from seedbed.execution.threads import cores_to_use
from seedbed.networks.network import Network
from seedbed.networks.shapes import times
from seedbed.networks.user_module import as_network
from seedbed.noise.spec import NoiseSpec
from seedbed.study.spec.seeds import SeedsValue, read_seeds
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

    A run that diverged has a ``diverged_epoch``, the history of the epochs before it, and neither
    weights nor logits.
    """

    task: RunTask
    """The network, the recipe, the dataset and the seeds."""
    history: tuple[EpochRecord, ...]
    """One record per epoch."""
    weights: Arrays | None
    """Named as in the equivalent ``torch.nn.Module``, for images normalized with
    ``normalization()`` of the training split."""
    split_logits: Arrays
    """N×K logits by split, for the splits in ``keep_logits``, ordered as in ``task.splits()``."""
    epoch: int | None
    """The epoch whose weights were kept, counted from 1: the last, unless the recipe's
    ``checkpoint`` selects another."""
    diverged_epoch: int | None
    """The epoch in which the loss became infinite or NaN or the method failed, counted from 1."""
    diverged_reason: str | None
    """Why the method failed; ``None`` where the loss became infinite or NaN."""
    engine: Engine

    @property
    def seed(self) -> int | str:
        """The seed of the run; with streams that have a different seed, as in ``"0-noise3"``."""
        return self.task.seeds.key

    @property
    def logits(self) -> NDArray[np.float32] | None:
        """N×K logits of the test split in its order, if they were kept."""
        return self.split_logits.get("test")

    @property
    def test_accuracy(self) -> float:
        """The fraction of test images that the kept weights classify correctly.

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
            images: N×H×W×C uint8, of the size that the network was trained on, not normalized.

        Returns:
            N×K; each row sums to 1.

        Raises:
            DataError: If the images have another type or shape.
            SeedbedError: If the run diverged.
        """
        weights = self._trained_weights()
        shape = self.task.dataset.image_shape
        if not isinstance(images, np.ndarray):
            raise DataError(
                f"cannot use images of type {type(images).__name__}",
                expected=f"an array of uint8, N×{times(shape)}",
            )
        if images.dtype != np.uint8 or images.shape[1:] != shape:
            raise DataError(
                f"cannot use images of type {images.dtype} and shape {times(images.shape)}",
                expected=f"uint8, N×{times(shape)}",
                hint="pass a single image as images[None]" if images.shape == shape else "",
            )
        normalization = self.task.dataset.train.normalization()
        return probabilities(self.engine.logits(self.task.network, weights, images, normalization))

    def _trained_weights(self) -> Arrays:
        if self.weights is None:
            because = f": {self.diverged_reason}" if self.diverged_reason else ""
            raise SeedbedError(
                f"the run with seed {self.seed} diverged in epoch {self.diverged_epoch}{because}",
                hint="check diverged_epoch first"
                + ("" if because else "; a lower learning rate may help"),
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
    seeds: SeedsValue | Sequence[Seeds] = 5,
    *,
    noise: NoiseSpec = NO_NOISE,
    keep_logits: Sequence[str] = ("test",),
    threads: int | None = None,
    engine: str | Engine = "auto",
    device: str = "cpu",
    deterministic: bool = False,
) -> list[TrainedRun]:
    """Train ``network`` once for each seed.

    Ctrl-C stops it within a second and returns nothing; a study on disk can be resumed.

    Args:
        network: The network: layers, or with PyTorch a ``torch.nn.Module`` or a function that
            returns one. A module starts from its current weights, the same for every seed; a
            function is called once per seed, with the number of classes if it has an argument
            ``num_classes``.
        recipe: How to train it.
        dataset: The images; the test split is used for evaluation only.
        seeds: The number of seeds (n means 0 to n - 1), or a list, in which ``Seeds(run=3,
            noise=0)`` holds a stream fixed; or a dict of a number or a list for each stream, which
            are crossed, as in ``{"initialization": 4, "order": 4}``.
        noise: Label noise to inject into the training labels, drawn again for each seed.
        keep_logits: The splits whose logits are kept, if the run has them.
        threads: Cores to use; by default all that are available to this process. Does not change
            results.
        engine: ``native``, ``torch``, or ``auto``: native if it can train every run and ``device``
            is ``cpu``, else torch. Also the name of an engine of another package, or an engine.
        device: ``cpu``, or a GPU by its name in PyTorch: ``cuda``, ``cuda:1``, ``mps``.
        deterministic: Whether training on a GPU must be reproducible bit for bit, which is slower.

    Returns:
        One run per seed, in the order of the seeds, including runs that diverged.

    Warns:
        UserWarning: If a wrong label is at least as probable as the true one, so that the classes
            cannot be identified from the noisy labels.

    Raises:
        NetworkError: If the network does not fit the images, the classes or the engine.
        StudyError: If ``seeds``, ``threads``, ``engine`` or ``device`` is invalid, or the recipe or
            the noise does not fit the dataset.
        MissingExtra: If PyTorch is needed but not installed.
        DataError: If human labels do not fit the images.
    """
    instance_of(Recipe, "recipe", recipe, "write Recipe(epochs=5)")
    instance_of(DatasetSplits, "dataset", dataset, "write load_dataset('digits')")
    instance_of(NoiseSpec, "noise", noise, "write NoiseSpec(kind='symmetric', rate=0.4)")
    unknown = set(texts_of("keep_logits", keep_logits)) - set(SPLITS)
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
        RunTask(network, recipe, dataset, run_seeds, noise=noise, keep_logits=tuple(keep_logits))
        for run_seeds in _seeds(seeds)
    ]
    cores = cores_to_use(threads)
    trainer = _engine(engine, device, deterministic, tasks, cores)
    for task in tasks:
        trainer.check(task)
    if noise.active:
        # The warning does not depend on the seed, so the first task is enough.
        warning = tasks[0].sample().labels.warning(dataset.class_names)
        if warning:
            warnings.warn(warning, UserWarning, stacklevel=2)

    collector = _Collector(len(tasks))
    stop = Event()
    # The engine runs in another thread, so that this one can handle Ctrl-C; leaving the block
    # waits for the engine.
    with ThreadPoolExecutor(max_workers=1) as worker:
        try:
            training = worker.submit(trainer.train, tasks, collector, threads=cores, stop=stop)
            # In a wait without end, a Ctrl-C that comes just before it begins is not handled.
            while not training.done():
                wait([training], timeout=TICK)
            training.result()
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
            result.diverged_reason,
            trainer,
        )
        for task, history, result in zip(
            tasks, collector.histories, collector.results(), strict=True
        )
    ]


class _Collector:
    """An observer that collects histories and results."""

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
        if not hasattr(engine, "train"):
            raise StudyError(
                f"{engine!r} cannot be used", where="engine", expected="a name, or an Engine"
            )
        return engine
    choice = choose_engine(engine, device, tasks, deterministic=deterministic)
    _LOG.info("%s", choice.message(threads))
    return choice.engine


def _seeds(seeds: SeedsValue | Sequence[Seeds]) -> list[Seeds]:
    if isinstance(seeds, Mapping):
        try:
            return list(read_seeds(seeds))
        except ValueError as error:
            raise StudyError(str(error), where="seeds") from None
    if not isinstance(seeds, Sequence | np.ndarray):
        return [Seeds(run=seed) for seed in range(whole("seeds", seeds, minimum=1))]
    listed = [
        seed if isinstance(seed, Seeds) else Seeds(run=whole("seeds", seed, minimum=0))
        for seed in seeds
    ]
    if not listed:
        raise StudyError("the list is empty", where="seeds", expected="one seed or more")
    if len(set(listed)) < len(listed):
        raise StudyError("a seed is listed twice", where="seeds", expected="different seeds")
    return listed
