"""Several runs of a configuration that are trained together, as one job of the scheduler.

A small network leaves a GPU mostly idle, so many runs at once take little longer than one.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from threading import Event
from typing import Final

from seedbed.core.errors import NetworkError
from seedbed.engines.torch.failures import out_of_memory
from seedbed.engines.torch.run import TorchRun, evaluate_together, train_together
from seedbed.engines.torch.trainer import TorchTrainer
from seedbed.engines.torch.trial import why_alone
from seedbed.networks.network import Network
from seedbed.training.engine import Observer
from seedbed.training.splits import learned_images, validation_images

_LOG: Final = logging.getLogger(__name__)
_LOGITS: Final = 2**27
"""Number of logits to keep of runs that are evaluated at once: half a gigabyte."""


class TorchStack:
    """Runs that differ only in their seeds and labels.

    Args:
        runs: One or more, possibly at different epochs.
    """

    def __init__(self, runs: Sequence[TorchRun]) -> None:
        self.runs = runs
        self._at_once = self._evaluated_at_once = len(runs)

    @property
    def remaining_work(self) -> float:
        """Of all runs together."""
        return sum(run.remaining_work for run in self.runs)

    def epoch(self, trainer: TorchTrainer, observer: Observer, stop: Event) -> None:
        """Train the next epoch of the runs that are furthest behind."""
        together = self._next()
        if len(together) > 1 and together[0].done < together[0].task.recipe.epochs:
            self._train(together, trainer, observer, stop)
            if together[0].trained is None:  # stopped, or out of memory
                return
        for run in self._evaluated(together, trainer, stop):
            try:
                run.epoch(trainer, observer, stop)
            except RuntimeError as error:
                if not out_of_memory(error):
                    raise
                raise NetworkError(
                    f"not enough memory on {trainer.device} for a single run with a batch size of "
                    f"{run.task.recipe.batch_size}",
                    where=run.task.network.name,
                    hint="choose a smaller recipe.batch_size, or another device",
                ) from error

    def _next(self) -> list[TorchRun]:
        """Begin and return the runs that are furthest behind; none if all have ended."""
        while left := [run for run in self.runs if not run.ended]:
            behind = min(run.done for run in left)
            together = [run for run in left if run.done == behind][: self._at_once]
            new = [run for run in together if not run.networks]
            if not new:
                return together
            for run in new:  # it may be at a later epoch, or belong to another process
                run.begin()
        return []

    def _evaluated(
        self, together: Sequence[TorchRun], trainer: TorchTrainer, stop: Event
    ) -> Iterator[TorchRun]:
        """Yield the runs, some of them at a time evaluated in one pass."""
        left = list(together)
        while left:
            group = left[: min(self._evaluated_at_once, _most_at_once(left[0]))]
            if len(group) > 1:
                self._evaluate(group, trainer, stop)
            yield from group
            left = left[len(group) :]

    def _evaluate(self, runs: Sequence[TorchRun], trainer: TorchTrainer, stop: Event) -> None:
        start = time.perf_counter()
        try:
            evaluate_together(runs, trainer, stop)
        except (NetworkError, RuntimeError) as error:
            self._evaluated_at_once = _fewer(runs, trainer, "evaluating", error)
            return
        for run in runs:
            run.spent += (time.perf_counter() - start) / len(runs)

    def _train(
        self, runs: Sequence[TorchRun], trainer: TorchTrainer, observer: Observer, stop: Event
    ) -> None:
        start = time.perf_counter()
        try:
            objectives = [run.objective for run in runs]
            train_together(runs, trainer, observer.images_trained, stop, objectives=objectives)
        except (NetworkError, RuntimeError) as error:
            self._at_once = _fewer(runs, trainer, "training", error)
            return
        for run in runs:
            run.spent = (time.perf_counter() - start) / len(runs)


def _fewer(runs: Sequence[TorchRun], trainer: TorchTrainer, doing: str, error: Exception) -> int:
    """Return how many runs to go on with at once after an error, or raise it."""
    network = runs[0].task.network
    if isinstance(error, NetworkError) and network.opaque:
        _warn(network, f"{doing} {len(runs)} runs together failed ({error})")
        return 1  # a single run may work, or else reports the error
    if isinstance(error, RuntimeError) and out_of_memory(error):
        fewer = len(runs) // 2
        _LOG.warning(
            "not enough memory on %s for %s %d runs at once; continuing with %d",
            *(trainer.device, doing, len(runs), fewer),
        )
        return fewer
    raise error


def _most_at_once(run: TorchRun) -> int:
    """Return how many runs like this one may be evaluated at once."""
    (classes,) = run.task.network.shapes(run.task.dataset.image_shape)[-1]
    return max(1, _LOGITS // (classes * sum(map(len, run.splits.values()))))


def stacked(runs: Sequence[TorchRun], at_once: int, stop: Event) -> list[TorchStack]:
    """Return the runs in stacks of at most ``at_once``, in the order of their first run."""
    alike: dict[object, list[TorchRun]] = {}
    for run in runs:
        task = run.task
        images = learned_images(task.recipe, task.dataset.train, task.seeds)  # folds differ
        held_out = validation_images(task.recipe, task.dataset, task.seeds)
        recipe = task.recipe.model_dump_json()
        key = (task.network, recipe, id(task.dataset), images, held_out)
        alike.setdefault(key, []).append(run)
    stacks = []
    alone: dict[object, bool] = {}
    for group in alike.values():
        most, task = min(at_once, len(group)), group[0].task
        kind = task.network, task.dataset.image_shape
        if most > 1 and kind not in alone:
            why = why_alone(task, stop)
            alone[kind] = why is not None
            if why is not None:
                _warn(task.network, why)
        most = 1 if alone.get(kind) or task.recipe.robust.selects else most
        stacks += [TorchStack(group[start : start + most]) for start in range(0, len(group), most)]
    return stacks


def _warn(network: Network, reason: str) -> None:
    _LOG.warning("%s: training one run at a time, because %s", network.name, reason)
