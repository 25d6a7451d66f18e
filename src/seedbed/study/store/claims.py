"""When the claims of a study were declared: ``claims.json``.

A claim counts as declared beforehand if no run had ended when the study first had it. The file is
only added to: a claim that was changed or withdrawn stays in it.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from seedbed.core.errors import StoreError
from seedbed.core.files import write_atomically
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
        StoreError: If the file cannot be read.
    """
    file = folder / CLAIMS
    try:
        values: list[dict[str, Any]] = json.loads(file.read_bytes())
        return [Declared(**value) for value in values]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError) as error:
        raise StoreError(
            "cannot be read, so it is not known when the claims were declared",
            where=str(file),
            hint="restore it; without it, the claims count as declared when it is removed",
        ) from error


def declare(folder: Path, claims: Sequence[Claim], ended: int, seeds: int) -> None:
    """Store the claims that are new; the caller holds the study's lock.

    Args:
        folder: Of the study.
        claims: Of the study file.
        ended: Runs that have ended.
        seeds: Seeds of the study.
    """
    declared = read_declared(folder)
    known = {declaration.digest for declaration in declared}
    now = datetime.now(UTC).isoformat(timespec="seconds")
    new = [
        Declared(claim.digest, claim.claim, now, ended, seeds)
        for claim in claims
        if claim.digest not in known
    ]
    if new:
        text = json.dumps([asdict(each) for each in (*declared, *new)], indent=2)
        write_atomically(folder / CLAIMS, text.encode() + b"\n")
