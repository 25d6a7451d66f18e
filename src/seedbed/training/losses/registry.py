"""The losses by name, and how settings specify them."""

from collections.abc import Mapping
from typing import Final

from seedbed.core.named import by_name, read_named
from seedbed.training.losses.active_negative import ActiveNegative
from seedbed.training.losses.active_passive import ActivePassive
from seedbed.training.losses.base import Loss
from seedbed.training.losses.binary_cross_entropy import BinaryCrossEntropy
from seedbed.training.losses.bootstrapping import HardBootstrapping, SoftBootstrapping
from seedbed.training.losses.brier import Brier
from seedbed.training.losses.cross_entropy import CrossEntropy
from seedbed.training.losses.generalized_cross_entropy import GeneralizedCrossEntropy
from seedbed.training.losses.joint_asymmetric import JointAsymmetric
from seedbed.training.losses.mean_absolute_error import MeanAbsoluteError
from seedbed.training.losses.symmetric_cross_entropy import SymmetricCrossEntropy

LOSSES: Final[Mapping[str, type[Loss]]] = by_name(
    CrossEntropy,
    Brier,
    MeanAbsoluteError,
    BinaryCrossEntropy,
    GeneralizedCrossEntropy,
    SymmetricCrossEntropy,
    ActivePassive,
    ActiveNegative,
    JointAsymmetric,
    SoftBootstrapping,
    HardBootstrapping,
)
"""Name -> loss."""


def read_loss(value: object) -> Loss:
    """Return the loss that a setting specifies.

    Args:
        value: A loss, a name (``"mae"``), or a table with a name and parameters
            (``{"name": "mae"}``).

    Raises:
        ValueError: If there is no such loss or a parameter is invalid; the message is one line.
    """
    return value if isinstance(value, Loss) else read_named("loss", LOSSES, value)
