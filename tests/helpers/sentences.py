"""The fixture ``sentence``: tests assert facts, and a snapshot holds the text of each message.

A test of an error asserts its type and the fields that matter, by equality, and passes it to
``sentence`` once::

    def test_a_label_outside_the_classes(tmp_path: Path, sentence: Sentence) -> None:
        with pytest.raises(DataError) as error:
            read_idx_folder(tmp_path)
        assert error.value.where == str(tmp_path)  # the file or field, as the user named it
        assert error.value.expected == "0 to 9"  # names and numbers that depend on the input
        sentence(error.value)

- Every sentence is held by one snapshot. If the parameters of a test give variants of one sentence,
  they carry the facts, and another test holds the sentence. If each gives a sentence of its own,
  give them ids: syrupy names snapshots after tests and ids.
- The nearest name and the list of names come from :mod:`seedbed.core.suggestions`: compare
  ``error.value.what`` with ``unknown("dataset", "mnits", CATALOG)``.
- Text of other libraries or the operating system is not held, because it changes with their
  versions: assert the type or ``errno`` of ``error.value.__cause__`` instead.
- Output of the command line is text too: ``sentence(capsys.readouterr().out)``.

After a message is changed on purpose, run ``pytest --snapshot-update`` on its tests, and review the
difference in ``__snapshots__`` like any other.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

ROOT = Path(__file__).resolve().parents[2]

Sentence = Callable[[object], None]
"""Takes an error or a text."""


@pytest.fixture
def sentence(snapshot: SnapshotAssertion, tmp_path_factory: pytest.TempPathFactory) -> Sentence:
    """Compare an error or a text with its snapshot, without the paths of this machine."""
    base = str(tmp_path_factory.getbasetemp())

    def check(message: object) -> None:
        text = str(message).replace(str(ROOT), "ROOT")
        text = re.sub(re.escape(base) + r"/[^/\s'\":;,]*", "TMP", text)
        assert text == snapshot
        assert "\n" not in text or not isinstance(message, Exception), "an error is one line"

    return check
