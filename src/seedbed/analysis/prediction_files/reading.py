"""What was understood of a prediction file, for people to confirm."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from seedbed.analysis.entry import Entry

MOST_NAMED: Final = 12
"""Classes that a line names."""


@dataclass(frozen=True)
class PredictionReading:
    """What was understood of one file.

    Args:
        format: Of the file.
        rows: Images.
        labels: Which column holds them, and how they name classes.
        scores: Which columns hold them.
        kind: What they are, and how that is known.
        classes: Their names, in order.
        classes_from: Where the names come from, if not from columns, labels or the user.
        images: What identifies the image of a row; empty if nothing does.
        left_out: Columns that are not used, and why.
        decisions: What the data decided, a sentence each without a full stop.
    """

    format: str
    rows: int
    labels: str
    scores: str
    kind: str
    classes: tuple[str, ...]
    classes_from: str = ""
    images: str = ""
    left_out: Mapping[str, str] = field(default_factory=dict)
    decisions: tuple[str, ...] = ()

    def lines(self) -> Iterator[tuple[str, str]]:
        """Yield what was understood as pairs of a word and a text, for a block of lines."""
        yield "format", self.format
        yield "images", f"{self.rows:,}, {self.images or 'known by the order of the rows'}"
        yield "labels", self.labels
        yield "scores", f"{self.scores}; {self.kind}" if self.kind else self.scores
        named = ", ".join(self.classes[:MOST_NAMED])
        more = len(self.classes) - MOST_NAMED
        others = f" and {more:,} more" if more > 0 else ""
        origin = f" (from {self.classes_from})" if self.classes_from else ""
        yield "classes", f"{len(self.classes):,}: {named}{others}{origin}"
        for decision in self.decisions:
            yield "understood", decision
        for reason in dict.fromkeys(self.left_out.values()):
            names = [name for name, why in self.left_out.items() if why == reason]
            few = ", ".join(map(repr, names[:MOST_NAMED]))
            more = len(names) - MOST_NAMED
            yield "not used", f"{few}{f' and {more:,} more' if more > 0 else ''}: {reason}"


def readings_of(entries: Sequence[Entry]) -> dict[tuple[tuple[str, str], ...], list[str]]:
    """Return what was understood, and of which files: those that were read alike together."""
    alike: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for entry in entries:
        for reading in entry.header.readings:
            alike.setdefault(reading.lines, []).extend(reading.files)
    return alike
