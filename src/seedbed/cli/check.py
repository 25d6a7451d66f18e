"""``seedbed data check``: shows what is wrong or doubtful, and writes all names to a file."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from seedbed.core.files import write_atomically
from seedbed.data.check.check import Check
from seedbed.data.reading import Reading
from seedbed.display.escape import printable, spreadsheet
from seedbed.display.sentence import counted

SHOWN: Final = 3
"""Names that are shown of each kind."""


def reading_lines(reading: Reading) -> Iterator[str]:
    """Yield what a reader understood, a line each."""
    for word, text in reading.lines():
        if text:
            yield f"{printable(word):<12} {printable(text)}"


def class_lines(counts: dict[str, dict[str, int]]) -> Iterator[str]:
    """Yield the number of images of each class in each split, a line per class."""
    classes = dict.fromkeys(name for split in counts.values() for name in split)
    names = {name: printable(name) for name in classes}
    width = max(len("class"), *map(len, names.values()))
    yield f"{'class':<{width}}" + "".join(f"  {split:>10}" for split in counts)
    for name, shown in names.items():
        numbers = (split.get(name, 0) for split in counts.values())
        yield f"{shown:<{width}}" + "".join(f"  {number:>10,}" for number in numbers)


def check_lines(path: str, check: Check) -> Iterator[str]:
    """Yield a check for a terminal."""
    total = sum(count for split in check.images.values() for count in split.values())
    classes = {name for split in check.images.values() for name in split if name}
    named = counted(len(classes), "class", "classes") if classes else "classes in doubt"
    yield f"{'checked':<12} {printable(path)}: {total:,} images, {named}"
    yield from reading_lines(check.reading)
    if classes:
        yield ""
        yield from class_lines({split: dict(counts) for split, counts in check.images.items()})
    for wrong, title in ((True, "Wrong"), (False, "Doubtful")):
        chosen = [finding for finding in check.findings if finding.wrong == wrong]
        yield ""
        yield f"{title}: {'nothing' if not chosen else ''}".removesuffix(" ")
        for finding in chosen:
            yield f"{len(finding.images):>8,}  {printable(finding.kind)}"
            for name, detail in finding.images[:SHOWN]:
                yield f"          {printable(name)}{f' ({printable(detail)})' if detail else ''}"
            if len(finding.images) > SHOWN:
                yield f"          and {len(finding.images) - SHOWN:,} more"


def write_check(check: Check, path: Path) -> None:
    """Write every finding as CSV, a line per image: verdict, kind, image and detail.

    Raises:
        StoreError: If the file cannot be written.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("verdict", "kind", "image", "detail"))
    for finding in check.findings:
        verdict = "wrong" if finding.wrong else "doubtful"
        for name, detail in finding.images:
            writer.writerow((verdict, *map(spreadsheet, (finding.kind, name, detail))))
    write_atomically(path, text.getvalue().encode(), "choose another file with --out")
