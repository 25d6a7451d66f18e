"""The label noise of a configuration: the ``[noise]`` table of a study file.

A setting that the chosen kind does not use (such as ``mapping`` with symmetric noise) is rejected
rather than ignored, and not written either.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import numpy as np
from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    field_validator,
    model_serializer,
)

from seedbed.core.errors import StudyError
from seedbed.core.settings import FilePath, Settings, check_path
from seedbed.core.suggestions import unknown
from seedbed.noise.human import label_hash, read_labels
from seedbed.noise.matrix_file import by_name, read_matrix
from seedbed.noise.transition import Matrix, check_transition, pair, symmetric

Kind = Literal["none", "symmetric", "pair", "matrix", "human"]
ClassName = Annotated[str, BeforeValidator(lambda name: str(name) if type(name) is int else name)]
"""The name of a class. An integer stands for its text, the name of a class without a name."""


class NoiseSpec(Settings):
    """The noise in the labels of training images; the labels of test images stay clean.

    Raises:
        StudyError: On construction, with every invalid field. ``model_validate`` and models around
            this one raise pydantic's ``ValidationError`` instead.
    """

    model_config = ConfigDict(validate_default=True)

    kind: Kind = "none"
    """Where the noisy labels come from: a transition matrix of this kind, or people (``human``)."""
    rate: Annotated[float, Field(ge=0, le=1)] | None = None
    """symmetric and pair only: the probability that a label is replaced, 0 to 1."""
    including_self: bool = False
    """symmetric only: whether the replacement may be the clean class, so that fewer than ``rate``
    of the labels are wrong."""
    mapping: Annotated[dict[ClassName, ClassName], Field(min_length=1)] | None = None
    """pair only: clean class to noisy class, by name; other classes keep their labels. By default,
    each class is flipped to the next."""
    matrix: str | tuple[tuple[float, ...], ...] | None = None
    """matrix only: rows that sum to 1, or the path of a CSV or NPY file."""
    classes: Annotated[tuple[ClassName, ...], Field(strict=False)] | None = None
    """matrix only: the names of the classes in the order of the rows and columns. By default those
    in the file, or the classes of the dataset in their order."""
    exact: bool = False
    """symmetric, pair and matrix only: whether the number of wrong labels in each class is exactly
    the expected number, rounded. By default, labels are drawn independently."""
    labels: FilePath | None = None
    """human only: the path of an NPZ file with ``clean_label`` and the human labels."""
    key: str | None = None
    """human only: the name of the human labels in the file."""
    fingerprint: str | None = None
    """human only: the SHA-256 of the labels; other labels are rejected."""

    @field_validator("matrix", mode="before")
    @classmethod
    def _check_matrix(cls, value: Any) -> Any:
        if value is None or isinstance(value, str):
            return value and check_path(value)
        try:
            return _as_rows(check_transition(value))
        except StudyError as error:
            raise ValueError(str(error)) from None

    @field_validator(
        "rate",
        "including_self",
        "mapping",
        "matrix",
        "classes",
        "exact",
        "labels",
        "key",
        "fingerprint",
    )
    @classmethod
    def _check_kind(cls, value: Any, info: ValidationInfo) -> Any:
        """Reject a setting that the kind does not use, and require those that it needs."""
        name, kind = info.field_name or "", info.data.get("kind")
        if kind is None:
            return value  # the kind is invalid, which is reported already
        kinds = _KINDS[name]
        if kind not in kinds and value != cls.model_fields[name].default:
            raise ValueError(f"is not used with kind = {kind!r}; it is for {', '.join(kinds)}")
        if kind in kinds and value is None and name in _REQUIRED:
            raise ValueError(f"is missing; {kind} noise needs it")
        return value

    @model_serializer(mode="wrap")
    def _only_used(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out the settings that the kind does not use."""
        return {
            name: value
            for name, value in serialize(self).items()
            if value is not None and self.kind in _KINDS.get(name, (self.kind,))
        }

    @property
    def active(self) -> bool:
        """Whether any label may differ from the clean one."""
        return self.kind != "none"

    def resolved(self, folder: Path | None = None) -> Self:
        """Return the same noise, bound to the current contents of its file.

        The path of a matrix is replaced by its rows. The path of human labels becomes absolute, and
        their fingerprint is set.

        Args:
            folder: The folder for relative paths; the current one by default.

        Raises:
            SeedbedError: If a file cannot be read.
        """
        update: dict[str, Any] = {}
        if isinstance(self.matrix, str):
            read = read_matrix(_absolute(self.matrix, folder))
            update["matrix"] = _as_rows(read.matrix)
            if self.classes and read.classes and self.classes != read.classes:
                raise StudyError(
                    f"the file has the classes {', '.join(read.classes)}",
                    where="noise.classes",
                    expected="the same, or no setting",
                )
            update["classes"] = self.classes or read.classes
        if self.labels is not None and self.key is not None:
            path = _absolute(self.labels, folder)
            update["labels"] = str(path)
            if self.fingerprint is None:
                update["fingerprint"] = label_hash(read_labels(path, self.key).noisy)
        return self.model_copy(update=update)

    def identity(self) -> dict[str, Any]:
        """Return the settings that decide the labels: the contents of files, not their paths.

        Settings at their default are left out.

        Raises:
            StudyError: If the file has not been read yet, by :meth:`resolved`.
        """
        if isinstance(self.matrix, str) or (self.kind == "human" and self.fingerprint is None):
            raise StudyError("the file has not been read", where="noise", hint="call resolved()")
        values, unused = self.model_dump(mode="json"), ("labels", "key")
        defaults = {name: field.default for name, field in type(self).model_fields.items()}
        return {k: v for k, v in values.items() if k not in unused and v != defaults[k]}

    def transition(self, class_names: Sequence[str]) -> Matrix | None:
        """Return the nominal transition matrix, float64, K×K; ``None`` for human labels.

        Raises:
            StudyError: If the settings do not fit these K classes.
        """
        classes = len(class_names)
        match self.kind:
            case "none":
                return np.eye(classes)
            case "symmetric":
                return symmetric(classes, self.rate or 0.0, self.including_self)
            case "pair":
                return pair(classes, self.rate or 0.0, self._mapped_labels(class_names))
            case "matrix":
                matrix = check_transition(self.matrix or (), classes, where="noise.matrix")
                if self.classes is None:
                    return matrix
                return by_name(matrix, self.classes, class_names, "noise.classes")
            case "human":
                return None

    def _mapped_labels(self, class_names: Sequence[str]) -> dict[int, int] | None:
        """Return the mapping with labels instead of class names."""
        if self.mapping is None:
            return None
        labels = {name: label for label, name in enumerate(class_names)}
        for name in (*self.mapping, *self.mapping.values()):
            if name not in labels:
                raise StudyError(unknown("class", name, class_names), where="noise.mapping")
        for clean, noisy in self.mapping.items():
            if clean == noisy:
                raise StudyError(f"maps class {clean!r} to itself", where="noise.mapping")
        return {labels[clean]: labels[noisy] for clean, noisy in self.mapping.items()}


_KINDS: Final[dict[str, tuple[str, ...]]] = {
    "rate": ("symmetric", "pair"),
    "including_self": ("symmetric",),
    "mapping": ("pair",),
    "matrix": ("matrix",),
    "classes": ("matrix",),
    "exact": ("symmetric", "pair", "matrix"),
    "labels": ("human",),
    "key": ("human",),
    "fingerprint": ("human",),
}
"""The kinds that use a setting; ``kind`` itself is always used."""
_REQUIRED: Final = ("rate", "matrix", "labels", "key")
"""The settings that must be given to the kinds that use them."""


def _as_rows(matrix: Matrix) -> tuple[tuple[float, ...], ...]:
    return tuple(map(tuple, matrix.tolist()))


def _absolute(path: str, folder: Path | None) -> Path:
    return ((folder or Path()) / Path(path).expanduser()).resolve()
