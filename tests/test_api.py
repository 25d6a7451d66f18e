"""The list of what users may import, and what the docs use of it."""

import ast
import re
import tomllib
from importlib import metadata
from inspect import getdoc
from pathlib import Path
from types import ModuleType

import pytest

import seedbed
from seedbed.networks.layers import LAYERS

ROOT = Path(__file__).resolve().parents[1]

API = {
    *LAYERS,
    "Augmentation",
    "DatasetSplits",
    "Engine",
    "EpochRecord",
    "Executor",
    "ImageDataset",
    "Network",
    "NoiseSpec",
    "Recipe",
    "SeedbedError",
    "Ray",
    "Seeds",
    "Study",
    "TrainedRun",
    "__version__",
    "analysis",
    "audit",
    "lenet5",
    "load_dataset",
    "noise",
    "merge",
    "open",
    "plan",
    "plan_seeds",
    "prune",
    "resnet8",
    "run",
    "verify",
    "train",
    "tune",
    "vit",
    "vit_774k",
    "vit_lite",
}


def test_the_api_is_this_list() -> None:
    assert dir(seedbed) == sorted(API)


def test_a_star_import_gets_every_name() -> None:
    names: dict[str, object] = {}
    exec("from seedbed import *", names)
    assert names.keys() - {"__builtins__"} == API


@pytest.mark.parametrize("name", sorted(API))
def test_every_name_can_be_used(name: str) -> None:
    assert getattr(seedbed, name) is getattr(seedbed, name)


PACKAGES = (seedbed, *(getattr(seedbed, name) for name in seedbed._NAMESPACES))


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: str(package.__name__))
def test_type_checkers_see_what_python_sees(package: ModuleType) -> None:
    """What is imported for type checkers comes from where it is imported when it is used."""
    assert package.__file__ is not None
    imported = {}
    for node in ast.walk(ast.parse(Path(package.__file__).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("seedbed."):
            imported.update({alias.name: node.module for alias in node.names})
    assert imported.pop("lazy") == "seedbed.core.lazy"
    homes = {name: module for module, names in package._HOMES.items() for name in names}
    others = set()
    if package is seedbed:
        assert imported.pop("*") == seedbed._LAYERS
        others = {*LAYERS, *seedbed._NAMESPACES, "__version__"}
    assert imported == homes
    assert set(package.__all__) == {*homes, *others}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: str(package.__name__))
def test_every_public_name_is_documented(package: ModuleType) -> None:
    for name in package.__all__:
        value = getattr(package, name)
        if name != "__version__":
            assert value.__doc__, name
            methods = vars(value).items() if isinstance(value, type) else ()
            for method, function in methods:
                if not method.startswith("_") and callable(function):
                    assert getdoc(getattr(value, method)), f"{name}.{method}"


def public_paths() -> set[str]:
    paths = {f"seedbed.{name}" for name in dir(seedbed)}
    for package in PACKAGES[1:]:
        paths |= {f"{package.__name__}.{name}" for name in package.__all__}
    return paths


DOCS = [
    file
    for file in (*ROOT.glob("docs/*.md"), *ROOT.glob("examples/*"), ROOT / "README.md")
    if file.name != "architecture.md"  # which is about the inside
]


@pytest.mark.parametrize("file", DOCS, ids=lambda file: str(file.name))
def test_the_docs_use_public_names_only(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    used = set(re.findall(r"(?<![\w/.-])seedbed\.[A-Za-z_][A-Za-z_0-9.]*[A-Za-z0-9_]", text))
    for module, names in re.findall(r"from (seedbed[\w.]*) import ([\w, ]+)", text):
        used |= {f"{module}.{name.strip()}" for name in names.split(",")}
    known = {*public_paths(), "seedbed.engines"}  # a group of entry points
    unknown = {
        path for path in used if not any(f"{path}.".startswith(f"{each}.") for each in known)
    }
    assert unknown == set()


def test_the_version_is_that_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert seedbed.__version__ == project["version"] == metadata.version("seedbed")


def test_another_name_is_refused_as_python_does() -> None:
    with pytest.raises(AttributeError) as error:
        seedbed.trian  # noqa: B018
    assert error.value.args == ("module 'seedbed' has no attribute 'trian'",)


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(seedbed.__file__).parent / "py.typed").exists()
