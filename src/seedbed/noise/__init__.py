"""Label noise: transition matrices, noisy labels, and how many of them a network has memorized.

>>> from seedbed import noise
>>> spec = noise.NoiseSpec(kind="symmetric", rate=0.4)
>>> labels = noise.noisy_labels(clean, spec, class_names, seed=0)
>>> noise.count_memorized(predicted, labels.noisy, labels.clean)
"""

from typing import TYPE_CHECKING

from seedbed.core.lazy import lazy

if TYPE_CHECKING:
    from seedbed.noise.labels import NoisyLabels, noisy_labels
    from seedbed.noise.memorization import Memorization, count_memorized
    from seedbed.noise.spec import NoiseSpec

__all__ = ["Memorization", "NoiseSpec", "NoisyLabels", "count_memorized", "noisy_labels"]

_HOMES = {
    "seedbed.noise.labels": ("NoisyLabels", "noisy_labels"),
    "seedbed.noise.memorization": ("Memorization", "count_memorized"),
    "seedbed.noise.spec": ("NoiseSpec",),
}

__getattr__, __dir__ = lazy(__name__, _HOMES, __all__)
