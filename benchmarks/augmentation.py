"""What augmentation costs: processor seconds of an epoch, beside images as they are.

LeNet-5 on 6,000 images of MNIST, batch 64, SGD with momentum; the native engine on one core. Only
the steps of an epoch are timed, with what is drawn for them, not its evaluation. All take turns
within a round; a ratio compares processor times of the same round.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from benchmarks.methods import NO_NOISE, measure_epochs

RECIPES: Final[Mapping[str, dict[str, Any]]] = {
    "none": {},
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
    measure_epochs(
        ("augmentation", "Processor time of augmentation", "augmentation"),
        {name: ({"augmentation": of}, NO_NOISE) for name, of in RECIPES.items()},
        __doc__,
        arguments,
    )


if __name__ == "__main__":
    main()
