"""How much label noise configurations have, and which of them differ in nothing else.

Configurations that differ in nothing but their label noise are one method.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.noise.result import noise_of
from seedbed.study.spec.labels import TOLD

_KINDS: Final[Mapping[str, str]] = {
    "symmetric": "symmetric label noise",
    "pair": "pair label noise",
    "matrix": "label noise with a given transition matrix",
    "human": "human label noise",
}
"""Kinds of noise, as sentences name them."""


def is_known(entry: Entry) -> bool:
    """Whether the noise of the training labels is known; that of external predictions is not."""
    return noise_of(entry) is not None


def level(entry: Entry) -> float:
    """Return the noise rate, 0 to 1: the configured one or, for given labels, the observed one."""
    noise = noise_of(entry)
    if noise is None or noise.kind == "none":
        return 0.0
    return (noise.observed_rate or 0.0) if noise.rate is None else noise.rate


def kind(entry: Entry) -> str:
    """Return what tells one kind of noise from another, whatever its rate."""
    noise = noise_of(entry)
    if noise is None:
        return ""
    settings = {key: value for key, value in noise.settings.items() if key != "rate"}
    if noise.rate is None:  # Each matrix and each set of labels is a level of its own.
        settings = {"kind": noise.kind}
    return json.dumps(settings, sort_keys=True)


def method(entry: Entry) -> str:
    """Return what identifies the method: every setting but those of the noise."""
    rest = {key: value for key, value in entry.header.configuration.items() if key != "noise"}
    return json.dumps(rest, sort_keys=True)


def method_label(entry: Entry) -> str:
    """Return the label without its parts about noise."""
    label = entry.header.label
    mark = next((mark for mark in TOLD.values() if mark and label.endswith(mark)), "")
    parts = label.removesuffix(mark).split(", ")
    rest = [part for part in parts if not part.startswith(("noise=", "noise."))]
    return ", ".join(rest) + mark if rest else label


def by_level(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Return the entries with the same noise together, the least noise first.

    They are one group where the noise of any of them is not known.
    """
    if not all(map(is_known, entries)):
        return [list(entries)]
    levels: dict[tuple[float, str], list[Entry]] = {}
    for entry in entries:
        levels.setdefault((level(entry), kind(entry) if level(entry) else ""), []).append(entry)
    return [levels[key] for key in sorted(levels)]


def rate_in_words(entry: Entry) -> str:
    """Return ``"40%"``, or ``"40.2%"`` for an observed rate."""
    noise = noise_of(entry)
    digits = ".1f" if noise and noise.rate is None else ".4g"
    return f"{100 * level(entry):{digits}}%"


def noise_in_words(entry: Entry) -> str:
    """Return ``"40% symmetric label noise"``, or ``"no label noise"``."""
    if not level(entry):
        return "no label noise"
    return f"{rate_in_words(entry)} {kind_in_words(entry)}"


def kind_in_words(entry: Entry) -> str:
    """Return ``"symmetric label noise"``."""
    noise = noise_of(entry)
    return _KINDS[noise.kind] if noise else "label noise"
