"""What a reader understood of the files that it was given, for people to confirm.

Two rules hold in every reader. Two readings that differ are never decided in silence: where the
data decide, :attr:`Reading.decisions` says what and why; where they do not, the reader raises a
:class:`~seedbed.core.errors.DataError` with both readings and the setting that decides. And nothing
is left out without a word: :attr:`Reading.left_out` names it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

LayoutName = Literal["classes", "splits", "table"]
"""What the folders of a dataset are, where they do not tell: each a class, or each a split; or the
labels are in a table."""


@dataclass(frozen=True)
class LeftOut:
    """Files or images that a reader did not use, and why.

    Args:
        reason: In a few words that follow a number, for example ``"broken links"``.
        names: Of all of them, as in :attr:`ImageIdentities.names`.
    """

    reason: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """What a reader understood.

    Args:
        format: Of the files, for example ``"class folders"`` or ``"IDX"``.
        splits: Where each split came from by its name: ``{"train": "Training/"}``, or how it was
            drawn.
        classes_from: Where the class names came from, for example ``"the names of the folders"``.
        names_from: What identifies an image, for example ``"the path below the folder"``.
        sizes: Number of images by size before any resizing, ``"100×100"``; empty if all have the
            size that the dataset says.
        modes: Number of images by encoding and color, ``"JPEG RGB"``; empty for raw pixels.
        decisions: What the data decided, a sentence each, without a full stop.
        left_out: What was not used.
    """

    format: str
    splits: Mapping[str, str] = field(default_factory=dict)
    classes_from: str = ""
    names_from: str = ""
    sizes: Mapping[str, int] = field(default_factory=dict)
    modes: Mapping[str, int] = field(default_factory=dict)
    decisions: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    def lines(self) -> Iterator[tuple[str, str]]:
        """Yield what was understood as pairs of a word and a text, for a block of lines."""
        yield "format", self.format
        yield from self.splits.items()
        for word, text in (("classes", self.classes_from), ("image names", self.names_from)):
            if text:
                yield word, text
        for word, counts in (("sizes", self.sizes), ("modes", self.modes)):
            if len(counts) > 1:
                common = sorted(counts.items(), key=lambda item: -item[1])
                yield word, ", ".join(f"{count:,} of {what}" for what, count in common)
        for decision in self.decisions:
            yield "understood", decision
        for left_out in self.left_out:
            yield "left out", f"{len(left_out.names):,} {left_out.reason}"

    def to_dict(self) -> dict[str, Any]:
        """Return it for a JSON file; of what was left out, the number and the first ten names."""
        return {
            "format": self.format,
            "splits": dict(self.splits),
            "classes_from": self.classes_from,
            "names_from": self.names_from,
            "sizes": dict(self.sizes),
            "modes": dict(self.modes),
            "decisions": list(self.decisions),
            "left_out": [
                {"reason": part.reason, "n": len(part.names), "names": list(part.names[:10])}
                for part in self.left_out
            ],
        }


NOTHING: Final = Reading("")
"""Of a dataset that was not read from files."""
