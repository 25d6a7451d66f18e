"""Settings that a user writes: validated, frozen, their mistakes reported as one line."""

import re
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from seedbed.core.errors import StudyError
from seedbed.core.suggestions import did_you_mean, unknown

Fraction: TypeAlias = Annotated[float, Field(ge=0, lt=1, strict=True)]


class Settings(BaseModel):
    """Validated, frozen settings, whose mistakes are reported as one line.

    Numbers are numbers: neither ``true`` nor ``"0.1"``, and never NaN or infinite.

    Raises:
        StudyError: On construction, naming each field that cannot be used. ``model_validate``, and
            a model inside another, keep pydantic's ``ValidationError``, for :func:`explain`.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, use_attribute_docstrings=True
    )

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            problems = explain(error, type(self))
            raise StudyError(
                "; ".join(": ".join(filter(None, each)) for each in problems)
            ) from None

    # Tells pydantic to fill a model inside another directly, as it does with its own __init__: so
    # that all mistakes of a study file arrive together, each with its whole path.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]


def explain(error: ValidationError, model: type[BaseModel]) -> list[tuple[str, str]]:
    """Say in a user's words what pydantic found.

    Args:
        error: From validating ``model``.
        model: Whose fields are suggested for one that is not known.

    Returns:
        The path of each field, as ``"augmentation.shift"``, and what is wrong with it.
    """
    problems = []
    for problem in error.errors(include_url=False):
        kind, where, value = problem["type"], problem["loc"], problem["input"]
        context = problem.get("ctx", {})
        if kind == "default_factory_not_called":
            continue  # the default hangs on a field that has its own problem
        if kind == "extra_forbidden":
            message = unknown("setting", where[-1], _fields_at(model, where[:-1]))
        elif kind == "missing":
            message = "is missing"
        elif kind == "value_error":
            message = str(context["error"])
        else:
            # "Input should be a valid number", or
            # "Tuple should have at least 1 item after validation, not 0"
            expected = re.sub(r"^\w+ should (be|have) | after valid.*$", "", problem["msg"])
            if kind in ("model_type", "dict_type"):
                expected = "a table"
            message = f"{value!r} cannot be used; expected {expected}"
            if kind == "literal_error":
                message += did_you_mean(value, re.findall("'([^']*)'", context["expected"]))
        problems.append((".".join(map(str, where)), message))
    return problems


def _fields_at(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """Return the names of the fields of the model that ``path`` leads to, inside ``model``."""
    for step in path:
        field = model.model_fields.get(str(step))
        inner = field.annotation if field else None
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            model = inner
    return list(model.model_fields)
