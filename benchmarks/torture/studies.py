"""Small studies of every kind, how they are trained in a process, and what must not differ."""

import contextlib
import errno
import hashlib
import io
import json
import os
import re
import signal
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.torture.trials import Shared, call
from seedbed.analysis.registry import analyses
from seedbed.cli.main import COMMANDS
from seedbed.core import files as core_files
from seedbed.core.errors import SeedbedError
from seedbed.execution.progress import QuietMonitor
from seedbed.report.page.vega import vega_script

BEFORE, TRAINING, AFTER = range(3)
"""What a process is doing: loading, training, analyzing."""
TIMES: Final = ("started", "finished", "seconds", "files", "versions", "machine", "checksum")
"""Fields of ``run.json`` that differ from process to process, and hashes of files with such."""

_NOT_COMPARED: Final = (
    "study.toml",
    "claims.json",
    "summary.json",
    "report.html",
    "thumbnails.zip",
)
"""Files with paths and times in them, and those of the page, which not every process writes. The
table is made from the summary, and compared; so is the page of those that write one."""
PAGE: Final = "page"
_VARYING: Final = re.compile(
    r"[0-9a-f]{64}|(?<=data-)[0-9a-f]{32}|\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.+Z]*"
    r"|\d{1,2} [A-Z][a-z]+ \d{4}|\d\d:\d\d( UTC \([^)]*\))?"
)
"""What differs between pages of the same study in two folders: checksums of files with paths, and
times. Seconds do not: see :class:`_Ticks`."""

_COMMON: Final = 'name = "tortured"\ndataset = { path = "images.npz" }\n'
AUDIT: Final = "audit"
"""The kind that `seedbed audit` trains, of which only kills are tried."""
SHORT: Final = "short"
"""A file that says that the runs of a study end before their first checkpoint, and so are stored in
one step."""
STUDIES: Final = {
    "native": f'{_COMMON}network = "lenet5"\nseeds = 2\n[recipe]\nepochs = 6\nbatch_size = 16\n',
    "torch": f'{_COMMON}network = "lenet5"\nseeds = 2\nengine = "torch"\n'
    '[recipe]\nepochs = 3\nbatch_size = 32\noptimizer = "adamw"\n',
    "module": f'{_COMMON}network = {{ module = "nets:make", width = 8 }}\nseeds = 2\n'
    "[recipe]\nepochs = 3\nbatch_size = 32\n",
    "grid with noise": f'{_COMMON}network = "lenet5"\nseeds = 1\n'
    "[recipe]\nepochs = 4\nbatch_size = 16\nema_decay = 0.9\nvalidation_size = 20\n"
    'checkpoint = "best-on-validation"\n'
    "[noise]\nkind = 'symmetric'\nrate = [0.2, 0.4]\n",
    "co-teaching": f'{_COMMON}network = "lenet5"\nseeds = 2\n'
    "[recipe]\nepochs = 4\nbatch_size = 16\n"
    "[recipe.robust]\nmethod = 'co-teaching'\nforget_rate = 0.2\n"
    "[noise]\nkind = 'symmetric'\nrate = 0.2\n",
    AUDIT: f'{_COMMON}network = "lenet5"\nseeds = 1\n[recipe]\nepochs = 4\nbatch_size = 16\n',
    "claims and kept splits": f"{_COMMON}seeds = 2\n"
    'network = ["lenet5", { name = "lenet5", activation = "tanh" }]\n'
    'keep_logits = ["train", "validation", "test"]\n'
    "[recipe]\nepochs = 3\nbatch_size = 16\nvalidation_size = 20\n"
    '[[claims]]\nclaim = "ReLU is better"\nbetter = ["network.activation=relu"]\n'
    'than = ["network.activation=tanh"]\n',
}
"""Study files by kind: short, but with checkpoints, several runs and every kind of file."""
_NETS: Final = """from torch import nn


def make(num_classes, width):
    return nn.Sequential(
        nn.Conv2d(1, width, 3), nn.BatchNorm2d(width), nn.ReLU(), nn.Flatten(), nn.Dropout(0.1),
        nn.Linear(36 * width, num_classes),
    )
"""


def prepare(kind: str, folder: Path, *, short: bool = False) -> Path:
    """Write a study of a kind, and its images, into a folder; return its file."""
    draw = np.random.default_rng(0)
    arrays: dict[str, Any] = {}
    for split, count in (("train", 120), ("test", 40)):
        labels = np.arange(count) % 4
        images = draw.integers(0, 150, (count, 8, 8))
        images[np.arange(count), labels, labels] += 100
        arrays[f"{split}_images"], arrays[f"{split}_labels"] = images.astype(np.uint8), labels
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "images.npz", **arrays)
    (folder / "nets.py").write_text(_NETS)
    file = folder / "study.toml"
    file.write_text(STUDIES[kind], encoding="utf-8")
    if kind == AUDIT:
        (folder / AUDIT).touch()
    if short:
        (folder / SHORT).touch()
    return file


def preload() -> None:
    """Import all that trials need, so that forks have it; nothing may start a thread."""
    modules = (
        "altair",
        "torch",
        "seedbed.analysis.registry",
        "seedbed.engines.torch.engine",
        "seedbed.execution.driver",
        "seedbed.execution.local",
        "seedbed.report.page.file",
        "seedbed.workflow",
        *(f"seedbed.cli.commands.{name}" for name in COMMANDS),
    )
    for name in modules:
        if name != "torch" or find_spec("torch"):
            import_module(name)
    call(lambda: bool(vega_script()))  # if it is not cached, a script engine starts threads
    vega_script()
    analyses()


def kinds() -> tuple[str, ...]:
    """Return the kinds of studies that can be trained here."""
    of_torch = ("torch", "module")
    return tuple(name for name in STUDIES if find_spec("torch") or name not in of_torch)


def train(folder: Path, shared: Shared | None = None, *, page: bool = False) -> None:
    """Train the study of a folder into ``out`` in it, and write its page if asked to."""
    from seedbed import workflow
    from seedbed.execution.storing import claims
    from seedbed.label_errors.several import audits_of

    for name, tick in _CLOCKS.items():
        import_module(name).__dict__["time"] = _Ticks(tick)
    if not (folder / SHORT).exists():
        claims.CHECKPOINT_INTERVAL = 0.0  # or else these runs end before their first checkpoint
    shared = shared or Shared()
    shared.show(BEFORE)
    file, out = folder / "study.toml", folder / "out"
    if (folder / AUDIT).exists():
        phases = _Phases(shared)
        next(
            audits_of(
                file, out=out, seeds=1, folds=2, repeats=2, threads=1, quiet=True, monitor=phases
            )
        )
        shared.show(AFTER)
        return
    study = workflow.run(str(file), out=out, threads=1, quiet=True, monitor=_Phases(shared))
    shared.show(AFTER)
    if page:
        study.report()


def train_or_refuse(folder: Path, shared: Shared | None = None, *, page: bool = False) -> None:
    """Train; note any error but Seedbed's in a file ``error-...``."""
    try:
        train(folder, shared, page=page)
    except SeedbedError:
        pass
    except BaseException:
        (folder / f"error-{os.getpid()}").write_text(traceback.format_exc(), encoding="utf-8")
        raise


def command(*words: str | Path) -> dict[str, Any]:
    """Run a command line in this process; return its status and its output."""
    from seedbed.cli.main import main

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = main(list(map(str, words)))
        except SystemExit as end:
            status = int(end.code or 0)
    return {"status": status, "out": out.getvalue(), "err": err.getvalue()}


_CLOCKS: Final = {"seedbed.training.run": 1 / 64, "seedbed.engines.torch.stack": 0.0}
"""Modules that measure how long an epoch takes, and seconds that pass whenever they ask. A stack
divides them among its runs, which are fewer after a kill."""


class _Ticks:
    """A clock by which every epoch takes as long as any other, so that pages can be compared."""

    def __init__(self, tick: float) -> None:
        self._now, self._tick = 0.0, tick

    def perf_counter(self) -> float:
        """Return a time, a tick after the last one."""
        self._now += self._tick
        return self._now


def digest(folder: Path, *, page: bool = False) -> dict[str, str]:
    """Return a hash of everything in a trained study that no interruption may change.

    Args:
        folder: Of the study.
        page: Whether to write its page and to include it.
    """
    from seedbed import workflow

    found: dict[str, Any] = {}
    out = folder / "out"
    for file in sorted(out.rglob("*")):
        name = str(file.relative_to(out))
        if not file.is_file() or name.startswith((".", *_NOT_COMPARED)):
            continue
        if file.name == "history.jsonl":
            lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
            contents: Any = [{**line, "seconds": None} for line in lines]
        elif file.name == "run.json":
            record = json.loads(file.read_text(encoding="utf-8").replace(str(folder), ""))
            contents = {key: value for key, value in record.items() if key not in TIMES}
        else:
            contents = hashlib.sha256(file.read_bytes()).hexdigest()
        found[name] = contents
    study = workflow.open(out)
    found["table"] = str(study.table())
    if page:
        study.report()
        text = (out / "report.html").read_text(encoding="utf-8")
        found[PAGE] = _VARYING.sub("", text.replace(str(folder), ""))
    return {
        name: hashlib.sha256(json.dumps(contents, sort_keys=True).encode()).hexdigest()[:16]
        for name, contents in found.items()
    }


def difference(expected: dict[str, str], actual: dict[str, Any]) -> str:
    """Return how a digest differs from another; empty if it does not.

    A page is compared if the second has one.
    """
    if "error" in actual:
        return str(actual["error"])[-1500:]
    names = [
        name
        for name in sorted({*expected, *actual})
        if expected.get(name) != actual.get(name) and (name in actual or name != PAGE)
    ]
    return f"differs in {', '.join(names[:6])}" if names else ""


@dataclass
class Files:
    """Counts every step of writing a file in this process, and strikes at one of them.

    The steps of a write are: before it, with half of it written, and after it; then before and
    after the file gets its name. What opens files for reading is left alone.
    """

    strike: Callable[[], None]
    at: int = -1
    forever: bool = False
    """Whether to strike at all later steps too."""
    steps: int = field(default=0, init=False)

    def install(self) -> None:
        """Take over from here; a process that has been forked for a trial cannot go back."""

        def opening(opened: Callable[..., Any]) -> Callable[..., Any]:
            def open_file(path: Any, mode: str = "r", *more: Any, **options: Any) -> Any:
                file = opened(path, mode, *more, **options)
                return _File(file, self) if set(mode) & set("wxa") else file

            return open_file

        def naming(named: Callable[..., Any]) -> Callable[..., Any]:
            def name(path: Path, target: Any) -> Any:
                self.step()
                result = named(path, target)
                self.step()
                return result

            return name

        Path.open = opening(Path.open)  # type: ignore[method-assign]
        core_files.__dict__["open"] = opening(open)  # which is faster where a run ends
        Path.replace = naming(Path.replace)  # type: ignore[method-assign]
        Path.rename = naming(Path.rename)  # type: ignore[method-assign]

    def step(self) -> None:
        """Count a step, and strike if it is the one."""
        number, self.steps = self.steps, self.steps + 1
        if number == self.at or (self.forever and number > self.at >= 0):
            self.strike()


def killed() -> None:
    """Kill this process, as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def full() -> None:
    """Fail as a full disk does."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class _File:
    """A file for writing whose writes come in two halves."""

    def __init__(self, file: Any, files: Files) -> None:
        self._file, self._files = file, files

    def write(self, data: Any) -> int:
        self._files.step()
        half = len(data) // 2
        self._file.write(data[:half])
        self._file.flush()
        self._files.step()
        self._file.write(data[half:])
        self._file.flush()
        self._files.step()
        return len(data)

    def __enter__(self) -> "_File":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class _Phases(QuietMonitor):
    """Shows when training begins and ends, and nothing else."""

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self._shared = shared

    def notice(self, text: str) -> None:
        pass

    def begin(self, runs: Sequence[Any], ended: int) -> None:  # noqa: ARG002
        self._shared.show(TRAINING)

    def end(self) -> None:
        self._shared.show(AFTER)
