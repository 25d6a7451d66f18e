"""Seconds of one training epoch of one run, of Seedbed and of PyTorch in eager mode."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any, Final

from benchmarks.machine import describe_machine
from benchmarks.measured import interleaved, table
from benchmarks.outcome import Outcome, finish, options
from benchmarks.workers.images import images_an_epoch
from benchmarks.workers.process import PYTORCH_WITH_AVX2, Worker, together
from seedbed.execution.threads import available_cores

CORES: Final = 2
BATCH_SIZE: Final = 128
STEPS_OF_PYTORCH: Final = 50


def measure(
    network: str,
    *,
    images: int,
    layouts: Mapping[str, Mapping[str, Any]],
    name: str,
    title: str,
    method: str,
    arguments: Sequence[str] | None,
) -> None:
    """Measure a network of the zoo beside the same in PyTorch, print and keep the result.

    Args:
        network: Its name in the zoo.
        images: How many Seedbed trains on; times are scaled to an epoch of the whole dataset.
        layouts: How PyTorch may be asked, with the arguments that say so.
        name: Of the results' files.
        title: Over the results.
        method: How it is measured: the docstring of the benchmark.
        arguments: Of the command line.
    """
    chosen = options(method, rounds=5).parse_args(arguments)
    if available_cores() < CORES:
        raise SystemExit(f"this benchmark needs {CORES} cores")
    machine = describe_machine()
    with ExitStack() as stack:
        native = stack.enter_context(Worker("native", 1))
        shared = stack.enter_context(Worker("pytorch", CORES))
        single = [stack.enter_context(Worker("pytorch", 1)) for _ in range(CORES)]
        operations: int = native.call("operations", network=network)
        parameters: int = native.call("parameters", network=network)
        supported: list[str] = native.call("instructions")
        part = {"batch_size": BATCH_SIZE, "steps": STEPS_OF_PYTORCH, "network": network}

        def seedbed(instructions: str, cores: int) -> float:
            seconds: float = native.call(
                "training_pass",
                instructions=instructions,
                cores=cores,
                batch_size=BATCH_SIZE,
                images=images,
                network=network,
            )
            return seconds * images_an_epoch(network) / images

        def pytorch(worker: Worker, layout: Mapping[str, Any]) -> float:
            seconds: float = worker.call("epoch", from_loader=False, **part, **layout)
            return seconds

        def processes(layout: Mapping[str, Any]) -> float:
            seconds: float = max(together(single, "epoch", from_loader=False, **part, **layout))
            return seconds / CORES

        compared = [each for each in supported if each in ("avx512", "avx2")] or supported[:1]
        ours = [f"Seedbed, {each}, {CORES} cores" for each in compared]
        contenders: dict[str, Callable[[], float]] = {}
        for each, label in zip(compared, ours, strict=True):
            contenders[label] = partial(seedbed, each, CORES)
            contenders[f"Seedbed, {each}, 1 core"] = partial(seedbed, each, 1)
        for words, layout in layouts.items():
            beside = f"PyTorch, {words}, {CORES}"
            contenders[f"{beside} threads"] = partial(pytorch, shared, layout)
            contenders[f"{beside} processes of 1 thread"] = partial(processes, layout)
        if "avx2" in compared[1:]:
            older = stack.enter_context(Worker("pytorch", CORES, **PYTORCH_WITH_AVX2))
            for words, layout in layouts.items():
                contenders[f"PyTorch, {words}, AVX2 only, {CORES} threads"] = partial(
                    pytorch, older, layout
                )
        measured = interleaved(contenders, chosen.rounds)

    rows = [
        (
            who,
            value.text(),
            *(value.per(measured[label]).text() for label in ours),
            (operations / 1e9 / value).text(0),
        )
        for who, value in measured.items()
    ]
    header = (
        f"batch {BATCH_SIZE}",
        "seconds an epoch and run",
        *(f"times {label}" for label in ours),
        "GFLOP/s",
    )
    blocks = [
        f"n = {chosen.rounds} rounds; median (lowest–highest). {parameters:,} parameters.",
        table(header, rows),
        "GFLOP/s counts the products of convolutions, linear layers and attention alone.",
        "How it is measured:\n\n" + method.partition("\n\n")[2].strip(),
    ]
    values = {
        "rounds": chosen.rounds,
        "parameters": parameters,
        "operations_per_epoch": operations,
        "seconds_per_epoch": [
            {"who": who, "batch_size": BATCH_SIZE, **value.to_dict()}
            for who, value in measured.items()
        ],
    }
    finish(Outcome(name, title, machine, blocks, values), chosen.results)
