"""The specification of a study: a grid of configurations, trained with the same sets of seeds.

:mod:`seedbed.study.spec.reader` reads a :class:`StudySpec` from a study file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final, Literal, Self

import tomli_w
from pydantic import Field, PlainValidator, field_validator

from seedbed.core.seal import BLANK, sealed
from seedbed.core.seeds import Seeds
from seedbed.core.settings import Settings
from seedbed.study.spec.axes import PARTS, Tables
from seedbed.study.spec.claims import Claim
from seedbed.study.spec.configuration import Configuration, DatasetSpec
from seedbed.study.spec.resolved import replaced
from seedbed.study.spec.seeds import read_seeds, written_seeds
from seedbed.study.tuning import Tune, Tuned

FORMAT: Final = 3
"""Version of the files in the folder of a study; other versions are rejected."""

SplitName = Literal["train", "validation", "test"]
KeptName = Literal["logits", "weights", "best-weights"]


WINDOWS_DEVICES: Final = frozenset(
    ["CON", "PRN", "AUX", "NUL"] + [f"{port}{n}" for port in ("COM", "LPT") for n in range(10)]
)


class StudyHeader(Settings):
    """The keys of a study file; its tables are validated with each configuration."""

    name: str = Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9_-])?$", max_length=100)
    """The name of the study and of the folder of its results, on any system."""
    dataset: Any = None
    noise: Any = None
    network: Any = None
    engine: str = "auto"
    """The engine. Like the device, not part of a configuration: results agree within rounding."""
    device: str = "cpu"
    """``cpu``, or a GPU by its name in PyTorch."""
    deterministic: bool = False
    """Whether training on a GPU must be reproducible bit for bit."""
    seeds: Annotated[tuple[Seeds, ...], PlainValidator(read_seeds)]
    """One set of seeds per run, all different; see :mod:`seedbed.study.spec.seeds`."""
    keep_logits: Annotated[tuple[SplitName, ...], Field(strict=False)] = ("test",)
    """The splits whose logits are stored, if a run has them. Not part of a configuration."""
    keep: Annotated[tuple[KeptName, ...], Field(strict=False)] = ("logits", "weights")
    """What ``seedbed run`` keeps of runs that have finished, once everything is computed: logits
    always, and ``weights``, only ``best-weights``, or neither. Not part of a configuration."""
    compare: str | None = None
    """What the study asks: the setting, or table of settings, whose values are compared with each
    other while all else is equal, as in ``recipe.optimizer`` or ``network``. By default it is
    guessed from what varies. Not part of a configuration."""
    baseline: str | None = None
    """The value of ``compare`` that every other one is compared with, as a condition such as
    ``optimizer=sgd``; without ``compare``, the one configuration that all others are compared with,
    such as ``variant=plain``. By default all are compared with each other. Not part of a
    configuration."""
    margin: float | None = Field(None, gt=0, lt=100)
    """Accuracies that differ by at most so many percentage points count as equally good:
    comparisons also test whether the difference is within the margin. Not part of a
    configuration."""
    claims: Annotated[tuple[Claim, ...], Field(strict=False)] = ()
    """Claims that the runs are to answer, each under ``[[claims]]``; see
    :mod:`seedbed.study.spec.claims`. Not part of a configuration."""
    tune: Tune | None = None
    """Candidates for settings of the recipe, which ``seedbed tune`` chooses from; ``seedbed run``
    trains the study as it is. Not part of a configuration."""
    tuned: Tuned | None = None
    """Where the settings come from, written by ``seedbed tune``."""
    recipe: Any = None
    variants: Any = None

    @field_validator("name")
    @classmethod
    def _can_be_a_folder(cls, name: str) -> str:
        """Reject the names of devices on Windows, which have the same meaning with any suffix.

        Source: https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file
        """
        if name.partition(".")[0].upper() in WINDOWS_DEVICES:
            raise ValueError(f"{name!r} cannot be used; Windows reserves it for a device")
        return name


class VariantHeader(Settings):
    """The keys of one of a study's ``[[variants]]``."""

    name: str = Field(min_length=1, max_length=60)
    dataset: Any = None
    noise: Any = None
    network: Any = None
    recipe: Any = None

    @field_validator("name")
    @classmethod
    def _can_be_shown(cls, name: str) -> str:
        if not name.isprintable() or name != name.strip():
            raise ValueError(
                f"{name!r} cannot be used; expected printable text without spaces at its ends"
            )
        return name


@dataclass(frozen=True)
class Variant:
    """A named set of settings that replace those of the study."""

    name: str
    tables: Tables


@dataclass(frozen=True)
class StudySpec:
    """A study: its grid as in the study file, and the configurations of that grid."""

    name: str
    seeds: tuple[Seeds, ...]
    tables: Tables
    """The dataset, noise, network and recipe tables, in which a list may be an axis. Settings that
    all configurations share are written out."""
    variants: tuple[Variant, ...]
    configurations: tuple[Configuration, ...]
    engine: str = "auto"
    device: str = "cpu"
    deterministic: bool = False
    keep_logits: tuple[SplitName, ...] = ("test",)
    compare: str | None = None
    margin: float | None = None
    claims: tuple[Claim, ...] = ()
    keep: tuple[KeptName, ...] = ("logits", "weights")
    tune: Tune | None = None
    tuned: Tuned | None = None
    baseline: str | None = None

    @property
    def datasets(self) -> list[DatasetSpec]:
        """The datasets of the study, without duplicates."""
        return list(dict.fromkeys(item.dataset for item in self.configurations))

    def with_fingerprints(self, fingerprints: Mapping[DatasetSpec, str]) -> Self:
        """Return the same study with the fingerprints of its datasets."""

        def bound(table: Tables) -> Tables:
            matches = [dataset for dataset in fingerprints if dataset.to_dict() == table]
            return {**table, "fingerprint": fingerprints[matches[0]]} if matches else table

        tables, variants = replaced("dataset", self.tables, self._variant_tables, bound)
        return replace(
            self,
            tables=tables,
            variants=self._with_tables(variants),
            configurations=tuple(
                item.model_copy(
                    update={
                        "dataset": item.dataset.model_copy(
                            update={"fingerprint": fingerprints[item.dataset]}
                        )
                    }
                )
                for item in self.configurations
            ),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the contents of the study file."""
        contents: dict[str, Any] = {
            "format": FORMAT,
            "name": self.name,
            "seeds": written_seeds(self.seeds),
            **({"engine": self.engine} if self.engine != "auto" else {}),
            **({"device": self.device} if self.device != "cpu" else {}),
            **({"deterministic": True} if self.deterministic else {}),
            **({} if self.keep_logits == ("test",) else {"keep_logits": list(self.keep_logits)}),
            **({} if "weights" in self.keep else {"keep": list(self.keep)}),
            **({"compare": self.compare} if self.compare else {}),
            **({"baseline": self.baseline} if self.baseline else {}),
            **({"margin": self.margin} if self.margin else {}),
            **{part: self.tables[part] for part in PARTS if part in self.tables},
        }
        if self.claims:
            contents["claims"] = [claim.to_dict() for claim in self.claims]
        if self.tune is not None:
            contents["tune"] = self.tune.to_dict()
        if self.variants:
            contents["variants"] = [
                {"name": variant.name, **variant.tables} for variant in self.variants
            ]
        if self.tuned is not None:
            contents["tuned"] = self.tuned.to_dict()
        return contents

    def to_toml(self) -> str:
        """Return :meth:`to_dict` as the text of a sealed study file."""
        text = tomli_w.dumps({"checksum": BLANK, **self.to_dict()})
        return sealed(text.encode()).decode()

    @property
    def _variant_tables(self) -> list[Tables]:
        return [variant.tables for variant in self.variants]

    def _with_tables(self, tables: list[Tables]) -> tuple[Variant, ...]:
        pairs = zip(self.variants, tables, strict=True)
        return tuple(replace(variant, tables=own) for variant, own in pairs)
