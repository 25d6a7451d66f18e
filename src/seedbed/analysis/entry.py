"""An entry of ``summary.json``: everything that is known of one configuration.

The file is a list of entries. What every entry has stands in :class:`Header`; each analysis adds
the fields of its own result (:class:`seedbed.analysis.base.Analysis`). Reading needs neither NumPy
nor pydantic, so a table is there at once.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from typing import Any, TypeVar

import msgspec

from seedbed.core.errors import StoreError
from seedbed.display.seed_names import run_name
from seedbed.study.store.names import SUMMARY

ResultType = TypeVar("ResultType", bound=msgspec.Struct)


class DeclaredClaim(msgspec.Struct, frozen=True, kw_only=True):
    """A claim of a study file, and what was known when the study first had it."""

    claim: str
    """In the words of the study."""
    better: tuple[str, ...] | None = None
    """Conditions of configurations, as in ``--only``."""
    than: tuple[str, ...] | None = None
    equal: tuple[str, ...] | None = None
    to: tuple[str, ...] | None = None
    rises_with: str | None = None
    """A setting."""
    falls_with: str | None = None
    by: float = 0.0
    """The margin, as a fraction."""
    within: float | None = None
    """The margin of an equality, as a fraction."""
    looks: tuple[int, ...] = ()
    """Numbers of seeds at which the claim is tested; empty for once, with all of them."""
    of: str = "test accuracy"
    ended: int = 0
    """Runs that had ended when it was declared."""
    seeds: int = 0
    """Seeds that the study had then; 0 if it has not been declared."""


class StudyHeader(msgspec.Struct, frozen=True):
    """Of which study an entry is."""

    name: str
    other_runs: int
    """Runs in the same folder that ``study.toml`` does not name now."""
    damaged: tuple[str, ...]
    """A line for each damaged run."""
    compare: str | None = None
    """The setting whose values the study compares, if ``study.toml`` says so."""
    margin: float | None = None
    """Differences in accuracy up to it count as none, as a fraction."""
    claims: tuple[DeclaredClaim, ...] = ()
    baseline: str | None = None
    """The condition of the configurations that others are compared with, if ``study.toml`` says
    so."""
    looks: tuple[int, ...] = ()
    """Numbers of seeds whose results had been shown when seeds were added."""
    hash: str | None = None
    """Of ``study.toml`` and ``claims.json``; ``None`` for external predictions."""


class DivergedRun(msgspec.Struct, frozen=True):
    """A run whose loss stopped being a number, or whose method failed."""

    seed: int | str
    epoch: int
    """Counted from 1."""
    reason: str | None = None
    """Why the method failed."""


class LeftOutProvenance(msgspec.Struct, frozen=True):
    """Files or images that were not used."""

    reason: str
    n: int
    names: list[str]
    """The first ten."""


class ReadingProvenance(msgspec.Struct, frozen=True):
    """What was understood of the files, see :class:`seedbed.data.reading.Reading`."""

    format: str = ""
    splits: dict[str, str] = {}
    classes_from: str = ""
    names_from: str = ""
    sizes: dict[str, int] = {}
    modes: dict[str, int] = {}
    decisions: list[str] = []
    left_out: list[LeftOutProvenance] = []


class DatasetProvenance(msgspec.Struct, frozen=True):
    """Which images the runs were trained and tested on."""

    name: str
    title: str
    """The name, and how the contents are modified if they are."""
    fingerprint: str
    """SHA-256 of the contents."""
    modified: str | None
    """How the dataset differs from the published one, if it does."""
    source: str
    """The file, folder or package that the images were read from."""
    image_shape: tuple[int, int, int]
    """Height, width, channels."""
    train_size: int
    """Images of the whole training split."""
    test_images: int
    """0 without a test split."""
    reading: ReadingProvenance = ReadingProvenance()
    """What was understood of the files."""


class EngineProvenance(msgspec.Struct, frozen=True):
    """What trained the networks."""

    name: str
    instructions: str | None
    """The instruction set of the kernels, such as ``avx512``."""
    device: str
    """Such as ``cpu`` or ``cuda:0``."""
    deterministic: bool
    """Whether a run that is trained again gets the same bits."""
    canonical: bool
    """Whether it does so on other machines, too."""


class MachineProvenance(msgspec.Struct, frozen=True):
    """Where the networks were trained."""

    processor: str
    cores: int | None
    platform: str


class Provenance(msgspec.Struct, frozen=True):
    """Where the runs of a configuration come from; of the first run, where they differ."""

    dataset: DatasetProvenance
    learned_images: int | None
    """Training images used, where not all are."""
    validation_size: int | None
    engine: EngineProvenance
    machine: MachineProvenance
    machines: int
    """How many different machines trained the runs."""
    versions: dict[str, str]
    started: str
    """ISO 8601: when the first run started."""
    finished: str
    """ISO 8601: when the last run ended."""


class FileReading(msgspec.Struct, frozen=True):
    """What was understood of prediction files of another tool."""

    files: tuple[str, ...]
    """Files that were read alike."""
    lines: tuple[tuple[str, str], ...]
    """Pairs of a word, such as ``labels``, and what was understood."""


class Header(msgspec.Struct, frozen=True):
    """What an entry says of its configuration, whatever was analyzed."""

    format: int
    source_hash: str | None
    """Of the study and the runs that the entry was made from; ``None`` for external predictions."""
    study: StudyHeader
    id: str
    label: str
    variant: str | None
    configuration: dict[str, Any]
    settings: dict[str, Any] | None
    """By dotted name; ``None`` for external predictions."""
    network: str | None
    dataset: str
    modified: str | None
    """How the dataset differs from the published one, if it does."""
    test_fingerprint: str
    """Of the test images; only entries with the same one can be compared."""
    test_images: int | None
    """How many; 0 where there is no test split, and ``None`` without a finished run."""
    class_names: tuple[str, ...] | None
    """``None`` without a finished run."""
    n: int
    """Finished runs."""
    seeds: tuple[int | str, ...]
    """Of these runs: the seed, or a text where streams have different seeds; names of files for
    external predictions."""
    diverged: tuple[DivergedRun, ...]
    unfinished: tuple[int | str, ...]
    """Seeds of runs that have not ended."""
    checkpoint: str | None
    """Which epoch's weights are kept."""
    epochs: int | None
    selected_epochs: tuple[int, ...]
    """After which epoch the weights of each run were kept, counted from 1."""
    warnings: tuple[str, ...]
    provenance: Provenance | None
    """``None`` without a run that has ended, and for external predictions."""
    readings: tuple[FileReading, ...] = ()
    """How external predictions were read; empty for a study."""
    varied: tuple[str, ...] = ()
    """The streams that the study varies on their own, such as ``initialization``; several are
    crossed. ``run`` is all streams without seeds of their own. Empty where runs go by one seed."""
    runs_hash: str | None = None
    """Two hashes with a hyphen between them, of the configuration and of its runs: while they are
    the same, so is the entry, but for what relates it to others. ``None`` where a run is damaged or
    was left out, and for external predictions."""

    @property
    def is_crossed(self) -> bool:
        """Whether runs share seeds of some streams, and so are not independent of each other."""
        return len(self.varied) > 1

    def run_name(self, seed: int | str) -> str:
        """Return what the run with these :attr:`seeds` is called, such as ``"seed 3"``."""
        return run_name(seed, self.varied)

    @property
    def dataset_name(self) -> str:
        """The name of the dataset, without how it was modified."""
        return self.dataset.removesuffix(f" (modified: {self.modified})")


def fields_of(result: msgspec.Struct) -> dict[str, Any]:
    """Return a result as an entry and JSON hold it: tuples are lists, and NaN is ``None``."""
    fields: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(result))
    return fields


@cache
def _required(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    return tuple(field.encode_name for field in msgspec.structs.fields(kind) if field.required)


class Entry(Mapping[str, Any]):
    """What is known of one configuration, as the file has it; typed where it is asked for.

    A mapping of fields to values of JSON. One that was read from a file is parsed only as far as it
    is asked for: a table of 10,000 configurations needs a few of their fields.
    """

    __slots__ = ("_changes", "_line", "_parsed", "_shared", "_views")

    def __init__(self, fields: Mapping[str, Any] | None = None, /, **more: Any) -> None:
        self._line, self._shared = b"{}", b""
        self._parsed: dict[str, Any] | None = {**(fields or {}), **more}
        self._changes: dict[str, Any] = {}
        self._views: dict[type, Any] = {}

    @classmethod
    def of_line(cls, line: bytes | msgspec.Raw, shared: bytes = b"") -> "Entry":
        """Return an entry that a file has.

        Args:
            line: A JSON object.
            shared: The members of another one, without its braces, which all entries have.
        """
        entry = cls()
        entry._line, entry._shared, entry._parsed = line, shared, None
        return entry

    @property
    def line(self) -> bytes | msgspec.Raw | None:
        """The object in a file that the entry is still equal to, as far as it is not shared."""
        return self._line if self._line != b"{}" and not self._changes else None

    def view(self, kind: type[ResultType]) -> ResultType | None:
        """Return the fields of a result; ``None`` where the entry does not have all of them.

        Args:
            kind: A struct whose fields are keys of the entry. Fields without a default must be
                there, and not null.

        Raises:
            msgspec.ValidationError: If a field has another type.
        """
        if kind not in self._views:
            if self._parsed is None and self._changes.keys().isdisjoint(_names(kind)):
                with suppress(msgspec.ValidationError):  # a field may be null, see below
                    found = msgspec.json.decode(self._text(), type=kind)
                    lacks = kind is not Header and _lacks_fields(found)
                    self._views[kind] = None if lacks else found
                    return self._views[kind]  # type: ignore[no-any-return]
            missing = any(self.get(name) is None for name in _required(kind))
            self._views[kind] = None if missing else msgspec.convert(dict(self), kind)
        view: ResultType | None = self._views[kind]
        return view

    @property
    def header(self) -> Header:
        """What it says of its configuration."""
        if self.view(Header) is None:  # fields of a header may be null
            self._views[Header] = msgspec.convert(dict(self), Header)
        header: Header = self._views[Header]
        return header

    def replace(self, **fields: Any) -> "Entry":
        """Return the entry with other values of some of its fields."""
        return self | fields

    def updated(self, fields: Mapping[str, Any]) -> "Entry":
        """Return the entry with these values: itself, and its :attr:`line`, if it has them."""
        if self.line is None:
            return self | fields
        known = msgspec.json.decode(self.line, type=dict[str, msgspec.Raw])
        same = all(
            name in known and msgspec.json.decode(known[name]) == value
            for name, value in fields.items()
        )
        return self if same else self | fields

    def own_fields(self, without: Collection[str]) -> dict[str, Any]:
        """Return all fields, and their values, but some."""
        return {name: value for name, value in self.items() if name not in without}

    def __or__(self, other: Mapping[str, Any]) -> "Entry":
        entry = Entry()
        entry._line, entry._shared, entry._parsed = self._line, self._shared, self._parsed
        entry._changes = self._changes | dict(other)
        return entry

    def __getitem__(self, key: str) -> Any:
        if key in self._changes:
            return self._changes[key]
        return self._all_parsed()[key]

    def __iter__(self) -> Iterator[str]:
        parsed = self._all_parsed()
        yield from parsed
        yield from (key for key in self._changes if key not in parsed)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __setitem__(self, key: str, value: Any) -> None:
        self._views = {}
        self._changes[key] = value

    def __repr__(self) -> str:
        return f"Entry({dict(self)!r})"

    def _all_parsed(self) -> dict[str, Any]:
        if self._parsed is None:
            try:
                self._parsed = msgspec.json.decode(self._text(), type=dict[str, Any])
            except msgspec.DecodeError as error:  # such as a number out of range
                raise StoreError(
                    f"holds an entry that cannot be read: {error}",
                    where=SUMMARY,
                    hint="delete the file to recompute it",
                ) from error
        return self._parsed

    def _text(self) -> bytes:
        """Return the whole object."""
        line = bytes(self._line)
        if not self._shared:
            return line
        return b"".join((b"{", self._shared, b"" if line == b"{}" else b", ", line[1:]))


def sharing(entries: Iterable[Entry], fields: Mapping[str, Any]) -> list[Entry]:
    """Return entries with these values, which all entries of a study have."""
    shared = json.dumps(fields, allow_nan=False)[1:-1].encode()
    return [
        entry | fields if entry.line is None else Entry.of_line(entry.line, shared)
        for entry in entries
    ]


def _lacks_fields(result: msgspec.Struct) -> bool:
    return any(getattr(result, name) is None for name in _required_attributes(type(result)))


@cache
def _required_attributes(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    return tuple(field.name for field in msgspec.structs.fields(kind) if field.required)


@cache
def _names(kind: type[msgspec.Struct]) -> frozenset[str]:
    return frozenset(field.encode_name for field in msgspec.structs.fields(kind))
