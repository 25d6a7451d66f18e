"""What forward and backward correction share: where the transition matrix comes from."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import numpy as np
from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    field_validator,
    model_serializer,
)

from seedbed.core.errors import StudyError
from seedbed.core.settings import Fraction, check_path
from seedbed.core.suggestions import did_you_mean
from seedbed.noise.estimation import (
    calibrated_joint,
    clean_counts,
    transition_from_anchors,
    transition_of_joint,
)
from seedbed.noise.matrix_file import by_name, read_matrix
from seedbed.noise.spec import NoiseSpec
from seedbed.noise.transition import Matrix, check_transition
from seedbed.training.methods.base import (
    EVERY_IMAGE,
    Arrays,
    Method,
    RunFailed,
    RunLabels,
    Steps,
    Told,
)
from seedbed.training.metrics import probabilities

NOISE: Final = "noise"
ESTIMATED: Final = "estimated"
PARTS: Final = 5
"""The images take so many turns at estimating T again."""

Rows = tuple[tuple[float, ...], ...]
Estimator = Literal["em", "counts", "anchors"]


class Correction(Method):
    """A method that corrects the loss by a transition matrix T."""

    transition: str | Rows
    """``"noise"`` for the true T: as configured, or as observed for human labels. ``"estimated"``
    to estimate T in the run. Or the path of a CSV or NPY file, or the rows of T."""
    classes: Annotated[tuple[str, ...], Field(strict=False)] | None = None
    """A file or rows only: the names of the classes in the order of the rows and columns. By
    default those in the file, or the classes of the dataset in their order."""
    estimator: Estimator = "em"
    """estimated only. ``counts``: T is estimated once, by the calibrated counts of confident
    learning (Northcutt et al. 2021). ``em``: and estimated again after every epoch by a step of
    incremental expectation maximization (Neal and Hinton 1998): a fifth of the images, another one
    each time, is distributed anew among the clean classes that its predictions and labels speak
    for; the others stay where they are. ``anchors``: once, from the image at the 97th percentile of
    the probability of each class (Patrini et al. 2017)."""
    warmup: Fraction = 0.4
    """estimated only: the fraction of the epochs that train without correction, before the first
    estimate; at least one epoch."""

    @field_validator("transition", mode="before")
    @classmethod
    def _is_a_matrix(cls, value: Any) -> Any:
        if isinstance(value, str):
            return check_path(value)
        try:
            return _rows(check_transition(value))
        except StudyError as error:
            raise ValueError(str(error)) from None

    @field_validator("classes", "estimator", "warmup")
    @classmethod
    def _is_used(cls, value: Any, info: ValidationInfo) -> Any:
        transition = info.data.get("transition")
        default = cls.model_fields[info.field_name or ""].default
        if transition is None or value == default:
            return value
        if info.field_name == "classes":
            if transition in (NOISE, ESTIMATED):
                raise ValueError("is only for a transition matrix from a file or in rows")
        elif transition != ESTIMATED:
            raise ValueError('is only for transition = "estimated"')
        return value

    @model_serializer(mode="wrap")
    def _what_applies(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        values: dict[str, Any] = serialize(self)
        if values.get("transition", ESTIMATED) != ESTIMATED:
            values = {k: v for k, v in values.items() if k not in ("estimator", "warmup")}
        return {name: value for name, value in values.items() if value is not None}

    @property
    def told(self) -> Told:
        """T, unless it is estimated."""
        return "nothing" if self.transition == ESTIMATED else "transition"

    def resolved(self, folder: Path | None = None) -> Self:
        """Return the same method with the rows of the file.

        Raises:
            StudyError: If it cannot be read, or has other classes than ``classes``.
        """
        if not isinstance(self.transition, str) or self.transition in (NOISE, ESTIMATED):
            return self
        path = ((folder or Path()) / Path(self.transition).expanduser()).resolve()
        if not path.exists():
            raise StudyError(
                f"there is no file {path}{did_you_mean(self.transition, [NOISE, ESTIMATED])}",
                where="recipe.robust.transition",
                expected=f'"{NOISE}", "{ESTIMATED}", or the path of a CSV or NPY file',
            )
        read = read_matrix(path)
        if self.classes and read.classes and self.classes != read.classes:
            raise StudyError(
                f"the file has the classes {', '.join(read.classes)}",
                where="recipe.robust.classes",
                expected="the same, or no setting",
            )
        update = {"transition": _rows(read.matrix), "classes": self.classes or read.classes}
        return self.model_copy(update=update)

    def check(self, noise: NoiseSpec, class_names: Sequence[str]) -> None:
        """Reject a matrix of another size, or with other classes.

        Raises:
            StudyError: If it is.
        """
        known = self._known(class_names)
        if known is None and self.transition == NOISE:
            known = noise.transition(class_names)
        if known is not None:
            self.check_matrix(known)

    def check_matrix(self, matrix: Matrix) -> None:
        """Reject a matrix that the method cannot use; overridden.

        Raises:
            StudyError: If it cannot.
        """

    def _known(self, class_names: Sequence[str]) -> Matrix | None:
        """Return the matrix of a file or in rows."""
        if self.transition in (NOISE, ESTIMATED):
            return None
        where = "recipe.robust.transition"
        if isinstance(self.transition, str):
            raise StudyError("the file has not been read", where=where, hint="call resolved()")
        matrix = check_transition(self.transition, len(class_names), where=where)
        if self.classes is None:
            return matrix
        return by_name(matrix, self.classes, class_names, "recipe.robust.classes")

    def state(self, run: RunLabels) -> Arrays:
        """Return T; the identity, which corrects nothing, before it is estimated."""
        if self.transition == ESTIMATED:
            classes = len(run.class_names)
            arrays: Arrays = {"transition": np.eye(classes), "estimates": np.zeros(1, np.int64)}
            if self.estimator == "em":
                arrays["counts"] = np.zeros((PARTS, classes, classes))
            return arrays
        known = self._known(run.class_names)
        matrix = run.transition if known is None else known
        self.check_matrix(matrix)
        return {"transition": matrix.copy()}

    def after_epoch(self, steps: Steps, state: Arrays) -> None:
        """Estimate T, or estimate it again.

        Raises:
            RunFailed: If the method cannot use the estimate.
        """
        if self.transition != ESTIMATED:
            return
        first = not state["estimates"][0]
        if first and steps.done + 1 < self.warmup * steps.epochs - 1e-9:
            return
        if not first and self.estimator != "em":
            return
        number = (int(state["estimates"][0]) - 1) % PARTS
        part = EVERY_IMAGE if first else slice(number, None, PARTS)
        logits = steps.predict("network", part)
        if steps.stopped or not np.isfinite(logits).all():
            return
        p = probabilities(logits).astype(np.float64)
        labels, matrix = steps.labels[part], state["transition"]
        if not first:  # corrected, so p is of the clean label
            state["counts"][number] = clean_counts(p, labels, matrix)
            matrix[...] = transition_of_joint(state["counts"].sum(axis=0))
        elif self.estimator == "anchors":
            matrix[...] = transition_from_anchors(p)
        else:
            joint = calibrated_joint(p, labels)
            matrix[...] = transition_of_joint(joint)
            if self.estimator == "em":
                state["counts"][...] = joint * len(labels) / PARTS
        state["estimates"] += 1
        try:
            self.check_matrix(matrix)
        except StudyError as error:  # of this run's estimate, so other runs may go on
            raise RunFailed(error.what) from error

    def estimated_transition(self, state: Arrays) -> Matrix | None:
        """Return T, if it has been estimated."""
        if self.transition != ESTIMATED or not state["estimates"][0]:
            return None
        matrix: Matrix = state["transition"]
        return matrix


def _rows(matrix: Matrix) -> Rows:
    return tuple(map(tuple, matrix.tolist()))
