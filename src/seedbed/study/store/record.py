"""The record of a run: ``run.json`` and the lines of ``history.jsonl``."""

import hashlib
import json
import math
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, asdict, fields, replace
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Final, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict

from seedbed.core.parsing import parse_json
from seedbed.core.seal import BLANK, sealed
from seedbed.networks.cost import cost
from seedbed.networks.network import Network
from seedbed.study.plan import PlannedRun
from seedbed.study.spec.study import FORMAT
from seedbed.study.store.names import WEIGHTS
from seedbed.training.engine import Engine, EpochRecord, RunTask
from seedbed.training.splits import Sample

NORMALIZATION: Final = "network input = (pixel / 255 - mean) / std, per channel"
PADDING: Final = "; then padded with zeros"


class _Record(BaseModel):
    # Unlike a study file, a record may have fields that this version does not know.
    model_config = ConfigDict(frozen=True, extra="ignore")


class DatasetRecord(_Record):
    """The dataset that a run was trained and tested on."""

    name: str
    title: str
    """The name, and how the images were modified, if they were."""
    fingerprint: str
    """SHA-256 of the contents."""
    modified: str | None
    source: str
    image_shape: tuple[int, int, int]
    """Height, width, channels."""
    train_size: int
    """Images in the whole training split."""
    test_images: int
    """Images in the test split; 0 if there is none."""
    test_image_fingerprint: str | None = None
    """SHA-256 of the test images; ``None`` if there is no test split."""
    test_label_fingerprint: str | None = None
    """SHA-256 of their given labels."""
    reading: dict[str, Any] = {}
    """What was understood of the files, see :class:`seedbed.data.reading.Reading`."""

    @property
    def test_fingerprint(self) -> str:
        """What tells test sets apart: test images and labels, or all, if there is no test split.

        Datasets that differ in what is trained on, such as corrected labels, have the same one.
        """
        if self.test_image_fingerprint is None or self.test_label_fingerprint is None:
            return self.fingerprint
        parts = f"{self.test_image_fingerprint} {self.test_label_fingerprint}"
        return hashlib.sha256(parts.encode("ascii")).hexdigest()


class SplitRecord(_Record):
    """The images of one of the run's splits: train, validation or test."""

    images: int
    source: str
    """The split of the dataset that they are from, to which their indices refer."""
    fingerprint: str
    """SHA-256 of the contents of that split."""


class NoiseRecord(_Record):
    """The label noise observed in this run; ``configuration`` has the settings of the noise."""

    labels_sha256: str
    """SHA-256 of the noisy labels of the whole training split, as little-endian int64."""
    observed_rate: float
    """The fraction of wrong labels among the images that the run learned from."""
    counts: list[list[int]]
    """K×K: the number of these images with clean label i (row) and noisy label j (column)."""


class NormalizationRecord(_Record):
    """The normalization of the network's input: one mean and one std per channel."""

    formula: str
    mean: tuple[float, ...]
    std: tuple[float, ...]


class CostRecord(_Record):
    """The cost of the network; see :class:`seedbed.networks.cost.Cost`."""

    parameters: int
    multiply_adds: int
    weight_bytes: int

    @classmethod
    def of(cls, network: Network, image_shape: tuple[int, int, int]) -> Self:
        """Return the cost of a network for images of (height, width, channels)."""
        return cls(**asdict(cost(network, image_shape)))


class EngineRecord(_Record):
    """The engine that trained the run."""

    name: str
    instructions: str | None
    """The instruction set of its kernels, such as ``avx512``."""
    device: str
    """``cpu``, ``cuda``, ..."""
    deterministic: bool
    """Whether training the run again gives the same bits."""
    canonical: bool
    """Whether that holds on other machines, too: on all where an engine of this name is canonical.
    Results that are not canonical agree within rounding."""

    def same_bits(self, other: Self) -> bool:
        """Return whether a run has the same bits, whichever of the two trains it."""
        if self.canonical and other.canonical:
            other = other.model_copy(update={"instructions": self.instructions})
        return self == other


class MachineRecord(_Record):
    """The machine that trained the run."""

    processor: str
    cores: int | None
    platform: str
    host: str = ""
    """Its name in the network."""


class MoveRecord(_Record):
    """The machine and the engine that trained the first epochs of a run, before it moved."""

    epochs: int
    """How many epochs it had when another machine or engine resumed it."""
    engine: EngineRecord
    machine: MachineRecord


class PrunedRecord(_Record):
    """A file of a run that was removed after the run had ended."""

    sha256: str
    size: int
    """In bytes."""


class RunRecord(_Record):
    """``run.json``: everything about a run that is not an array or a curve."""

    checksum: str = BLANK
    """The seal of the file; see :mod:`seedbed.core.seal`."""
    format: int = FORMAT
    id: str
    status: Literal["running", "finished", "diverged"] = "running"
    diverged_epoch: int | None = None
    """The epoch in which the loss became infinite or NaN or the method failed, counted from 1."""
    diverged_reason: str | None = None
    """Why the method failed; ``None`` where the loss became infinite or NaN."""
    selected_epoch: int | None = None
    """The epoch whose weights were kept, counted from 1; the recipe's ``checkpoint`` selects it."""
    label: str = ""
    """The label of the configuration when the run was started."""
    configuration: dict[str, Any]
    """``dataset`` (title and fingerprint), ``noise``, ``network`` and ``recipe``."""
    seed: int | str
    """The seed of the run; with the streams that have another seed, as in ``"0-noise3"``."""
    seeds: dict[str, int]
    """The seed of every stream."""
    dataset: DatasetRecord
    splits: dict[str, SplitRecord] = {}
    """``train``, and ``validation`` and ``test`` if there are any; empty until the run starts."""
    noise: NoiseRecord | None = None
    """``None`` without noise, and until the run starts."""
    class_names: tuple[str, ...]
    normalization: NormalizationRecord
    layers: list[dict[str, Any]]
    """The layers of the network; empty for a user module."""
    cost: CostRecord
    engine: EngineRecord
    versions: dict[str, str]
    machine: MachineRecord
    """With ``engine``: what trained the run, since it was resumed last."""
    moves: list[MoveRecord] = []
    """What trained the epochs before, if the run was resumed elsewhere; the first one first."""
    started: datetime
    """UTC; for a resumed run, the first start."""
    finished: datetime | None = None
    seconds: float | None = None
    """Sum of the seconds of its epochs."""
    files: dict[str, str] = {}
    """SHA-256 of each other file in the folder, once the run has ended."""
    pruned: dict[str, PrunedRecord] = {}
    """The files that ``seedbed prune`` has removed since."""

    @property
    def weights_sha256(self) -> str:
        """Of the file of weights of a finished run, whether or not it is still there."""
        return self.files.get(WEIGHTS) or self.pruned[WEIGHTS].sha256

    def moved_from(self, before: Self, epochs: int) -> list[MoveRecord]:
        """Return the moves of a run with an earlier record, which is resumed with this one.

        Args:
            before: The earlier record.
            epochs: How many epochs the run has now.
        """
        if (before.engine, before.machine) == (self.engine, self.machine):
            return before.moves
        move = MoveRecord(epochs=epochs, engine=before.engine, machine=before.machine)
        return [*before.moves, move]

    def to_json(self) -> bytes:
        """Return the contents of ``run.json``."""
        return sealed((self.model_dump_json(indent=2) + "\n").encode())


def before_pruning(contents: bytes) -> bytes:
    """Return the contents of ``run.json`` as they were before files of the run were pruned.

    Args:
        contents: Of a ``run.json`` that is sealed.

    Raises:
        ValueError: If it is no record.
    """
    values = parse_json(contents)
    values.pop("checksum", None)
    record = RunRecord.model_validate(values)
    files = record.files | {name: file.sha256 for name, file in record.pruned.items()}
    update = {"files": {name: files[name] for name in sorted(files)}, "pruned": {}}
    return record.model_copy(update=update).to_json()


def new_record(run: PlannedRun, task: RunTask, engine: Engine) -> RunRecord:
    """Return the record of a run that is about to start on this machine."""
    configuration, dataset = run.configuration, task.dataset
    normalization = dataset.train.normalization()
    test = dataset.splits.get("test")
    tables = configuration.tables
    return RunRecord(
        id=run.id,
        label=configuration.label,
        configuration={
            "dataset": {"title": dataset.title, "fingerprint": configuration.fingerprint},
            "noise": tables["noise"],
            "network": tables["network"],
            "recipe": tables["recipe"],
        },
        seed=run.seeds.key,
        seeds=run.seeds.to_dict(),
        dataset=DatasetRecord(
            name=dataset.name,
            title=dataset.title,
            fingerprint=dataset.fingerprint,
            modified=dataset.modified,
            source=dataset.source,
            image_shape=dataset.image_shape,
            train_size=len(dataset.train),
            test_images=0 if test is None else len(test),
            test_image_fingerprint=None if test is None else test.image_fingerprint,
            test_label_fingerprint=None if test is None else test.label_fingerprint,
            reading=dataset.reading.to_dict(),
        ),
        class_names=dataset.class_names,
        normalization=NormalizationRecord(
            formula=NORMALIZATION + (PADDING if _pads(task) else ""),
            mean=normalization.mean,
            std=normalization.std,
        ),
        layers=task.network.to_dict()["layers"],
        cost=CostRecord.of(task.network, dataset.image_shape),
        engine=EngineRecord(
            name=engine.facts.name,
            instructions=engine.facts.instructions,
            device=engine.facts.device,
            deterministic=engine.facts.deterministic,
            canonical=engine.facts.canonical,
        ),
        versions={
            "seedbed": version(),
            "python": platform.python_version(),
            "numpy": np.__version__,
            **engine.facts.versions,
        },
        machine=MachineRecord(
            processor=_processor(),
            cores=os.cpu_count(),
            platform=platform.platform(),
            host=platform.node(),
        ),
        started=datetime.now(UTC),
    )


def sample_fields(task: RunTask, sample: Sample) -> dict[str, Any]:
    """Return the fields of a record about the images and labels that the run learns from."""
    fields: dict[str, Any] = {
        "splits": {
            name: SplitRecord(
                images=len(split), source=split.source, fingerprint=split.dataset.fingerprint
            )
            for name, split in task.splits(sample).items()
        }
    }
    if task.noise.active:
        labels = sample.labels
        learned = replace(
            labels, clean=labels.clean[sample.train], noisy=labels.noisy[sample.train]
        )
        fields["noise"] = NoiseRecord(
            labels_sha256=labels.fingerprint,
            observed_rate=learned.observed_rate,
            counts=learned.counts.tolist(),
        )
    return fields


def _pads(task: RunTask) -> bool:
    """Return whether the network pads its normalized input with zeros."""
    return any(
        named.layer.pads(named.input_shape) for named in task.network.walk(task.dataset.image_shape)
    )


def history_lines(history: Iterable[EpochRecord]) -> bytes:
    """Return the contents of ``history.jsonl``.

    Values that are not finite are ``null``; values that do not apply are left out.
    """
    lines = (
        {
            key: None if isinstance(value, float) and not math.isfinite(value) else value
            for key, value in vars(record).items()
            if value is not None  # it does not apply to this run
        }
        for record in history
    )
    return "".join(json.dumps(line, allow_nan=False) + "\n" for line in lines).encode()


def parse_history(contents: bytes) -> tuple[EpochRecord, ...]:
    """Parse the contents of ``history.jsonl``.

    Raises:
        ValueError: If they were not written by :func:`history_lines`.

    """
    history = tuple(_epoch_record(parse_json(line)) for line in contents.splitlines())
    if [record.epoch for record in history] != list(range(1, len(history) + 1)):
        raise ValueError("the epochs are not numbered 1, 2, 3, ...")
    return history


def _epoch_record(line: Any) -> EpochRecord:
    known = fields(EpochRecord)
    needed = {field.name for field in known if field.default is MISSING}
    if not isinstance(line, Mapping) or not needed <= line.keys():
        raise ValueError("fields of an epoch are missing")
    values: dict[str, Any] = {
        field.name: math.nan if line[field.name] is None else line[field.name]
        for field in known
        if field.name in line
    }
    if matrix := values.get("estimated_transition"):
        values["estimated_transition"] = tuple(map(tuple, matrix))
    return EpochRecord(**values)


@cache
def version() -> str:
    """Return the version of Seedbed that is installed here."""
    return metadata.version("seedbed")


@cache
def _processor() -> str:
    """Return the model of the processor, as far as the system reports it."""
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text(errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
