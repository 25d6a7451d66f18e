"""PyTorch's global generator, lent to a run.

Layers such as ``torch.nn.Dropout`` draw from the global generator, and take no other. So that what
a run draws hangs on its seed alone, the generator is given the run's state for the time of a
forward pass, and gets its own back; runs in other threads wait.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from seedbed.networks.user_module import GENERATOR_LOCK


class LentGenerator:
    """The state of the global generators of the CPU and of one device, as a run sees them.

    Args:
        seed: From which they start, 0 to 2⁶³ - 1.
        device: Of the run.
    """

    def __init__(self, seed: int, device: torch.device) -> None:
        self._device = device
        with GENERATOR_LOCK:
            before = self._states()
            for generator in self._generators():
                generator.manual_seed(seed)
            self._own = self._states()
            self._set(before)

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """Let the block draw from the run's state, which goes on from block to block."""
        with GENERATOR_LOCK:
            before = self._states()
            self._set(self._own)
            try:
                yield
            finally:
                self._own = self._states()
                self._set(before)

    def _generators(self) -> list[torch.Generator]:
        found = [torch.default_generator]
        if self._device.type == "cuda":
            found.append(torch.cuda.default_generators[self._device.index or 0])
        elif self._device.type == "mps":
            found.append(torch.mps._get_default_mps_generator())  # noqa: SLF001 # no other way
        return found

    def _states(self) -> list[Tensor]:
        return [each.get_state() for each in self._generators()]

    def _set(self, states: list[Tensor]) -> None:
        for generator, state in zip(self._generators(), states, strict=True):
            generator.set_state(state)
