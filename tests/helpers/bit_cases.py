"""Short runs of everything that the native engine has, and the hash of what they end with."""

import hashlib
from collections.abc import Iterator
from itertools import chain
from threading import Event
from typing import Any, Final

import numpy as np

from kernels import Kernels, Recorder, task_of, weights_of
from odd_blocks import DROPOUTS
from odd_networks import ODD_NETWORKS
from seedbed.engines.native.engine import NativeEngine
from seedbed.networks.layers import Flatten
from seedbed.networks.zoo import lenet5, resnet8, vit
from seedbed.training.engine import RunTask
from seedbed.training.losses.base import ProbabilityLoss
from seedbed.training.losses.registry import LOSSES
from short_layers import linear

RECIPES: Final[dict[str, dict[str, Any]]] = {
    "sgd": {"momentum": 0.0},
    "sgd, weight decay": {"momentum": 0.0, "weight_decay": 0.1},
    "momentum": {"momentum": 0.9, "weight_decay": 0.01},
    "nesterov": {"nesterov": True, "weight_decay": 0.01},
    "adam": {"optimizer": "adam", "weight_decay": 0.1},
    "adamw": {"optimizer": "adamw", "weight_decay": 0.1},
    "penalties": {"l1_penalty": 1e-3, "l2_penalty": 1e-2},
    "clipped": {"l2_penalty": 1e-2, "clip_grad_norm": 0.1},
    "average": {"ema_decay": 0.9, "label_smoothing": 0.1},
    "augmented": {
        "augmentation": {"shift": 2, "crop": 1, "rotation": 30, "scale": 0.3, "flip": True}
    },
    "mixed": {"mixup": 0.4, "augmentation": {"shift": 2, "erasing": 0.7}},
    "elastic": {"mixup": 0.4, "augmentation": {"elastic_alpha": 9, "elastic_sigma": 1.5}},
    **{f"batches of {size}": {"batch_size": size} for size in (1, 7, 8, 9, 16, 100)},
}
SELECTING: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "small-loss": ("lenet5", {"forget_rate": 0.4, "ramp": 0.0}),
    "co-teaching": ("lenet5", {"forget_rate": 0.7, "ramp": 0.0}),
    "co-teaching-plus": ("vit", {"forget_rate": 0.3, "warmup": 0.5}),
    "jocor": ("resnet8", {"forget_rate": 0.4}),
}
"""Method -> network, and the settings of the method."""
NETWORKS: Final = {"lenet5": lenet5(3), "resnet8": resnet8(3, width=4), "vit": vit(3, patch_size=4)}


def runs() -> dict[str, RunTask]:
    """Return a run of every kind of network, and of the usual ones with every kind of recipe."""
    settings: dict[str, Any] = {"batch_size": 37, "epochs": 2, "learning_rate": 1e-3}
    named = {
        name: task_of(*layers, image_shape=shape, **settings)
        for name, (shape, layers) in chain(
            ODD_NETWORKS.items(),
            ((f"dropout {name}", ((10, 10, 3), layers)) for name, layers in DROPOUTS.items()),
        )
    }
    for network, (recipe, changed) in ((n, r) for n in NETWORKS for r in RECIPES.items()):
        layers = NETWORKS[network].layers
        named[f"{network}, {recipe}"] = task_of(
            *layers, image_shape=(12, 12, 3), **settings | changed
        )
    for method, (network, chosen) in SELECTING.items():
        named[f"{method} of {network}"] = task_of(
            *NETWORKS[network].layers,
            image_shape=(12, 12, 3),
            **settings | {"ema_decay": 0.9, "robust": {"method": method, **chosen}},
        )
    return named


def run_hash(engine: NativeEngine, task: RunTask, threads: int = 1) -> str:
    """Return the hash of a run's weights, logits and running losses."""
    recorder = Recorder()
    engine.train([task], recorder, threads=threads, stop=Event())
    return result_hash(recorder)


def result_hash(recorder: Recorder, run: int = 0) -> str:
    """Return the hash of what an observer has seen of a run."""
    result = recorder.results[run]
    assert result.weights is not None
    digest = hashlib.sha256()
    for array in (*result.weights.values(), *result.logits.values()):
        digest.update(np.ascontiguousarray(array).tobytes())
    losses = [record.running_loss for record in recorder.records[run]]
    digest.update(np.array(losses).tobytes())
    return digest.hexdigest()


def objectives() -> Iterator[tuple[str, RunTask, dict[str, Any]]]:
    """Yield every loss with image weights, target rows, and a transition matrix where it can."""
    generator = np.random.Generator(np.random.Philox(0))
    for loss in LOSSES:
        for classes in (1, 3, 37):
            rows = {
                "image_weights": generator.uniform(0, 3, 128),
                "targets": generator.dirichlet(np.full(classes, 0.3), 128),
                "transition": generator.dirichlet(np.full(classes, 0.3), classes),
            }
            given = {name: array.astype(np.float32) for name, array in rows.items()}
            if not issubclass(LOSSES[loss], ProbabilityLoss):
                del given["transition"]
            task = task_of(
                Flatten(), linear(classes), image_shape=(4, 5, 1), classes=classes, loss=loss
            )
            for count in range(len(given) + 1):
                names = list(given)[:count]
                yield (
                    f"{loss} of {classes}: {', '.join(names)}",
                    task,
                    {name: given[name] for name in names},
                )


def objective_hash(
    engine: NativeEngine, task: RunTask, given: dict[str, Any], threads: int = 1
) -> str:
    """Return the hash of a batch's gradient and losses."""
    weights = {name: 3 * array for name, array in weights_of(task).items()}
    found = Kernels(engine, task, threads).gradient(weights, np.arange(37), **given)
    digest = hashlib.sha256(found.losses.tobytes() + np.array(found.loss).tobytes())
    for array in found.weights.values():
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
