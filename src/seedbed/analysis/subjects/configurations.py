"""All configurations of a study of which a page shows only some in detail: a row for each.

A study may have 10,000. The page finds some of them by words of their labels, and sorts them.
"""

from typing import Any

from seedbed.analysis.base import Analysis, always
from seedbed.analysis.entry import Entry
from seedbed.analysis.part import PageMaterial, PagePart
from seedbed.analysis.subjects.accuracy.result import measured, measured_on
from seedbed.analysis.subjects.comparisons.result import Comparisons
from seedbed.display.escape import printable


def _data(material: PageMaterial) -> dict[str, Any] | None:
    """Return rows of label, runs, mean and spread in percent, difference, and whether it is found.

    The last value is the place of the configuration among those that are shown in detail.
    """
    if not material.study:
        return None
    details = {entry.header.id: place for place, entry in enumerate(material.entries)}
    found = [_compared(entry) for entry in material.study]
    others = {other for other, _, _ in found if other}
    one = others.pop() if len(others) == 1 else ""  # which all are compared with
    rows = []
    for entry, (_, difference, significant) in zip(material.study, found, strict=True):
        accuracy = measured(entry)
        rows.append(
            [
                printable(entry.header.label),
                entry.header.n,
                _points(accuracy.mean if accuracy else None),
                _points(accuracy.std if accuracy else None),
                *((_points(difference), int(significant)) if one else ()),
                details.get(entry.header.id),
            ]
        )
    of = measured_on(material.study)
    columns = ["configuration", "runs (n)", f"mean {of} (%)", "standard deviation"]
    notes = ["Configurations with a link are shown in detail under Tables."]
    if one:
        columns.append("difference (points)")
        notes.append(
            f"Differences are from {printable(one)}. Bold: significant (paired t-test, p < 0.05, "
            "corrected over all tests of the study)."
        )
    return {"columns": columns, "rows": rows, "notes": notes}


def _compared(entry: Entry) -> tuple[str, float | None, bool]:
    """Return with what an entry is compared, if that is one, the difference, and if it is found."""
    known = entry.view(Comparisons)
    if known is None or len(known.comparisons) != 1:
        return "", None, False
    (comparison,) = known.comparisons
    return comparison.b, comparison.difference, comparison.verdict in ("better", "worse")


def _points(fraction: float | None) -> float | None:
    return None if fraction is None else round(100 * fraction, 2)


ANALYSIS: Analysis[Any] = Analysis(
    "configurations",
    topic="results",
    parts=(
        PagePart(
            title="All configurations",
            template="configurations",
            data=_data,
            applies=always,
            of_study=True,
        ),
    ),
    rank=15,
)
