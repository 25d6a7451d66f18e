"""Settings that users write: validated, frozen, and with one line for all mistakes."""

import os
import re
from collections.abc import Sequence
from math import isfinite
from typing import Annotated, Any, Final, NamedTuple, TypeAlias, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from seedbed.core.errors import StudyError
from seedbed.core.suggestions import did_you_mean, unknown

MAX_SHOWN: Final = 60
"""Characters of a value in a message."""

Fraction: TypeAlias = Annotated[float, Field(ge=0, lt=1, strict=True)]


def check_path(path: str) -> str:
    """Return the path of a file or folder, or raise ``ValueError`` if nothing can have it."""
    if "\0" in path:
        raise ValueError(f"{path!r} cannot be used; expected a path without null characters")
    try:
        os.fsencode(path)
    except UnicodeEncodeError as error:
        raise ValueError(
            f"{path!r} cannot be used: file names are in {error.encoding} here, which lacks some "
            "of its characters (set PYTHONUTF8=1)"
        ) from None
    return path


FilePath: TypeAlias = Annotated[str, AfterValidator(check_path)]
"""The path of a file or folder, as text."""


class Problem(NamedTuple):
    """One invalid setting."""

    where: str
    """The path of the field, for example ``"augmentation.shift"``; empty for the whole model."""
    what: str
    """What is wrong with it, and what was expected."""


class Settings(BaseModel):
    """Validated, frozen settings.

    Numbers must be numbers: neither ``true`` nor ``"0.1"``, and neither NaN nor infinite.

    Raises:
        StudyError: On construction, with every invalid field. ``model_validate`` and models inside
            other models raise pydantic's ``ValidationError`` instead, for :func:`explain`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            problems = explain(error, type(self))
            if len(problems) == 1:
                raise StudyError(problems[0].what, where=problems[0].where) from None
            raise StudyError("; ".join(": ".join(filter(None, p)) for p in problems)) from None

    def __setattr__(self, name: str, value: object) -> None:
        raise StudyError(
            f"{name} cannot be changed: settings are frozen",
            where=type(self).__name__,
            hint=f"make another one, {type(self).__name__}(..., {name}={_short(value)})",
        )

    # Pydantic then fills a model inside another one without calling this __init__, so that all
    # mistakes of a study file arrive together, each with its whole path.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]


def explain(
    error: ValidationError, model: type[BaseModel], elsewhere: Sequence[str] = ()
) -> list[Problem]:
    """Return pydantic's errors in users' words.

    Args:
        error: Raised when ``model`` was validated.
        model: The model; its fields are suggested in place of unknown ones.
        elsewhere: Settings outside the model with their paths, which are suggested too.
    """
    problems = []
    for detail in error.errors(include_url=False):
        kind, where, value = detail["type"], detail["loc"], detail["input"]
        context = detail.get("ctx", {})
        if kind == "default_factory_not_called":
            continue  # the default depends on another field, which has a problem itself
        if kind == "extra_forbidden":
            section = "".join(f"{part}." for part in where[:-1])
            others = [name for name in elsewhere if not (section and name.startswith(section))]
            if section and where[-1] in others:
                message = "belongs at the top level, before all tables"
            else:
                message = unknown("setting", where[-1], _fields_at(model, where[:-1]), others)
        elif kind == "missing":
            message = "is missing"
        elif kind == "value_error":
            message = str(context["error"])
        else:
            expected = _EXPECTED.get(kind, "").format(**context) or _message(detail["msg"])
            message = f"{_short(value)} cannot be used; expected {expected}"
            if kind == "literal_error":
                message += did_you_mean(value, re.findall("'([^']*)'", context["expected"]))
            elif corrected := _corrected(kind, value):
                message += f" (write {corrected})"
        problems.append(Problem(".".join(map(str, where)), message))
    return problems


_EXPECTED: Final = {
    "float_type": "a number",
    "finite_number": "a finite number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "string_type": "text",
    "tuple_type": "a list",
    "model_type": "a table",
    "dict_type": "a table",
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "{ge:g} or more",
    "less_than": "less than {lt:g}",
    "less_than_equal": "{le:g} or less",
    "string_pattern_mismatch": "letters, digits and . _ -, beginning with a letter or digit",
    "string_too_long": "at most {max_length} characters",
    "string_too_short": "at least one character",
}
"""Kind of error of pydantic -> what was expected."""


def _message(text: str) -> str:
    """Return what pydantic expected, as in "Tuple should have at least 1 item after ..."."""
    return re.sub(r"^\w+ should (be|have) | after valid.*$", "", text)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 3]}..."


def _corrected(kind: str, value: object) -> str:
    """Return the number, or the ``true`` or ``false``, that a value seems to mean, or ``""``."""
    text = str(value).strip().lower()
    if kind == "bool_type":
        return "true" if text in _TRUE else "false" if text in _FALSE else ""
    percent = text.endswith("%")
    text = text.removesuffix("%").strip().replace("\u2212", "-")
    if re.fullmatch(r"[-+]?\d*,\d+", text):
        text = text.replace(",", ".")
    if kind not in _NUMBERS or isinstance(value, bool) or not re.fullmatch(_NUMBER, text):
        return ""
    number = float(text) / (100 if percent else 1)
    if kind == "float_type" and isfinite(number):
        return f"{number:.15g}"
    return str(int(number)) if number.is_integer() else ""


_NUMBERS: Final = ("float_type", "int_type", "int_from_float")
_NUMBER: Final = r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d{1,2})?"
_TRUE: Final = ("true", "yes", "on", "1")
_FALSE: Final = ("false", "no", "off", "0")


def _fields_at(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """Return the field names of the model at ``path`` inside ``model``."""
    for name in path:
        field = model.model_fields.get(str(name))
        inner = field.annotation if field else None
        for kind in (inner, *get_args(inner)):  # of a list of models, the model
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                model = kind
    return list(model.model_fields)
