"""What is written about a run: ``run.json`` and the lines of ``history.jsonl``."""

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

from seedbed.networks.cost import cost
from seedbed.networks.network import Network
from seedbed.study.plan import PlannedRun
from seedbed.study.spec.study import FORMAT
from seedbed.training.engine import Engine, EpochRecord, RunTask

NORMALIZATION: Final = "network input = (pixel / 255 - mean) / std, per channel"
PADDING: Final = "; then padded with zeros"


class _Record(BaseModel):
    # Unlike a study file, a record may hold more than this version knows.
    model_config = ConfigDict(frozen=True, extra="ignore")


class DatasetRecord(_Record):
    """Which images a run was trained and tested on."""

    name: str
    title: str
    """The name, and how the contents are altered if they are."""
    fingerprint: str
    """SHA-256 of the contents."""
    modified: str | None
    source: str
    image_shape: tuple[int, int, int]
    """Height, width, channels."""
    train_size: int
    """Of the whole training split."""
    test_images: int
    """0 where there is no test split."""


class SplitRecord(_Record):
    """The images of one of the run's splits: learned from, held out, or tested on."""

    images: int
    source: str
    """The split of the dataset in which they lie; their indices count in it."""
    fingerprint: str
    """SHA-256 of the contents of that split."""


class NoiseRecord(_Record):
    """What the noise came to in this run; ``configuration`` says what was asked for."""

    labels_sha256: str
    """Of the noisy labels of the whole training split, as little-endian int64."""
    observed_rate: float
    """The fraction of wrong labels, among the images that the run learned from."""
    counts: list[list[int]]
    """How many of these images of clean class i (row) were labeled j (column); K×K."""


class NormalizationRecord(_Record):
    """How pixels became the network's input: one mean and one std a channel."""

    formula: str
    mean: tuple[float, ...]
    std: tuple[float, ...]


class CostRecord(_Record):
    """What the network costs; see :class:`seedbed.networks.cost.Cost`."""

    parameters: int
    multiply_adds: int
    weight_bytes: int

    @classmethod
    def of(cls, network: Network, image_shape: tuple[int, int, int]) -> Self:
        """Return what a network costs for images of (height, width, channels)."""
        return cls(**asdict(cost(network, image_shape)))


class EngineRecord(_Record):
    """What trained the run."""

    name: str
    instructions: str | None
    """The instruction set of its kernels, such as ``avx512``; the last digits of a result depend
    on it."""
    device: str
    """Where it computed: ``cpu``, ``cuda``, ..."""
    deterministic: bool
    """Whether a run that is trained again gets the same bits."""


class MachineRecord(_Record):
    """Where the run was trained."""

    processor: str
    cores: int | None
    platform: str


class RunRecord(_Record):
    """``run.json``: everything about a run that is not an array or a curve."""

    format: int = FORMAT
    id: str
    status: Literal["running", "finished", "diverged"] = "running"
    diverged_epoch: int | None = None
    """Counted from 1: in which the loss stopped being a number."""
    selected_epoch: int | None = None
    """Counted from 1: after which the weights were kept, chosen by the recipe's ``checkpoint``."""
    label: str = ""
    """What the study called the configuration when the run was started."""
    configuration: dict[str, Any]
    """``dataset`` (title and fingerprint), ``noise``, ``network`` and ``recipe``."""
    seed: int | str
    """The run's; with the streams that have another one, as in ``"0-noise3"``."""
    seeds: dict[str, int]
    """Of every stream."""
    dataset: DatasetRecord
    splits: dict[str, SplitRecord] = {}
    """``train``, and ``validation`` and ``test`` if the run has any; none until it has been
    started."""
    noise: NoiseRecord | None = None
    """Without noise ``None``, and until the run has been started."""
    class_names: tuple[str, ...]
    normalization: NormalizationRecord
    layers: list[dict[str, Any]]
    """None for a user module."""
    cost: CostRecord
    engine: EngineRecord
    versions: dict[str, str]
    machine: MachineRecord
    started: datetime
    """UTC; where a run was resumed, the first time."""
    finished: datetime | None = None
    seconds: float | None = None
    """Sum over the epochs that the result is made of."""
    files: dict[str, str] = {}
    """SHA-256 of each file beside this one, once the run has ended."""

    def to_json(self) -> bytes:
        """Return the contents of ``run.json``."""
        return (self.model_dump_json(indent=2) + "\n").encode()


def new_record(run: PlannedRun, task: RunTask, engine: Engine) -> RunRecord:
    """Return the record of a run that has not been started, on this machine."""
    configuration, dataset = run.configuration, task.dataset
    normalization = dataset.train.normalization()
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
            test_images=len(dataset.test) if "test" in dataset.splits else 0,
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
        ),
        versions={
            "seedbed": metadata.version("seedbed"),
            "python": platform.python_version(),
            "numpy": np.__version__,
            **engine.facts.versions,
        },
        machine=MachineRecord(
            processor=_processor(), cores=os.cpu_count(), platform=platform.platform()
        ),
        started=datetime.now(UTC),
    )


def sample_fields(task: RunTask) -> dict[str, Any]:
    """Return what a record says of the images and labels that the run learns from."""
    sample = task.sample()
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
    """Whether zeros are put around images that have been normalized."""
    return any(
        named.layer.pads(named.input_shape) for named in task.network.walk(task.dataset.image_shape)
    )


def history_lines(history: Iterable[EpochRecord]) -> bytes:
    """Return the contents of ``history.jsonl``.

    What is no finite number is ``null``; what does not apply is not there.
    """
    lines = (
        {
            key: value if math.isfinite(value) else None
            for key, value in asdict(record).items()
            if value is not None  # it does not apply to this run
        }
        for record in history
    )
    return "".join(json.dumps(line, allow_nan=False) + "\n" for line in lines).encode()


def parse_history(contents: bytes) -> tuple[EpochRecord, ...]:
    """Read what :func:`history_lines` wrote.

    Raises:
        ValueError: If it is something else.

    """
    history = tuple(_epoch_record(json.loads(line)) for line in contents.splitlines())
    if [record.epoch for record in history] != list(range(1, len(history) + 1)):
        raise ValueError("the epochs are not numbered 1, 2, 3, ...")
    return history


def _epoch_record(line: Any) -> EpochRecord:
    known = fields(EpochRecord)
    needed = {field.name for field in known if field.default is MISSING}
    if not isinstance(line, Mapping) or not needed <= line.keys():
        raise ValueError("a line lacks some of an epoch's numbers")
    values: dict[str, Any] = {
        field.name: math.nan if line[field.name] is None else line[field.name]
        for field in known
        if field.name in line
    }
    return EpochRecord(**values)


@cache
def _processor() -> str:
    """Return the processor's model, as exactly as this system tells it."""
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text(errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
