"""Memory: the smallest of all limits, asked in a process that has them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from seedbed.core import memory
from seedbed.core.memory import usable_memory


def test_it_is_at_most_that_of_the_machine() -> None:
    assert 0 < usable_memory() <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@pytest.mark.parametrize("kind", ["RLIMIT_AS", "RLIMIT_DATA"])
def test_a_limit_of_the_process_counts(kind: str) -> None:
    code = f"""
import resource
from seedbed.core.memory import usable_memory
resource.setrlimit(resource.{kind}, (3 << 28, 3 << 28))
print(usable_memory())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert int(done.stdout) == 3 << 28


@pytest.mark.parametrize(("text", "expected"), [("4096\n", 4096), ("max\n", None), ("", None)])
def test_a_limit_of_a_container_counts(
    text: str, expected: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = usable_memory()
    (tmp_path / "memory.max").write_text(text, encoding="ascii")
    files = (tmp_path / "memory.max", tmp_path / "missing")
    monkeypatch.setattr(memory, "_CONTROL_GROUPS", files)
    assert usable_memory() == (expected or without)
