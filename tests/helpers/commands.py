"""The fixture ``refused``: a command that must fail, and the error that ended it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from seedbed.cli import main as module
from seedbed.core.errors import SeedbedError
from seedbed.display.escape import printable

Refused = Callable[..., SeedbedError]
"""Takes the words of a command line."""


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Refused:
    """Run a command that must exit with status 2 and one line; return the error of that line."""
    run: Callable[[list[str]], int] = module._run

    def command(*words: str | Path) -> SeedbedError:
        errors: list[SeedbedError] = []

        def recorded(words: list[str]) -> int:
            try:
                return run(words)
            except SeedbedError as error:
                errors.append(error)
                raise

        capsys.readouterr()
        with monkeypatch.context() as patch:
            patch.setattr(module, "_run", recorded)
            assert module.main(list(map(str, words))) == 2
        output = capsys.readouterr()
        (error,) = errors
        assert output.out == ""
        assert output.err == f"seedbed: error: {printable(str(error))}\n"
        assert output.err.count("\n") == 1
        return error

    return command
