"""Records the calls of a module of kernels in a file, for ``tests/engines/native/replay.cpp``."""

import hashlib
import struct
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Final, Self

import numpy as np

from seedbed.engines.native.engine import NativeEngine

_BATCHES: Final = (
    "images",
    "order",
    "labels",
    "targets",
    "image_weights",
    "warps",
    "masks",
    "running",
    "partners",
    "shares",
    "erased",
    "fields",
    "smooth_columns",
    "smooth_rows",
)
_STATE: Final = ("first_moment", "second_moment", "average")


class Given:
    """An object of the module that groups arguments, and the arguments."""

    def __init__(self, of: type, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
        self.real = of(*arguments, **named)
        self.first: Any = arguments[0] if arguments else None
        self.named = named


class Tape:
    """A file of calls; in a ``with`` block, :meth:`engine` gives an engine that is recorded."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._known: dict[str, int] = {}
        self._trainers = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def engine(self) -> NativeEngine:
        """Return an engine whose calls are written to the file."""
        engine = NativeEngine()
        engine._module = _Module(engine._module, self)  # type: ignore[assignment]
        return engine

    def trainer(self, lanes: int, shape: list[int], scale: list[float], offset: list[float]) -> int:
        self.text("trainer")
        for number in (lanes, *shape):
            self.integer(number)
        self.array(np.array(scale, np.float32))
        self.array(np.array(offset, np.float32))
        self._trainers += 1
        return self._trainers - 1

    def call(self, kind: str, trainer: int) -> None:
        self.text(kind)
        self.integer(trainer)

    def integer(self, value: int) -> None:
        self._file.write(struct.pack("<q", value))

    def number(self, value: float) -> None:
        self._file.write(struct.pack("<d", value))

    def text(self, value: str) -> None:
        self.integer(len(value))
        self._file.write(value.encode())

    def array(self, value: np.ndarray[Any, Any] | None) -> None:
        if value is None:
            self.integer(-1)
            return
        raw = np.ascontiguousarray(value).tobytes()
        key = hashlib.sha256(raw).hexdigest()
        if key in self._known:
            self.integer(-2)
            self.integer(self._known[key])
            return
        self._known[key] = len(self._known)
        self.integer(len(raw))
        self._file.write(raw)

    def values(self, settings: dict[str, Any]) -> None:
        self.integer(len(settings))
        for name, value in settings.items():
            self.text(name)
            if isinstance(value, bool):
                self.text("flag")
                self.integer(value)
            elif isinstance(value, int):
                self.text("integer")
                self.integer(value)
            elif isinstance(value, float):
                self.text("number")
                self.number(value)
            else:
                self._list(value)

    def _list(self, values: Sequence[float]) -> None:
        whole = all(isinstance(value, int) for value in values)
        self.text("integers" if whole else "numbers")
        self.array(np.array(values, np.int64 if whole else np.float64))

    def batches(self, given: Given) -> None:
        for name in _BATCHES:
            self.array(given.named.get(name))

    def objective(self, given: Given) -> None:
        self.text(given.first)
        self.values(given.named["parameters"])
        self.number(given.named["label_smoothing"])
        for name in ("transition", "label_targets"):
            self.array(given.named.get(name))
        for name in ("early_weight", "early_decay"):
            self.number(given.named.get(name, 0.0))

    def optimizer(self, given: Given) -> None:
        named = given.named
        self.text(given.first)
        self.number(named["momentum"])
        self.integer(named["nesterov"])
        self.number(named["weight_decay"])
        for number in (*named["betas"], named["eps"], named["l1"], named["l2"], named["clip"]):
            self.number(number)

    def state(self, given: Given) -> None:
        self.array(given.first)
        for name in _STATE:
            self.array(given.named.get(name))

    def steps(self, given: Given) -> None:
        named = given.named
        self.integer(named["batch_size"])
        self.integer(named["first"])
        self.array(named["learning_rates"])
        self.array(named["average_decays"])
        self.number(named["loss"])


class _Module:
    """A module of kernels, recorded."""

    def __init__(self, real: ModuleType, tape: Tape) -> None:
        self._real = real
        self.TRAINERS = {
            lanes: lambda *arguments, lanes=lanes: _Trainer(real, tape, lanes, *arguments)
            for lanes in real.TRAINERS
        }

    def __getattr__(self, name: str) -> Any:
        of = getattr(self._real, name)
        return lambda *arguments, **named: Given(of, arguments, named)


class _Trainer:
    """A trainer, recorded."""

    def __init__(self, module: ModuleType, tape: Tape, lanes: int, *arguments: Any) -> None:
        self._real = module.TRAINERS[lanes](*arguments)
        self._tape = tape
        self._number = tape.trainer(lanes, *arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def add(self, kind: str, **settings: Any) -> None:
        self._tape.call("add", self._number)
        self._tape.text(kind)
        self._tape.values(settings)
        self._real.add(kind, **settings)

    def finish(self, images: int, threads: int, selects: bool) -> None:
        self._tape.call("finish", self._number)
        self._tape.integer(images)
        self._tape.integer(selects)
        self._real.finish(images, threads, selects)

    def finish_beside(self, other: Self) -> None:  # whose calls name the arrays of both
        self._real.finish_beside(other._real)

    def train(
        self, batches: Given, objective: Given, optimizer: Given, state: Given, steps: Given
    ) -> Any:
        tape = self._tape
        tape.call("train", self._number)
        tape.batches(batches)
        tape.objective(objective)
        tape.optimizer(optimizer)
        tape.state(state)
        tape.steps(steps)
        score = self._real.train(
            batches.real, objective.real, optimizer.real, state.real, steps.real
        )
        tape.state(state)
        tape.array(batches.named.get("running"))
        tape.number(score.loss)
        tape.integer(score.correct)
        return score

    def select(
        self,
        batches: Given,
        objective: Given,
        optimizer: Given,
        states: Sequence[Given],
        steps: Given,
        selection: Given,
        peer: Self | None,
    ) -> Any:
        tape = self._tape
        tape.call("select", self._number)
        tape.batches(batches)
        tape.objective(objective)
        tape.optimizer(optimizer)
        tape.steps(steps)
        tape.text(selection.first)
        tape.number(selection.named["keep"])
        tape.integer(selection.named["disputed"])
        tape.number(selection.named["agreement"])
        tape.integer(len(states))
        for state in states:
            tape.state(state)
        score = self._real.select(
            batches.real,
            objective.real,
            optimizer.real,
            [state.real for state in states],
            steps.real,
            selection.real,
            peer and peer._real,
        )
        for state in states:
            tape.state(state)
        tape.number(score.loss)
        tape.integer(score.correct)
        return score

    def gradient(
        self, batches: Given, objective: Given, weights: Any, out: Any, losses: Any
    ) -> Any:
        tape = self._tape
        tape.call("gradient", self._number)
        tape.batches(batches)
        tape.objective(objective)
        score = self._real.gradient(batches.real, objective.real, weights, out, losses)
        for array in (weights, out, losses):
            tape.array(array)
        tape.number(score.loss)
        return score

    def logits(self, batches: Given, weights: Any, out: Any) -> None:
        self._real.logits(batches.real, weights, out)
        tape = self._tape
        tape.call("logits", self._number)
        tape.batches(batches)
        tape.array(weights)
        tape.array(out)
