"""What two written reports of LeNet-5 experiments say, as far as the examples repeat it.

The reports are called R22 and R24; they have five runs an experiment. Accuracies are in percent,
with the spread as they print it.
"""

from dataclasses import dataclass
from typing import Final

ABSENT: Final = "–"


@dataclass(frozen=True)
class Reported:
    """An experiment of the reports, and which of our configurations repeats it."""

    experiment: str
    r22: str
    r24: str
    study: str
    variant: str | None = None


EXPERIMENTS: Final = (
    Reported(
        "MNIST, learning rate 0.001, batch 32, 15 epochs",
        "99.45 ± 0.12",
        "mean 99.124 ± 0.05, best 99.18",
        "mnist-settings",
        "lr 0.001, batch 32, 15 epochs",
    ),
    Reported(
        "MNIST, learning rate 0.005, batch 32, 15 epochs",
        "98.26 ± 0.09",
        ABSENT,
        "mnist-settings",
        "lr 0.005, batch 32, 15 epochs",
    ),
    Reported(
        "MNIST, learning rate 0.001, batch 8, 10 epochs",
        "99.15 ± 0.05",
        ABSENT,
        "mnist-settings",
        "lr 0.001, batch 8, 10 epochs",
    ),
    Reported("Fashion-MNIST", "90.42 ± 0.09", "mean 90.844 ± 0.225, best 91.18", "fashion-mnist"),
    Reported("CIFAR-10", "66.58 ± 0.05", "mean 68.9 ± 0.214, best 69.16", "cifar10"),
)

SYMMETRIC_R22: Final = {0.0: 97.78, 0.2: 97.58, 0.4: 96.88, 0.6: 95.07, 0.8: 59.38}
"""Test accuracy on MNIST by rate of symmetric noise; five runs, no spread given."""

PAIRS_R24: Final = {
    "mnist-settings": "7 and 2, 9 and 5, 4 and 9",
    "fashion-mnist": "T-shirt, shirt and coat",
    "cifar10": "cat and dog, ship and airplane",
}
"""The pairs of classes that R24 found to be confused most."""
