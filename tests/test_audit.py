"""What ``make audit-dependencies`` says of pip-audit's answers."""

import importlib.util
import json
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location("audit", Path(__file__).with_name("audit.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
audit = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(audit)

SOUND = {"name": "numpy", "version": "2.4.6", "vulns": []}
FLAWED = {
    "name": "pillow",
    "version": "13.0.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["13.0.1"], "aliases": [], "description": ""}],
}
UNKNOWN = {"name": "torch", "skip_reason": "Dependency not found on PyPI"}


@pytest.mark.parametrize(
    ("packages", "status", "words"),
    [
        ([SOUND], 0, ["1 packages", "0 known"]),
        ([SOUND, FLAWED], 1, ["pillow 13.0.0: PYSEC-1", "13.0.1", "1 known"]),
        ([SOUND, UNKNOWN], 0, ["not looked up: torch"]),
        ([UNKNOWN], 0, ["skipped"]),
    ],
)
def test_it_claims_what_was_looked_up(
    packages: list[object], status: int, words: list[str]
) -> None:
    lines, found = audit.report(json.dumps({"dependencies": packages, "fixes": []}), "", "pypi")
    assert found == status
    assert all(word in "\n".join(lines) for word in words)


@pytest.mark.parametrize(("out", "err"), [("", "ConnectionError: no route\n"), ("{}", "")])
def test_it_claims_nothing_where_nobody_answers(out: str, err: str) -> None:
    lines, status = audit.report(out, err, "pypi")
    assert status == 0
    assert lines[0].startswith("skipped: ")
