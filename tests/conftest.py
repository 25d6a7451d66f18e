"""What every test may use."""

import os
import signal
from pathlib import Path

import pytest

from browser import chromium, open_page
from commands import refused
from sentences import sentence

__all__ = ["chromium", "open_page", "refused", "sentence"]


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_is_heard() -> None:
    """What a shell starts in the background ignores Ctrl-C, and so would what tests start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _compiled_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What tests start shares bytecode; where none is written, each process would compile all."""
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
        os.environ["PYTHONPYCACHEPREFIX"] = str(tmp_path_factory.mktemp("bytecode"))


@pytest.fixture(scope="session")
def seedbed_data() -> Path:
    """The folder of real datasets; the test is skipped where there is none."""
    folder = os.environ.get("SEEDBED_DATA")
    if not folder:
        pytest.skip(
            "set SEEDBED_DATA to a folder with mnist/, fashion-mnist/, cifar10-jpeg/ "
            "to run the tests on real data"
        )
    return Path(folder).resolve()
