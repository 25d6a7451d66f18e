"""Controlled studies of image classifiers: many seeds, error bars, and the images behind them.

>>> import seedbed
>>> dataset = seedbed.load_dataset("digits")
>>> recipe = seedbed.Recipe(epochs=5)
>>> runs = seedbed.train(seedbed.lenet5(), recipe, dataset, seeds=5)

Every name is imported when it is first used, so that ``import seedbed`` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seedbed.core.errors import SeedbedError
    from seedbed.data.catalog import load_dataset
    from seedbed.data.images import DatasetSplits, ImageDataset
    from seedbed.execution.memory import TrainedRun, train
    from seedbed.networks.layers import (
        Activation,
        AvgPool2d,
        BatchNorm2d,
        ClassToken,
        Conv2d,
        Dropout,
        Flatten,
        GlobalAvgPool2d,
        GroupNorm,
        LayerNorm,
        Linear,
        MaxPool2d,
        Pad,
        PatchEmbedding,
        PositionEncoding,
        Residual,
        TakeClassToken,
        TokenMean,
        TransformerBlock,
    )
    from seedbed.networks.network import Network
    from seedbed.networks.zoo import lenet5, resnet8, vit, vit_774k, vit_lite
    from seedbed.noise.spec import NoiseSpec
    from seedbed.report.notebook import Study
    from seedbed.training.engine import EpochRecord
    from seedbed.training.recipe import Augmentation, Recipe

    __version__: str

__all__ = [
    "Activation",
    "Augmentation",
    "AvgPool2d",
    "BatchNorm2d",
    "ClassToken",
    "Conv2d",
    "DatasetSplits",
    "Dropout",
    "EpochRecord",
    "Flatten",
    "GlobalAvgPool2d",
    "GroupNorm",
    "ImageDataset",
    "LayerNorm",
    "Linear",
    "MaxPool2d",
    "Network",
    "NoiseSpec",
    "Pad",
    "PatchEmbedding",
    "PositionEncoding",
    "Recipe",
    "Residual",
    "SeedbedError",
    "Study",
    "TakeClassToken",
    "TokenMean",
    "TrainedRun",
    "TransformerBlock",
    "__version__",
    "lenet5",
    "load_dataset",
    "resnet8",
    "train",
    "vit",
    "vit_774k",
    "vit_lite",
]

_HOMES = {
    "seedbed.data.catalog": ("load_dataset",),
    "seedbed.data.images": ("DatasetSplits", "ImageDataset"),
    "seedbed.core.errors": ("SeedbedError",),
    "seedbed.networks.layers": (
        "Activation",
        "AvgPool2d",
        "BatchNorm2d",
        "ClassToken",
        "Conv2d",
        "Dropout",
        "Flatten",
        "GlobalAvgPool2d",
        "GroupNorm",
        "LayerNorm",
        "Linear",
        "MaxPool2d",
        "Pad",
        "PatchEmbedding",
        "PositionEncoding",
        "Residual",
        "TakeClassToken",
        "TokenMean",
        "TransformerBlock",
    ),
    "seedbed.networks.network": ("Network",),
    "seedbed.networks.zoo": ("lenet5", "resnet8", "vit", "vit_774k", "vit_lite"),
    "seedbed.noise.spec": ("NoiseSpec",),
    "seedbed.report.notebook": ("Study",),
    "seedbed.training.engine": ("EpochRecord",),
    "seedbed.training.recipe": ("Augmentation", "Recipe"),
    "seedbed.execution.memory": ("TrainedRun", "train"),
}


def __getattr__(name: str) -> object:
    if name == "__version__":
        value: object = import_module("importlib.metadata").version("seedbed")
    else:
        home = next((home for home, names in _HOMES.items() if name in names), None)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
