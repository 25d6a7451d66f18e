"""Conversion between the flat arrays of runs and tensors on a device.

The array of a run contains the trained weights of a module, followed by its other tensors (frozen
parameters and buffers). The tensor of several runs is ordered by parameter, so a parameter of all
runs is one contiguous block: runs × its shape.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from seedbed.engines.torch.device.images import to_device
from seedbed.networks.module_facts import kept_tensors, trained_tensors

State = Mapping[str, NDArray[np.float32]]
"""The arrays of a run's network by name."""


class ModuleArrays:
    """The layout of a module's tensors in flat arrays.

    Args:
        module: A module on ``device``.
        device: Its device.
    """

    def __init__(self, module: nn.Module, device: torch.device) -> None:
        self._module = module
        self.trained = trained_tensors(module)
        ends = np.cumsum([tensor.numel() for tensor in self.trained.values()]).tolist()
        self._bounds = list(zip([0, *ends], ends, strict=False))
        self.count: int = ends[-1]
        """Number of trained values, at the start of a run's array."""
        self._device = device

    @property
    def kept(self) -> dict[str, Tensor]:
        """The current other tensors; a module may replace the tensor of a buffer."""
        return kept_tensors(self._module)

    def gathered(self, states: Sequence[State], name: str) -> Tensor:
        """Return the trained part of an array, for all runs, as one flat tensor."""
        parts = [state[name][a:b] for a, b in self._bounds for state in states]
        return self.tensor(np.concatenate(parts))

    def scattered(self, flat: Tensor, runs: int) -> NDArray[np.float32]:
        """Return the inverse of :meth:`gathered`: one row per run."""
        values = flat.cpu().numpy()
        parts = [values[runs * a : runs * b].reshape(runs, -1) for a, b in self._bounds]
        return np.concatenate(parts, axis=1)

    def parts(self, flat: Tensor, runs: tuple[int, ...] = ()) -> dict[str, Tensor]:
        """Return views of the parameters in a flat tensor, of the shape runs × shape."""
        count = math.prod(runs)
        return {
            name: flat[count * a : count * b].view(*runs, *tensor.shape)
            for (name, tensor), (a, b) in zip(self.trained.items(), self._bounds, strict=True)
        }

    def clip(self, gradient: Tensor, runs: int, largest: float) -> None:
        """Scale the gradient of each run down to this norm, if it is larger."""
        blocks = [gradient[runs * a : runs * b].view(runs, b - a) for a, b in self._bounds]
        norms = torch.stack([(block**2).sum(dim=1) for block in blocks]).sum(dim=0).sqrt()
        factors = (largest / (norms + 1e-6)).clamp(max=1)[:, None]
        for block in blocks:
            block.mul_(factors)

    def kept_parts(self, states: Sequence[State], name: str) -> dict[str, Tensor]:
        """Return the other tensors in an array, for all runs, by name: runs × shape."""
        kept = self.kept
        if not kept:
            return {}
        rows = self.tensor(np.stack([state[name][self.count :] for state in states]))
        columns = torch.split(rows, [tensor.numel() for tensor in kept.values()], dim=1)
        return {
            part: values.reshape(len(states), *tensor.shape).to(tensor.dtype, copy=True)
            for (part, tensor), values in zip(kept.items(), columns, strict=True)
        }

    def put_kept(self, parts: Mapping[str, Tensor], states: Sequence[State], name: str) -> None:
        """Write the tensors of :meth:`kept_parts` back into the arrays."""
        if not parts:
            return
        flat = [part.detach().to(torch.float32).reshape(len(states), -1) for part in parts.values()]
        for state, values in zip(states, torch.cat(flat, dim=1).cpu().numpy(), strict=True):
            state[name][self.count :] = values

    def tensor(self, values: NDArray[np.float32]) -> Tensor:
        """Return a copy on the device."""
        return to_device(values, self._device)
