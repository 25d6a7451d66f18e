"""How a study was made: settings, images, machine, versions, times."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any, Final

from seedbed.analysis.captions import when
from seedbed.analysis.entry import (
    DatasetProvenance,
    EngineProvenance,
    Entry,
    Header,
    Provenance,
    ReadingProvenance,
)
from seedbed.analysis.prediction_files.reading import readings_of
from seedbed.display.escape import printable
from seedbed.display.formatters import number_range
from seedbed.networks.layers.activation import SETTINGS as ACTIVATION_SETTINGS
from seedbed.study.spec.configuration import defaults_of, flat
from seedbed.study.spec.labels import short_name, shown
from seedbed.training.recipe import Recipe

MOST_VALUES: Final = 8
"""Of a setting; of more, the others are counted."""

_PARTS: Final = ("dataset.", "noise.", "network.", "recipe.")
_ASKED_FIRST: Final = frozenset(
    {
        "dataset",
        "network.name",
        "network.module",
        "network.activation",
        "recipe.optimizer",
        "recipe.learning_rate",
        "recipe.schedule",
        "recipe.batch_size",
        "recipe.epochs",
        "recipe.loss.name",
    }
)
_OFF: Final = (0, None, False, "none")
"""Values that switch a setting off."""
_NEVER_OFF: Final = ("network.negative_slope", "network.alpha")
"""Settings of which 0 is a value like any other."""


@dataclass(frozen=True)
class Fact:
    """A name and a value."""

    name: str
    text: str


@dataclass(frozen=True)
class Settings:
    """The settings of all configurations."""

    varied: tuple[Fact, ...]
    """Those that differ between configurations, with their values."""
    same: tuple[Fact, ...]
    """Those that are the same in all that have them, and not off."""
    off: tuple[str, ...]
    """Those that are off in all."""
    fixed: tuple[Fact, ...] = ()
    """Those that are the same in all, and chosen: not the default, or what readers ask first."""
    defaults: tuple[Fact, ...] = ()
    """The others that are the same in all."""


def glance(entries: Sequence[Entry]) -> tuple[Fact, ...]:
    """Return the size of a study in a few numbers."""
    headers = [entry.header for entry in entries]
    seeds = {len(_seeds(header)) for header in headers}
    runs = sum(header.n + len(header.diverged) for header in headers)
    several = len(entries) > 1
    facts = [Fact("configurations", f"{len(entries):,}")] if several else []
    facts.append(Fact("run" if runs == 1 else "runs", f"{runs:,}"))
    if several and runs > 1 and seeds:
        name = "seeds each" if headers[0].provenance else "runs each"
        facts.append(Fact(name, number_range(seeds)))
    learned = {header.provenance.learned_images for header in headers if header.provenance}
    facts += _range("training images", learned)
    facts += _range("test images", {header.test_images for header in headers})
    return (*facts, *_range("classes", {len(header.class_names or ()) for header in headers}))


def settings(entries: Sequence[Entry]) -> Settings | None:
    """Return what differs between the configurations, and what does not.

    ``None`` for external predictions, whose settings are unknown.
    """
    headers = [entry.header for entry in entries]
    if not all("recipe" in header.configuration for header in headers):
        return None
    flattened = [_settings(header) for header in headers]
    names = dict.fromkeys(chain.from_iterable(flattened))
    varied, same, off = [], [], []
    fixed: list[Fact] = []
    defaults: list[Fact] = []
    usual: dict[str, Any] = {}
    unlike: dict[str, Header] = {}
    for header in headers:
        unlike.setdefault(_choices(header), header)
    for header in unlike.values():
        usual = _defaults(header) | usual
    for name in sorted(names, key=_order):
        values = [settings_of.get(name) for settings_of in flattened]
        if name == "dataset":  # that of a configuration without a run is not known yet
            values = [value for value in values if value is not None]
        short = printable(_in_words(name))
        distinct = list({shown(value): value for value in values if value is not None}.values())
        # One that only some have, with its default, is no choice of the study.
        if len(distinct) == 1 and None in values and usual.get(name) == distinct[0]:
            defaults.append(Fact(short, _value(distinct[0])))
            continue
        # An argument that one network alone has and that no label names is none either.
        named = any(f"{short_name(name)}=" in header.label for header in headers)
        of_one = name.startswith("network.") and len(distinct) == 1 and not named
        if len({shown(value) for value in values}) > 1 and not of_one:
            varied.append(Fact(short, _listed(map(_value, distinct))))
            continue
        value = distinct[0] if distinct else None
        chosen = name in _ASKED_FIRST or (name in usual and usual[name] != value)
        (fixed if chosen else defaults).append(Fact(short, _value(value)))
        if value in _OFF and name not in _NEVER_OFF and not _is_unknown(name, flattened[0]):
            off.append(short)
        else:
            same.append(Fact(short, _value(value)))
    return Settings(tuple(varied), tuple(same), tuple(off), tuple(fixed), tuple(defaults))


def _defaults(header: Header) -> dict[str, Any]:
    """Return the default settings of a configuration, by their dotted names."""
    tables = header.configuration
    try:
        return defaults_of(tables["network"], Recipe.model_validate(tables["recipe"]))
    except (KeyError, ValueError):  # no configuration of a study file
        return {}


def _choices(header: Header) -> str:
    """Return all that the default settings of a configuration depend on."""
    network, recipe = (header.configuration.get(part, {}) for part in ("network", "recipe"))
    names = [recipe.get(name) for name in ("optimizer", "schedule")]
    tables = [recipe.get(name, {}) for name in ("loss", "robust")]
    return json.dumps([network.get("name"), "module" in network, *names, *tables], default=str)


def _is_unknown(name: str, configuration: Mapping[str, Any]) -> bool:
    """Return whether a setting is an argument of a user module, which may mean anything."""
    return name.startswith("network.") and "network.module" in configuration


def how_measured(entries: Sequence[Entry]) -> str:
    """Return a sentence on what the accuracies are."""
    known = [entry for entry in entries if entry.header.checkpoint]
    if not known:
        return "These are external predictions; how the models were trained is not known."
    spread = " A spread (±) is the sample standard deviation over the runs."
    several = any(entry.header.n > 1 for entry in entries)
    chosen = f"Accuracies are those {when(known)}; no epoch was chosen on the test images."
    return chosen + spread * several


def origins(entries: Sequence[Entry]) -> tuple[Fact, ...]:
    """Return where the runs come from: images, machine, versions, times."""
    provenances = _provenances(entries)
    if not provenances:
        return ()
    datasets = {provenance.dataset.fingerprint: provenance.dataset for provenance in provenances}
    machine, machines = provenances[0].machine, max(each.machines for each in provenances)
    cores = f", {machine.cores} cores" if machine.cores else ""
    more = f" (the first of {machines} machines)" if machines > 1 else ""
    versions = provenances[0].versions.items()
    facts = (
        *chain.from_iterable(map(_dataset, datasets.values())),
        Fact("Machine", f"{machine.processor}{cores}, {machine.platform}{more}"),
        Fact("Engine", _engine(provenances[0].engine)),
        Fact("Versions", ", ".join(f"{name} {version}" for name, version in versions)),
        Fact("Trained", _period(provenances)),
    )
    return tuple(Fact(fact.name, printable(fact.text)) for fact in facts)


def readings(entries: Sequence[Entry]) -> tuple[Fact, ...]:
    """Return how external predictions were read; empty for a study."""
    facts = []
    alike = readings_of(entries)
    folders = [Path(file).parent for files in alike.values() for file in files]
    common = set.intersection(*({folder, *folder.parents} for folder in folders)) if folders else ()
    below = max((len(folder.parts) for folder in common), default=0)
    for lines, files in alike.items():
        # Below the folder that all are in: where that is on this machine is nobody's business.
        names = [
            "/".join(path.parts[below:]) if below or not path.anchor else path.name
            for path in map(Path, files)
        ]
        facts.append(Fact("Files", printable(_listed(names))))
        facts += [Fact(word.capitalize(), printable(text)) for word, text in lines]
    return tuple(facts)


def _provenances(entries: Sequence[Entry]) -> list[Provenance]:
    return [entry.header.provenance for entry in entries if entry.header.provenance]


def _dataset(dataset: DatasetProvenance) -> Iterator[Fact]:
    height, width, channels = dataset.image_shape
    size = f"{width} × {height} pixels, {'gray' if channels == 1 else f'{channels} channels'}"
    tests = f"{dataset.test_images:,}" if dataset.test_images else "no"
    yield Fact(
        "Dataset",
        f"{dataset.title}: {dataset.train_size:,} training and {tests} test images of {size}",
    )
    yield Fact("Source", dataset.source)
    yield from _reading(dataset.reading)
    yield Fact("Fingerprint", dataset.fingerprint)
    if dataset.modified:
        yield Fact("Modified", dataset.modified)


def _reading(reading: ReadingProvenance) -> Iterator[Fact]:
    left_out = [f"{part.n:,} {part.reason}" for part in reading.left_out]
    for name, texts in (
        ("Splits", [f"{split}: {text}" for split, text in reading.splits.items()]),
        ("Understood", reading.decisions),
        ("Left out", left_out),
    ):
        if texts:
            yield Fact(name, "; ".join(texts))


def _engine(engine: EngineProvenance) -> str:
    instructions = f" ({engine.instructions})" if engine.instructions else ""
    exactly = "bit for bit" if engine.deterministic else "up to rounding"
    if engine.canonical:
        exactly += ", on other processors too"
    return f"{engine.name}{instructions} on {engine.device}, reproducible {exactly}"


def day(entries: Sequence[Entry]) -> str | None:
    """Return the day on which the last run ended."""
    finished = [provenance.finished for provenance in _provenances(entries)]
    return _date(max(finished)) if finished else None


def _seeds(header: Header) -> list[int | str]:
    return [*header.seeds, *(run.seed for run in header.diverged), *header.unfinished]


def _range(name: str, values: Iterable[int | None]) -> list[Fact]:
    known = [value for value in values if value]
    return [Fact(name, number_range(known))] if known else []


def _settings(header: Header) -> dict[str, Any]:
    tables = header.configuration
    dataset = {"dataset": header.dataset} if header.provenance else {}
    others: dict[str, Any] = {
        key: tables[key] for key in ("noise", "network", "recipe") if key in tables
    }
    flattened = {**dataset, **flat(others)}
    function = flattened.get("network.activation")
    return {
        name: value
        for name, value in flattened.items()
        # An argument of another activation function than the network has.
        if ACTIVATION_SETTINGS.get(name.removeprefix("network."), function) == function
        or "network.module" in flattened
        or function is None
        if name != "recipe.augmentation.elastic_sigma"
        or flattened.get("recipe.augmentation.elastic_alpha")
    }


def _order(name: str) -> int:
    return next((n for n, part in enumerate(_PARTS) if name.startswith(part)), -1)


def _in_words(name: str) -> str:
    for whole, words in (
        ("noise.kind", "label noise"),
        ("noise.rate", "noise rate"),
        ("network.name", "network"),
        ("recipe.loss.name", "loss"),
        ("recipe.robust.method", "method"),
    ):
        if name == whole:
            return words
    return name.removeprefix("recipe.").replace("_", " ").replace(".", ": ")


def _value(value: Any) -> str:
    if value is True:
        return "on"
    if value is None or value is False:
        return "off"
    if isinstance(value, list) and not any(isinstance(each, list | Mapping) for each in value):
        return printable(", ".join(map(shown, value)))
    text = shown(value)
    return printable(text if len(text) <= 80 else f"{text[:77]}...")


def _listed(values: Iterable[str]) -> str:
    texts = list(values)
    more = f" and {len(texts) - MOST_VALUES} more" if len(texts) > MOST_VALUES else ""
    return "; ".join(texts[:MOST_VALUES]) + more


def _period(provenances: Sequence[Provenance]) -> str:
    started = min(provenance.started for provenance in provenances)
    finished = max(provenance.finished for provenance in provenances)
    seconds = (datetime.fromisoformat(finished) - datetime.fromisoformat(started)).total_seconds()
    return f"{_moment(started)} to {_moment(finished)} UTC ({duration(seconds)})"


def _moment(text: str) -> str:
    moment = datetime.fromisoformat(text)
    return f"{_date(text)}, {moment:%H:%M}"


def _date(text: str) -> str:
    moment = datetime.fromisoformat(text)
    return f"{moment.day} {moment:%B %Y}"


def duration(seconds: float) -> str:
    """Return ``"3 min 46 s"``."""
    whole = round(seconds)
    parts: Iterator[tuple[int, str]] = iter(
        ((whole // 86400, "d"), (whole // 3600 % 24, "h"), (whole // 60 % 60, "min"))
    )
    words = [f"{count} {unit}" for count, unit in parts if count]
    if whole < 3600 and (whole % 60 or not words):
        words.append(f"{whole % 60} s")
    return " ".join(words[:2])
