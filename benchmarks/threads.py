"""One run on one core and on two: how much sooner it ends, and that many runs lose nothing.

The native engine, with the fastest set of instructions or that of ``--instructions``.

- One run: training steps only, of LeNet-5 on MNIST (batches of 128, 32 and 16), a ResNet-8 on
  random images of CIFAR-10's size (128 and 32) and a small Vision Transformer on MNIST (128 and
  64), from the initial weights to the end of an epoch of a few tenths of a second.
- Evaluation: the logits of 10,000 images of MNIST by LeNet-5.
- Studies: 1, 2 and 5 runs of four epochs, on an eighth of MNIST, all included.

A speedup is the time on one core divided by that on two, both of the same round. Two threads that
share a step wait for each other: on a machine that others use, both lose what one of them loses.
"""

from collections.abc import Callable, Sequence
from typing import Final

from benchmarks.machine import describe_machine
from benchmarks.measured import Measured, interleaved, table
from benchmarks.outcome import Outcome, finish, options
from benchmarks.workers.process import Worker
from seedbed.execution.threads import available_cores

CORES: Final = 2
STEPS: Final = {
    ("lenet5", 128): 24_576,
    ("lenet5", 32): 24_576,
    ("lenet5", 16): 24_576,
    ("resnet8", 128): 768,
    ("resnet8", 32): 768,
    ("vit", 128): 2_048,
    ("vit", 64): 2_048,
}
"""Images of an epoch, by network and batch size."""
RUNS: Final = (1, 2, 5)
EPOCHS: Final = 4
PARTS: Final = 8


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and keep the result."""
    parser = options(__doc__, rounds=11)
    parser.add_argument("--instructions", help="avx512, avx2, ...; the fastest by default")
    chosen = parser.parse_args(arguments)
    if available_cores() < CORES:
        raise SystemExit(f"this benchmark needs {CORES} cores")
    machine = describe_machine()
    with Worker("native", 1) as native:
        dataset: str = native.call("dataset")
        instructions: str = chosen.instructions or native.call("instructions")[0]

        def call(name: str, **given: object) -> Callable[[], float]:
            return lambda: native.call(name, instructions=instructions, **given)

        measures: dict[tuple[str, int], Callable[[], float]] = {}
        for cores in (1, CORES):
            for (network, batch_size), images in STEPS.items():
                measures[f"{network}, batch {batch_size}", cores] = call(
                    "training_pass",
                    network=network,
                    batch_size=batch_size,
                    images=images,
                    cores=cores,
                    runs=1,
                )
            measures["evaluation", cores] = call("evaluation", cores=cores)
            for runs in RUNS:
                measures[f"study of {runs}", cores] = call(
                    "whole_study", runs=runs, cores=cores, epochs=EPOCHS, part=PARTS
                )
        measured = interleaved(measures, chosen.rounds)

    names = list(dict.fromkeys(name for name, _ in measures))
    speedups = {name: measured[name, 1].per(measured[name, CORES]) for name in names}
    rows = [
        (
            name,
            *(_milliseconds(measured[name, cores]) for cores in (1, CORES)),
            speedups[name].text(),
        )
        for name in names
    ]
    header = ("what", "one core, ms", f"{CORES} cores, ms", "speedup")
    blocks = [
        f"Dataset: {dataset}. Instructions: {instructions}. n = {chosen.rounds} rounds; median "
        "(lowest–highest).",
        table(header, rows),
        "How it is measured:\n\n" + (__doc__ or "").partition("\n\n")[2].strip(),
    ]
    values = {
        "dataset": dataset,
        "instructions": instructions,
        "rounds": chosen.rounds,
        "seconds": {
            f"{name}, {cores} cores": value.to_dict() for (name, cores), value in measured.items()
        },
        "speedup": {name: value.to_dict() for name, value in speedups.items()},
    }
    title = f"Threads: one run on {CORES} cores"
    finish(Outcome("threads", title, machine, blocks, values), chosen.results)


def _milliseconds(seconds: Measured) -> str:
    return Measured(tuple(1000 * value for value in seconds.values)).text(1)


if __name__ == "__main__":
    main()
