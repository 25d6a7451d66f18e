"""AUC: of each class of one configuration, or a row for each of several configurations."""

from collections.abc import Sequence
from typing import Final

from seedbed.analysis.aggregate import Aggregate
from seedbed.analysis.captions import (
    SAME,
    identity,
    logits_notes,
    notes_of,
    same_values,
    study_notes,
    title,
)
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.roc.result import Auc, Roc
from seedbed.display.formatters import spread
from seedbed.display.table import Report, Table

COLUMNS: Final = tuple(
    f"{average}_auc{suffix}"
    for average in ("macro", "weighted", "micro")
    for suffix in ("", "_std")
)


def auc_table(entries: Sequence[Entry]) -> Report:
    """Return the AUC of each class against the rest, and its averages over the classes.

    The CSV file has the averages; the classes are in that of the table ``per-class``.
    """
    results = [(entry, entry.view(Roc)) for entry in entries]
    known = [(entry, result.auc) for entry, result in results if result]
    return Report(
        (_of_one(*known[0]) if len(entries) == len(known) == 1 else _of_many(results),),
        (*SAME, *COLUMNS),
        tuple(
            (
                *same_values(entry),
                *(value for of in _averages(auc).values() for value in (of.mean, of.std)),
            )
            for entry, auc in known
        ),
        [
            identity(entry) | {key: entry[key] for key in ("class_names", "auc")}
            for entry in entries
        ],
        study_notes(entries),
    )


def _averages(auc: Auc) -> dict[str, Aggregate]:
    return {"macro": auc.macro, "weighted": auc.weighted, "micro": auc.micro}


def _of_one(entry: Entry, auc: Auc) -> Table:
    names, n = entry.header.class_names or (), entry.header.n
    classes = tuple((name, spread(auc.per_class.of(i))) for i, name in enumerate(names))
    averages = tuple((name, spread(average)) for name, average in _averages(auc).items())
    mean = "One run." if n == 1 else f"Mean ± standard deviation over n = {n} runs."
    return Table(
        title([entry], "AUC of every class against the rest"),
        ("class", "AUC"),
        (classes, averages),
        (mean, *logits_notes([entry], Roc), *notes_of([entry])),
    )


def _of_many(results: Sequence[tuple[Entry, Roc | None]]) -> Table:
    entries = [entry for entry, _ in results]
    rows = []
    for entry, result in results:
        averages = list(_averages(result.auc).values()) if result else [None] * 3
        rows.append((entry.header.label, str(entry.header.n), *map(spread, averages)))
    return Table(
        title(entries, "AUC"),
        ("configuration", "n", "macro AUC", "weighted AUC", "micro AUC"),
        (tuple(rows),),
        (
            "One class against the rest, mean ± standard deviation over n runs. Macro: mean over "
            "the classes; weighted: by their number of images; micro: all decisions together.",
            *logits_notes(entries, Roc),
            *notes_of(entries),
        ),
    )
