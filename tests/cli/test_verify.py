"""``seedbed verify``: a line for each file or run, and an exit status that names doubts."""

from pathlib import Path

import pytest

from commands import Refused
from seedbed.cli.main import main
from seedbed.core.errors import StoreError, StudyError
from sound import write_sound


def test_it_ends_with_0_without_doubts_and_with_1_otherwise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = write_sound(tmp_path)
    words = ["verify", str(store.folder), "--deep", "--repeat", "1", "--threads", "1"]
    assert main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + 6 + 1 + 1 + 6 + 1 + 1
    assert all(line.startswith("ok") for line in lines[:-1])
    run = store.run(store.run_ids()[0])
    run.history_file.write_bytes(run.history_file.read_bytes() + b" ")
    assert main(["verify", str(store.folder)]) == 1
    doubts = [line for line in capsys.readouterr().out.splitlines() if line.startswith("doubt")]
    assert run.folder.name in doubts[0]
    assert "history.jsonl" in doubts[0]


def test_a_folder_without_a_study(refused: Refused, tmp_path: Path) -> None:
    error = refused("verify", tmp_path)
    assert isinstance(error, StoreError)
    assert error.where == str(tmp_path)


def test_options_that_cannot_be_used(refused: Refused, tmp_path: Path) -> None:
    for option, value in (("--repeat", "-1"), ("--margin", "0"), ("--threads", "0")):
        error = refused("verify", tmp_path, option, value)
        assert isinstance(error, StudyError)
        assert error.where == option.removeprefix("--")
