"""Which runs count: those that diverged, have not finished, or learned next to nothing."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from seedbed.analysis.base import Analysis
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.collapsed import collapsed_notes
from seedbed.display.sentence import counted, every, quoted

MOST_NAMED: Final = 3
"""How many configurations get a sentence of a kind; the others are counted."""


def _sentences(entries: Sequence[Entry]) -> Iterator[str]:
    yield from collapsed_notes(entries)
    yield from _diverged(entries)
    yield from _unfinished(entries)
    yield from _modified(entries)


def _diverged(entries: Sequence[Entry]) -> Iterator[str]:
    affected = [entry for entry in entries if entry.header.diverged]
    for entry in affected[:MOST_NAMED]:
        diverged, total, of = len(entry.header.diverged), _runs(entry), _of(entry, entries)
        if entry.header.n:
            yield (
                f"{diverged} of {total} runs{of} diverged; the accuracy is that of the "
                f"{counted(entry.header.n, 'run')} that finished."
            )
        elif diverged < total:
            yield (
                f"{diverged} of {total} runs{of} diverged and none has finished, so there is no "
                "accuracy."
            )
        else:
            which = "The only run" if total == 1 else f"{every(total).capitalize()} runs"
            yield f"{which}{of} diverged, so there is no accuracy."
    if len(affected) > MOST_NAMED:
        yield f"Runs of {counted(len(affected) - MOST_NAMED, 'other configuration')} diverged too."


def _unfinished(entries: Sequence[Entry]) -> Iterator[str]:
    unfinished = sum(len(entry.header.unfinished) for entry in entries)
    total = sum(map(_runs, entries))
    if unfinished:
        have = "has" if unfinished == 1 else "have"
        yield (
            f"{unfinished} of {counted(total, 'run')} {have} not finished; all numbers here may "
            "still change."
        )


def _modified(entries: Sequence[Entry]) -> Iterator[str]:
    modified = {entry.header.dataset_name: entry.header.modified for entry in entries}
    for name, how in modified.items():
        if how is None:
            continue
        yield (
            f"The images of {name} are a modified copy ({how}), so published accuracies may be for "
            "different images."
        )


def _of(entry: Entry, entries: Sequence[Entry]) -> str:
    return f" of {quoted(entry.header.label)}" if len(entries) > 1 else ""


def _runs(entry: Entry) -> int:
    return entry.header.n + len(entry.header.diverged) + len(entry.header.unfinished)


ANALYSIS: Analysis[Any] = Analysis("runs", topic="runs", sentences=_sentences, of_study=True)
