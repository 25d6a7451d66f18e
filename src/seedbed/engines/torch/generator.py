"""PyTorch's global generator, with the state of a run.

Layers such as ``torch.nn.Dropout`` can draw only from the global generator. To make the draws of a
run depend only on its seed, the generator gets the run's state for a forward pass, and is restored
afterwards; runs in other threads wait.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from seedbed.networks.user_module import GENERATOR_LOCK


class LentGenerator:
    """The state of the global generators of the CPU and of one device, as a run sees them.

    Args:
        seed: Of the initial state, 0 to 2⁶³ - 1.
        device: The device of the run.
    """

    def __init__(self, seed: int, device: torch.device) -> None:
        self._device = device
        with GENERATOR_LOCK:
            before = self._states()
            for generator in self._generators():
                generator.manual_seed(seed)
            self._state = self._states()
            self._set(before)

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """Let the block draw from the run's state, which the next block continues."""
        with GENERATOR_LOCK:
            before = self._states()
            self._set(self._state)
            try:
                yield
            finally:
                self._state = self._states()
                self._set(before)

    def _generators(self) -> list[torch.Generator]:
        generators = [torch.default_generator]
        if self._device.type == "cuda":
            generators.append(torch.cuda.default_generators[self._device.index or 0])
        elif self._device.type == "mps":
            generators.append(torch.mps._get_default_mps_generator())  # noqa: SLF001 # no other way
        return generators

    def _states(self) -> list[Tensor]:
        return [generator.get_state() for generator in self._generators()]

    def _set(self, states: list[Tensor]) -> None:
        for generator, state in zip(self._generators(), states, strict=True):
            generator.set_state(state)
