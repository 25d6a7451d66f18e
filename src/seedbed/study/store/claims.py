"""When the claims of a study were declared: ``claims.json``.

A claim counts as declared beforehand if no run had ended when the study first had it. The file is
only added to: a claim that was changed or withdrawn stays in it.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from seedbed.core.errors import StoreError
from seedbed.core.files import set_aside, write_atomically
from seedbed.core.parsing import parse_json
from seedbed.core.seal import BLANK, is_sealed, sealed
from seedbed.display.notice import notice
from seedbed.study.spec.claims import Claim
from seedbed.study.store.names import CLAIMS


@dataclass(frozen=True)
class Declared:
    """What was known of a study when it first had a claim."""

    digest: str
    """Of the claim."""
    claim: str
    """In the words of the study."""
    declared: str
    """ISO 8601, UTC."""
    ended: int
    """Runs that had ended by then."""
    seeds: int
    """Seeds that the study had then."""


def read_declared(folder: Path) -> list[Declared]:
    """Return what is stored, in the order of the declarations.

    Raises:
        StoreError: If the file cannot be read, or was changed after it was written.
    """
    file = folder / CLAIMS
    if not os.path.lexists(file):
        return []
    try:
        return _parse(file.read_bytes())
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise StoreError(
            "cannot be read or was changed, so it is not known when the claims were declared",
            where=str(file),
            hint="restore it; `seedbed run` sets it aside and declares the claims anew",
        ) from error


def _parse(contents: bytes) -> list[Declared]:
    if not is_sealed(contents):
        raise ValueError("the checksum is wrong")
    values: list[dict[str, Any]] = parse_json(contents)["claims"]
    return [Declared(**value) for value in values]


def declare(folder: Path, claims: Sequence[Claim], ended: int, seeds: int) -> None:
    """Store the claims that are new; the caller holds the study's lock.

    A damaged file is set aside, so its claims count as declared now.

    Args:
        folder: Of the study.
        claims: Of the study file.
        ended: Runs that have ended.
        seeds: Seeds of the study.
    """
    try:
        declared = read_declared(folder)
    except StoreError as error:
        aside = set_aside(folder / CLAIMS)
        notice(f"{error.where} {error.what}; moved to {aside.name}")
        declared = []
    known = {declaration.digest for declaration in declared}
    now = datetime.now(UTC).isoformat(timespec="seconds")
    new = [
        Declared(claim.digest, claim.claim, now, ended, seeds)
        for claim in claims
        if claim.digest not in known
    ]
    if new:
        write_declared(folder, [*declared, *new])


def write_declared(folder: Path, declared: Sequence[Declared]) -> None:
    """Write ``claims.json``; the caller holds the study's lock, or nobody else knows the folder."""
    stored = {"checksum": BLANK, "claims": [asdict(each) for each in declared]}
    write_atomically(folder / CLAIMS, sealed(json.dumps(stored, indent=2).encode() + b"\n"))
