import signal
import socket
from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest
import ray

from seedbed.core.errors import ExecutionError
from seedbed.execution.ray.cluster import MAX_NODES, Cluster
from sentences import Sentence


@pytest.mark.parametrize("address", ["ray://head:10001", "head", "head:port", "http://head:8265"])
def test_what_is_no_address_is_refused(address: str, sentence: Sentence) -> None:
    with pytest.raises(ExecutionError) as error:
        Cluster(address, 1)
    assert error.value.where == f"--address {address}"
    assert "HOST:PORT" in error.value.expected
    sentence(error.value)


def test_an_address_that_does_not_answer(sentence: Sentence) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # nobody listens there
        port = held.getsockname()[1]
        with pytest.raises(ExecutionError) as error:
            Cluster(f"127.0.0.1:{port}", 1)
    assert error.value.where == f"--address 127.0.0.1:{port}"
    sentence(str(error.value).replace(str(port), "PORT"))


def test_no_cluster_on_this_machine(monkeypatch: pytest.MonkeyPatch, sentence: Sentence) -> None:
    def init(**_: Any) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise ConnectionError("Could not find any running Ray instance. Please specify ...")

    monkeypatch.setattr(ray, "init", init)
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(ExecutionError) as error:
        Cluster("auto", 1)
    assert error.value.where == "--address auto"
    sentence(error.value)
    assert signal.getsignal(signal.SIGTERM) is before


def test_ray_that_is_connected_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    context = SimpleNamespace(gcs_address="10.0.0.1:6379")
    monkeypatch.setattr(ray, "is_initialized", lambda: True)
    monkeypatch.setattr(ray, "get_runtime_context", lambda: context)
    monkeypatch.setattr(ray, "nodes", lambda: [facts(1 << 220)])
    for address in ("10.0.0.2:6379", "auto"):
        with pytest.raises(ExecutionError) as error:
            Cluster(address, 1)
        assert error.value.where == f"--address {address}"
        assert error.value.hint
    assert len(Cluster("10.0.0.1:6379", 1).nodes) == 1


def facts(number: int, **resources: float) -> dict[str, Any]:
    node_id = f"{number:056x}"
    return {
        "NodeID": node_id,
        "Alive": True,
        "NodeManagerHostname": "host",
        "Resources": {"CPU": 2.0, **resources},
    }


def test_nodes_come_and_are_lost(monkeypatch: pytest.MonkeyPatch, sentence: Sentence) -> None:
    nodes = [facts(1 << 220), facts(2 << 220, GPU=1.0)]
    monkeypatch.setattr(ray, "is_initialized", lambda: True)
    monkeypatch.setattr(ray, "nodes", lambda: nodes)
    cluster = Cluster(None, 1)
    assert cluster.size(0.0) == "2 nodes, 4 cores"
    assert cluster.size(0.5) == "2 nodes, 1 GPU"
    nodes[0]["Alive"] = False
    nodes.append(facts(3 << 220))
    came, lost = cluster.refresh()
    names = [cluster.name_of(each["NodeID"]) for each in nodes]
    assert len(set(names)) == 3
    assert [node.name for node in came] == names[2:]
    assert [node.name for node in lost] == names[:1]
    assert cluster.refresh() == ([], [])
    runs = Counter({nodes[0]["NodeID"]: 3, nodes[1]["NodeID"]: 1})
    sentence(cluster.runs_by_node(runs))
    many = Counter({f"{number:056x}": 2 for number in range(MAX_NODES + 3)})
    assert cluster.runs_by_node(many).endswith("6 runs on 3 others")
