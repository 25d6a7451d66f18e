"""Recipes: optimizer, schedule, loss, augmentation, epochs.

A recipe is complete: omitted settings have their defaults. A setting that the chosen optimizer or
schedule does not use (``momentum`` with AdamW, say) is an error.
"""

from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

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
Milestone = Annotated[int, Field(ge=1)]
ClassWeights = Literal["none", "balanced"]
Precision = Literal["float32", "tf32", "bfloat16"]

LEARNING_RATES: Final = {"sgd": 0.05, "adam": 0.001, "adamw": 0.001}
DECAYS: Final = {"step": 0.1, "exponential": 0.95}


class Augmentation(Settings):
    """Random changes of every training image in every epoch, uniform and independent."""

    shift: float = Field(default=0.0, ge=0)
    """Maximum translation in each direction, in pixels, including fractions."""
    crop: int = Field(default=0, ge=0)
    """Maximum translation in each direction, in whole pixels: a random crop of the original size
    after padding every side by this much with the edge pixels."""
    rotation: float = Field(default=0.0, ge=0, le=180)
    """Maximum angle in either direction, in degrees."""
    scale: Fraction = 0.0
    """The scaling factor is between 1 - scale and 1 + scale."""
    flip: bool = False
    """Mirror half of the images left to right."""
    elastic_alpha: float = Field(default=0.0, ge=0)
    """The strength of elastic distortion (Simard et al. 2003): every pixel is displaced by this
    times random fields, uniform between -1 and 1, that a Gaussian smooths. The authors use 34 for
    handwritten digits; 0 for none."""
    elastic_sigma: float = Field(default=4.0, gt=0, le=100)
    """The standard deviation of this Gaussian, in pixels; elastic_alpha only."""

    erasing: float = Field(default=0.0, ge=0, le=1)
    """Probability that a rectangle of the image is erased (Zhong et al. 2020): 2 to 33% of its
    area, with an aspect ratio of 0.3 to 3.3, becomes the mean color of the training images. As
    ``torchvision.transforms.RandomErasing``."""

    @field_validator("elastic_sigma")
    @classmethod
    def _smooths_a_distortion(cls, sigma: float, info: ValidationInfo) -> float:
        default = cls.model_fields["elastic_sigma"].default
        if info.data.get("elastic_alpha") == 0 and sigma != default:
            raise ValueError("is ignored without a distortion; set elastic_alpha above 0")
        return sigma

    @property
    def moves(self) -> bool:
        """Whether pixels are moved."""
        return self.model_copy(update={"erasing": 0.0}) != Augmentation()

    @property
    def distorts(self) -> bool:
        """Whether images are distorted elastically."""
        return self.elastic_alpha > 0


class Recipe(Settings):
    """How a network is trained."""

    optimizer: Optimizer = "sgd"
    """As ``torch.optim.SGD`` and ``Adam`` (weight decay added to the gradient), and ``AdamW``."""
    learning_rate: float = Field(
        default_factory=lambda chosen: LEARNING_RATES[chosen["optimizer"]], gt=0
    )
    """The maximum of the schedule. Default: 0.05 for sgd, 0.001 for adam and adamw."""
    momentum: Fraction = 0.9
    """sgd only."""
    nesterov: bool = False
    """sgd with momentum only."""
    weight_decay: float = Field(default=0.0, ge=0)
    """For weights and biases, as in PyTorch."""
    betas: Annotated[tuple[Fraction, Fraction], Field(strict=False)] = (0.9, 0.999)
    """adam and adamw only."""
    eps: float = Field(default=1e-8, gt=0)
    """adam and adamw only."""
    l1_penalty: float = Field(default=0.0, ge=0)
    """Adds this times Σ |w| to the loss."""
    l2_penalty: float = Field(default=0.0, ge=0)
    """Adds half of this times Σ w² to the loss."""
    batch_size: int = Field(default=128, ge=1)
    """Images per step; the last batch of an epoch may be smaller."""
    epochs: int = Field(default=15, ge=1)
    schedule: Schedule = "one-cycle"
    warmup_epochs: float = Field(default=0.0, ge=0)
    """Multiplies the learning rate by a factor that rises linearly from 0 to 1 over this many
    epochs, which may be fractional. Not with one-cycle, which has its own warm-up."""
    step_size: int = Field(default=5, ge=1)
    """step only: epochs between two decays of the learning rate."""
    milestones: Annotated[tuple[Milestone, ...], Field(strict=False, min_length=1)] | None = None
    """step only: the epochs after which the learning rate decays, in place of every ``step_size``,
    as in ``torch.optim.lr_scheduler.MultiStepLR``."""
    gamma: float = Field(
        default_factory=lambda chosen: DECAYS.get(chosen["schedule"], 1.0), gt=0, le=1
    )
    """step and exponential only: the decay factor, every ``step_size`` epochs or after each of
    ``milestones`` (default 0.1), or every epoch (default 0.95)."""
    loss: SerializeAsAny[Loss] = Field(default=CrossEntropy(), strict=False)
    """A name, such as ``"mae"``, or a table with a name and the loss's parameters; see
    :mod:`seedbed.training.losses`."""
    label_smoothing: Fraction = 0.0
    """The fraction of the target that is spread evenly over all classes."""
    class_weights: ClassWeights = "none"
    """Factors of the loss by class. "balanced" makes the classes count the same, as in
    scikit-learn: n / (K n_c) for a label c that n_c of the n training images of a run have, where K
    is the number of classes with images. Not with mixup or methods that look at single images."""
    mixup: float = Field(default=0.0, ge=0)
    """Every image is mixed with another one of its batch, and so are their targets (Zhang et al.
    2018): in each batch, the share of the image itself is drawn from the beta distribution with
    both parameters equal to this. 0 for no mixing; not for methods that look at single images."""
    robust: SerializeAsAny[Method] = Field(default=Standard(), strict=False)
    """The method for training with noisy labels: a table with a ``method`` and its parameters, or
    the method alone, such as ``"standard"``; see :mod:`seedbed.training.methods`."""
    clip_grad_norm: float = Field(default=0.0, ge=0)
    """The largest norm of the gradient of all weights, penalties included; a larger gradient is
    scaled down to it. As ``torch.nn.utils.clip_grad_norm_``; 0 for no limit."""
    ema_decay: Fraction = 0.0
    """Decay per step of an exponential moving average of the weights, which is then evaluated and
    kept instead of the weights; 0 for no average."""
    augmentation: Augmentation = Augmentation()
    initialization: Initialization = "pytorch"
    """The distribution of the initial weights, see :mod:`seedbed.networks.initialization`."""
    train_size: Annotated[int, Field(ge=1)] | None = None
    """Number of training images, a random subset for every run; all by default."""
    validation_size: int = Field(default=0, ge=0)
    """Number of training images that are held out for validation, at random for every run. With 0,
    a run uses the validation split of its dataset, if there is one."""
    folds: Annotated[int, Field(ge=2)] | None = None
    """Cross-validation with this many folds: a run trains on all folds but one, which is its
    validation split. Seeds 0 to ``folds`` - 1 hold out the folds of one division, the next
    ``folds`` seeds those of another."""
    checkpoint: Checkpoint = "last"
    """The epoch whose weights are kept. best-on-validation keeps the first evaluated epoch with
    the highest validation accuracy."""
    evaluate_every: Annotated[int, Field(ge=1)] | Literal["auto"] = "auto"
    """Epochs between two evaluations; the last epoch is always evaluated. With "auto", every epoch,
    unless there are more validation and test images than training images: then as often as keeps
    evaluation from taking longer than training. best-on-validation always evaluates every epoch
    with "auto"."""
    precision: Precision = "float32"
    """Of products in training steps (Micikevicius et al. 2018); weights, sums, losses and
    evaluation stay float32. The native engine supports only float32; tf32 needs an NVIDIA GPU."""

    @field_validator("loss", mode="before")
    @classmethod
    def _is_a_loss(cls, value: Any) -> Loss:
        return read_loss(value)

    @field_validator("robust", mode="before")
    @classmethod
    def _is_a_method(cls, value: Any) -> Method:
        return read_method(value)

    @field_validator("robust")
    @classmethod
    def _fits_the_loss(cls, method: Method, info: ValidationInfo) -> Method:
        loss, smoothing = info.data.get("loss"), info.data.get("label_smoothing")
        if info.data.get("mixup") and method.of_single_images:
            raise ValueError(f"{method.method} looks at single images, and mixup mixes them")
        weighted = info.data.get("class_weights", "none") != "none"
        if weighted and method.of_single_images:
            raise ValueError(
                f"{method.method} compares losses of images, and class_weights scale them"
            )
        if loss is not None and smoothing is not None:
            misfit = method.misfit(loss, smoothing)
            if misfit is not None:
                raise ValueError(misfit)
        return method

    @field_validator(
        *("momentum", "nesterov", "betas", "eps"),
        *("warmup_epochs", "step_size", "milestones", "gamma"),
    )
    @classmethod
    def _belongs_to_the_choice(cls, value: Any, info: ValidationInfo) -> Any:
        """Reject a setting that would be ignored, unless it has its default value."""
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
        if name == "milestones" and value:
            if any(one >= other for one, other in pairwise(value)):
                raise ValueError(f"{list(value)} cannot be used; expected epochs that increase")
            if info.data.get("step_size") != cls.model_fields["step_size"].default:
                raise ValueError("replaces step_size; remove one of them")
        return value

    @field_validator("mixup")
    @classmethod
    def _keeps_the_class(cls, mixup: float, info: ValidationInfo) -> float:
        if mixup and info.data.get("class_weights", "none") != "none":
            raise ValueError(
                "mixes images of several classes, and class_weights need one; remove one"
            )
        return mixup

    @field_validator("folds")
    @classmethod
    def _holds_out_once(cls, folds: int | None, info: ValidationInfo) -> int | None:
        if folds is not None and info.data.get("validation_size"):
            raise ValueError("the held-out fold is the validation split; remove validation_size")
        return folds

    @field_validator("checkpoint")
    @classmethod
    def _has_what_it_needs(cls, rule: str, info: ValidationInfo) -> str:
        # Whether there are validation images depends on the dataset too, see RunTask.
        if rule == "best-on-validation" and info.data.get("folds") is not None:
            raise ValueError("the held-out fold would select the epoch that it measures")
        return rule

    def resolved(self, folder: Path | None = None) -> Self:
        """Return the same recipe with the contents of its files.

        Args:
            folder: The folder for relative paths; the current one by default.

        Raises:
            StudyError: If a file cannot be read.
        """
        robust = self.robust.resolved(folder)
        return self if robust is self.robust else self.model_copy(update={"robust": robust})

    @model_serializer(mode="wrap")
    def _what_applies(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Omit the settings that the chosen optimizer and schedule do not use."""
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
    "milestones": ("schedule", ("step",)),
    "gamma": ("schedule", ("step", "exponential")),
}
