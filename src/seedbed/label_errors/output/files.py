"""The files of an audit: ``audit.csv``, a line per label, ``audit.json``, sealed, ``finds.csv``."""

import csv
import io
import json
from pathlib import Path
from typing import Any, Final

import numpy as np

from seedbed.core.files import make_way, write_atomically
from seedbed.core.seal import BLANK, sealed
from seedbed.data.label_corrections import corrections_csv
from seedbed.display.escape import spreadsheet
from seedbed.label_errors.result import AuditedSplit, LabelAudit
from seedbed.label_errors.training import Training
from seedbed.label_errors.truth import Truth

CSV: Final = "audit.csv"
JSON: Final = "audit.json"
PREDICTIONS: Final = "pred_probs.npz"
FINDS: Final = "finds.csv"
"""Corrections that repair the finds as the audit suggests."""
FORMAT: Final = 1
COLUMNS: Final = (
    "split",
    "index",
    "name",
    "given",
    "suggested",
    "p_wrong",
    "find",
    "self_confidence",
    "margin",
    "votes",
    "networks",
    "hash",
)


def write_files(audit: LabelAudit, folder: Path) -> None:
    """Write all files but the page.

    Raises:
        StoreError: If one cannot be written.
    """
    files = (
        (CSV, csv_of(audit)),
        (JSON, json_of(audit)),
        (FINDS, finds_of(audit)),
        (PREDICTIONS, predictions_of(audit)),
    )
    for name, contents in files:
        make_way(folder / name)
        write_atomically(folder / name, contents)


def csv_of(audit: LabelAudit) -> bytes:
    """Return every label, most suspicious first; texts cannot be taken for formulas."""
    names = tuple(map(spreadsheet, audit.class_names))
    columns = []
    for of in audit.splits:
        images, scores = of.predictions.images, of.scores
        columns.append(
            (
                [spreadsheet(name) for name in images.names.tolist()],
                of.predictions.given.tolist(),
                scores.suggested.tolist(),
                scores.p_wrong.tolist(),
                scores.self_confidence.tolist(),
                scores.margin.tolist(),
                scores.votes.tolist(),
                scores.networks.tolist(),
                images.hashes.tolist(),
            )
        )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for place, (split, index) in enumerate(audit.order):
        name, given, suggested, p_wrong, own, margin, votes, networks, hashes = columns[split]
        writer.writerow(
            (
                audit.splits[split].name,
                index,
                name[index],
                names[given[index]],
                names[suggested[index]],
                f"{p_wrong[index]:.6g}",
                int(place < audit.finds.count),
                f"{own[index]:.6g}",
                f"{margin[index]:.6g}",
                votes[index],
                networks[index],
                hashes[index],
            )
        )
    return text.getvalue().encode(errors="replace")


def finds_of(audit: LabelAudit) -> bytes:
    """Return the finds as corrections, except those of the test split.

    Networks that were tested on labels which networks have suggested would test themselves.
    """
    names = audit.class_names
    rows = [
        (
            row.name,
            str(row.split.predictions.images.hashes[row.index]),
            names[row.given],
            names[row.suggested],
        )
        for row in audit.rows(audit.finds.count)
        if row.split.name != "test"
    ]
    return corrections_csv(rows)


def predictions_of(audit: LabelAudit) -> bytes:
    """Return the mean out-of-fold probabilities of each split, as cleanlab's ``pred_probs``.

    The arrays are ``train`` (float32, N×K), ``train_labels`` (the given ones, int64, N) and
    ``train_names``, and so on for other splits; and ``class_names``.
    """
    arrays = {"class_names": np.array(audit.class_names)}
    for of in audit.splits:
        arrays[of.name] = of.predictions.mean.astype(np.float32)
        arrays[f"{of.name}_labels"] = of.predictions.given
        arrays[f"{of.name}_names"] = of.predictions.images.names
    contents = io.BytesIO()
    np.savez_compressed(contents, **arrays)  # type: ignore[arg-type] # NumPy's stub has a keyword
    return contents.getvalue()


def json_of(audit: LabelAudit) -> bytes:
    """Return the sealed summary."""
    first = audit.splits[0]
    values: dict[str, Any] = {
        "format": FORMAT,
        "checksum": BLANK,
        "dataset": audit.dataset,
        "class_names": list(audit.class_names),
        "noise_rate": _rate(first),
        "matrix": _rounded(first.matrix),
        "matrix_low": _rounded(first.intervals.matrix[0]),
        "matrix_high": _rounded(first.intervals.matrix[1]),
        "splits": {of.name: _split(of) for of in audit.splits},
        "finds": {
            "fdr": audit.finds.fdr,
            "count": audit.finds.count,
            "withheld": audit.withheld,
            "threshold": audit.finds.threshold,
            "expected_wrong": audit.finds.expected_wrong,
        },
        "training": _training(audit.training),
        "truth": [_truth(of) for of in audit.truth],
        **audit.facts,
    }
    text = json.dumps(values, indent=1, ensure_ascii=False, allow_nan=False)
    return sealed(text.encode(errors="replace") + b"\n")


def _rate(split: AuditedSplit) -> dict[str, float]:
    low, high = split.intervals.rate
    return {"estimate": split.noise_rate, "low": low, "high": high}


def _split(split: AuditedSplit) -> dict[str, Any]:
    return {
        "labels": len(split.predictions.given),
        "noise_rate": _rate(split),
        "matrix": _rounded(split.matrix),
        "sharpness": split.model.sharpness,
        "agreement": split.agreement,
        "networks_per_image": int(np.median(split.scores.networks)),
    }


def _training(training: Training | None) -> dict[str, Any] | None:
    if training is None:
        return None
    return vars(training) | {"improving": training.improving, "untrained": training.untrained}


def _truth(truth: Truth) -> dict[str, Any]:
    return {
        "split": truth.split,
        "labels": truth.labels,
        "wrong": truth.wrong,
        "auroc": truth.auroc,
        "right_suggestions": truth.right_suggestions,
        "levels": [vars(level) for level in truth.levels],
        "cleanlab": None if truth.cleanlab is None else vars(truth.cleanlab),
        "cleanlab_auroc": truth.cleanlab_auroc,
    }


def _rounded(matrix: np.ndarray[Any, np.dtype[np.float64]]) -> list[list[float]]:
    return np.round(matrix, 6).tolist()  # type: ignore[no-any-return]
