"""The arrays of the engine contract as tensors on a device, and back.

A run's array is flat: the trained weights of a module, one after the other, and then what is kept
beside them. The tensor of several runs holds each parameter of all of them, one parameter after the
other, so that the part of a parameter is one piece of memory: runs × its shape.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from seedbed.networks.module_facts import kept_tensors, trained_tensors

State = Mapping[str, NDArray[np.float32]]
"""Arrays by name, as :class:`seedbed.training.engine.RunState` has them."""


class ModuleArrays:
    """Where each tensor of a module lies in flat arrays.

    Args:
        module: On its device already.
        device: The same.
    """

    def __init__(self, module: nn.Module, device: torch.device) -> None:
        self._module = module
        self.trained = trained_tensors(module)
        ends = np.cumsum([each.numel() for each in self.trained.values()]).tolist()
        self._bounds = list(zip([0, *ends], ends, strict=False))
        self.count: int = ends[-1]
        """Numbers that are trained, at the beginning of a run's array."""
        self._device = device

    @property
    def kept(self) -> dict[str, Tensor]:
        """What is kept beside, as it is now: a module may put another tensor into a buffer."""
        return kept_tensors(self._module)

    def gathered(self, states: Sequence[State], name: str) -> Tensor:
        """Return the trained part of an array of all runs as one flat tensor."""
        parts = [state[name][a:b] for a, b in self._bounds for state in states]
        return self.tensor(np.concatenate(parts))

    def scattered(self, flat: Tensor, runs: int) -> NDArray[np.float32]:
        """Return what :meth:`gathered` put together: a row for each run."""
        values = flat.cpu().numpy()
        parts = [values[runs * a : runs * b].reshape(runs, -1) for a, b in self._bounds]
        return np.concatenate(parts, axis=1)

    def parts(self, flat: Tensor, runs: tuple[int, ...] = ()) -> dict[str, Tensor]:
        """Return the view of a flat tensor for each parameter, its shape behind that of runs."""
        count = math.prod(runs)
        return {
            name: flat[count * a : count * b].view(*runs, *each.shape)
            for (name, each), (a, b) in zip(self.trained.items(), self._bounds, strict=True)
        }

    def kept_parts(self, states: Sequence[State], name: str) -> dict[str, Tensor]:
        """Return what an array of all runs has beside the trained part, runs × shape by name."""
        parts, at = {}, self.count
        for part, each in self.kept.items():
            rows = np.stack([state[name][at : at + each.numel()] for state in states])
            parts[part] = self.tensor(rows).view(len(states), *each.shape).to(each.dtype)
            at += each.numel()
        return parts

    def put_kept(self, parts: Mapping[str, Tensor], states: Sequence[State], name: str) -> None:
        """Write what :meth:`kept_parts` returned back into the arrays."""
        if not parts:
            return
        flat = [each.detach().to(torch.float32).reshape(len(states), -1) for each in parts.values()]
        for state, values in zip(states, torch.cat(flat, dim=1).cpu().numpy(), strict=True):
            state[name][self.count :] = values

    def tensor(self, values: NDArray[np.float32]) -> Tensor:
        """Return a copy on the device."""
        return torch.tensor(values, device=self._device)
