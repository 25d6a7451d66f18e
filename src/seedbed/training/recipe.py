"""How a network is trained: optimizer, schedule, loss, augmentation, epochs.

A recipe is complete once it exists: what the user left out has its default. What does not belong to
the choice made (``momentum`` with AdamW, say) is refused rather than ignored.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import (
    Field,
    SerializeAsAny,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    field_validator,
    model_serializer,
)

from seedbed.core.settings import Fraction, Settings
from seedbed.networks.initialization import Initialization
from seedbed.training.losses.base import Loss
from seedbed.training.losses.cross_entropy import CrossEntropy
from seedbed.training.losses.registry import read_loss
from seedbed.training.methods.base import Method
from seedbed.training.methods.registry import read_method
from seedbed.training.methods.standard import Standard

Optimizer = Literal["sgd", "adam", "adamw"]
Schedule = Literal["constant", "step", "exponential", "cosine", "one-cycle"]
Checkpoint = Literal["last", "best-on-validation"]
Precision = Literal["float32", "tf32", "bfloat16"]

LEARNING_RATES: Final = {"sgd": 0.05, "adam": 0.001, "adamw": 0.001}
DECAYS: Final = {"step": 0.1, "exponential": 0.95}


class Augmentation(Settings):
    """Random changes to every training image of every epoch; each is uniform and independent."""

    shift: float = Field(default=0.0, ge=0)
    """Up to so many pixels in each direction, fractions included."""
    crop: int = Field(default=0, ge=0)
    """Up to so many pixels in each direction, whole ones: as an image of the same size that is
    cropped at a random place, after its edge was repeated so far on every side."""
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
    """As ``torch.optim.SGD`` and ``Adam`` (weight decay added to the gradient), and ``AdamW``."""
    learning_rate: float = Field(
        default_factory=lambda chosen: LEARNING_RATES[chosen["optimizer"]], gt=0
    )
    """The highest of the schedule; 0.05 for sgd and 0.001 for adam and adamw by default."""
    momentum: Fraction = 0.9
    """sgd only."""
    nesterov: bool = False
    """sgd with momentum only."""
    weight_decay: float = Field(default=0.0, ge=0)
    """For weights and biases alike, as PyTorch does by default."""
    betas: Annotated[tuple[Fraction, Fraction], Field(strict=False)] = (0.9, 0.999)
    """adam and adamw only."""
    eps: float = Field(default=1e-8, gt=0)
    """adam and adamw only."""
    l1_penalty: float = Field(default=0.0, ge=0)
    """This times the sum of all |w| is added to the loss."""
    l2_penalty: float = Field(default=0.0, ge=0)
    """Half of this times the sum of all w² is added to the loss."""
    batch_size: int = Field(default=128, ge=1)
    """Images a step; the last step of an epoch takes what is left."""
    epochs: int = Field(default=15, ge=1)
    schedule: Schedule = "one-cycle"
    warmup_epochs: float = Field(default=0.0, ge=0)
    """The schedule's learning rate rises linearly from 0 over so many epochs (fractions count);
    not with one-cycle, which has its own."""
    step_size: int = Field(default=5, ge=1)
    """step only: the learning rate falls every so many epochs."""
    gamma: float = Field(
        default_factory=lambda chosen: DECAYS.get(chosen["schedule"], 1.0), gt=0, le=1
    )
    """step and exponential only: the factor every ``step_size`` epochs (0.1 by default), or every
    epoch (0.95)."""
    loss: SerializeAsAny[Loss] = Field(default=CrossEntropy(), strict=False)
    """A name, such as ``"mae"``, or a table with a name and the loss's parameters; see
    :mod:`seedbed.training.losses`."""
    method: SerializeAsAny[Method] = Field(default=Standard(), strict=False)
    """What a training step does beyond the loss: a name, such as ``"standard"``, or a table with a
    name and the method's parameters; see :mod:`seedbed.training.methods`."""
    label_smoothing: Fraction = 0.0
    """This much of the target is spread evenly over all classes."""
    ema_decay: Fraction = 0.0
    """Decay, a step, of an exponential moving average of the weights, which is then what is
    measured and kept; 0 keeps the weights as they are."""
    augmentation: Augmentation = Augmentation()
    initialization: Initialization = "pytorch"
    """The distribution of the initial weights, see :mod:`seedbed.networks.initialization`."""
    train_size: Annotated[int, Field(ge=1)] | None = None
    """Learn from so many training images, each run from a random choice of its own; all of them
    where it is left out."""
    validation_size: int = Field(default=0, ge=0)
    """So many training images, chosen at random for each run, are held out and measured on."""
    folds: Annotated[int, Field(ge=2)] | None = None
    """Cross-validation: the training images are divided into so many folds, and a run learns from
    all but one, which are its validation images. Seeds 0 to ``folds`` - 1 hold out one fold each of
    the same division, the next ``folds`` seeds those of another."""
    checkpoint: Checkpoint = "last"
    """Which epoch's weights are kept; best-on-validation, the first of the evaluated epochs with
    the highest validation accuracy, needs validation_size."""
    evaluate_every: int = Field(default=1, ge=1)
    """Losses and accuracies are measured after every so many epochs, and after the last one."""
    precision: Precision = "float32"
    """Of the products in training steps; weights, sums, losses and all that is measured stay
    float32 (Micikevicius et al. 2018). The native engine has only float32; tf32 is for NVIDIA
    GPUs."""

    @field_validator("loss", mode="before")
    @classmethod
    def _is_a_loss(cls, value: Any) -> Loss:
        return read_loss(value)

    @field_validator("method", mode="before")
    @classmethod
    def _is_a_method(cls, value: Any) -> Method:
        return read_method(value)

    @field_validator("momentum", "nesterov", "betas", "eps", "warmup_epochs", "step_size", "gamma")
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

    @field_validator("folds")
    @classmethod
    def _holds_out_once(cls, folds: int | None, info: ValidationInfo) -> int | None:
        if folds is not None and info.data.get("validation_size"):
            raise ValueError("the held-out fold is for validation; leave validation_size out")
        return folds

    @field_validator("checkpoint")
    @classmethod
    def _has_what_it_needs(cls, rule: str, info: ValidationInfo) -> str:
        if rule == "best-on-validation" and info.data.get("validation_size") == 0:
            raise ValueError("best-on-validation needs validation_size above 0")
        return rule

    @model_serializer(mode="wrap")
    def _what_applies(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what does not belong to the choice made, so that no file claims it."""
        values: dict[str, Any] = serialize(self)
        for name, (choice, options) in _BELONGS_TO.items():
            if getattr(self, choice) not in options:
                values.pop(name, None)
        return {name: value for name, value in values.items() if value is not None}


_BELONGS_TO: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "momentum": ("optimizer", ("sgd",)),
    "nesterov": ("optimizer", ("sgd",)),
    "betas": ("optimizer", ("adam", "adamw")),
    "eps": ("optimizer", ("adam", "adamw")),
    "warmup_epochs": ("schedule", ("constant", "step", "exponential", "cosine")),
    "step_size": ("schedule", ("step",)),
    "gamma": ("schedule", ("step", "exponential")),
}
