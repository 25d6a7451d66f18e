"""Short labels of configurations on a page: ``lr 0.005 · batch 32``.

Labels name settings as study files do, which is what commands and copied tables need. A page has
less room and shows them again and again, so it says them in short, and in full where the reader
points at them. What is shown is made with the full labels, and shortened last.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from seedbed.display.charts.parts import LINE, in_lines, row_height

_SHORT: Final[Mapping[str, str]] = {
    "learning_rate": "lr",
    "batch_size": "batch",
    "train_size": "images",
    "noise.rate": "noise",
    "noise.kind": "",
    "noise": "",
    "network": "",
    "schedule": "",
    "optimizer": "",
    "activation": "",
}
"""What is said of a setting before its value; of others their name, with spaces."""
_SETTING: Final = re.compile(r"(?:^|, |: )([a-z_][\w.]*)=")
_NETWORK: Final = re.compile(r"(^|: |, )network=")
_BETWEEN: Final = re.compile(r", (?=[a-z_][\w.]*=)")


class ShortLabels:
    """Makes labels short in whatever is shown.

    Args:
        labels: All labels of a study, as they are printed.
    """

    def __init__(self, labels: Iterable[str]) -> None:
        full = list(labels)
        names = sorted({name for label in full for name in _SETTING.findall(label)}, key=len)
        self._names = list(reversed(names))
        short = [self._words(_BETWEEN.sub(" · ", label)) for label in full]
        unlike = len(set(short)) == len(set(full))
        self.full: dict[str, str] = dict(zip(short, full, strict=True)) if unlike else {}
        """By short label, of those that differ from it."""
        self.full = {short: full for short, full in self.full.items() if short != full}

    def __call__(self, text: str) -> str:
        """Return a text with short labels."""
        if not self.full or "=" not in text:
            return text
        text = self._whole.sub(lambda match: self._short[match[0]], text)
        return self._words(text)

    def in_rows(self, rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
        """Return rows whose first value is the label of a configuration, of any of the study."""
        if not self.full:
            return [list(row) for row in rows]
        return [[self._words(_BETWEEN.sub(" · ", row[0])), *row[1:]] for row in rows]

    def spec(self, value: Any) -> Any:
        """Return a chart's specification with short labels; rows need not be so high then."""
        if not self.full:
            return value
        shortened = self.within(value)
        for parameter in shortened.get("params", ()):
            if parameter.get("name") == "lines":
                before = max(map(len, parameter["value"].values()), default=1)
                parameter["value"] = {label: in_lines(label) for label in parameter["value"]}
                now = max(map(len, parameter["value"].values()), default=1)
                if isinstance(shortened.get("height"), int | float) and before > now:
                    shortened["height"] = max(
                        shortened["height"] * row_height(now) / row_height(before),
                        row_height(now) * len(parameter["value"]),
                    )
            if parameter.get("name") == "rows":  # labels, or the lines of one
                rows = [
                    [line for text in row for line in in_lines(text)] for row in parameter["value"]
                ]
                parameter["value"] = rows
                shortened["height"] = row_height(max(map(len, rows))) * len(rows)
        for part in (shortened, *shortened.get("layer", ())):
            for channel in ("color", "strokeDash"):
                _widen(part.get("encoding", {}).get(channel) or {})
        return shortened

    def within(self, value: Any) -> Any:
        """Return what a script reads, with short labels."""
        if isinstance(value, str):
            return self(value)
        if isinstance(value, dict):
            return {self(key): self.within(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.within(inner) for inner in value]
        return value

    @cached_property
    def _short(self) -> dict[str, str]:
        # Of networks, "network=" is left out where they are named.
        names = {_NETWORK.sub(r"\1", full): short for short, full in self.full.items()}
        return names | {full: short for short, full in self.full.items()}

    @cached_property
    def _whole(self) -> re.Pattern[str]:
        return re.compile("|".join(map(re.escape, sorted(self._short, key=len, reverse=True))))

    def _words(self, text: str) -> str:
        for name in self._names:
            words = _SHORT.get(name, name.replace("_", " ").replace(".", " "))
            text = re.sub(rf"(?<![\w.]){re.escape(name)}=", f"{words} " if words else "", text)
        return text


def _widen(encoding: dict[str, Any]) -> None:
    """Let the legend of short names have two columns."""
    legend, names = encoding.get("legend"), encoding.get("scale", {}).get("domain")
    if legend and isinstance(names, list) and legend.get("columns") == 1:
        legend["columns"] = 1 if max(map(len, map(str, names))) > LINE else 2
