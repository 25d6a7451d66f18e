"""A Ray cluster: started on this machine, or one that is running."""

import logging
import os
import signal
import socket
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import ray

from seedbed.core.errors import ExecutionError
from seedbed.execution.work import count_runs

SECONDS_TO_ANSWER: Final = 5.0
"""How long a cluster's address has to accept a connection."""


@dataclass(frozen=True)
class Node:
    """A machine of the cluster that is alive."""

    id: str
    name: str
    cores: float
    gpus: float


class Cluster:
    """The nodes of a Ray cluster.

    Args:
        address: ``auto`` for the cluster of this machine, or ``HOST:PORT``; by default, Ray is
            started on this machine.
        cores: For a Ray that is started.

    Raises:
        ExecutionError: If the address does not answer, or the cluster cannot be used, or this
            process is connected to another one.
    """

    def __init__(self, address: str | None, cores: int) -> None:
        self.address = address
        self._ours = not ray.is_initialized()  # a notebook may have called ray.init
        if self._ours:
            _connect(address, cores)
        elif address is not None:
            _check_connected(address)
        self.nodes: dict[str, Node] = {}
        self._known: dict[str, Node] = {}
        self.refresh()

    def refresh(self) -> tuple[list[Node], list[Node]]:
        """Look at the nodes again; return those that came and those that were lost."""
        nodes = {each["NodeID"]: each for each in _nodes() if each["Alive"]}
        came = []
        for node_id, facts in nodes.items():
            if node_id not in self._known:
                self._known[node_id] = _node(facts, self._known.values())
                came.append(self._known[node_id])
        lost = [node for node_id, node in self.nodes.items() if node_id not in nodes]
        self.nodes = {node_id: self._known[node_id] for node_id in nodes}
        return came, lost

    def name_of(self, node_id: str) -> str:
        """Return the name of a node, which may be lost."""
        if node_id not in self._known:
            self.refresh()
        return self._known[node_id].name if node_id in self._known else node_id[:8]

    def size(self, gpus: float) -> str:
        """Return the number of nodes and their cores or, if tasks take GPUs, their GPUs."""
        nodes = "1 node" if len(self.nodes) == 1 else f"{len(self.nodes)} nodes"
        total = sum(node.gpus if gpus else node.cores for node in self.nodes.values())
        unit = ("GPU" if gpus else "core") + ("" if total == 1 else "s")
        return f"{nodes}, {total:.0f} {unit}"

    def runs_by_node(self, runs: Counter[str]) -> str:
        """Return how many runs each node has trained, the most first."""
        parts = [
            f"{count_runs(count)} on {self.name_of(node_id)}"
            f"{'' if node_id in self.nodes else ' (lost)'}"
            for node_id, count in runs.most_common(MAX_NODES)
        ]
        others = runs.total() - sum(count for _, count in runs.most_common(MAX_NODES))
        if others:
            parts.append(f"{count_runs(others)} on {len(runs) - MAX_NODES} others")
        return ", ".join(parts)

    def close(self) -> None:
        """Disconnect; a Ray that was started here stops."""
        if self._ours:
            ray.shutdown()


MAX_NODES: Final = 12
"""Named in a message."""


def _nodes() -> list[dict[str, Any]]:
    nodes: Any = ray.nodes  # it has no types
    found: list[dict[str, Any]] = nodes()
    return found


def _node(facts: dict[str, Any], known: Iterable[Node]) -> Node:
    name, resources = facts["NodeManagerHostname"], facts["Resources"]
    if any(node.name.partition("#")[0] == name for node in known):
        name = f"{name}#{facts['NodeID'][:6]}"
    return Node(facts["NodeID"], name, resources.get("CPU", 0.0), resources.get("GPU", 0.0))


def _connect(address: str | None, cores: int) -> None:
    options: dict[str, Any] = {"address": address, "log_to_driver": False}
    if address is None:
        options = {**options, "address": "local", "num_cpus": cores, "include_dashboard": False}
    elif address != "auto":
        _check_answers(address)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is reported to anybody
    # Ray puts a handler of its own for SIGTERM in place of the command line's.
    in_main = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGTERM)
    try:
        with _silent():
            ray.init(**options, logging_level=logging.CRITICAL)
    except Exception as error:  # where a node does not start in time, Ray raises just that
        raise ExecutionError(
            f"Ray cannot be used: {_first_sentence(error)}",
            where=f"--address {address}" if address else "",
            hint=""
            if address is None
            else "run `ray start --head` on one machine of the cluster, "
            "and this command on a machine that has joined it",
        ) from error
    finally:
        if in_main:
            signal.signal(signal.SIGTERM, before)


def _check_connected(address: str) -> None:
    """Raise :class:`ExecutionError` if this process is not connected to the address."""
    connected = ray.get_runtime_context().gcs_address
    if address != connected:
        raise ExecutionError(
            f"this process is connected to Ray at {connected} already",
            where=f"--address {address}",
            hint="leave out the address to train there, or call ray.shutdown() first",
        )


@contextmanager
def _silent() -> Iterator[None]:
    """Keep Ray from printing what happens to nodes to standard output, which is for results.

    There is no option for it. Everything that is printed there comes as the error of a task, too.
    """
    worker: Any = import_module("ray._private.worker")
    listen = worker.listen_error_messages
    worker.listen_error_messages = lambda *_: None
    try:
        yield
    finally:
        worker.listen_error_messages = listen


def _check_answers(address: str) -> None:
    """Try to connect, because Ray would try for a minute."""
    where = f"--address {address}"
    host, _, port = address.rpartition(":")
    if "://" in address or not host or not port.isdecimal():
        raise ExecutionError(
            "is not the address of a Ray cluster",
            where=where,
            expected="auto, or HOST:PORT as printed by `ray start --head`",
        )
    try:
        socket.create_connection((host.strip("[]"), int(port)), SECONDS_TO_ANSWER).close()
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ExecutionError(
            f"no Ray cluster answers ({reason})",
            where=where,
            hint="start one with `ray start --head`, or leave out --address to use this machine",
        ) from error


def _first_sentence(error: BaseException) -> str:
    """Return the first sentence of an error of Ray, which may have many."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].partition(". ")[0].rstrip(".:")
