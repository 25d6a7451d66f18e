"""Noisy labels for training images, beside the clean ones, which are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import DataError
from seedbed.core.seeds import stream
from seedbed.noise.human import Labels, fitting_labels, label_hash
from seedbed.noise.spec import NoiseSpec
from seedbed.noise.transition import Matrix, identifiability_warning


@dataclass(frozen=True, eq=False)
class NoisyLabels:
    """What the training images are labeled, and what they are. The arrays are made read-only.

    Args:
        clean: int64, N.
        noisy: int64, N: what a network is trained on.
        classes: K.
        transition: The matrix that was asked for, K×K; ``None`` for human labels.
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
        """Which labels are wrong; N."""
        flipped: NDArray[np.bool_] = self.noisy != self.clean
        return flipped

    @property
    def observed_rate(self) -> float:
        """The fraction of labels that are wrong."""
        return float(self.flipped.mean())

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """How many images of clean class i (row) are labeled j (column); int64, K×K."""
        cells = np.bincount(self.clean * self.classes + self.noisy, minlength=self.classes**2)
        return cells.reshape(self.classes, self.classes).astype(np.int64)

    @property
    def realized_transition(self) -> Matrix:
        """:attr:`counts` as fractions of their row; zeros for a class that has no image."""
        images = self.counts.sum(axis=1, keepdims=True)
        fractions: Matrix = self.counts / np.maximum(images, 1)
        return fractions

    def warning(self, class_names: Sequence[str]) -> str | None:
        """Say that the classes cannot be identified from such labels, where that is so.

        What people did is all there is of human labels: nobody asked them for a matrix.
        """
        asked = self.transition
        matrix = self.realized_transition if asked is None else asked
        return identifiability_warning(matrix, class_names)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the noisy labels as little-endian int64, as 64 hexadecimal digits."""
        return label_hash(self.noisy)


def noisy_labels(
    clean: Labels, spec: NoiseSpec, class_names: Sequence[str], seed: int
) -> NoisyLabels:
    """Return the labels that a run is trained on.

    Args:
        clean: int64, N, each from 0 to K - 1: the labels of the training images.
        spec: Which noise.
        class_names: K.
        seed: The run's; human labels do not depend on it.

    Raises:
        DataError: If ``clean`` cannot be used, or human labels are not about these images or are
            others than were meant.
        StudyError: If the noise does not fit the classes.
    """
    classes = len(class_names)
    _check_clean(clean, classes)
    transition = spec.transition(class_names)
    if transition is not None:
        return NoisyLabels(
            clean, draw_labels(clean, transition, seed, exact=spec.exact), classes, transition
        )
    noisy = fitting_labels(Path(spec.labels or ""), spec.key or "", clean, classes)
    if spec.fingerprint not in (None, label_hash(noisy)):
        raise DataError(
            f"{spec.key} holds other labels than the study was made for: their fingerprint is "
            f"{label_hash(noisy)}",
            where=spec.labels or "",
            expected=spec.fingerprint or "",
            hint="remove noise.fingerprint from the study file to train on what is there now",
        )
    return NoisyLabels(clean, noisy, classes, None)


def draw_labels(clean: Labels, transition: Matrix, seed: int, *, exact: bool = False) -> Labels:
    """Draw a noisy label for every image.

    Two numbers are drawn for each image, one decides whether its label becomes wrong, the other
    which label it gets then. So with the same seed, stronger noise of the same kind spoils the same
    labels and more, and runs at different rates can be compared pairwise.

    Args:
        clean: int64, N.
        transition: K×K, its rows sum to 1.
        seed: The run's, for the stream ``"noise"``.
        exact: Whether exactly the expected number of labels, rounded, becomes wrong in each class.
            Which they are, and what they become, is random in either case.

    Returns:
        int64, N.
    """
    whether, which = stream(seed, "noise").random((len(clean), 2)).T
    noisy = clean.copy()
    for label, row in enumerate(transition):
        others = row.copy()
        others[label] = 0
        rate = others.sum()
        members = np.flatnonzero(clean == label)
        if rate == 0 or not len(members):
            continue
        if exact:
            # Rounded first to what is meant: 0.1 · 25 must not come out below 2.5.
            count = round(round(rate * len(members), 6))
            chosen = members[np.argsort(whether[members], kind="stable")[:count]]
        else:
            chosen = members[whether[members] < rate]
        cumulative = others.cumsum() / others.cumsum()[-1]
        noisy[chosen] = np.searchsorted(cumulative, which[chosen], side="right")
    return noisy


def _check_clean(clean: Labels, classes: int) -> None:
    if clean.dtype != np.int64 or clean.ndim != 1 or not len(clean):
        raise DataError(
            f"clean labels are {clean.dtype} of the shape {clean.shape}",
            expected="a one-dimensional array of int64, at least one long",
        )
    if clean.min() < 0 or clean.max() >= classes:
        raise DataError(
            f"clean labels run from {clean.min()} to {clean.max()}", expected=f"0 to {classes - 1}"
        )
