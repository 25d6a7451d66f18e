"""What is written about a run: ``run.json`` and the lines of ``history.jsonl``."""

import json
import math
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from seedbed.data.images import DatasetSplits
from seedbed.networks.layers import Network
from seedbed.study.grid import PlannedRun
from seedbed.study.spec import FORMAT
from seedbed.training.engine import Engine, EpochRecord

NORMALISATION: Final = "network input = (pixel / 255 - mean) / std, per channel"


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
    altered: str | None
    source: str
    image_shape: tuple[int, int, int]
    """Height, width, channels."""
    train_images: int
    test_images: int


class NormalisationRecord(_Record):
    """How pixels became the network's input: one mean and one std a channel."""

    formula: str
    mean: tuple[float, ...]
    std: tuple[float, ...]


class EngineRecord(_Record):
    """What trained the run."""

    name: str
    instructions: str | None
    """The processor's instructions that it used, such as ``avx512``; the last digits of a result
    depend on them."""


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
    configuration: dict[str, Any]
    """``dataset`` (title and fingerprint), ``network`` and ``recipe``."""
    seed: int
    dataset: DatasetRecord
    class_names: tuple[str, ...]
    input_normalisation: NormalisationRecord
    layers: list[dict[str, Any]]
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


def new_record(
    run: PlannedRun, network: Network, dataset: DatasetSplits, engine: Engine
) -> RunRecord:
    """Return the record of a run that starts now, on this machine."""
    normalisation = dataset.train.normalisation()
    configuration = run.configuration
    return RunRecord(
        id=run.id,
        configuration={
            "dataset": {"title": dataset.title, "fingerprint": configuration.fingerprint},
            "network": configuration.network,
            "recipe": configuration.recipe,
        },
        seed=run.seed,
        dataset=DatasetRecord(
            name=dataset.name,
            title=dataset.title,
            fingerprint=dataset.fingerprint,
            altered=dataset.altered,
            source=dataset.source,
            image_shape=dataset.image_shape,
            train_images=len(dataset.train),
            test_images=len(dataset.test),
        ),
        class_names=dataset.class_names,
        input_normalisation=NormalisationRecord(
            formula=NORMALISATION, mean=normalisation.mean, std=normalisation.std
        ),
        layers=network.to_dict()["layers"],
        engine=EngineRecord(name=engine.name, instructions=getattr(engine, "instructions", None)),
        versions={
            "seedbed": metadata.version("seedbed"),
            "python": platform.python_version(),
            "numpy": np.__version__,
        },
        machine=MachineRecord(
            processor=_processor(), cores=os.cpu_count(), platform=platform.platform()
        ),
        started=datetime.now(UTC),
    )


def history_lines(history: Iterable[EpochRecord]) -> bytes:
    """Return the contents of ``history.jsonl``; what is no finite number is ``null``."""
    lines = (
        {key: value if math.isfinite(value) else None for key, value in asdict(record).items()}
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
    names = [field.name for field in fields(EpochRecord)]
    if not isinstance(line, Mapping) or not set(names) <= line.keys():
        raise ValueError("a line lacks some of an epoch's numbers")
    values: dict[str, Any] = {n: math.nan if line[n] is None else line[n] for n in names}
    return EpochRecord(**values)


def _processor() -> str:
    """Return the processor's model, as exactly as this system tells it."""
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text(errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
