"""The Ray executor: trains jobs in tasks of a Ray cluster.

Ray decides where a task runs, starts and replaces worker processes, moves the images, and notices
when a machine is gone. Only this process writes the study. It submits few more tasks than the
cluster has cores, so that other processes can share the study, and a cluster that grows by itself
is asked to.
"""

import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import ray
from ray.exceptions import (
    NodeDiedError,
    ObjectLostError,
    ObjectStoreFullError,
    OutOfDiskError,
    OutOfMemoryError,
    RayError,
    RayTaskError,
)

from seedbed.core.errors import ExecutionError
from seedbed.data.images import DatasetSplits
from seedbed.execution.executor import (
    Claim,
    EpochsFinished,
    Event,
    Failed,
    Finished,
    Job,
    Lost,
    Released,
    Started,
)
from seedbed.execution.ray.bundle import MAX_JOBS, Bundle, Durations, cores_wanted
from seedbed.execution.ray.cluster import Cluster
from seedbed.execution.ray.worker import task_function
from seedbed.execution.work import count_runs
from seedbed.study.store.record import version
from seedbed.training.engine import Engine

REFRESH: Final = 1.0
"""Seconds between two looks at the nodes."""
INTERVAL: Final = 0.5
"""Seconds between two reports of a task, with few tasks."""
REPORTS: Final = 100
"""Of all tasks in a second; with many tasks, each reports less often."""
SECONDS_TO_STOP: Final = 10.0


@dataclass
class _Task:
    """A bundle that has been submitted."""

    cores: int
    open: dict[str, Job]
    """The jobs that have not ended."""
    node: str = ""
    """Its id, once the task has started."""


@dataclass
class _Count:
    """What the user is told at the end."""

    runs: Counter[str] = field(default_factory=Counter)
    """Finished runs by node."""
    lost_nodes: int = 0
    resumed: int = 0


class RayExecutor:
    """Trains jobs on a Ray cluster, as :class:`seedbed.execution.executor.Executor` promises.

    Args:
        engine: The engine, as it is on this machine.
        make_engine: Makes it on a worker.
        datasets: Images in memory, by fingerprint.
        address: ``auto`` for the cluster of this machine, or ``HOST:PORT``; by default, Ray is
            started on this machine.
        cores: For a Ray that is started.
        gpus: GPUs of a task, or a fraction of one; 0 to train on cores.
        notice: Shows a message to the user.

    Raises:
        ExecutionError: If the cluster cannot be used, or no node has so many GPUs.
    """

    def __init__(
        self,
        engine: Engine,
        make_engine: Callable[[], Engine],
        datasets: Mapping[str, DatasetSplits],
        *,
        address: str | None = None,
        cores: int = 1,
        gpus: float = 0.0,
        notice: Callable[[str], None],
    ) -> None:
        self.engine = engine
        self._make_engine, self._datasets = make_engine, datasets
        self._address, self._cores, self._gpus = address, cores, gpus
        self._notice = notice
        self._cluster: Cluster | None = None
        if address is not None or gpus:  # what may be wrong with them is told at once
            self._cluster = self._connect()
        self._train = ray.remote(max_retries=0)(task_function())
        self._images: dict[str, Any] = {}
        self._waiting: deque[tuple[Job, Claim | None]] = deque()
        self._tasks: dict[Any, _Task] = {}
        self._ready: deque[Event] = deque()
        self._durations = Durations()
        self._refused: set[str] = set()
        self._lost: set[str] = set()
        self._count = _Count()
        self._refreshed = 0.0

    def submit(self, jobs: Sequence[Job], claim: Claim) -> None:
        """Let jobs wait for a core; those that lost their worker go first."""
        self._cluster = self._cluster or self._connect()
        self._waiting.extend((job, claim) for job in jobs if job.id not in self._lost)
        lost = [(job, claim) for job in jobs if job.id in self._lost]
        self._waiting.extendleft(reversed(lost))

    def next_event(self, timeout: float) -> Event | None:
        """Return the next event, or ``None`` if there is none for ``timeout`` seconds."""
        if not self._ready:
            self._refresh()
            self._start_tasks()
        if not self._ready:
            self._receive(timeout)
        return self._ready.popleft() if self._ready else None

    def stop(self) -> None:
        """End all jobs, and return when no training is running."""
        cluster, self._cluster = self._cluster, None
        if cluster is None:
            return
        tasks, self._tasks = list(self._tasks), {}
        for task in tasks:
            ray.cancel(task, force=True)
        if tasks:
            ended = [task.completed() for task in tasks]
            ray.wait(ended, num_returns=len(ended), timeout=SECONDS_TO_STOP)
        self._waiting.clear()
        self._ready.clear()
        self._images.clear()
        if self._count.runs:
            self._notice(self._summary(cluster))
        cluster.close()

    def _connect(self) -> Cluster:
        cluster = Cluster(self._address, self._cores)
        most = max((node.gpus for node in cluster.nodes.values()), default=0.0)
        if self._gpus > most:
            cluster.close()
            raise ExecutionError(
                f"a task needs {self._gpus:g} GPUs, and no node of the Ray cluster has more than "
                f"{most:g}",
                where="--gpus",
                expected=f"at most {most:g}" if most else 'device = "cpu"',
            )
        self._notice(
            f"Training on Ray {ray.__version__} ({cluster.size(self._gpus)}, "
            f"{self.engine.facts.title})"
        )
        return cluster

    @property
    def _nodes(self) -> Cluster:
        assert self._cluster is not None, "jobs are submitted first"
        return self._cluster

    def _slots(self) -> int:
        """Return how many tasks of one core, or of the share of a GPU, run at a time."""
        nodes = [node for node in self._nodes.nodes.values() if node.id not in self._refused]
        if self._gpus:
            return sum(int(node.gpus / self._gpus) for node in nodes)
        return sum(int(node.cores) for node in nodes)

    def _refresh(self) -> None:
        """Look at the nodes now and then, and tell the user who came and who was lost."""
        now = time.monotonic()
        if now - self._refreshed < REFRESH:
            return
        self._refreshed = now
        came, lost = self._nodes.refresh()
        for node in came:
            self._notice(f"node {node.name} has joined: {self._nodes.size(self._gpus)}")
        for node in lost:
            self._count.lost_nodes += 1
            self._notice(f"node {node.name} is lost: {self._nodes.size(self._gpus)}")
        if self._refused and not self._slots():
            raise ExecutionError(
                "no node of the Ray cluster has the Seedbed of this machine",
                where=f"--address {self._address}",
                expected=f"version {version()}",
                hint="install it on the nodes",
            )

    def _start_tasks(self) -> None:
        slots = self._slots()
        ahead = 1 + slots // 4
        while self._waiting:
            busy = sum(task.cores for task in self._tasks.values())
            if busy >= slots + ahead:
                return
            jobs = self._next_jobs(slots)
            if jobs:
                self._start_task(jobs, slots, busy)

    def _next_jobs(self, slots: int) -> list[Job]:
        """Claim the next jobs that are trained together."""
        jobs: list[Job] = []
        count = 1
        while self._waiting and len(jobs) < count:
            job, claim = self._waiting.popleft()
            claimed = job if claim is None else claim(job)
            if claimed is None:
                self._ready.append(Released(job.id))
                continue
            jobs.append(claimed)
            if job.id in self._lost:  # it may be what kills the workers
                break
            share = len(self._waiting) // max(1, slots if self._gpus else 2 * slots)
            most = MAX_JOBS if self._gpus else self._durations.jobs_at_once(job)
            count = min(1 + share, most)
        return jobs

    def _start_task(self, jobs: Sequence[Job], slots: int, busy: int) -> None:
        cores = 1
        if not self._gpus:
            largest = max((int(node.cores) for node in self._nodes.nodes.values()), default=1)
            share = (slots - busy) // (1 + len(self._waiting))
            wanted = max(cores_wanted(job, self.engine.facts) for job in jobs)
            cores = max(1, min(share, wanted, largest))
        interval = max(INTERVAL, slots / REPORTS)
        bundle = _pickled(Bundle(jobs, self._make_engine, cores, interval))
        options: dict[str, Any] = {"num_cpus": cores, "num_returns": "streaming"}
        if self._gpus:
            options["num_gpus"] = self._gpus
        if self._refused:
            options["label_selector"] = {"ray.io/node-id": f"!in({', '.join(self._refused)})"}
        task = self._train.options(**options, _generator_backpressure_num_objects=2).remote(
            version(), bundle, self._stored(jobs)
        )
        self._tasks[task] = _Task(cores, {job.id: job for job in jobs})

    def _stored(self, jobs: Sequence[Job]) -> dict[str, Any]:
        """Return where the images of jobs are in the object store, by fingerprint."""
        stored = {}
        for fingerprint in {job.run.configuration.fingerprint for job in jobs}:
            if fingerprint not in self._images:
                self._images[fingerprint] = self._put(self._datasets[fingerprint])
            stored[fingerprint] = self._images[fingerprint]
        return stored

    def _put(self, dataset: DatasetSplits) -> Any:
        """Put a dataset into the object store; return ``None`` if there is no room."""
        for split in dataset.splits.values():  # what is computed once travels, too
            split.normalization()
        assert dataset.fingerprint
        try:
            return ray.put(dataset)
        except (ObjectStoreFullError, OutOfDiskError):
            self._notice(
                f"Ray's object store has no room for {dataset.title}; nodes look for it on their "
                "disks"
            )
            return None

    def _receive(self, timeout: float) -> None:
        """Wait for tasks to report, and make events of what they say."""
        if not self._tasks:
            time.sleep(timeout)
            return
        tasks: list[Any] = list(self._tasks)
        if not ray.wait(tasks, timeout=timeout)[0]:
            return
        ready: Sequence[Any] = ray.wait(tasks, num_returns=len(tasks), timeout=0)[0]
        for task in ready:
            try:
                report: Any = ray.get(next(task))
            except StopIteration:
                self._lose(task, "its task ended early")
            except RayTaskError as error:  # of Seedbed's own code: errors of jobs are events
                self._fail(task, error.cause or error)
            except RayError as error:
                self._lose(task, self._reason(task, error))
            else:
                self._take(task, report)

    def _take(self, handle: Any, report: Any) -> None:
        task = self._tasks[handle]
        if isinstance(report, tuple):
            task.node, installed = report
            if installed != version():
                self._refuse(handle, installed)
            return
        for event in report:
            match event:
                case Started():
                    self._count.resumed += event.id in self._lost
                    self._lost.discard(event.id)
                case EpochsFinished():
                    self._durations.add(event)
                case Finished():
                    self._count.runs[task.node] += 1
            if isinstance(event, Finished | Failed):
                del task.open[event.id]
            self._ready.append(event)
        if not task.open:
            del self._tasks[handle]

    def _refuse(self, handle: Any, installed: str) -> None:
        """Send the jobs of a task elsewhere, because its node has another Seedbed."""
        task = self._tasks.pop(handle)
        self._waiting.extendleft((job, None) for job in reversed(list(task.open.values())))
        if task.node not in self._refused:
            self._refused.add(task.node)
            has = f"Seedbed {installed}, not {version()}" if installed else "no Seedbed"
            self._notice(f"node {self._nodes.name_of(task.node)} has {has}: it trains nothing")
        self._refreshed = 0.0

    def _lose(self, handle: Any, reason: str) -> None:
        task = self._tasks.pop(handle)
        self._lost.update(task.open)
        self._ready.extend(Lost(run_id, reason) for run_id in task.open)
        self._refreshed = 0.0

    def _fail(self, handle: Any, error: BaseException) -> None:
        self._ready.extend(Failed(run_id, error) for run_id in self._tasks.pop(handle).open)

    def _reason(self, handle: Any, error: RayError) -> str:
        node = self._tasks[handle].node
        name = f"node {self._nodes.name_of(node)}" if node else "a node"
        if isinstance(error, NodeDiedError | ObjectLostError):
            return f"{name} was lost"
        if isinstance(error, OutOfMemoryError):
            return f"out of memory on {name}"
        return f"killed on {name}"

    def _summary(self, cluster: Cluster) -> str:
        parts = [cluster.runs_by_node(self._count.runs)]
        if lost := self._count.lost_nodes:
            parts.append("1 node was lost" if lost == 1 else f"{lost} nodes were lost")
        if self._count.resumed:
            parts.append(f"{count_runs(self._count.resumed)} resumed after a loss")
        return "; ".join(parts)


def _pickled(bundle: Bundle) -> bytes:
    """Return a bundle as bytes, also with an engine that was defined in a notebook."""
    dumps: Any = ray.cloudpickle.dumps  # it has no types
    pickled: bytes = dumps(bundle)
    return pickled
