"""What the product says, held once: tests assert facts, and a snapshot holds the sentence.

A test that changes a sentence on purpose is followed by ``pytest --snapshot-update``; the
difference in ``__snapshots__`` is then read like any other.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

ROOT = Path(__file__).resolve().parents[1]

Sentence = Callable[[object], None]
"""Takes an error or a text."""


@pytest.fixture
def sentence(snapshot: SnapshotAssertion, tmp_path_factory: pytest.TempPathFactory) -> Sentence:
    """Hold a text against the snapshot, without the paths of this machine."""
    base = str(tmp_path_factory.getbasetemp())

    def check(said: object) -> None:
        text = str(said).replace(str(ROOT), "ROOT")
        text = re.sub(re.escape(base) + r"/[^/\s'\"]*", "TMP", text)
        assert text == snapshot

    return check
