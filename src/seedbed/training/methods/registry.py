"""The methods by the names that recipes have for them."""

from collections.abc import Mapping
from typing import Final

from seedbed.training.methods.base import Method
from seedbed.training.methods.standard import Standard
from seedbed.training.recipe import MethodName

METHODS: Final[Mapping[MethodName, Method]] = {"standard": Standard()}
"""One object serves all runs: what changes while a run is trained is in the run."""
