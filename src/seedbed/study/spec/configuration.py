"""A configuration: dataset, noise, network and recipe, one point of the grid, with a stable id.

The id is a hash of everything that determines the result: the contents of the dataset, and the
settings of noise, network and recipe that are not at their default. It does not depend on the
location of the images, the label or the number of threads, so a run has the same id on every
machine.
"""

import hashlib
import inspect
import json
from collections.abc import Mapping
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Final, Self, get_type_hints

from pydantic import Field, ValidationInfo, create_model, field_validator, model_validator

from seedbed.core.errors import DataError, StudyError
from seedbed.core.settings import FilePath, Settings
from seedbed.core.suggestions import unknown
from seedbed.data.images import DatasetSplits
from seedbed.data.medmnist import UNUSABLE
from seedbed.data.published import PUBLISHED
from seedbed.data.reading import LayoutName
from seedbed.data.remote_file import Progress
from seedbed.data.splits import SPLIT_SEED, TEST_FRACTION
from seedbed.networks.network import Network
from seedbed.networks.user_module_source import load_user_module
from seedbed.networks.zoo import ZOO
from seedbed.noise.spec import NoiseSpec
from seedbed.study.spec.user_module import split
from seedbed.training.recipe import Recipe

BACKGROUND: Final = r"^(white|black|#[0-9a-fA-F]{6})$"


class DatasetSpec(Settings):
    """A published dataset by name, or the user's own images by path."""

    name: str | None = None
    """The name of a published dataset."""
    path: FilePath | None = None
    """A folder or file of images; relative to the study file until :meth:`resolved`."""
    resize: Annotated[int, Field(ge=1)] | None = None
    """Width and height in pixels to which every image is resized."""
    test_fraction: float = Field(default=TEST_FRACTION, ge=0, lt=1)
    """Fraction of the images under ``path`` to hold out for testing if they have no test split; 0
    for no test split."""
    split_seed: int = Field(default=SPLIT_SEED, ge=0)
    """Seed that selects these images."""
    layout: LayoutName | None = None
    """What the folders under ``path`` are, if that is in doubt: ``classes`` or ``splits``; or
    ``table`` if a table has the labels."""
    skip_unreadable: bool = False
    """Whether to leave out images under ``path`` that cannot be decoded."""
    background: Annotated[str, Field(pattern=BACKGROUND)] | None = None
    """Color behind transparent images: ``white``, ``black`` or ``#rrggbb``."""
    label_column: str | None = None
    """Column of the labels in Parquet files under ``path``, if several columns may have them."""
    groups: str | None = None
    """Images that belong together, such as those of a patient: no split, fold or validation set
    separates them. A column of a table or of Parquet files under ``path``, or a pattern with one
    capturing group for the names of images, such as ``(patient\\d+)``."""
    corrections: FilePath | None = None
    """A CSV file of corrected labels, with the columns ``name``, ``hash``, ``old`` and ``new``, see
    :mod:`seedbed.data.label_corrections`; relative to the study file until :meth:`resolved`."""
    without_test: bool = False
    """Whether to leave out the test split, as ``seedbed tune`` does."""
    fingerprint: str | None = None
    """Expected fingerprint of the contents; a dataset with another one is rejected."""

    @field_validator("name")
    @classmethod
    def _is_in_the_catalog(cls, name: str | None) -> str | None:
        if name in UNUSABLE:
            raise ValueError(f"{name} {UNUSABLE[name]}; expected 2D images with one label each")
        if name is not None and name not in PUBLISHED:
            raise ValueError(
                f"{unknown('dataset', name, PUBLISHED)} (for your own images, use {{ path = ... }})"
            )
        return name

    @field_validator(
        *("test_fraction", "split_seed", "layout", "skip_unreadable", "background"),
        *("label_column", "groups"),
    )
    @classmethod
    def _belongs_to_a_path(cls, value: object, info: ValidationInfo) -> object:
        if info.data.get("name") is not None:
            raise ValueError(
                "applies only to a dataset with a path; published datasets have a fixed test split"
                if info.field_name in ("test_fraction", "split_seed")
                else "applies only to a dataset with a path"
            )
        return value

    @field_validator("groups")
    @classmethod
    def _are_a_column_or_a_pattern(cls, groups: str | None) -> str | None:
        # It imports the readers of all formats.
        from seedbed.data.readers.folders.groups import check_groups

        return None if groups is None else check_groups(groups)

    @model_validator(mode="after")
    def _has_one_origin(self) -> Self:
        if (self.name is None) == (self.path is None):
            raise ValueError(
                'either a name or a path is required, as in "mnist" or { path = "photos/" }'
            )
        return self

    @property
    def title(self) -> str:
        """The title that the dataset has when it is loaded."""
        return self.name or Path(str(self.path)).resolve().name.split(".")[0] or str(self.path)

    def resolved(self, folder: Path | None = None) -> Self:
        """Return the same dataset with absolute paths.

        Args:
            folder: The folder that relative paths start from; by default the current one.
        """
        absolute = {
            key: str(((folder or Path()) / Path(value).expanduser()).resolve())
            for key in ("path", "corrections")
            if (value := getattr(self, key)) is not None
        }
        return self.model_copy(update=absolute)

    def load(
        self, data_root: Path | None = None, progress: Progress | None = None
    ) -> DatasetSplits:
        """Load the dataset.

        Args:
            data_root: Folder to search for it first.
            progress: Called with the progress of a download.

        Raises:
            DataError: If it cannot be used, or does not have the expected fingerprint.
            DownloadError: If it is a published dataset that could not be downloaded.
        """
        # The readers of all formats take a while to import.
        from seedbed.data.catalog import load_dataset

        dataset = load_dataset(
            self.name,
            path=self.path,
            data_root=data_root,
            resize=self.resize,
            test_fraction=self.test_fraction,
            split_seed=self.split_seed,
            layout=self.layout,
            skip_unreadable=self.skip_unreadable,
            background=self.background,
            label_column=self.label_column,
            groups=self.groups,
            progress=progress,
        )
        dataset = self.correct(dataset)
        if self.without_test:
            dataset = dataset.without_test()
        if self.fingerprint not in (None, dataset.fingerprint):
            raise DataError(
                f"{dataset.title} has changed since the study file was written: its fingerprint is "
                f"{dataset.fingerprint}",
                expected=self.fingerprint or "",
                hint="remove dataset.fingerprint from the study file to use the current contents",
            )
        return dataset

    def correct(self, dataset: DatasetSplits) -> DatasetSplits:
        """Return a dataset with the labels of :attr:`corrections`, if there are any.

        Raises:
            DataError: If the file cannot be read, or does not agree with the images.
        """
        if self.corrections is None:
            return dataset
        from seedbed.data.label_corrections import corrected

        return corrected(dataset, Path(self.corrections))

    def to_dict(self) -> dict[str, Any]:
        """Return the table of a study file."""
        without = {"test_fraction", "split_seed"} if self.name else set()
        without |= {key for key in ("skip_unreadable", "without_test") if not getattr(self, key)}
        return self.model_dump(exclude_none=True, exclude=without)


class Configuration(Settings):
    """One point of the grid, with a value for every setting."""

    dataset: DatasetSpec
    noise: NoiseSpec = NoiseSpec()
    network: dict[str, Any]
    """``name`` and every argument of the network's builder; or the fields of
    :class:`~seedbed.study.spec.user_module.UserModuleSpec` and the arguments that were given."""
    recipe: Recipe = Recipe()
    label: str = ""
    """The settings that differ from the study's other configurations."""
    variant: str | None = None
    """The name of its variant, if the study has variants."""

    def build_network(self, classes: int) -> Network:
        """Return the network.

        Args:
            classes: Number of logits.

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
        """The fingerprint of the dataset.

        Raises:
            StudyError: If it is not known yet (:meth:`StudySpec.with_fingerprints`).
        """
        if self.dataset.fingerprint is None:
            raise StudyError("the fingerprint of the dataset is not known", where="dataset")
        return self.dataset.fingerprint

    @property
    def tables(self) -> dict[str, dict[str, Any]]:
        """The tables of a study file for this configuration, with every setting."""
        return {
            "dataset": self.dataset.to_dict(),
            "noise": self.noise.model_dump(mode="json"),
            "network": self.network,
            "recipe": self.recipe.model_dump(mode="json"),
        }

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The settings by dotted names: ``{"recipe.augmentation.shift": 2.0, ...}``.

        Settings that do not apply, such as the momentum of adamw, are left out; so is the
        fingerprint of the dataset, which follows from the others.
        """
        tables = self.tables
        tables["dataset"] = {k: v for k, v in tables["dataset"].items() if k != "fingerprint"}
        return flat(tables)

    @property
    def defaults(self) -> dict[str, Any]:
        """The default settings for its optimizer, schedule, loss, method and network."""
        return defaults_of(self.network, self.recipe)

    def __copy__(self) -> Self:
        """Return a copy; :meth:`model_copy` makes one, and gives it other settings."""
        copy = super().__copy__()
        for name in ("id", "settings"):
            copy.__dict__.pop(name, None)
        return copy

    @cached_property
    def id(self) -> str:
        """The network's name and a hash of the settings: ``lenet5-3f9a0c12de``.

        Raises:
            StudyError: If the fingerprint of the dataset is not known yet.
        """
        tables = self.tables
        if self.has_user_module:  # its defaults are unknown, so the given arguments are hashed
            tables["network"] = {k: v for k, v in self.network.items() if k not in ("name", "path")}
        # Defaults are left out, so that a setting of a later version leaves the ids as they are.
        hashed = ("network", "recipe")
        settings = flat({part: tables[part] for part in hashed})
        defaults = {k: v for k, v in self.defaults.items() if k.startswith(hashed)}
        parts: dict[str, Any] = dict.fromkeys(defaults.keys() - settings.keys())
        parts |= {k: v for k, v in settings.items() if k not in defaults or v != defaults[k]}
        parts["dataset"] = self.fingerprint
        if self.noise.active:
            parts["noise"] = self.noise.identity()
        canonical = json.dumps(parts, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return f"{self.network['name']}-{hashlib.sha256(canonical.encode()).hexdigest()[:10]}"


def defaults_of(network: Mapping[str, Any], recipe: Recipe) -> dict[str, Any]:
    """Return the default settings for a network, and for a recipe's optimizer, schedule and so on.

    Args:
        network: The table of a study file.
        recipe: The recipe.
    """
    usual = Recipe()
    of_choices = Recipe(optimizer=recipe.optimizer, schedule=recipe.schedule)
    named = {"loss": recipe.loss.defaults, "robust": recipe.robust.defaults}
    tables = {
        "dataset": {
            "test_fraction": TEST_FRACTION,
            "split_seed": SPLIT_SEED,
            "skip_unreadable": False,
        },
        "noise": {"including_self": False, "exact": False, "kind": "none"},
        "network": {}
        if "module" in network
        else network_settings(network["name"])(name="").model_dump(),
        "recipe": of_choices.model_dump(mode="json") | named,
    }
    chosen = {
        "recipe.optimizer": usual.optimizer,
        "recipe.schedule": usual.schedule,
        "recipe.loss.name": usual.loss.name,
        "recipe.robust.method": usual.robust.method,
    }
    return flat(tables) | chosen


def build_network(table: Mapping[str, Any], classes: int) -> Network:
    """Return the network that a table of a study file describes.

    Args:
        table: The table, with every setting.
        classes: Number of logits.

    Raises:
        NetworkError: If a user module cannot be found, or its file has changed.
        MissingExtra: If it needs PyTorch, which is not installed.
    """
    if "module" not in table:
        return _of_zoo(json.dumps(table), classes)
    own, arguments = split(table)
    folder, fingerprint = Path(own.get("path", "")), own.get("fingerprint")
    return load_user_module(own["name"], own["module"], folder, fingerprint, classes, arguments)


@lru_cache(maxsize=64)
def _of_zoo(table: str, classes: int) -> Network:
    """Return a network; thousands of configurations may have the same one."""
    arguments = json.loads(table)
    return ZOO[arguments.pop("name")](classes, **arguments)


@cache
def network_settings(name: str) -> type[Settings]:
    """Return a model that validates the arguments of a network's builder."""
    builder = ZOO[name]
    hints = get_type_hints(builder)
    _, *parameters = inspect.signature(builder).parameters.values()  # the classes come first
    fields: dict[str, Any] = {
        parameter.name: (hints[parameter.name], parameter.default) for parameter in parameters
    }
    return create_model(name, __base__=Settings, name=(str, ...), **fields)


def flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return ``{"recipe.epochs": 3, ...}`` for nested tables; an empty one is a value."""
    flattened: dict[str, Any] = {}
    for key, value in table.items():
        nested = isinstance(value, Mapping) and value
        flattened |= flat(value, f"{prefix}{key}.") if nested else {prefix + key: value}
    return flattened
