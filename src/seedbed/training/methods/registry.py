"""Every method by name, and what a study file says of one."""

from collections.abc import Mapping
from typing import Final

from seedbed.core.named import by_name, read_named
from seedbed.training.methods.backward import Backward
from seedbed.training.methods.base import Method
from seedbed.training.methods.co_teaching import CoTeaching
from seedbed.training.methods.co_teaching_plus import CoTeachingPlus
from seedbed.training.methods.early_learning import EarlyLearning
from seedbed.training.methods.forward import Forward
from seedbed.training.methods.jocor import JoCoR
from seedbed.training.methods.small_loss import SmallLoss
from seedbed.training.methods.standard import Standard

METHODS: Final[Mapping[str, type[Method]]] = by_name(
    Standard,
    Forward,
    Backward,
    EarlyLearning,
    SmallLoss,
    CoTeaching,
    CoTeachingPlus,
    JoCoR,
)
"""Name -> method."""


def read_method(value: object) -> Method:
    """Return the method that a setting names.

    Args:
        value: A method, a name (``"standard"``), or a table with a method and its parameters
            (``{"method": "standard"}``).

    Raises:
        ValueError: In one line, if there is no such method or a parameter cannot be used.
    """
    return value if isinstance(value, Method) else read_named("method", METHODS, value)
