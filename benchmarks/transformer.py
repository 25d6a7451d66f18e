"""A small Vision Transformer on MNIST: seconds of one training epoch of one run, beside PyTorch.

The network is ``vit()``: patches of 7×7 pixels and a class token, width 64, 6 blocks with 4 heads
and 128 hidden units. Both sides train it in float32 with SGD (momentum 0.9) and cross-entropy,
batch 128, on the same shuffled images, which are in memory before the clock starts. Only training
steps are timed, no evaluation.

- Seedbed on two cores trains two runs at once, each a whole epoch of 15,000 images; the time until
  the later one has finished is divided by two. On one core it trains one run.
- PyTorch, eager: a class token and positions around ``torch.nn.TransformerEncoder`` in training
  mode, without dropout; one run with 2 threads, or two runs at once, each in a process of 1 thread,
  the later one's time divided by two. 50 steps, after five that are not timed.

All times are scaled to 60,000 images. Contenders take turns within a round, and a ratio compares
times of the same round.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Final

from benchmarks.machine import describe_machine
from benchmarks.measured import interleaved, table
from benchmarks.outcome import Outcome, finish, options
from benchmarks.workers.images import TRAIN
from benchmarks.workers.process import Worker, together
from seedbed.training.train import available_cores

CORES: Final = 2
BATCH_SIZE: Final = 128
IMAGES: Final = 15_000
STEPS_OF_PYTORCH: Final = 50


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and keep the result."""
    chosen = options(__doc__, rounds=5).parse_args(arguments)
    if available_cores() < CORES:
        raise SystemExit(f"this benchmark needs {CORES} cores")
    machine = describe_machine()
    with ExitStack() as stack:
        lanes = stack.enter_context(Worker("lanes", 1))
        shared = stack.enter_context(Worker("pytorch", CORES))
        single = [stack.enter_context(Worker("pytorch", 1)) for _ in range(CORES)]
        operations: int = lanes.call("operations", network="vit")
        parameters: int = lanes.call("parameters", network="vit")
        instructions: str = lanes.call("instructions")[0]
        part = {"batch_size": BATCH_SIZE, "steps": STEPS_OF_PYTORCH, "network": "vit"}

        def seedbed(cores: int) -> float:
            seconds: float = lanes.call(
                "training_pass",
                instructions=instructions,
                cores=cores,
                batch_size=BATCH_SIZE,
                images=IMAGES,
                network="vit",
            )
            return seconds * TRAIN / IMAGES

        def pytorch() -> float:
            seconds: float = shared.call("epoch", from_loader=False, **part)
            return seconds

        def processes() -> float:
            seconds: float = max(together(single, "epoch", from_loader=False, **part))
            return seconds / CORES

        ours = f"Seedbed, {instructions}, {CORES} cores"
        measured = interleaved(
            {
                ours: lambda: seedbed(CORES),
                "PyTorch, eager, 2 threads": pytorch,
                "PyTorch, eager, 2 processes of 1 thread": processes,
                f"Seedbed, {instructions}, 1 core": lambda: seedbed(1),
            },
            chosen.rounds,
        )

    rows = [
        (name, value.text(), value.per(measured[ours]).text(), (operations / 1e9 / value).text(0))
        for name, value in measured.items()
    ]
    header = ("batch 128", "seconds an epoch and run", f"times {ours}", "GFLOP/s")
    blocks = [
        f"n = {chosen.rounds} rounds; median (lowest–highest). {parameters:,} parameters.",
        table(header, rows),
        "GFLOP/s counts the products of patch embedding, linear layers and attention alone.",
        "How it is measured:\n\n" + (__doc__ or "").partition("\n\n")[2].strip(),
    ]
    values = {
        "rounds": chosen.rounds,
        "parameters": parameters,
        "operations_per_epoch": operations,
        "seconds_per_epoch": [
            {"who": name, "batch_size": BATCH_SIZE, **value.to_dict()}
            for name, value in measured.items()
        ],
    }
    title = "Speed: a Vision Transformer on MNIST"
    finish(Outcome("transformer", title, machine, blocks, values), chosen.results)


if __name__ == "__main__":
    main()
