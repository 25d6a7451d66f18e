"""The list of what users may import, in its three places."""

import ast
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

import seedbed

ROOT = Path(__file__).resolve().parents[1]

API = {
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
}


def test_the_api_is_this_list() -> None:
    assert set(seedbed.__all__) == API
    assert dir(seedbed) == sorted(seedbed.__all__)


@pytest.mark.parametrize("name", sorted(API))
def test_every_name_can_be_used(name: str) -> None:
    assert getattr(seedbed, name) is getattr(seedbed, name)


def test_type_checkers_see_what_python_sees() -> None:
    """What is imported for type checkers comes from where it is imported when it is used."""
    seen = {}
    for node in ast.walk(ast.parse(Path(seedbed.__file__).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("seedbed."):
            seen.update({alias.name: node.module for alias in node.names})
    homes = {name: home for home, names in seedbed._HOMES.items() for name in names}
    assert seen == homes
    assert set(homes) == API - {"__version__"}


def test_the_version_is_that_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert seedbed.__version__ == project["version"] == metadata.version("seedbed")


def test_another_name_is_refused_as_python_does() -> None:
    with pytest.raises(AttributeError, match="module 'seedbed' has no attribute 'trian'"):
        seedbed.trian  # noqa: B018


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(seedbed.__file__).parent / "py.typed").exists()
