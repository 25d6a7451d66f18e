"""Means over runs that hold out different images, and learn from overlapping ones.

The runs of a cross-validation, or of random splits, share most of their training images, so their
accuracies on held-out images are correlated, and s² / n is too small for the variance of their
mean: it is about the half of it, whatever n is. With n1 training and n2 held-out images the
correlation is about n2 / (n1 + n2), and the corrected variance is

    s² (1 / n + n2 / n1)

with n - 1 degrees of freedom. It is for other images of the same kind, to learn from and to be
tested on. More runs do not make it smaller than s² n2 / n1. Where the seeds of the splits are
crossed with others, the correction belongs to the stream of the splits.

Source:
    Nadeau and Bengio, Inference for the generalization error, Machine Learning 52, 2003; for
    cross-validation, Bouckaert and Frank, Evaluating the replicability of significance tests for
    comparing learning algorithms, PAKDD 2004.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from seedbed.analysis.statistics.crossed import levels_of
from seedbed.display.seed_names import is_key, seeds_of


class Resampling(msgspec.Struct, frozen=True):
    """How runs differ in the images that they hold out."""

    stream: Literal["fold", "validation"]
    """Whose seed decides which images are held out."""
    training_images: int
    held_out_images: int

    @property
    def ratio(self) -> float:
        """Held-out over training images."""
        return self.held_out_images / self.training_images

    def overlaps(self, keys: Sequence[object]) -> list[float] | None:
        """Return what is added to 1 / m of each stream that runs vary.

        Args:
            keys: Of the seeds of each run.

        Returns:
            ``None`` if all runs hold out the same images.
        """
        if not all(map(is_key, keys)):
            return None
        splits = tuple(seeds_of(key, (self.stream,))[0] for key in keys)  # type: ignore[arg-type]
        if len(set(splits)) < 2:
            return None
        levels = levels_of(keys)
        if levels is None:
            return [self.ratio]
        return [self.ratio if of == splits else 0.0 for of in zip(*levels, strict=True)]
