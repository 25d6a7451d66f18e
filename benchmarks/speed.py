"""LeNet-5 on MNIST: seconds of one training epoch of one run, beside the peers, on two cores.

Every side trains the same network in float32 with SGD (momentum 0.9) and cross-entropy on the same
60,000 images, shuffled, which are in memory before the clock starts: Seedbed keeps pixels as bytes
and normalizes them in its kernels, the peers get normalized float tensors. Only training steps are
timed, no evaluation.

- Seedbed on two cores trains two runs at once; the time until the later one has finished its epoch
  is divided by two. On one core it trains one run. Each measurement is a whole epoch.
- PyTorch, eager, 2 threads: one run; batches are picked from the tensors by index.
- PyTorch, 2 processes: the same with one thread each, two runs at once; the later one's time,
  divided by two.
- PyTorch, DataLoader: the usual script, a shuffling ``DataLoader`` of a ``TensorDataset``, 2
  threads.
- PyTorch, compiled: the first of these with ``Module.compile``; the steps before the clock starts
  pay for the compilation.
- JAX: ``jax.jit`` of an epoch, a ``lax.scan`` over its batches, compiled before the clock starts;
  2 threads for its library of products, and as many as it likes for the rest.
- Keras: ``Model.fit`` with its default settings on TensorFlow, 2 threads.
- PyTorch, AVX2 only: its libraries are told to use nothing newer, as on a processor that has no
  more. Seedbed with AVX2 is compared with this.

Peers run a quarter of an epoch (after five steps that are not timed), scaled to 60,000 images. They
take turns within a round, and a ratio compares times of the same round.

The yardstick is the fastest float32 matrix product that PyTorch or NumPy do in the same rounds on
two cores (squares of 512, 1024 or 2048). The limit is the rate of fused multiply-adds in registers
with the same set of instructions, on both cores at once; it needs a C++ compiler. An epoch's
floating-point operations are those of the layers' products alone, computed from the network; so
Seedbed's rate is not flattered by anything else that it does.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Final

from benchmarks.machine import describe_machine
from benchmarks.measured import Measured, interleaved, table
from benchmarks.outcome import Outcome, finish, options
from benchmarks.workers.fma import FLAGS
from benchmarks.workers.process import PYTORCH_WITH_AVX2, Worker, together
from seedbed.display.formatters import NONE
from seedbed.execution.threads import available_cores

BATCH_SIZES: Final = (128, 32)
IMAGES_OF_PEERS: Final = 15_000
CORES: Final = 2
PEERS: Final = {
    "torch": "PyTorch",
    "jax": "JAX",
    "keras": "Keras",
    "tensorflow": "TensorFlow",
}

Measure = Callable[[], float]


@dataclass(frozen=True)
class Epoch:
    """Something that trains an epoch."""

    label: str
    batch_size: int


@dataclass(frozen=True)
class Product:
    """Something that multiplies matrices."""

    label: str


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and keep the result."""
    chosen = options(__doc__, rounds=5).parse_args(arguments)
    if available_cores() < CORES:
        raise SystemExit(f"this benchmark needs {CORES} cores")
    machine = describe_machine()
    absent = [name for module, name in PEERS.items() if find_spec(module) is None]
    with ExitStack() as stack:

        def start(module: str, threads: int, **environment: str) -> Worker:
            return stack.enter_context(Worker(module, threads, **environment))

        native = start("native", 1)
        dataset: str = native.call("dataset")
        operations: int = native.call("operations")
        instructions: list[str] = native.call("instructions")
        epochs = dict(_seedbed(native, instructions))
        products = dict(_numpy(start, "avx2" in instructions))
        products |= _limits(start, instructions)
        if "PyTorch" not in absent:
            shared, single = start("pytorch", CORES), [start("pytorch", 1) for _ in range(CORES)]
            epochs |= _pytorch(shared, single)
            if "avx2" in instructions[1:]:
                older = start("pytorch", CORES, **PYTORCH_WITH_AVX2)
                epochs |= _eager("PyTorch, eager, AVX2 only, 2 threads", older)
            products |= _pytorch_products(shared, single)
            for compiled in (False, True):
                _check_learning("PyTorch", shared, compiled=compiled)
        if "JAX" not in absent:
            jax = start("jax_scan", CORES)
            _check_learning("JAX", jax)
            epochs |= _by_batch_size("JAX, jit and scan, 2 threads", jax)
        if not {"Keras", "TensorFlow"} & set(absent):
            keras = start("keras_tensorflow", CORES)
            epochs |= _by_batch_size("Keras on TensorFlow, 2 threads", keras)
        measured = interleaved({**epochs, **products}, chosen.rounds)

    times = {name: value for name, value in measured.items() if isinstance(name, Epoch)}
    rates = {name: value for name, value in measured.items() if isinstance(name, Product)}
    ours = [seedbed_label(each, CORES) for each in instructions[:-1] or instructions]
    blocks = [f"Dataset: {dataset}. n = {chosen.rounds} rounds; median (lowest–highest)."]
    if absent:
        blocks.append(
            f"Not installed, so not measured: {', '.join(absent)} (`pip install -e '.[bench]'`)."
        )
    blocks += [_times_table(times, size, ours) for size in BATCH_SIZES]
    blocks.append(_rates_table(rates, times, operations))
    blocks.append("How it is measured:\n\n" + (__doc__ or "").partition("\n\n")[2].strip())
    values = {
        "dataset": dataset,
        "rounds": chosen.rounds,
        "operations_per_epoch": operations,
        "not_installed": absent,
        "seconds_per_epoch": [
            {"who": name.label, "batch_size": name.batch_size, **value.to_dict()}
            for name, value in times.items()
        ],
        "sgemm_gflops": [{"who": name.label, **value.to_dict()} for name, value in rates.items()],
    }
    title = "Speed: LeNet-5 on MNIST"
    finish(Outcome("speed", title, machine, blocks, values), chosen.results)


def seedbed_label(instructions: str, cores: int) -> str:
    """Return the name of a row."""
    return f"Seedbed, {instructions}, {cores} core{'s' * (cores > 1)}"


def _seedbed(native: Worker, instructions: Sequence[str]) -> Iterator[tuple[Epoch, Measure]]:
    for size in BATCH_SIZES:
        for each in instructions:
            for cores in (CORES, 1):
                yield (
                    Epoch(seedbed_label(each, cores), size),
                    _call(native, "training_pass", instructions=each, cores=cores, batch_size=size),
                )


def _pytorch(shared: Worker, single: Sequence[Worker]) -> dict[Epoch, Measure]:
    epochs = _eager("PyTorch, eager, 2 threads", shared)
    for size in BATCH_SIZES:
        part = {"batch_size": size, "steps": IMAGES_OF_PEERS // size}

        def apart(part: Mapping[str, int] = part) -> float:
            seconds: float = max(together(single, "epoch", from_loader=False, **part))
            return seconds / len(single)

        epochs |= {
            Epoch("PyTorch, eager, 2 processes of 1 thread", size): apart,
            Epoch("PyTorch, compiled, 2 threads", size): _call(
                shared, "epoch", from_loader=False, compiled=True, **part
            ),
            Epoch("PyTorch, DataLoader, 2 threads", size): _call(
                shared, "epoch", from_loader=True, **part
            ),
        }
    return epochs


def _eager(label: str, worker: Worker) -> dict[Epoch, Measure]:
    return _by_batch_size(label, worker, from_loader=False)


def _by_batch_size(label: str, worker: Worker, **arguments: object) -> dict[Epoch, Measure]:
    return {
        Epoch(label, size): _call(
            worker, "epoch", batch_size=size, steps=IMAGES_OF_PEERS // size, **arguments
        )
        for size in BATCH_SIZES
    }


def _check_learning(name: str, worker: Worker, **arguments: object) -> None:
    """Raise :class:`RuntimeError` unless a peer learns: its loss falls by half in 100 steps."""
    first, last = worker.call("losses", batch_size=BATCH_SIZES[0], steps=100, **arguments)
    if not last < first / 2:
        raise RuntimeError(f"{name} does not learn: its loss went from {first} to {last}")


def _pytorch_products(shared: Worker, single: Sequence[Worker]) -> dict[Product, Measure]:
    return {
        Product("SGEMM, PyTorch, 2 threads"): _call(shared, "gemm"),
        Product("SGEMM, PyTorch, 2 processes of 1 thread"): lambda: sum(together(single, "gemm")),
    }


def _numpy(start: Callable[..., Worker], avx2: bool) -> Iterator[tuple[Product, Measure]]:
    single = [start("numpy_gemm", 1) for _ in range(CORES)]
    yield Product("SGEMM, NumPy, 2 threads"), _call(start("numpy_gemm", CORES), "gemm")
    yield Product("SGEMM, NumPy, 2 processes of 1 thread"), lambda: sum(together(single, "gemm"))
    if avx2:
        # What OpenBLAS takes on a processor that has nothing newer.
        older = start("numpy_gemm", CORES, OPENBLAS_CORETYPE="Haswell")
        yield Product("SGEMM, NumPy, AVX2 only, 2 threads"), _call(older, "gemm")


def _limits(
    start: Callable[..., Worker], instructions: Sequence[str]
) -> Iterator[tuple[Product, Measure]]:
    if shutil.which(os.environ.get("CXX", "c++")) is None:
        return
    cores = [start("fma", 1) for _ in range(CORES)]
    for each in instructions:
        if each in FLAGS:
            yield limit_of(each), partial(_together, cores, each)


def _together(cores: Sequence[Worker], instructions: str) -> float:
    rates: list[float] = together(cores, "limit", instructions=instructions)
    return sum(rates)


def limit_of(instructions: str) -> Product:
    """Return the name of the limit of a set of instructions."""
    return Product(f"fused multiply-adds, {instructions}, 2 processes")


def _call(worker: Worker, task: str, **arguments: object) -> Measure:
    def measure() -> float:
        answer: float = worker.call(task, **arguments)
        return answer

    return measure


def _times_table(times: Mapping[Epoch, Measured], batch_size: int, ours: Sequence[str]) -> str:
    """Return the seconds of everything, and as multiples of those of each label of ours."""
    rows = [
        (
            name.label,
            value.text(),
            *(value.per(times[Epoch(label, batch_size)]).text() for label in ours),
        )
        for name, value in times.items()
        if name.batch_size == batch_size
    ]
    header = (
        f"batch {batch_size}",
        "seconds an epoch and run",
        *(f"times {label}" for label in ours),
    )
    return table(header, rows)


def _rates_table(
    rates: Mapping[Product, Measured], times: Mapping[Epoch, Measured], operations: int
) -> str:
    products = [rate for name, rate in rates.items() if name.label.startswith("SGEMM")]
    yardstick = max(products, key=lambda rate: rate.median)
    limits = {each: rates[limit_of(each)] for each in FLAGS if limit_of(each) in rates}
    shown = {name.label: rate for name, rate in rates.items()}
    for name, seconds in times.items():
        if not name.label.endswith(" 1 core"):
            rate = (operations / 1e9) / seconds
            shown[f"{name.label}, batch {name.batch_size}"] = rate
    rows = [
        (label, rate.text(0), rate.per(yardstick).text(), _of_limit(label, rate, limits))
        for label, rate in sorted(shown.items(), key=lambda item: -item[1].median)
    ]
    header = (
        "arithmetic on two cores",
        "GFLOP/s",
        "part of the fastest SGEMM",
        "part of the limit",
    )
    counted = f"An epoch's products take {operations / 1e9:.1f} GFLOP."
    return f"{table(header, rows)}\n\n{counted}"


def _of_limit(label: str, rate: Measured, limits: Mapping[str, Measured]) -> str:
    """Return the part of the limit of the set of instructions in a label, or of the fastest."""
    named = (each for each in limits if each in label.lower())
    instructions = next(named, next(iter(limits), None))
    if instructions is None or "portable" in label:  # which has no fused multiply-adds
        return NONE
    return rate.per(limits[instructions]).text()


if __name__ == "__main__":
    main()
