"""Settings that users write: validated, frozen, and with one line for all mistakes."""

import re
from typing import Annotated, Any, NamedTuple, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from seedbed.core.errors import StudyError
from seedbed.core.suggestions import did_you_mean, unknown

Fraction: TypeAlias = Annotated[float, Field(ge=0, lt=1, strict=True)]


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

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, use_attribute_docstrings=True
    )

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            problems = explain(error, type(self))
            if len(problems) == 1:
                raise StudyError(problems[0].what, where=problems[0].where) from None
            raise StudyError("; ".join(": ".join(filter(None, p)) for p in problems)) from None

    # Pydantic then fills a model inside another one without calling this __init__, so that all
    # mistakes of a study file arrive together, each with its whole path.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]


def explain(error: ValidationError, model: type[BaseModel]) -> list[Problem]:
    """Return pydantic's errors in users' words.

    Args:
        error: Raised when ``model`` was validated.
        model: The model; its fields are suggested in place of unknown ones.
    """
    problems = []
    for detail in error.errors(include_url=False):
        kind, where, value = detail["type"], detail["loc"], detail["input"]
        context = detail.get("ctx", {})
        if kind == "default_factory_not_called":
            continue  # the default depends on another field, which has a problem itself
        if kind == "extra_forbidden":
            message = unknown("setting", where[-1], _fields_at(model, where[:-1]))
        elif kind == "missing":
            message = "is missing"
        elif kind == "value_error":
            message = str(context["error"])
        else:
            # The message is for example "Input should be a valid number", or "Tuple should have at
            # least 1 item after validation, not 0".
            expected = re.sub(r"^\w+ should (be|have) | after valid.*$", "", detail["msg"])
            if kind in ("model_type", "dict_type"):
                expected = "a table"
            message = f"{value!r} cannot be used; expected {expected}"
            if kind == "literal_error":
                message += did_you_mean(value, re.findall("'([^']*)'", context["expected"]))
        problems.append(Problem(".".join(map(str, where)), message))
    return problems


def _fields_at(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """Return the field names of the model at ``path`` inside ``model``."""
    for name in path:
        field = model.model_fields.get(str(name))
        inner = field.annotation if field else None
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            model = inner
    return list(model.model_fields)
