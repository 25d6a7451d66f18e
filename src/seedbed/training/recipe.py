"""How a network is trained: optimizer, schedule, loss, augmentation, epochs.

A recipe is complete once it exists: what the user left out has its default. What does not belong to
the choice made (``momentum`` with AdamW, say) is refused rather than ignored.
"""

import re
from typing import Annotated, Any, Final, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_serializer,
)

from seedbed.errors import StudyError
from seedbed.words import did_you_mean, unknown

Optimizer = Literal["sgd", "adamw"]
Schedule = Literal["constant", "step", "exponential", "cosine", "one-cycle"]
Loss = Literal["cross-entropy"]
Fraction = Annotated[float, Field(ge=0, lt=1, strict=True)]

LEARNING_RATES: Final = {"sgd": 0.05, "adamw": 0.001}
DECAYS: Final = {"step": 0.1, "exponential": 0.95}


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


class Augmentation(Settings):
    """Random changes to every training image of every epoch; each is uniform and independent."""

    shift: float = Field(default=0.0, ge=0)
    """Up to so many pixels in each direction, fractions included."""
    rotation: float = Field(default=0.0, ge=0, le=180)
    """Up to so many degrees either way."""
    scale: Fraction = 0.0
    """A factor between 1 - scale and 1 + scale."""
    flip: bool = False
    """Left and right exchanged, for half of the images."""

    @property
    def active(self) -> bool:
        """Whether anything is changed at all."""
        return self != Augmentation()


class Recipe(Settings):
    """How a network is trained."""

    optimizer: Optimizer = "sgd"
    """As ``torch.optim.SGD`` (weight decay added to the gradient) and ``torch.optim.AdamW``."""
    learning_rate: float = Field(
        default_factory=lambda chosen: LEARNING_RATES[chosen["optimizer"]], gt=0
    )
    """The highest of the schedule; 0.05 for sgd and 0.001 for adamw by default."""
    momentum: Fraction = 0.9
    """sgd only."""
    nesterov: bool = False
    """sgd with momentum only."""
    weight_decay: float = Field(default=0.0, ge=0)
    """For weights and biases alike, as PyTorch does by default."""
    betas: Annotated[tuple[Fraction, Fraction], Field(strict=False)] = (0.9, 0.999)
    """adamw only."""
    epsilon: float = Field(default=1e-8, gt=0)
    """adamw only."""
    batch_size: int = Field(default=128, ge=1)
    """Images a step; the last step of an epoch takes what is left."""
    epochs: int = Field(default=15, ge=1)
    schedule: Schedule = "one-cycle"
    warmup_epochs: float = Field(default=0.0, ge=0)
    """The schedule's learning rate rises linearly from 0 over so many epochs (fractions count);
    not with one-cycle, which has its own."""
    step_epochs: int = Field(default=5, ge=1)
    """step only: the learning rate falls every so many epochs."""
    decay: float = Field(
        default_factory=lambda chosen: DECAYS.get(chosen["schedule"], 1.0), gt=0, le=1
    )
    """step and exponential only: the factor every ``step_epochs`` epochs (0.1 by default), or every
    epoch (0.95)."""
    loss: Loss = "cross-entropy"
    """A softmax is part of it: networks end with logits."""
    label_smoothing: Fraction = 0.0
    """This much of the target is spread evenly over all classes."""
    weight_average: Fraction = 0.0
    """Decay, a step, of an exponential moving average of the weights, which is then what is
    measured and kept; 0 keeps the weights as they are."""
    augmentation: Augmentation = Augmentation()

    @field_validator(
        "momentum", "nesterov", "betas", "epsilon", "warmup_epochs", "step_epochs", "decay"
    )
    @classmethod
    def _belongs_to_the_choice(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse a setting that would be ignored; its default is harmless."""
        name = info.field_name or ""
        choice, options = _BELONGS_TO[name]
        chosen = info.data.get(choice)
        default = cls.model_fields[name].get_default(
            call_default_factory=True, validated_data={"schedule": chosen}
        )
        if chosen is not None and chosen not in options and value != default:
            raise ValueError(f"{chosen} does not use it; it belongs to {', '.join(options)}")
        if name == "nesterov" and value and info.data.get("momentum") == 0:
            raise ValueError("nesterov needs a momentum above 0")
        if name == "warmup_epochs" and value > info.data.get("epochs", value):
            raise ValueError(f"{value:g} is more than the {info.data['epochs']} epochs of training")
        return value

    @model_serializer(mode="wrap")
    def _what_applies(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what does not belong to the choice made, so that no file claims it."""
        values: dict[str, Any] = serialize(self)
        for name, (choice, options) in _BELONGS_TO.items():
            if getattr(self, choice) not in options:
                values.pop(name, None)
        return values


_BELONGS_TO: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "momentum": ("optimizer", ("sgd",)),
    "nesterov": ("optimizer", ("sgd",)),
    "betas": ("optimizer", ("adamw",)),
    "epsilon": ("optimizer", ("adamw",)),
    "warmup_epochs": ("schedule", ("constant", "step", "exponential", "cosine")),
    "step_epochs": ("schedule", ("step",)),
    "decay": ("schedule", ("step", "exponential")),
}


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
            expected = problem["msg"].removeprefix("Input should be ")
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
