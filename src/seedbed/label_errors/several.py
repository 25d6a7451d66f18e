"""The audits of a study, one for each configuration and draw of its noise, and what they reach."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from seedbed.core.arguments import optional_path, path_of, whole
from seedbed.core.errors import StudyError
from seedbed.core.files import make_way, write_atomically
from seedbed.data.reading import LayoutName
from seedbed.display.formatters import NONE, percent
from seedbed.display.table import Report, Row, Table
from seedbed.label_errors.audit import FDR, AuditedFolder, audit_labels, check_options
from seedbed.label_errors.result import LabelAudit
from seedbed.label_errors.study import FOLDS, Audited, audited
from seedbed.report.renderers import csv
from seedbed.study.store.nearby import RESULTS

CSV: Final = "audits.csv"
FOUND: Final = ("finds", "right among them", "recall", "AUROC")
"""Columns of both tables."""


@dataclass(frozen=True)
class Outcome:
    """What an audit found in the training labels, held against the truth if that is known."""

    configuration: str
    """Its label."""
    noise_seed: int
    folder: str
    labels: int
    wrong: int | None
    estimated_rate: float
    estimated_low: float
    estimated_high: float
    """Of the 95% interval."""
    withheld: bool
    promised_fdr: float
    finds: int
    """Of training labels."""
    right_finds: int | None
    """Finds whose label is right."""
    auroc: float | None
    cleanlab_finds: int | None
    cleanlab_right_finds: int | None
    cleanlab_auroc: float | None

    @classmethod
    def of(cls, audit: LabelAudit, audited: Audited) -> "Outcome":
        """Return the outcome of an audit."""
        train = audit.splits[0]
        low, high = train.intervals.rate
        truth = next((each for each in audit.truth if each.split == train.name), None)
        found = [row.index for row in audit.rows(audit.finds.count) if row.split is train]
        clean = train.predictions.clean
        right = None if clean is None else int((train.predictions.given == clean)[found].sum())
        theirs = truth.cleanlab if truth else None
        return cls(
            audited.label,
            audited.noise_seed,
            audited.folder,
            len(train.predictions.given),
            truth.wrong if truth else None,
            train.noise_rate,
            low,
            high,
            audit.withheld,
            audit.finds.fdr,
            len(found),
            right,
            truth.auroc if truth else None,
            theirs.finds if theirs else None,
            round(theirs.finds * (theirs.achieved or 0.0)) if theirs else None,
            truth.cleanlab_auroc if truth else None,
        )


def audits_of(
    data: str | Path,
    *,
    out: str | Path | None = None,
    only: Sequence[str] = (),
    seeds: int | None = None,
    layout: LayoutName | None = None,
    label_column: str | None = None,
    folds: int = FOLDS,
    repeats: int | None = None,
    fdr: float = FDR,
    refuse_several: str = "",
    **options: Any,
) -> Iterator[tuple[Audited, AuditedFolder, int]]:
    """Audit what ``data`` names, one after the other; yield each audit and how many there are.

    A single audit is written to ``out``, several to folders in it.

    Args:
        data: A folder or file of images, the name of a published dataset, a study file, or the
            folder of a study.
        out: ``studies/audit-NAME`` by default.
        only: Conditions that select configurations of a study.
        seeds: How many draws of the noise of a study; by default one for each of its seeds.
        layout: What the folders of a folder of images are, where they do not tell.
        label_column: The column of labels, where a table does not tell.
        folds: Number of folds, 2 or more.
        repeats: Number of divisions into folds; by default 4 to 12, more for fewer images.
        fdr: The false discovery rate of the finds, above 0 and below 1.
        refuse_several: Why there may be one audit only.
        options: The other arguments of :func:`seedbed.label_errors.audit.audit_labels`.

    Raises:
        KeyboardInterrupt: After Ctrl-C; finished epochs are stored.
        SeedbedError: If the data, an option or the folder cannot be used.
    """
    check_options(folds, repeats, fdr)
    if seeds is not None:
        whole("seeds", seeds, 1)
    every = audited(
        str(path_of("data", data)),
        layout=layout,
        label_column=label_column,
        only=only,
        seeds=seeds,
    )
    if len(every) > 1 and refuse_several:
        raise StudyError(
            f"has {len(every)} audits, and {refuse_several}",
            where=str(data),
            hint="select one with --only and --seeds 1",
        )
    folder = optional_path("out", out) or RESULTS / f"audit-{every[0].name}"
    if len(every) > 1 and (folder / "study.toml").exists():
        raise StudyError(
            "holds a study, and several audits have folders of their own",
            where=str(folder),
            hint="choose another folder with --out, or one audit with --only and --seeds 1",
        )
    for each in every:
        found = audit_labels(
            each,
            folder / each.folder if len(every) > 1 else folder,
            folds=folds,
            repeats=repeats,
            fdr=fdr,
            **options,
        )
        yield each, found, len(every)


def write_outcomes(outcomes: Sequence[Outcome], folder: Path) -> Path:
    """Write ``audits.csv``, a line for each audit, and return its path.

    Raises:
        StoreError: If it cannot be written.
    """
    columns = tuple(vars(outcomes[0]))
    lines = tuple(tuple(vars(outcome).values()) for outcome in outcomes)
    file = folder / CSV
    make_way(file)
    write_atomically(file, csv.render(Report((), columns, lines, None)).encode())
    return file


def outcomes_report(outcomes: Sequence[Outcome]) -> Report:
    """Return the table of several audits: a row for each configuration, over its draws of noise."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(outcome.configuration, []).append(outcome)
    promised = percent(outcomes[0].promised_fdr, 0)
    tables = [
        Table(
            "Audits of training labels",
            ("configuration", "n", "wrong", "rate", "estimated", *FOUND),
            (tuple(_row(label, of) for label, of in groups.items()),),
            (
                f"Finds promise a false discovery rate of {promised}: {promised} or fewer of them "
                "should have a right label. Sums over n draws of noise; 95% intervals over draws.",
            ),
        )
    ]
    if any(outcome.cleanlab_finds is not None for outcome in outcomes):
        tables.append(
            Table(
                "cleanlab by the same predictions",
                ("configuration", "n", *FOUND, "AUROC, ours − cleanlab's"),
                (tuple(_their_row(label, of) for label, of in groups.items()),),
                ("Its AUROC is that of the better of two scores in each audit.",),
            )
        )
    return Report(tuple(tables), (), (), None)


def _row(label: str, of: Sequence[Outcome]) -> Row:
    labels = sum(outcome.labels for outcome in of)
    wrong = _total(of, "wrong")
    return (
        label,
        str(len(of)),
        NONE if wrong is None else f"{wrong:,}",
        NONE if wrong is None else percent(wrong / labels),
        percent(float(np.mean([outcome.estimated_rate for outcome in of]))),
        *_found(of, "finds", "right_finds", "auroc"),
    )


def _their_row(label: str, of: Sequence[Outcome]) -> Row:
    ahead = [
        outcome.auroc - outcome.cleanlab_auroc
        for outcome in of
        if outcome.auroc is not None and outcome.cleanlab_auroc is not None
    ]
    return (
        label,
        str(len(of)),
        *_found(of, "cleanlab_finds", "cleanlab_right_finds", "cleanlab_auroc"),
        mean_text(np.array(ahead)) if ahead else NONE,
    )


def _found(of: Sequence[Outcome], finds: str, right: str, auroc: str) -> Row:
    found, false, wrong = (_total(of, name) for name in (finds, right, "wrong"))
    areas = [getattr(outcome, auroc) for outcome in of if getattr(outcome, auroc) is not None]
    return (
        NONE if found is None else f"{found:,}",
        NONE
        if false is None
        else ratio_text(
            np.array([getattr(outcome, right) for outcome in of], np.float64),
            np.array([getattr(outcome, finds) for outcome in of], np.float64),
        ),
        NONE
        if not wrong or found is None or false is None
        else percent((found - false) / wrong, 1),
        f"{np.mean(areas):.5f}" if areas else NONE,
    )


def _total(of: Sequence[Outcome], name: str) -> int | None:
    values = [getattr(outcome, name) for outcome in of]
    return None if None in values else sum(values)


def ratio_text(part: NDArray[np.float64], whole: NDArray[np.float64]) -> str:
    """Return the ratio of two sums, with its 95% interval (Cochran 1977, section 6.3).

    Args:
        part: Of n audits.
        whole: Of the same.
    """
    ratio = part.sum() / max(whole.sum(), 1)
    if len(part) < 2:
        return f"{ratio:.1%}"
    error = np.std(part - ratio * whole, ddof=1) * np.sqrt(len(part)) / max(whole.sum(), 1)
    margin = _quantile(len(part)) * error
    return f"{ratio:.1%} ({max(ratio - margin, 0):.1%} to {min(ratio + margin, 1):.1%})"


def mean_text(values: NDArray[np.float64]) -> str:
    """Return the mean of n values, with its 95% interval by Student's t."""
    if len(values) < 2:
        return f"{values.mean():+.5f}"
    margin = _quantile(len(values)) * values.std(ddof=1) / np.sqrt(len(values))
    return f"{values.mean():+.5f} ({values.mean() - margin:+.5f} to {values.mean() + margin:+.5f})"


def _quantile(count: int) -> float:
    return float(stats.t.ppf(0.975, count - 1))
