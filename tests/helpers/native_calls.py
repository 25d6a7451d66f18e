"""Calls of the extension modules themselves: a small trainer, and the arguments of a good call."""

from typing import Any

import numpy as np

IMAGES, CLASSES, BATCH = 20, 3, 8


def new(module: Any, shape: tuple[int, ...] = (4, 5, 1)) -> Any:
    trainer = module.TRAINERS[min(module.TRAINERS)]
    return trainer(list(shape), [1.0] * shape[-1], [0.0] * shape[-1])


def conv(trainer: Any, channels: int, **settings: Any) -> Any:
    plain = {"kernel_size": 1, "stride": 1, "padding": [0] * 4, "bias": True}
    return trainer.add("conv", out_channels=channels, **plain | settings)


def linear(trainer: Any, features: int = CLASSES) -> Any:
    return trainer.add("linear", out_features=features)


def built(module: Any, *layers: str, selects: bool = False, beside: Any = None) -> Any:
    """Return a trainer of a convolution, layers without settings, and a linear layer."""
    trainer = new(module)
    conv(trainer, 2, kernel_size=3)
    for layer in layers:
        trainer.add(layer)
    linear(trainer)
    if beside is None:
        trainer.finish(BATCH, selects=selects)
    else:
        trainer.finish_beside(beside)
    return trainer


# The groups of a call's arguments, and what of these is in each.
GROUPS = {
    "Batches": (
        *("images", "order", "labels", "targets", "image_weights", "warps", "masks"),
        *("partners", "shares", "erased", "fields", "smooth_columns", "smooth_rows"),
    ),
    "Objective": ("loss", "parameters", "label_smoothing", "transition"),
    "Optimizer": ("rule", "momentum"),
    "State": ("weights", "first_moment", "second_moment", "average"),
    "Steps": ("batch_size", "learning_rates", "average_decays", "first", "loss_so_far"),
}


def training(trainer: Any) -> dict[str, Any]:
    """Return the arguments of a call that succeeds, by name: three steps over all images."""
    return {
        "images": np.arange(IMAGES * 20, dtype=np.uint8).reshape(IMAGES, 4, 5, 1),
        "order": np.arange(IMAGES)[::-1].copy(),
        "labels": np.arange(IMAGES) % CLASSES,
        "targets": np.eye(CLASSES, dtype=np.float32)[np.arange(IMAGES) % CLASSES] * np.float32(0.7)
        + np.float32(0.1),
        "image_weights": np.full(IMAGES, 0.5, np.float32),
        "warps": np.tile(np.array([1, 0, 0, 0, 1, 0], np.float32), (IMAGES, 1)),
        "masks": None,
        "partners": None,
        "shares": None,
        "erased": None,
        "fields": None,
        "smooth_columns": None,
        "smooth_rows": None,
        "loss": "cross-entropy",
        "parameters": {},
        "label_smoothing": 0.0,
        "transition": np.eye(CLASSES, dtype=np.float32),
        "rule": "sgd",
        "momentum": 0.9,
        "weights": np.full(trainer.weight_count + trainer.buffer_count, 0.01, np.float32),
        "first_moment": np.zeros(trainer.weight_count, np.float32),
        "second_moment": None,
        "average": np.zeros(trainer.weight_count + trainer.buffer_count, np.float32),
        "batch_size": BATCH,
        "learning_rates": np.full(3, 1e-3, np.float32),
        "average_decays": np.full(3, 0.5, np.float32),
        "first": 0,
        "loss_so_far": 0.0,
        "losses": np.full(IMAGES, -1, np.float32),
    }


def group(module: Any, name: str, arguments: dict[str, Any]) -> Any:
    """Return the object that holds these arguments of a call."""
    values = {key: arguments[key] for key in GROUPS[name]}
    if name == "Steps":
        values["loss"] = values.pop("loss_so_far")
    return getattr(module, name)(**values)


def train(module: Any, trainer: Any, arguments: dict[str, Any]) -> Any:
    return trainer.train(*(group(module, name, arguments) for name in GROUPS), arguments["losses"])


def select(
    module: Any,
    trainer: Any,
    peer: Any,
    judge: str = "peer",
    states: int = 2,
    arguments: dict[str, Any] | None = None,
    of_peer: dict[str, Any] | None = None,
    **settings: Any,
) -> Any:
    arguments = arguments or training(trainer) | {"transition": None, "targets": None}
    batches, objective, optimizer, state, steps = (
        group(module, name, arguments) for name in GROUPS
    )
    selection = module.Selection(judge, **{"keep": 0.5} | settings)
    others = [group(module, "State", of_peer or training(trainer)) for _ in range(states - 1)]
    return trainer.select(batches, objective, optimizer, [state, *others], steps, selection, peer)
