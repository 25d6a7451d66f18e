"""What a page says of how a study was made: settings, images, machine, versions, times."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from seedbed.analysis.captions import when
from seedbed.analysis.entry import Entry
from seedbed.display.escape import printable
from seedbed.study.spec.configuration import flat
from seedbed.study.spec.labels import shown

MOST_VALUES: Final = 8
"""Of a setting; of more, the others are counted."""

_PARTS: Final = ("dataset.", "noise.", "network.", "recipe.")
_OFF: Final = (0, None, False, "none", "constant")
"""Values by which nothing happens."""
_OTHER_BITS: Final = "; repeated, it may give other last digits"


@dataclass(frozen=True)
class Fact:
    """A name and what is known under it."""

    name: str
    text: str


@dataclass(frozen=True)
class Settings:
    """The settings of all configurations."""

    varied: tuple[Fact, ...]
    """What was asked: those that differ, with their values."""
    same: tuple[Fact, ...]
    """Those that are on, and the same in all."""
    off: tuple[str, ...]
    """Those by which nothing happens, in any."""


def glance(entries: Sequence[Entry]) -> tuple[Fact, ...]:
    """Return the size of a study in a few numbers."""
    seeds = sorted({len(_seeds(each)) for each in entries})
    runs = sum(each["n"] + len(each["diverged"]) for each in entries)
    facts = [
        Fact("configurations" if len(entries) > 1 else "configuration", f"{len(entries):,}"),
        Fact("runs" if runs > 1 else "run", f"{runs:,}"),
    ]
    if runs > 1 and seeds:
        each = f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
        facts.append(Fact("seeds each" if entries[0]["provenance"] else "runs each", each))
    learned = {(each["provenance"] or {}).get("learned_images") for each in entries}
    tested = {each["test_images"] for each in entries}
    facts += _range("training images", learned) + _range("test images", tested)
    return (*facts, *_range("classes", {len(each["class_names"] or ()) for each in entries}))


def settings(entries: Sequence[Entry]) -> Settings | None:
    """Return what differs between the configurations, and what does not.

    ``None`` of predictions from elsewhere, of which nothing is known.
    """
    tables = [each["configuration"] for each in entries]
    if not all("recipe" in each for each in tables):
        return None
    flattened = [_settings(each) for each in entries]
    names = dict.fromkeys(name for each in flattened for name in each)
    varied, same, off = [], [], []
    for name in sorted(names, key=_order):
        values = [each.get(name) for each in flattened]
        if name == "dataset":  # that of a configuration without a run is not known yet
            values = [value for value in values if value is not None]
        short = printable(_in_words(name))
        distinct = list({shown(value): value for value in values if value is not None}.values())
        if len({shown(value) for value in values}) > 1:
            varied.append(Fact(short, _listed(map(_value, distinct))))
        elif values[0] in _OFF or (isinstance(values[0], float) and values[0] == 0):
            off.append(short)
        else:
            same.append(Fact(short, _value(values[0])))
    return Settings(tuple(varied), tuple(same), tuple(off))


def how_measured(entries: Sequence[Entry]) -> str:
    """Return a sentence on what the accuracies are."""
    known = [each for each in entries if each["checkpoint"]]
    if not known:
        return "These are predictions that were made elsewhere; how they came about is not known."
    return (
        f"Accuracies are those {when(known)}; no epoch was chosen on the test images. "
        "A spread (±) is the sample standard deviation over the runs."
    )


def origins(entries: Sequence[Entry]) -> tuple[Fact, ...]:
    """Return where the runs come from: images, machine, versions, times."""
    found = [each["provenance"] for each in entries if each["provenance"]]
    if not found:
        return ()
    facts = []
    for dataset in {each["dataset"]["fingerprint"]: each["dataset"] for each in found}.values():
        height, width, channels = dataset["image_shape"]
        tests = f"{dataset['test_images']:,}" if dataset["test_images"] else "no"
        size = f"{width} × {height} pixels, {'gray' if channels == 1 else f'{channels} channels'}"
        facts += [
            Fact(
                "Dataset",
                f"{dataset['title']}: {dataset['train_size']:,} training and "
                f"{tests} test images of {size}",
            ),
            Fact("Found in", dataset["source"]),
            Fact("Fingerprint", dataset["fingerprint"]),
        ]
        if dataset["modified"]:
            facts.append(Fact("Altered", dataset["modified"]))
    first = found[0]
    machine, engine = first["machine"], first["engine"]
    cores = f", {machine['cores']} cores" if machine["cores"] else ""
    machines = max(each["machines"] for each in found)
    more = f" (the first of {machines} machines)" if machines > 1 else ""
    instructions = f" ({engine['instructions']})" if engine["instructions"] else ""
    device = f" on {engine['device']}" if engine.get("device") else ""
    repeated = {None: "", True: "; repeated, it gives the same bits", False: _OTHER_BITS}
    facts += [
        Fact("Machine", f"{machine['processor']}{cores}, {machine['platform']}{more}"),
        Fact(
            "Engine",
            f"{engine['name']}{instructions}{device}{repeated[engine.get('deterministic')]}",
        ),
        Fact("Versions", ", ".join(f"{name} {text}" for name, text in first["versions"].items())),
        Fact("Trained", _period(found)),
    ]
    return tuple(Fact(each.name, printable(each.text)) for each in facts)


def day(entries: Sequence[Entry]) -> str | None:
    """Return the day on which the last run ended."""
    ends = [each["provenance"]["finished"] for each in entries if each["provenance"]]
    return _date(max(ends)) if ends else None


def _seeds(entry: Entry) -> list[Any]:
    return [*entry["seeds"], *(each["seed"] for each in entry["diverged"]), *entry["unfinished"]]


def _range(name: str, values: Iterable[int | None]) -> list[Fact]:
    known = sorted(value for value in values if value)
    if not known:
        return []
    several = known[0] != known[-1]
    return [Fact(name, f"{known[0]:,}" + (f" to {known[-1]:,}" if several else ""))]


def _settings(entry: Entry) -> dict[str, Any]:
    tables = entry["configuration"]
    dataset = {"dataset": entry["dataset"]} if entry["provenance"] else {}
    others = {key: tables[key] for key in ("noise", "network", "recipe") if key in tables}
    return {**dataset, **flat(others)}


def _order(name: str) -> int:
    return next((n for n, part in enumerate(_PARTS) if name.startswith(part)), -1)


def _in_words(name: str) -> str:
    for whole, words in (
        ("noise.kind", "label noise"),
        ("noise.rate", "noise rate"),
        ("network.name", "network"),
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
    every = list(values)
    more = f" and {len(every) - MOST_VALUES} more" if len(every) > MOST_VALUES else ""
    return "; ".join(every[:MOST_VALUES]) + more


def _period(found: Sequence[Mapping[str, Any]]) -> str:
    started, finished = (
        min(each["started"] for each in found),
        max(each["finished"] for each in found),
    )
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
