"""A configuration: dataset, noise, network and recipe, one point of the grid, with a stable id.

The id is a hash of what decides the result: the contents of the dataset, the noise, the network and
the recipe. What does not decide it (where the images lie, what the configuration is called, the
number of threads) is left out, so a run is found again wherever it was made.
"""

import hashlib
import inspect
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Self, get_type_hints

from pydantic import Field, ValidationInfo, create_model, field_validator, model_validator

from seedbed.core.errors import DataError, StudyError
from seedbed.core.settings import Settings
from seedbed.core.suggestions import unknown
from seedbed.data.catalog import CATALOG, SPLIT_SEED, TEST_FRACTION, load_dataset
from seedbed.data.download import Progress
from seedbed.data.images import DatasetSplits
from seedbed.networks.network import Network
from seedbed.networks.user_module_source import load_user_module
from seedbed.networks.zoo import ZOO
from seedbed.noise.spec import NoiseSpec
from seedbed.study.spec.user_module import split
from seedbed.training.recipe import Recipe


class DatasetSpec(Settings):
    """A published dataset by name, or the user's own images by path."""

    name: str | None = None
    """In the catalog."""
    path: str | None = None
    """A folder or file of images; relative to the study file, absolute once that has been read."""
    resize: Annotated[int, Field(ge=1)] | None = None
    """Pixels: every image becomes so wide and high."""
    test_fraction: float = Field(default=TEST_FRACTION, ge=0, lt=1)
    """Of the images under ``path``, where they have no test split of their own; 0 makes none."""
    split_seed: int = Field(default=SPLIT_SEED, ge=0)
    """Which images these are."""
    fingerprint: str | None = None
    """Of the contents that are meant; any others are refused."""

    @field_validator("name")
    @classmethod
    def _is_in_the_catalog(cls, name: str | None) -> str | None:
        if name is not None and name not in CATALOG:
            raise ValueError(
                f"{unknown('dataset', name, CATALOG)} (for your own images, write {{ path = ... }})"
            )
        return name

    @field_validator("test_fraction", "split_seed")
    @classmethod
    def _belongs_to_a_path(cls, value: float, info: ValidationInfo) -> float:
        if info.data.get("name") is not None:
            raise ValueError(
                "belongs to a dataset with a path; the test split of a published one is fixed"
            )
        return value

    @model_validator(mode="after")
    def _has_one_origin(self) -> Self:
        if (self.name is None) == (self.path is None):
            raise ValueError('needs either a name or a path, as in "mnist" or { path = "photos/" }')
        return self

    def resolved(self, folder: Path | None = None) -> Self:
        """Return the same dataset with an absolute path.

        Args:
            folder: What a relative path is relative to; the current one by default.
        """
        if self.path is None:
            return self
        path = ((folder or Path()) / Path(self.path).expanduser()).resolve()
        return self.model_copy(update={"path": str(path)})

    def load(
        self, data_root: Path | None = None, progress: Progress | None = None
    ) -> DatasetSplits:
        """Return the dataset.

        Args:
            data_root: Where it is looked for first.
            progress: Told about a download.

        Raises:
            DataError: If it cannot be used, or its contents are others than were meant.
            DownloadError: If it is a published one that is nowhere and could not be downloaded.
        """
        dataset = load_dataset(
            self.name,
            path=self.path,
            data_root=data_root,
            resize=self.resize,
            test_fraction=self.test_fraction,
            split_seed=self.split_seed,
            progress=progress,
        )
        if self.fingerprint not in (None, dataset.fingerprint):
            raise DataError(
                f"the contents of {dataset.title} are not those that the study was made for: "
                f"their fingerprint is {dataset.fingerprint}",
                expected=self.fingerprint or "",
                hint="remove dataset.fingerprint from the study file to train on what is there now",
            )
        return dataset

    def to_dict(self) -> dict[str, Any]:
        """Return what a study file says of it."""
        without = {"test_fraction", "split_seed"} if self.name else set()
        return self.model_dump(exclude_none=True, exclude=without)


class Configuration(Settings):
    """One point of the grid, in which every setting has its value."""

    dataset: DatasetSpec
    noise: NoiseSpec = NoiseSpec()
    network: dict[str, Any]
    """``name``, and every argument of that network's builder; or what
    :class:`~seedbed.study.spec.user_module.UserModuleSpec` says, and the arguments that were
    given."""
    recipe: Recipe = Recipe()
    label: str = ""
    """What makes it different from the study's other configurations, in a few words."""
    variant: str | None = None
    """Of which variant of the study it is."""

    def build_network(self, classes: int) -> Network:
        """Return the network for so many classes.

        Raises:
            NetworkError: If a user module cannot be found, or its file has changed.
            MissingExtra: If it needs PyTorch, which is not installed.
        """
        return build_network(self.network, classes)

    @property
    def has_user_module(self) -> bool:
        """Whether the network is a user module."""
        return "module" in self.network

    @property
    def fingerprint(self) -> str:
        """Of the contents of the dataset.

        Raises:
            StudyError: If they are not known yet (:meth:`StudySpec.with_fingerprints`).
        """
        if self.dataset.fingerprint is None:
            raise StudyError("the contents of the dataset are not known", where="dataset")
        return self.dataset.fingerprint

    @property
    def tables(self) -> dict[str, dict[str, Any]]:
        """The tables of a study of this configuration alone, every setting written out."""
        return {
            "dataset": self.dataset.to_dict(),
            "noise": self.noise.model_dump(mode="json"),
            "network": self.network,
            "recipe": self.recipe.model_dump(mode="json"),
        }

    @property
    def settings(self) -> dict[str, Any]:
        """The same by dotted names: ``{"recipe.augmentation.shift": 2.0, ...}``.

        Settings that do not apply, such as the momentum of adamw, are not there.
        """
        return flat(self.tables)

    @property
    def defaults(self) -> dict[str, Any]:
        """What the settings would be if only the choices had been made that others hang on."""
        recipe = Recipe(optimizer=self.recipe.optimizer, schedule=self.recipe.schedule)
        named = {"loss": self.recipe.loss.defaults, "method": self.recipe.method.defaults}
        tables = {
            "dataset": {"test_fraction": TEST_FRACTION, "split_seed": SPLIT_SEED},
            "noise": {"including_self": False, "exact": False, "kind": "none"},
            "network": {}
            if self.has_user_module
            else network_settings(self.network["name"])(name="").model_dump(),
            "recipe": recipe.model_dump(mode="json") | named,
        }
        usual = Recipe()
        chosen = {
            "recipe.optimizer": usual.optimizer,
            "recipe.schedule": usual.schedule,
            "recipe.loss.name": usual.loss.name,
            "recipe.method.name": usual.method.name,
        }
        return flat(tables) | chosen

    @property
    def id(self) -> str:
        """Readable, and different for what trains differently: ``lenet5-3f9a0c12de``.

        Raises:
            StudyError: If the contents of the dataset are not known yet.
        """
        tables = self.tables
        parts: dict[str, Any] = {"dataset": self.fingerprint}
        parts |= {part: tables[part] for part in ("network", "recipe")}
        if self.has_user_module:  # every argument counts, for their defaults are not known
            parts["network"] = {k: v for k, v in self.network.items() if k not in ("name", "path")}
        if self.noise.active:
            parts["noise"] = self.noise.identity()
        canonical = json.dumps(parts, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return f"{self.network['name']}-{hashlib.sha256(canonical.encode()).hexdigest()[:10]}"


def build_network(table: Mapping[str, Any], classes: int) -> Network:
    """Return the network that a table of a study file means.

    Args:
        table: With every setting.
        classes: How many logits.

    Raises:
        NetworkError: If a user module cannot be found, or its file has changed.
        MissingExtra: If it needs PyTorch, which is not installed.
    """
    if "module" not in table:
        arguments = {key: value for key, value in table.items() if key != "name"}
        return ZOO[table["name"]](classes, **arguments)
    own, arguments = split(table)
    folder, fingerprint = Path(own.get("path", "")), own.get("fingerprint")
    return load_user_module(own["name"], own["module"], folder, fingerprint, classes, arguments)


@cache
def network_settings(name: str) -> type[Settings]:
    """Return the arguments of a network's builder as a model, so that they are checked alike."""
    builder = ZOO[name]
    hints = get_type_hints(builder)
    _, *parameters = inspect.signature(builder).parameters.values()  # the classes come first
    fields: dict[str, Any] = {each.name: (hints[each.name], each.default) for each in parameters}
    return create_model(name, __base__=Settings, name=(str, ...), **fields)


def flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return ``{"recipe.epochs": 3, ...}`` for nested tables; an empty one is a value."""
    found: dict[str, Any] = {}
    for key, value in table.items():
        inner = isinstance(value, Mapping) and value
        found |= flat(value, f"{prefix}{key}.") if inner else {prefix + key: value}
    return found
