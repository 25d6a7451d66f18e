"""What a benchmark leaves behind: a page of Markdown for people, and JSON with every value."""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.machine import machine_lines
from seedbed.core.files import write_atomically

RESULTS: Final = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Outcome:
    """The result of one benchmark."""

    name: str
    title: str
    machine: dict[str, Any]
    """As :func:`benchmarks.machine.describe_machine` gave it before the first measurement."""
    blocks: list[str]
    """Paragraphs and tables of Markdown."""
    values: dict[str, Any]

    def markdown(self) -> str:
        """Return the page."""
        blocks = [f"# {self.title}", *machine_lines(self.machine), *self.blocks]
        return "\n\n".join(blocks) + "\n"

    def write(self, folder: Path) -> None:
        """Write ``<name>.md`` and ``<name>.json`` into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        values = {"machine": self.machine, **self.values}
        write_atomically(folder / f"{self.name}.md", self.markdown().encode())
        write_atomically(
            folder / f"{self.name}.json", (json.dumps(values, indent=2) + "\n").encode()
        )


def options(description: str | None, rounds: int) -> argparse.ArgumentParser:
    """Return a parser of what every benchmark understands."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n\n")[0])
    parser.add_argument(
        "--rounds", type=int, default=rounds, help="repetitions (default: %(default)s)"
    )
    parser.add_argument(
        "--results", type=Path, default=RESULTS, help="folder (default: benchmarks/results)"
    )
    return parser


def finish(outcome: Outcome, folder: Path) -> None:
    """Print a result and keep it."""
    print(outcome.markdown(), flush=True)
    outcome.write(folder)
