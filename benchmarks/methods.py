"""What methods for noisy labels cost: processor seconds of an epoch, beside standard training.

LeNet-5 on 6,000 images of MNIST with pair noise of 0.45, augmented, batch 64, SGD with momentum;
the native engine on one core. Only the steps of an epoch are timed, not its evaluation, except that
``forward, estimated`` looks at a fifth of the training images again after every epoch. Methods that
drop images drop 45% of them (``forget rate 0`` none). All take turns within a round; a ratio
compares processor times of the same round.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from threading import Event
from typing import Any, Final

from benchmarks.machine import describe_machine
from benchmarks.measured import interleaved, table
from benchmarks.outcome import Outcome, finish, options
from seedbed.data.catalog import load_dataset
from seedbed.data.images import ImageDataset
from seedbed.engines.native.engine import NativeEngine
from seedbed.engines.native.run import NativeRun
from seedbed.engines.native.trainer import TrainerKey
from seedbed.networks.zoo import lenet5
from seedbed.noise.spec import NoiseSpec
from seedbed.training.engine import EpochRecord, RunResult, RunState, RunTask
from seedbed.training.recipe import Recipe
from seedbed.training.schedule import learning_rates
from seedbed.training.steps import EpochSteps

IMAGES: Final = 6_000
STANDARD: Final = "standard, cross-entropy"
NO_NOISE: Final = NoiseSpec()
NOISE: Final = NoiseSpec(kind="pair", rate=0.45)
AUGMENTED: Final = {"augmentation": {"shift": 2, "rotation": 10, "scale": 0.1}}
RATE: Final = {"forget_rate": 0.45, "ramp": 0.0}
RECIPES: Final[Mapping[str, dict[str, Any]]] = {
    STANDARD: {},
    "generalized cross-entropy": {"loss": "generalized-cross-entropy"},
    "symmetric cross-entropy": {"loss": "symmetric-cross-entropy"},
    "active-passive": {"loss": "active-passive"},
    "active-negative": {"loss": "active-negative"},
    "joint-asymmetric": {"loss": "joint-asymmetric"},
    "clip_grad_norm": {"clip_grad_norm": 5.0},
    "forward": {"robust": {"method": "forward", "transition": "noise"}},
    "forward, estimated": {
        "robust": {"method": "forward", "transition": "estimated", "warmup": 0.0}
    },
    "backward": {"robust": {"method": "backward", "transition": "noise"}},
    "early-learning": {"robust": "early-learning"},
    "small-loss": {"robust": {"method": "small-loss", **RATE}},
    "co-teaching": {"robust": {"method": "co-teaching", **RATE}},
    "co-teaching, forget rate 0": {"robust": {"method": "co-teaching", "forget_rate": 0.0}},
    "co-teaching-plus": {"robust": {"method": "co-teaching-plus", "warmup": 0.0, **RATE}},
    "jocor": {"robust": {"method": "jocor", **RATE}},
}


class _Silent:
    """An observer that does nothing."""

    def images_trained(self, run: int, count: int) -> None:
        """Ignore the images."""

    def epoch_finished(self, run: int, record: EpochRecord, state: RunState) -> None:
        """Ignore the epoch."""

    def run_finished(self, run: int, result: RunResult) -> None:
        """Ignore the run."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and keep the result."""
    chosen = options(__doc__, rounds=7).parse_args(arguments)
    machine = describe_machine()
    measured = interleaved(
        {name: epoch(AUGMENTED | RECIPES[name], NOISE) for name in RECIPES}, chosen.rounds
    )
    ratios = {name: seconds.per(measured[STANDARD]) for name, seconds in measured.items()}
    rows = [
        (name, measured[name].text(), "" if name == STANDARD else ratios[name].text())
        for name in RECIPES
    ]
    head = ("method or loss", "processor seconds of an epoch", f"times {STANDARD}")
    note = f"Median (lowest–highest), n = {chosen.rounds} rounds. {__doc__}"
    values = {name: {"seconds": measured[name].to_dict()} for name in RECIPES}
    title = "Processor time of methods for noisy labels"
    finish(Outcome("methods", title, machine, [table(head, rows), note], values), chosen.results)


def epoch(settings: Mapping[str, Any], noise: NoiseSpec = NO_NOISE) -> Callable[[], float]:
    """Return a call that trains another epoch, and returns its processor seconds."""
    splits = load_dataset("mnist")
    train = splits.train
    few = ImageDataset(train.images[:IMAGES], train.labels[:IMAGES], train.class_names)
    dataset = replace(splits, splits={"train": few})
    recipe = Recipe(batch_size=64, epochs=100, **settings)
    task = RunTask(lenet5(10), recipe, dataset, noise=noise)
    trainer = NativeEngine().trainer(TrainerKey.of(task))
    run = NativeRun(0, task)
    run.begin()

    def measure() -> float:
        rates = learning_rates(recipe, IMAGES, run.done)
        started = time.process_time()
        steps = EpochSteps(run, trainer, _Silent(), Event(), rates)
        run.method.train_epoch(steps, run.method_state)
        run.done += 1
        return time.process_time() - started

    return measure


if __name__ == "__main__":
    main()
