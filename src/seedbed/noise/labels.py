"""Noisy labels of training images, together with the clean ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import DataError
from seedbed.core.seeds import stream
from seedbed.noise.human import Labels, label_hash, labels_for
from seedbed.noise.spec import NoiseSpec
from seedbed.noise.transition import Matrix, identifiability_warning


@dataclass(frozen=True, eq=False)
class NoisyLabels:
    """The noisy and the clean label of every training image. The arrays become read-only.

    Args:
        clean: int64, N.
        noisy: int64, N; a network is trained on them.
        classes: The number of classes, K.
        transition: The nominal transition matrix, float64, K×K; ``None`` for human labels.
    """

    clean: Labels
    noisy: Labels
    classes: int
    transition: Matrix | None

    def __post_init__(self) -> None:
        for field in ("clean", "noisy", "transition"):
            array = getattr(self, field)
            if array is not None:
                # A view, so that the caller's own array stays writable.
                view = array.view()
                view.flags.writeable = False
                object.__setattr__(self, field, view)

    @cached_property
    def flipped(self) -> NDArray[np.bool_]:
        """Whether each label is wrong; bool, N."""
        flipped: NDArray[np.bool_] = self.noisy != self.clean
        return flipped

    @property
    def observed_rate(self) -> float:
        """The fraction of labels that are wrong, 0 to 1."""
        return float(self.flipped.mean())

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """The number of images of clean class i (row) with noisy label j (column); int64, K×K."""
        cells = np.bincount(self.clean * self.classes + self.noisy, minlength=self.classes**2)
        return cells.reshape(self.classes, self.classes).astype(np.int64)

    @property
    def observed_transition(self) -> Matrix:
        """:attr:`counts` divided by the sum of their row; zeros for a class without images."""
        images = self.counts.sum(axis=1, keepdims=True)
        fractions: Matrix = self.counts / np.maximum(images, 1)
        return fractions

    def warning(self, class_names: Sequence[str]) -> str | None:
        """Return a warning if the classes cannot be identified from the noisy labels, or ``None``.

        Human labels have no nominal transition matrix, so the observed one is checked.
        """
        matrix = self.observed_transition if self.transition is None else self.transition
        return identifiability_warning(matrix, class_names)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the noisy labels as little-endian int64, as 64 hexadecimal digits."""
        return label_hash(self.noisy)


def noisy_labels(
    clean: Labels, spec: NoiseSpec, class_names: Sequence[str], seed: int
) -> NoisyLabels:
    """Return the noisy labels of a run.

    Args:
        clean: The labels of the training images, int64, N, from 0 to K - 1.
        spec: The noise.
        class_names: K names.
        seed: The seed of the noise, 0 or more; human labels do not depend on it.

    Raises:
        DataError: If ``clean`` is invalid, or human labels are for other images or have another
            fingerprint.
        StudyError: If the noise does not fit the classes.
    """
    classes = len(class_names)
    _check_clean(clean, classes)
    transition = spec.transition(class_names)
    if transition is not None:
        return NoisyLabels(
            clean, draw_labels(clean, transition, seed, exact=spec.exact), classes, transition
        )
    noisy = labels_for(Path(spec.labels or ""), spec.key or "", clean, classes)
    if spec.fingerprint not in (None, label_hash(noisy)):
        raise DataError(
            f"{spec.key} has changed since the study was created: its fingerprint is "
            f"{label_hash(noisy)}",
            where=spec.labels or "",
            expected=spec.fingerprint or "",
            hint="to train on the new labels, remove noise.fingerprint from the study file",
        )
    return NoisyLabels(clean, noisy, classes, None)


def draw_labels(clean: Labels, transition: Matrix, seed: int, *, exact: bool = False) -> Labels:
    """Draw a noisy label for every image.

    Two numbers are drawn per image: one decides whether its label is flipped, the other to which
    class. With the same seed, a higher rate of the same kind therefore flips the same labels and
    more, and runs at different rates can be compared pairwise.

    Args:
        clean: int64, N, from 0 to K - 1.
        transition: float64, K×K; its rows sum to 1.
        seed: The seed of the stream ``"noise"``, 0 or more.
        exact: Whether the number of flipped labels in each class is exactly the expected number,
            rounded. Which labels are flipped, and to which class, is random in any case.

    Returns:
        int64, N.
    """
    whether, target = stream(seed, "noise").random((len(clean), 2)).T
    noisy = clean.copy()
    for label, row in enumerate(transition):
        others = row.copy()
        others[label] = 0
        rate = others.sum()
        members = np.flatnonzero(clean == label)
        if rate == 0 or not len(members):
            continue
        if exact:
            # The inner rounding removes the error of the float product, for example below 2.5.
            count = round(round(rate * len(members), 6))
            flipped = members[np.argsort(whether[members], kind="stable")[:count]]
        else:
            flipped = members[whether[members] < rate]
        cumulative = others.cumsum() / others.cumsum()[-1]
        noisy[flipped] = np.searchsorted(cumulative, target[flipped], side="right")
    return noisy


def _check_clean(clean: Labels, classes: int) -> None:
    if clean.dtype != np.int64 or clean.ndim != 1 or not len(clean):
        raise DataError(
            f"clean labels are {clean.dtype} of shape {clean.shape}",
            expected="a one-dimensional array of int64 that is not empty",
        )
    if clean.min() < 0 or clean.max() >= classes:
        raise DataError(
            f"clean labels range from {clean.min()} to {clean.max()}",
            expected=f"0 to {classes - 1}",
        )
