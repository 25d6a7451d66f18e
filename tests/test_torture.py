"""A short form of ``make torture``: a fixed seed, and a random one, which is printed."""

import re
import secrets
import subprocess
import sys
import time
from pathlib import Path

import pytest
from benchmarks.torture import inputs
from benchmarks.torture.corpus import Target, targets
from benchmarks.torture.trials import Outcome, call, together

ROOT = Path(__file__).parents[1]
CAMPAIGNS = ("kills", "rivals", "disk", "inputs")
SLOW = ("damages", "exits")
"""Several commands a trial."""


@pytest.mark.parametrize(
    ("campaigns", "share", "seed"),
    [
        pytest.param(CAMPAIGNS, "0.005", 0, id="fixed"),
        pytest.param(CAMPAIGNS, "0.005", secrets.randbelow(10**6), id="random"),
        pytest.param(SLOW, "0.001", secrets.randbelow(10**6), id="slow"),
    ],
)
def test_nothing_gets_through(
    campaigns: tuple[str, ...], share: str, seed: int, tmp_path: Path
) -> None:
    # In a process of its own, because forks of one with threads may wait for ever.
    words = [*campaigns, "--seed", str(seed), "--share", share, "--results", str(tmp_path)]
    command = [sys.executable, "-m", "benchmarks.torture", *words, "--kind", "grid with noise"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    for name in campaigns:
        found = re.findall(rf"^{name}.*: ([\d,]+) trials, 0 failures", done.stdout, re.MULTILINE)
        assert found, name
        assert all(int(trials.replace(",", "")) >= 1 for trials in found)
    assert "| 0 |" in (tmp_path / "torture.md").read_text(encoding="utf-8")


def test_the_sound_inputs_are_accepted(tmp_path_factory: pytest.TempPathFactory) -> None:
    for name, target in targets().items():
        for data in target.inputs:
            folder = tmp_path_factory.mktemp(name)
            assert inputs.check(target, folder, data) == ("accepted", ""), name


def test_a_failure_is_noticed() -> None:
    def bad() -> Outcome:
        outcome = Outcome("bad", 2)
        outcome.fail("it failed")
        return outcome

    assert together("bad", [bad, bad]).failures == ["it failed", "it failed"]
    assert "ZeroDivisionError" in call(lambda: 1 // 0)["error"]
    assert "hung" in call(lambda: time.sleep(9), 0.1)["error"]


@pytest.mark.parametrize(
    "failing", [OSError("no"), MemoryError("too much"), RecursionError("too deep")]
)
def test_errors_of_others_are_failures(failing: Exception, tmp_path: Path) -> None:
    def read(folder: Path, data: bytes) -> object:
        raise failing

    target = Target(read, (b"",), lambda data, draw: data)
    what, failure = inputs.check(target, tmp_path, b"")
    assert what == "failed"
    assert type(failing).__name__ in failure
