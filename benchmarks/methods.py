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
NO_NOISE: Final = NoiseSpec()
NOISE: Final = NoiseSpec(kind="pair", rate=0.45)
AUGMENTED: Final = {"augmentation": {"shift": 2, "rotation": 10, "scale": 0.1}}
RATE: Final = {"forget_rate": 0.45, "ramp": 0.0}
RECIPES: Final[Mapping[str, dict[str, Any]]] = {
    "standard, cross-entropy": {},
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
    measure_epochs(
        ("methods", "Processor time of methods for noisy labels", "method or loss"),
        {name: (AUGMENTED | settings, NOISE) for name, settings in RECIPES.items()},
        __doc__,
        arguments,
    )


def measure_epochs(
    names: tuple[str, str, str],
    recipes: Mapping[str, tuple[Mapping[str, Any], NoiseSpec]],
    doc: str | None,
    arguments: Sequence[str] | None,
) -> None:
    """Measure epochs beside those of the first recipe, print and keep the result.

    Args:
        names: Of the files, the title, and what is compared.
        recipes: Settings of a recipe, and noise, by name.
        doc: How it is measured.
        arguments: Of the command line.
    """
    name, title, what = names
    chosen = options(doc, rounds=7).parse_args(arguments)
    machine = describe_machine()
    measured = interleaved(
        {each: epoch(settings, noise) for each, (settings, noise) in recipes.items()}, chosen.rounds
    )
    first, *others = measured
    rows = [
        (first, measured[first].text(), ""),
        *(
            (each, measured[each].text(), measured[each].per(measured[first]).text())
            for each in others
        ),
    ]
    head = (what, "processor seconds of an epoch", f"times {first}")
    note = f"Median (lowest–highest), n = {chosen.rounds} rounds. {doc}"
    values = {each: {"seconds": seconds.to_dict()} for each, seconds in measured.items()}
    finish(Outcome(name, title, machine, [table(head, rows), note], values), chosen.results)


def epoch(settings: Mapping[str, Any], noise: NoiseSpec) -> Callable[[], float]:
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
