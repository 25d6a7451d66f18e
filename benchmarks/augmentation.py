"""What augmentation costs: processor seconds of an epoch, beside images as they are.

LeNet-5 on 6,000 images of MNIST, batch 64, SGD with momentum; the native engine on one core. Only
the steps of an epoch are timed, with what is drawn for them, not its evaluation. All take turns
within a round; a ratio compares processor times of the same round.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from benchmarks.machine import describe_machine
from benchmarks.measured import interleaved, table
from benchmarks.methods import epoch
from benchmarks.outcome import Outcome, finish, options

NONE: Final = "none"
RECIPES: Final[Mapping[str, dict[str, Any]]] = {
    NONE: {},
    "crop": {"crop": 2, "flip": True},
    "shift": {"shift": 2},
    "shift, rotation, scale": {"shift": 2, "rotation": 10, "scale": 0.1},
    "erasing": {"erasing": 0.5},
    "elastic": {"elastic_alpha": 34},
    "elastic with shift, rotation, scale": {
        "shift": 2,
        "rotation": 10,
        "scale": 0.1,
        "elastic_alpha": 34,
    },
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and keep the result."""
    chosen = options(__doc__, rounds=7).parse_args(arguments)
    machine = describe_machine()
    measured = interleaved(
        {name: epoch({"augmentation": RECIPES[name]}) for name in RECIPES}, chosen.rounds
    )
    ratios = {name: seconds.per(measured[NONE]) for name, seconds in measured.items()}
    rows = [
        (name, measured[name].text(), "" if name == NONE else ratios[name].text())
        for name in RECIPES
    ]
    head = ("augmentation", "processor seconds of an epoch", f"times {NONE}")
    note = f"Median (lowest–highest), n = {chosen.rounds} rounds. {__doc__}"
    values = {name: {"seconds": measured[name].to_dict()} for name in RECIPES}
    title = "Processor time of augmentation"
    finish(
        Outcome("augmentation", title, machine, [table(head, rows), note], values), chosen.results
    )


if __name__ == "__main__":
    main()
