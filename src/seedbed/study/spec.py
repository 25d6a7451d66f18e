"""What a study is: what is trained on what, how, and with which seeds.

:mod:`seedbed.study.reader` makes a :class:`StudySpec` from a study file.
"""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Final, Self

import tomli_w
from pydantic import Field, ValidationInfo, field_validator, model_validator

from seedbed.data.catalog import CATALOG, load_dataset
from seedbed.data.download import Progress
from seedbed.data.images import DatasetSplits
from seedbed.errors import DataError
from seedbed.networks.layers import Network
from seedbed.networks.zoo import ZOO
from seedbed.settings import Settings
from seedbed.training.recipe import Recipe
from seedbed.words import unknown

FORMAT: Final = 1
"""Version of everything in a study directory. A newer one is refused, older ones are read."""

MOST_SEEDS: Final = 10_000
"""A larger number of seeds is a slip of the finger."""


class DatasetSpec(Settings):
    """A published dataset by name, or the user's own images by path."""

    name: str | None = None
    """In the catalogue."""
    path: str | None = None
    """A folder or file of images; relative to the study file, absolute once that has been read."""
    resize: Annotated[int, Field(ge=1)] | None = None
    """Pixels: every image becomes so wide and high."""
    test_fraction: float = Field(default=0.2, gt=0, lt=1)
    """Of the images under ``path``, where they have no test split of their own."""
    split_seed: int = Field(default=0, ge=0)
    """Which images these are."""
    fingerprint: str | None = None
    """Of the contents that are meant; any others are refused."""

    @field_validator("name")
    @classmethod
    def _is_in_the_catalogue(cls, name: str | None) -> str | None:
        if name is not None and name not in CATALOG:
            raise ValueError(
                f"{unknown('dataset', name, CATALOG)} (for your own images, write {{ path = ... }})"
            )
        return name

    @field_validator("test_fraction", "split_seed")
    @classmethod
    def _belongs_to_a_path(cls, value: float, info: ValidationInfo) -> float:
        if info.data.get("name") is not None:
            raise ValueError("belongs to a dataset with a path; published ones have a test split")
        return value

    @model_validator(mode="after")
    def _has_one_origin(self) -> Self:
        if (self.name is None) == (self.path is None):
            raise ValueError('needs either a name or a path, as in "mnist" or { path = "photos/" }')
        return self

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
                mend="remove dataset.fingerprint from the study file to train on what is there now",
            )
        return dataset

    def to_dict(self) -> dict[str, Any]:
        """Return what a study file says of it."""
        without = {"test_fraction", "split_seed"} if self.name else set()
        return self.model_dump(exclude_none=True, exclude=without)


class StudySpec(Settings):
    """A whole study, in which every setting has its value."""

    name: str = Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9_-])?$", max_length=100)
    """Also that of the folder of its results."""
    dataset: DatasetSpec
    network: dict[str, Any]
    """``name``, and every argument of that network's builder."""
    seeds: Annotated[
        tuple[Annotated[int, Field(strict=True, ge=0)], ...], Field(strict=False, min_length=1)
    ]
    """One a run, all different. A number n in the file means 0 to n - 1."""
    recipe: Recipe = Recipe()

    @field_validator("seeds", mode="before")
    @classmethod
    def _count_or_list(cls, seeds: Any) -> Any:
        if isinstance(seeds, list | tuple):
            return seeds
        if isinstance(seeds, bool) or not isinstance(seeds, int) or not 1 <= seeds <= MOST_SEEDS:
            raise ValueError(
                f"{seeds!r} cannot be used; expected how many, from 1 to {MOST_SEEDS}, or a list"
            )
        return range(seeds)

    @field_validator("seeds")
    @classmethod
    def _are_different(cls, seeds: tuple[int, ...]) -> tuple[int, ...]:
        twice = [seed for seed, count in Counter(seeds).items() if count > 1]
        if twice:
            raise ValueError(f"seed {twice[0]} is there twice; each run needs its own")
        return seeds

    def build_network(self, classes: int) -> Network:
        """Return the network for so many classes."""
        arguments = {key: value for key, value in self.network.items() if key != "name"}
        return ZOO[self.network["name"]](classes, **arguments)

    def with_fingerprint(self, fingerprint: str) -> Self:
        """Return the same study, bound to the contents that its dataset has now."""
        dataset = self.dataset.model_copy(update={"fingerprint": fingerprint})
        return self.model_copy(update={"dataset": dataset})

    def to_dict(self) -> dict[str, Any]:
        """Return the fully resolved study file."""
        count = len(self.seeds)
        return {
            "format": FORMAT,
            "name": self.name,
            "seeds": count if self.seeds == tuple(range(count)) else list(self.seeds),
            "dataset": self.dataset.to_dict(),
            "network": self.network,
            "recipe": self.recipe.model_dump(mode="json"),
        }

    def to_toml(self) -> str:
        """Return :meth:`to_dict` as the text of a study file."""
        return tomli_w.dumps(self.to_dict())
