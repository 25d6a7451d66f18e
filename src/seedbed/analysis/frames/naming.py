"""The columns that say of which run a row is."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from seedbed.analysis.entry import Entry
from seedbed.display.seed_names import seeds_of

LEFT_OUT: Final = ("fingerprint", "module", "path")
"""Last parts of settings that are no columns: where files lie, and hashes of what they hold."""


class Naming:
    """Names runs of a study: configuration, settings that vary, seeds.

    Args:
        entries: All configurations of the frame.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        headers = [entry.header for entry in entries]
        self._settings = varying_settings(entries)
        self._datasets = len({header.dataset for header in headers}) > 1
        self._variants = any(header.variant for header in headers)
        self._streams = tuple(
            dict.fromkeys(
                stream for header in headers for stream in header.varied if header.is_crossed
            )
        )
        self._by_text = any(isinstance(seed, str) for header in headers for seed in _seeds(header))

    def run(self, entry: Entry, seed: int | str) -> dict[str, Any]:
        """Return what a row says of a run."""
        header = entry.header
        named: dict[str, Any] = {"run": run_id(entry, seed), "configuration": header.label}
        if self._variants:
            named["variant"] = header.variant
        if self._datasets:
            named["dataset"] = header.dataset
        named |= {name: (header.settings or {}).get(name) for name in self._settings}
        named["seed"] = str(seed) if self._by_text else seed
        if self._streams:
            seeds = seeds_of(seed, self._streams)
            named |= {f"seeds.{name}": of for name, of in zip(self._streams, seeds, strict=True)}
        return named


def run_id(entry: Entry, seed: int | str) -> str:
    """Return the name of the folder of a run; the name of an external run is that of its file."""
    return str(seed) if entry.header.settings is None else f"{entry.header.id}-seed{seed}"


def varying_settings(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Return the dotted names of the settings in which configurations differ."""
    settings = [entry.header.settings or {} for entry in entries]
    names = dict.fromkeys(name for values in settings for name in values)
    return tuple(
        name
        for name in names
        if name.rpartition(".")[2] not in LEFT_OUT
        and any(values.get(name) != settings[0].get(name) for values in settings)
    )


def _seeds(header: Any) -> Iterator[int | str]:
    yield from header.seeds
    yield from (run.seed for run in header.diverged)
