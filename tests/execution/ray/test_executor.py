"""The Ray executor with Ray's real processes: the bits of one machine, whatever happens.

Ray takes seconds and memory to start, so all tests share one cluster.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import ray
from ray.cluster_utils import Cluster
from ray.exceptions import ObjectStoreFullError

from seedbed.core.errors import DataError, ExecutionError
from seedbed.engines.native.engine import NativeEngine
from seedbed.execution.driver import execute
from seedbed.execution.ray.executor import RayExecutor
from seedbed.study.loaded import LoadedStudy
from seedbed.study.spec.study import StudySpec
from seedbed.study.store.study import StudyStore
from seedbed.training.engine import EpochRecord
from sentences import Sentence
from slow_engine import SlowEngine
from small import Remembering, contents, loaded, run_small, runs, small_study

MEMORY = 80 * 2**20
"""Of a node's object store: nearly the least that Ray accepts."""
HELPERS = Path(__file__).parents[2] / "helpers"
NODE: dict[str, Any] = {"num_cpus": 1, "object_store_memory": MEMORY}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(HELPERS), *sys.path]))  # of all nodes
        cluster: Any = Cluster(
            initialize_head=True, head_node_args={**NODE, "include_dashboard": False}
        )
        try:
            cluster.add_node(**NODE)
            yield cluster
        finally:
            ray.shutdown()
            cluster.shutdown()


@pytest.fixture
def spec(tmp_path: Path) -> StudySpec:
    return small_study(tmp_path / "data")


def executor_of(
    study: LoadedStudy,
    address: str,
    monitor: Remembering,
    make_engine: Callable[[], Any] = SlowEngine,
    gpus: float = 0.0,
) -> RayExecutor:
    return RayExecutor(
        NativeEngine(),
        make_engine,
        study.datasets,
        address=address,
        gpus=gpus,
        notice=monitor.notice,
    )


def run_on(
    cluster: Any,
    spec: StudySpec,
    folder: Path,
    monitor: Remembering,
    make_engine: Callable[[], Any] = SlowEngine,
) -> StudyStore:
    study, store = LoadedStudy.load(spec), StudyStore(folder)
    execute(study, store, executor_of(study, cluster.address, monitor, make_engine), monitor)
    return store


class ChangesNodes(Remembering):
    """Kills a node of the cluster that is training, and adds another one."""

    def __init__(self, cluster: Any) -> None:
        super().__init__()
        self._cluster = cluster
        self._node = next(iter(cluster.worker_nodes))
        self.executor: Any = None

    def epoch_finished(self, run: int, record: EpochRecord) -> None:
        super().epoch_finished(run, record)
        if self._node and self._node.node_id in {t.node for t in self.executor._tasks.values()}:
            self._cluster.remove_node(self._node, allow_graceful=False)
            self._cluster.add_node(**NODE)
            self._node = None


def test_lost_nodes_new_nodes_and_a_killed_driver_change_no_bit(
    cluster: Any, tmp_path: Path
) -> None:
    spec = small_study(tmp_path / "data", seeds="40")
    file, folder = tmp_path / "small.toml", tmp_path / "study"
    file.write_text(spec.to_toml(), encoding="utf-8")
    cluster.add_node(**NODE)
    command = [sys.executable, str(HELPERS / "ray_driver.py"), str(file), str(folder)]
    path = os.pathsep.join([str(HELPERS), *sys.path])
    driver = subprocess.Popen([*command, cluster.address], env={**os.environ, "PYTHONPATH": path})
    try:
        while len(list(folder.glob("runs/*/weights.safetensors"))) < 5:
            assert driver.poll() is None
            time.sleep(0.05)
    finally:
        driver.send_signal(signal.SIGKILL)
        driver.wait()
    monitor, study, store = ChangesNodes(cluster), LoadedStudy.load(spec), StudyStore(folder)
    engine = partial(SlowEngine, delay=0.3)
    monitor.executor = executor_of(study, cluster.address, monitor, engine)
    execute(study, store, monitor.executor, monitor)
    assert 4 <= monitor.ended_before < 40
    assert any("lost its worker" in notice for notice in monitor.notices)
    assert any("has joined" in notice for notice in monitor.notices)
    assert contents(store) == contents(run_small(spec, tmp_path / "local", NativeEngine()))
    assert "resumed after a loss" in monitor.notices[-1]


def test_a_killed_worker_is_replaced(cluster: Any, spec: StudySpec, tmp_path: Path) -> None:
    monitor, deadly = Remembering(), tmp_path / "deadly"
    engine = partial(SlowEngine, deadly=deadly)
    store = run_on(cluster, spec, tmp_path / "study", monitor, engine)
    assert deadly.exists()
    assert sum("lost its worker (killed on node" in notice for notice in monitor.notices) >= 1
    assert contents(store) == contents(run_small(spec, tmp_path / "local", NativeEngine()))


def test_an_error_of_a_job_arrives_as_it_is_and_a_full_object_store_needs_the_disk(
    cluster: Any, spec: StudySpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_value: Any) -> None:
        raise ObjectStoreFullError

    monitor, study = Remembering(), LoadedStudy.load(spec)
    reference = contents(run_small(spec, tmp_path / "local", NativeEngine()))
    monkeypatch.setattr(ray, "put", full)
    store = run_on(cluster, spec, tmp_path / "study", monitor)
    assert any("has no room for" in notice for notice in monitor.notices)
    assert contents(store) == reference
    (tmp_path / "data" / "images.npz").unlink()
    executor = executor_of(study, cluster.address, monitor)
    with pytest.raises(DataError) as error:
        execute(study, StudyStore(tmp_path / "none"), executor, monitor)
    assert "lacks the dataset" in error.value.what


def test_a_full_object_store_stops_nothing(cluster: Any, spec: StudySpec, tmp_path: Path) -> None:
    class Fills(Remembering):
        def begin(self, *arguments: Any) -> None:
            super().begin(*arguments)
            self.ballast = [ray.put(np.zeros(MEMORY // 3, np.uint8)) for _ in range(3)]

    def of_a_notebook() -> SlowEngine:  # it cannot be imported where it is called
        return SlowEngine()

    store = run_on(cluster, spec, tmp_path / "study", Fills(), of_a_notebook)
    assert contents(store) == contents(run_small(spec, tmp_path / "local", NativeEngine()))


def test_stopping_takes_seconds(cluster: Any, spec: StudySpec, tmp_path: Path) -> None:
    class Pressed(Remembering):
        def epoch_finished(self, *arguments: Any) -> None:
            super().epoch_finished(*arguments)
            self.pressed = time.monotonic()
            raise KeyboardInterrupt

    monitor = Pressed()
    with pytest.raises(KeyboardInterrupt):
        run_on(cluster, spec, tmp_path / "study", monitor, partial(SlowEngine, delay=60.0))
    assert time.monotonic() - monitor.pressed < 5
    assert not ray.is_initialized()


def test_a_node_with_another_version_is_refused(
    cluster: Any, tmp_path: Path, sentence: Sentence
) -> None:
    spec = small_study(tmp_path / "data", seeds="8")
    other = tmp_path / "seedbed-9.9.9.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: seedbed\nVersion: 9.9.9\n")
    path = os.pathsep.join([str(tmp_path), *sys.path])
    node = cluster.add_node(**NODE, env_vars={"PYTHONPATH": path})
    try:
        monitor = Remembering()
        engine = partial(SlowEngine, delay=0.5)
        store = run_on(cluster, spec, tmp_path / "study", monitor, engine)
    finally:
        cluster.remove_node(node, allow_graceful=False)
    (notice,) = (notice for notice in monitor.notices if "9.9.9" in notice)
    sentence(re.sub(r"node \S+", "node NODE", notice))
    assert [loaded(run).record.status for run in runs(store)] == ["finished"] * 8


def test_more_gpus_than_there_are(cluster: Any, spec: StudySpec) -> None:
    with pytest.raises(ExecutionError) as error:
        executor_of(LoadedStudy.load(spec), cluster.address, Remembering(), gpus=2.0)
    assert error.value.where == "--gpus"
    assert not ray.is_initialized()


def test_tasks_share_a_gpu(cluster: Any, spec: StudySpec, tmp_path: Path) -> None:
    node = cluster.add_node(**NODE | {"num_cpus": 2, "num_gpus": 1})
    try:
        study, store, monitor = (
            LoadedStudy.load(spec),
            StudyStore(tmp_path / "study"),
            Remembering(),
        )
        execute(study, store, executor_of(study, cluster.address, monitor, gpus=0.5), monitor)
    finally:
        cluster.remove_node(node, allow_graceful=False)
    assert [loaded(run).record.status for run in runs(store)] == ["finished"] * 3
    assert "1 GPU" in monitor.notices[0]
