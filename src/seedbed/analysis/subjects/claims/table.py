"""The table of declared claims."""

from collections.abc import Sequence
from typing import Final

import msgspec

from seedbed.analysis.captions import notes_of, seed_notes, study_notes, title
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.claims.result import AnsweredClaim, claims_of
from seedbed.display.formatters import NONE, signed_points
from seedbed.display.sentence import signed_interval
from seedbed.display.table import Report, Row, Table

COLUMNS: Final = (
    "claim",
    "outcome",
    "effect",
    "low",
    "high",
    "margin",
    "n",
    "look",
    "spent",
    "notes",
)


def claims_table(entries: Sequence[Entry]) -> Report:
    """Return the claims of a study; a note says so if it declares none."""
    claims = claims_of(entries)
    table = Table(
        title(entries, "declared claims"),
        ("claim", "outcome", "effect (percentage points)", "interval", "margin", "n"),
        (tuple(map(_row, claims)),),
        (
            *(() if claims else ("The study declares no claims: it has no [[claims]].",)),
            "Effect: a difference, or the linear change from the lowest value of a setting to the "
            "highest, paired by seed and averaged over all settings that the claim does not name. "
            "The intervals of all claims together hold with 95%, those of equalities with 90%.",
            *(f"{claim.claim}: {note}." for claim in claims for note in claim.notes),
            *seed_notes(entries),
            *notes_of(entries),
        ),
        text=(0, 1),
    )
    return Report(
        (table,),
        COLUMNS,
        tuple(
            (
                claim.claim,
                claim.outcome,
                claim.effect,
                *((claim.interval.low, claim.interval.high) if claim.interval else (None, None)),
                claim.margin,
                claim.n,
                claim.look,
                claim.spent,
                "; ".join(claim.notes),
            )
            for claim in claims
        ),
        [msgspec.to_builtins(claim) for claim in claims],
        study_notes(entries),
    )


def _row(claim: AnsweredClaim) -> Row:
    return (
        claim.claim,
        claim.outcome,
        signed_points(claim.effect),
        NONE if claim.interval is None else signed_interval(claim.interval),
        f"{100 * claim.margin:g}",
        str(claim.n),
    )
