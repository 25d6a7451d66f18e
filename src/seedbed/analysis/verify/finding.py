"""What a check of a stored study found."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """The outcome of one check.

    Args:
        name: What was checked: a file or a folder, relative to that of the study.
        text: What was found, without a period.
        status: ``"ok"``; ``"doubt"`` if something does not agree; ``"open"`` if it could not be
            checked, which is no doubt.
    """

    name: str
    text: str
    status: Literal["ok", "doubt", "open"] = "ok"

    @classmethod
    def of(cls, name: str, doubts: list[str], otherwise: str) -> "Finding":
        """Return the finding of a check that lists its doubts, or says what it looked at."""
        return cls(name, "; ".join(doubts), "doubt") if doubts else cls(name, otherwise)

    def __str__(self) -> str:
        """Return it as a line."""
        return f"{self.status:<5}  {self.name}: {self.text}"
