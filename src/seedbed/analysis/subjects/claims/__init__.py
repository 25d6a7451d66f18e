"""Claims that the study declared before its runs: held, refuted or open."""

from collections.abc import Iterator, Mapping, Sequence

from seedbed.analysis.base import Analysis, TableView
from seedbed.analysis.entry import Entry
from seedbed.analysis.part import PagePart
from seedbed.analysis.subjects.claims.result import AnsweredClaim, Claims, claims_of
from seedbed.analysis.subjects.claims.table import claims_table
from seedbed.display.sentence import signed_interval


def _relate(entries: Sequence[Entry]) -> list[Claims]:
    if not entries[0].header.study.claims:
        return [Claims(()) for _ in entries]
    from seedbed.analysis.subjects.claims.tested import tested_claims

    # They belong to the study: the first entry has them all.
    return [Claims(tested_claims(entries)), *(Claims(()) for _ in entries[1:])]


def _relate_changed(
    entries: Sequence[Entry], before: Mapping[int, Entry]
) -> Mapping[int, Claims] | None:
    none_declared = not entries[0].header.study.claims
    return dict.fromkeys(before, Claims(())) if none_declared else None


def _sentences(entries: Sequence[Entry]) -> Iterator[str]:
    claims = claims_of(entries)
    for claim in claims:
        yield _sentence(claim)
    if claims:
        yield "Other results answer no declared claim: they are exploratory."


def _sentence(claim: AnsweredClaim) -> str:
    evidence = f" (interval {signed_interval(claim.interval)} points)" if claim.interval else ""
    notes = "".join(f" Note: {note}." for note in claim.notes)
    return f"Claim “{claim.claim}”: {claim.outcome}{evidence}.{notes}"


def _any(entries: Sequence[Entry]) -> bool:
    return bool(claims_of(entries))


ANALYSIS = Analysis(
    "claims",
    topic="results",
    result=Claims,
    relate=_relate,
    relate_changed=_relate_changed,
    tables={
        "claims": TableView(
            "Declared claims",
            claims_table,
            first_look=lambda entries: entries if _any(entries) else (),
        )
    },
    sentences=_sentences,
    of_study=True,
    parts=(PagePart(title="Declared claims", applies=_any, open=True),),
    rank=-1,
)
