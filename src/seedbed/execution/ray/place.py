"""Where runs are trained, as the user says it: a Ray cluster."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec

from seedbed.core.errors import MissingExtra, StudyError
from seedbed.engines.registry import choose_engine
from seedbed.execution.executor import Executor
from seedbed.study.loaded import LoadedStudy
from seedbed.training.engine import Engine


@dataclass(frozen=True)
class Ray:
    """Trains the runs of a study on a Ray cluster, as in ``run("mnist", executor=Ray())``.

    Args:
        address: ``auto`` for the cluster of this machine, or ``HOST:PORT``; by default, Ray is
            started on this machine, and stopped at the end.
        gpus: GPUs that a task takes if the study's device is ``cuda``: 1 by default, 2 or more for
            several, or a fraction above 0 so that tasks share one.

    Raises:
        StudyError: If ``gpus`` is no number of GPUs.
    """

    address: str | None = None
    gpus: float | None = None

    def __post_init__(self) -> None:
        gpus = self.gpus
        if gpus is not None and not (0 < gpus <= 1 or (gpus > 1 and float(gpus).is_integer())):
            raise StudyError(
                f"{gpus:g} GPUs cannot be used",
                where="gpus",
                expected="a whole number, or a fraction above 0",
            )

    def __call__(
        self, study: LoadedStudy, engine: Engine, *, threads: int, notice: Callable[[str], None]
    ) -> Executor:
        """Return the executor; see :class:`seedbed.execution.executor.MakeExecutor`.

        Raises:
            MissingExtra: If Ray is not installed.
            StudyError: If the study's device does not fit.
            ExecutionError: If the cluster cannot be used.
        """
        facts, spec = engine.facts, study.spec
        if facts.device not in ("cpu", "cuda"):
            raise StudyError(
                f"a Ray task cannot choose the device {facts.device!r}",
                where="device",
                expected="cpu or cuda",
            )
        if self.gpus is not None and facts.device == "cpu":
            raise StudyError(
                "the study trains on the CPU", where="gpus", expected='device = "cuda"'
            )
        if find_spec("ray") is None:
            raise MissingExtra("ray", "the Ray executor")
        make_engine = partial(_engine, facts.name, facts.device, deterministic=spec.deterministic)
        executor: Executor = import_module("seedbed.execution.ray.executor").RayExecutor(
            engine,
            make_engine,
            study.datasets,
            address=self.address,
            cores=threads,
            gpus=0.0 if facts.device == "cpu" else self.gpus or 1.0,
            notice=notice,
        )
        return executor


def _engine(name: str, device: str, *, deterministic: bool) -> Engine:
    """Return the engine of a worker."""
    return choose_engine(name, device, (), deterministic=deterministic).engine
