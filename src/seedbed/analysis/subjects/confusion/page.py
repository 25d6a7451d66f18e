"""The confusion matrices of a page, which its script draws; classes go by their number."""

from collections.abc import Iterator, Sequence
from typing import Any

from seedbed.analysis.entry import Entry
from seedbed.analysis.part import PageMaterial, ShownImage
from seedbed.analysis.subjects.confusion.result import Confusion
from seedbed.analysis.subjects.pairs.result import Pairs
from seedbed.display.formatters import rounded


def matrices(material: PageMaterial) -> list[dict[str, Any] | None] | None:
    """Return a matrix for each entry with a finished run; ``None`` where there is no such entry.

    Returns:
        ``support``, the images of each class; of the cells that are not 0 their number (row · K +
        column) in ``cells``, ``counts``, the images of all runs, and ``deviations`` of the rates;
        and ``images``: by ``"row,column"``, the index of each, its probability, and in how many
        runs it is wrong.
    """
    shown = [_matrix(entry, entry.view(Confusion)) for entry in material.entries]
    return shown if any(shown) else None


def cell_images(entries: Sequence[Entry]) -> Iterator[ShownImage]:
    """Yield the images behind the cells, which a click shows."""
    for entry in entries:
        pairs = entry.view(Pairs)
        for cell in pairs.confused_images if pairs else ():
            for place, (n_wrong, index) in enumerate(zip(cell.n_wrong, cell.index, strict=True)):
                yield ShownImage(index, n_wrong / entry.header.n, place, at_once=False)


def _matrix(entry: Entry, result: Confusion | None) -> dict[str, Any] | None:
    if result is None:
        return None
    runs, stds = result.confusion_counts, result.confusion_std
    classes = len(result.confusion)
    cells, counts, deviations = [], [], []
    for true in range(classes):
        totals = [sum(column) for column in zip(*(run[true] for run in runs), strict=True)]
        for predicted, total in enumerate(totals):
            if total:
                cells.append(true * classes + predicted)
                counts.append(total)
                deviations.append(round(stds[true][predicted], 5) if stds else None)
    return {
        "support": [sum(row) for row in runs[0]],
        "cells": cells,
        "counts": counts,
        "deviations": deviations if stds else [],
        "images": _images(entry),
    }


def _images(entry: Entry) -> dict[str, list[Any]]:
    numbers = {name: number for number, name in enumerate(entry.header.class_names or ())}
    pairs = entry.view(Pairs)
    return {
        f"{numbers[cell.true]},{numbers[cell.predicted]}": [
            cell.index,
            [rounded(each, 2) for each in cell.probability or [None] * len(cell.index)],
            cell.n_wrong,
        ]
        for cell in (pairs.confused_images if pairs else ())
    }
