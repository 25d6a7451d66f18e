"""Which label noise a configuration has: the ``[noise]`` table of a study file.

What does not belong to the chosen kind (``mapping`` with symmetric noise, say) is refused rather
than ignored, and is not written either.
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
from seedbed.core.settings import Settings
from seedbed.core.suggestions import unknown
from seedbed.noise.human import label_hash, read_labels
from seedbed.noise.transition import Matrix, pair, read_matrix, symmetric

Kind = Literal["none", "symmetric", "pair", "matrix", "human"]
ClassName = Annotated[str, BeforeValidator(lambda name: str(name) if type(name) is int else name)]
"""Classes without names are called ``"0"``, ``"1"``, ...; plain numbers will do for them."""


class NoiseSpec(Settings):
    """Which labels the training images get; those of test images stay clean.

    Raises:
        StudyError: On construction, naming each field that cannot be used. ``model_validate``, and
            a model around it, keep pydantic's ``ValidationError``.
    """

    model_config = ConfigDict(validate_default=True)

    kind: Kind = "none"
    rate: Annotated[float, Field(ge=0, le=1)] | None = None
    """symmetric and pair only: how probable it is that a label is replaced."""
    including_self: bool = False
    """symmetric only: the replacement may be the true class again, so that less than ``rate`` of
    the labels are wrong."""
    mapping: Annotated[dict[ClassName, ClassName], Field(min_length=1)] | None = None
    """pair only: by class name, which class is taken for which; the others keep their labels. By
    default every class is taken for the next."""
    matrix: str | tuple[tuple[float, ...], ...] | None = None
    """matrix only: rows that sum to 1, or the path of a CSV or NPY file."""
    exact: bool = False
    """symmetric, pair and matrix: in every class exactly the expected number of labels is wrong,
    rounded. By default every label is drawn on its own, and their number is random."""
    labels: str | None = None
    """human only: the path of an NPZ file with ``clean_label`` and the labels people gave."""
    key: str | None = None
    """human only: the name of these labels in the file."""
    fingerprint: str | None = None
    """human only: of the labels that are meant, as SHA-256; any others are refused."""

    @field_validator("matrix", mode="before")
    @classmethod
    def _is_a_matrix(cls, value: Any) -> Any:
        if value is None or isinstance(value, str):
            return value
        try:
            return _as_rows(read_matrix(value))
        except StudyError as error:
            raise ValueError(str(error)) from None

    @field_validator(
        "rate", "including_self", "mapping", "matrix", "exact", "labels", "key", "fingerprint"
    )
    @classmethod
    def _belongs_to_the_kind(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse a setting that would be ignored, and miss one that is needed."""
        name, kind = info.field_name or "", info.data.get("kind")
        if kind is None:
            return value  # which has its own problem
        kinds = _BELONGS_TO[name]
        if kind not in kinds and value != cls.model_fields[name].default:
            raise ValueError(f"{kind} noise does not use it; it belongs to {', '.join(kinds)}")
        if kind in kinds and value is None and name in _NEEDED:
            raise ValueError(f"is missing; {kind} noise needs it")
        return value

    @model_serializer(mode="wrap")
    def _what_applies(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what does not belong to the kind, so that no file claims it."""
        return {
            name: value
            for name, value in serialize(self).items()
            if value is not None and self.kind in _BELONGS_TO.get(name, (self.kind,))
        }

    @property
    def active(self) -> bool:
        """Whether any label may differ from the clean one."""
        return self.kind != "none"

    def resolved(self, folder: Path | None = None) -> Self:
        """Return the same noise, bound to what its file holds now.

        A matrix in a file becomes its rows; the path of human labels becomes absolute and they get
        their fingerprint.

        Args:
            folder: What a relative path is relative to; the current one by default.

        Raises:
            SeedbedError: If a file cannot be read.
        """
        changed: dict[str, Any] = {}
        if isinstance(self.matrix, str):
            changed["matrix"] = _as_rows(read_matrix(_absolute(self.matrix, folder)))
        if self.labels is not None and self.key is not None:
            path = _absolute(self.labels, folder)
            changed["labels"] = str(path)
            if self.fingerprint is None:
                changed["fingerprint"] = label_hash(read_labels(path, self.key).noisy)
        return self.model_copy(update=changed)

    def identity(self) -> dict[str, Any]:
        """Return what decides the labels: not where a file lies, but what it holds.

        Raises:
            StudyError: If that is not known yet (:meth:`resolved`).
        """
        if isinstance(self.matrix, str) or (self.kind == "human" and self.fingerprint is None):
            raise StudyError("the contents of the file are not known", where="noise")
        values = self.model_dump(mode="json")
        return {name: values[name] for name in values if name not in ("labels", "key")}

    def transition(self, class_names: Sequence[str]) -> Matrix | None:
        """Return the transition matrix that is asked for, K×K; ``None`` for human labels.

        Raises:
            StudyError: If it does not fit these classes.
        """
        classes = len(class_names)
        match self.kind:
            case "none":
                return np.eye(classes)
            case "symmetric":
                return symmetric(classes, self.rate or 0.0, self.including_self)
            case "pair":
                return pair(classes, self.rate or 0.0, self._numbered_mapping(class_names))
            case "matrix":
                return read_matrix(self.matrix or (), classes, where="noise.matrix")
            case "human":
                return None

    def _numbered_mapping(self, class_names: Sequence[str]) -> dict[int, int] | None:
        if self.mapping is None:
            return None
        numbers = {name: index for index, name in enumerate(class_names)}
        for name in (*self.mapping, *self.mapping.values()):
            if name not in numbers:
                raise StudyError(unknown("class", name, class_names), where="noise.mapping")
        for clean, noisy in self.mapping.items():
            if clean == noisy:
                raise StudyError(f"takes the class {clean!r} for itself", where="noise.mapping")
        return {numbers[clean]: numbers[noisy] for clean, noisy in self.mapping.items()}


_BELONGS_TO: Final[dict[str, tuple[str, ...]]] = {
    "rate": ("symmetric", "pair"),
    "including_self": ("symmetric",),
    "mapping": ("pair",),
    "matrix": ("matrix",),
    "exact": ("symmetric", "pair", "matrix"),
    "labels": ("human",),
    "key": ("human",),
    "fingerprint": ("human",),
}
_NEEDED: Final = ("rate", "matrix", "labels", "key")


def _as_rows(matrix: Matrix) -> tuple[tuple[float, ...], ...]:
    return tuple(map(tuple, matrix.tolist()))


def _absolute(path: str, folder: Path | None) -> Path:
    return ((folder or Path()) / Path(path).expanduser()).resolve()
