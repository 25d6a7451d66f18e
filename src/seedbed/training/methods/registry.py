"""The methods by name."""

from collections.abc import Mapping
from typing import Final

from seedbed.training.methods.base import Method
from seedbed.training.methods.standard import Standard
from seedbed.training.recipe import MethodName

METHODS: Final[Mapping[MethodName, Method]] = {"standard": Standard()}
"""Name -> method. The object is shared by all runs, which hold its state."""
