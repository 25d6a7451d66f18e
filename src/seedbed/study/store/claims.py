"""When the claims of a study were declared, and when seeds were added: ``claims.json``.

A claim counts as declared beforehand if no run had ended when the study first had it. Seeds that
are added after results have been shown give chance more opportunities (Armitage, McPherson and Rowe
1969), so the file keeps at which numbers of seeds that was. It is only added to: a claim that was
changed or withdrawn stays in it.
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


@dataclass(frozen=True)
class Declarations:
    """What ``claims.json`` holds."""

    claims: tuple[Declared, ...] = ()
    """In the order in which they were declared."""
    looks: tuple[int, ...] = ()
    """Numbers of seeds whose results had been shown when seeds were added, ascending."""


def read_declarations(folder: Path) -> Declarations:
    """Return what is stored.

    Raises:
        StoreError: If the file cannot be read, or was changed after it was written.
    """
    file = folder / CLAIMS
    if not os.path.lexists(file):
        return Declarations()
    try:
        return _parse(file.read_bytes())
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise StoreError(
            "cannot be read or was changed, so it is not known when claims were declared or seeds "
            "were added",
            where=str(file),
            hint="restore it; `seedbed run` sets it aside and declares the claims anew",
        ) from error


def _parse(contents: bytes) -> Declarations:
    if not is_sealed(contents):
        raise ValueError("the checksum is wrong")
    values: dict[str, Any] = parse_json(contents)
    claims = tuple(Declared(**value) for value in values["claims"])
    return Declarations(claims, tuple(map(int, values["looks"])))


def declare(
    folder: Path, claims: Sequence[Claim], ended: int, seeds: int, look: int | None = None
) -> None:
    """Store the claims that are new, and a look; the caller holds the study's lock.

    A damaged file is set aside, so its claims count as declared now.

    Args:
        folder: Of the study.
        claims: Of the study file.
        ended: Runs that have ended.
        seeds: Seeds of the study.
        look: The seeds that it had before, if their results have been shown and it has more now.
    """
    try:
        before = read_declarations(folder)
    except StoreError as error:
        aside = set_aside(folder / CLAIMS)
        notice(f"{error.where} {error.what}; moved to {aside.name}")
        before = Declarations()
    known = {declaration.digest for declaration in before.claims}
    now = datetime.now(UTC).isoformat(timespec="seconds")
    new = [
        Declared(claim.digest, claim.claim, now, ended, seeds)
        for claim in claims
        if claim.digest not in known
    ]
    looks = {*before.looks, look} if look else set(before.looks)
    now_known = Declarations((*before.claims, *new), tuple(sorted(looks)))
    if now_known != before:
        write_declarations(folder, now_known)


def write_declarations(folder: Path, known: Declarations) -> None:
    """Write ``claims.json``; the caller holds the study's lock, or nobody else knows the folder."""
    stored = {"checksum": BLANK, **asdict(known)}
    write_atomically(folder / CLAIMS, sealed(json.dumps(stored, indent=2).encode() + b"\n"))
