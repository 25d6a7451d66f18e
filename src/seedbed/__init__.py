"""Controlled studies of image classifiers: many seeds, error bars, and the images behind them.

>>> import seedbed
>>> study = seedbed.run("quickstart", out="studies/quickstart")
>>> study.table("confusion")
>>> study.report()

A study is a file, a dict, or one that comes with Seedbed. :func:`run` trains what is missing of it,
:func:`plan` says what that would be, and :func:`open` returns one that has been run.

Networks can be trained without a study, in memory:

>>> dataset = seedbed.load_dataset("digits")
>>> runs = seedbed.train(seedbed.lenet5(), seedbed.Recipe(epochs=5), dataset, seeds=5)

``seedbed.noise`` and ``seedbed.analysis`` hold what is about label noise and about predictions
from any tool. These names and those of this module are the API; everything else may change.

Every name is imported when it is first used, so that ``import seedbed`` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from seedbed.core.lazy import lazy

if TYPE_CHECKING:
    from seedbed import analysis as analysis
    from seedbed import noise as noise
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
    from seedbed.training.engine import EpochRecord
    from seedbed.training.recipe import Augmentation, Recipe
    from seedbed.workflow import Study, open, plan, run  # noqa: A004

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
    "analysis",
    "lenet5",
    "load_dataset",
    "noise",
    "open",
    "plan",
    "resnet8",
    "run",
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
    "seedbed.training.engine": ("EpochRecord",),
    "seedbed.training.recipe": ("Augmentation", "Recipe"),
    "seedbed.execution.memory": ("TrainedRun", "train"),
    "seedbed.workflow": ("Study", "open", "plan", "run"),
}


_NAMESPACES = ("analysis", "noise")

_get, __dir__ = lazy(__name__, _HOMES, __all__)


def __getattr__(name: str) -> object:
    if name == "__version__":
        version: str = import_module("importlib.metadata").version("seedbed")
        return globals().setdefault(name, version)
    if name in _NAMESPACES:
        return import_module(f"seedbed.{name}")
    return _get(name)
