"""Processes that measure when they are asked to.

Each tool runs in a process of its own, with its own number of threads, started once: it loads the
images, and then sleeps until a line of JSON on its input asks for something. So the tools can take
turns without paying for their start, and none disturbs another. A process ends when its input ends,
so none is left behind even when the benchmark is killed.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

ROOT: Final = Path(__file__).resolve().parents[2]
SECONDS_TO_END: Final = 10
PYTORCH_WITH_AVX2: Final = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
}
"""Variables that keep PyTorch and its libraries from using what is newer than AVX2."""


class Worker:
    """A module of this package, running with ``threads`` threads until the ``with`` block ends.

    Args:
        module: Its name; it calls :func:`serve`.
        threads: For each library that might use some.
        environment: More variables for the process.
    """

    def __init__(self, module: str, threads: int, **environment: str) -> None:
        self._name = module
        names = ("OMP", "OPENBLAS", "MKL", "TF_INTRAOP", "TF_INTEROP")
        # A session of its own: Ctrl-C is the benchmark's to handle.
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"benchmarks.workers.{module}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=os.environ | {f"{name}_NUM_THREADS": str(threads) for name in names} | environment,
            start_new_session=True,
        )

    @property
    def running(self) -> bool:
        """Whether the process is still there."""
        return self._process.poll() is None

    def ask(self, task: str, **arguments: Any) -> None:
        """Have it begin; :meth:`answer` waits for the end."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"task": task, **arguments}) + "\n")
        self._process.stdin.flush()

    def answer(self) -> Any:
        """Return what the task returned.

        Raises:
            RuntimeError: If the process ended instead; it has said why on standard error.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the worker {self._name} has ended early")
        return json.loads(line)

    def call(self, task: str, **arguments: Any) -> Any:
        """Ask, and wait for the answer."""
        self.ask(task, **arguments)
        return self.answer()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None:  # in the middle of something that nobody waits for any more
            self._process.kill()
        try:
            self._process.communicate(timeout=SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()


def together(workers: Sequence[Worker], task: str, **arguments: Any) -> list[Any]:
    """Ask all of them at the same moment, and wait for all answers."""
    for worker in workers:
        worker.ask(task, **arguments)
    return [worker.answer() for worker in workers]


def serve(tasks: Mapping[str, Callable[..., Any]]) -> None:
    """Answer requests until the input ends.

    Libraries sometimes print; only answers may reach the output that the benchmark reads.
    """
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(tasks[request.pop("task")](**request)), file=answers, flush=True)
