"""Every exit of the command line, in real processes: one line, the right status, no traceback."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import seedbed
import summaries

HEAD = """
import os, signal, sys
from types import ModuleType
from seedbed.cli import main
act = ModuleType("seedbed.cli.commands.act", "Act.")
act.configure = lambda parser: None
def run(arguments):
    {body}
    return 0
act.main = run
sys.modules["seedbed.cli.commands.act"] = act
main.COMMANDS["act"] = "act"
sys.argv[1:] = ["act"]
sys.exit(main.main())
"""


DEFAULT = "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"
"""The tests may run where it is ignored, as under nohup; a process inherits that."""


def shell(command: str, folder: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run a shell's line, in which ``seedbed`` is the command line."""
    line = f'seedbed() {{ "{sys.executable}" -m seedbed "$@"; }}\n{command}'
    return subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env={**os.environ, "PYTHONIOENCODING": "", **variables},
        capture_output=True,
        text=True,
        errors="backslashreplace",
        timeout=120,
        check=False,
    )


def acting(body: str, folder: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run a command that does what ``body`` says."""
    return subprocess.run(
        [sys.executable, "-c", DEFAULT + HEAD.format(body=body)],
        env={**os.environ, "TMPDIR": str(folder), **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return summaries.single_run(tmp_path)


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", ["table {}", "--help", "table --help"])
@pytest.mark.parametrize("output", [">&-", "> /dev/full"])
def test_output_that_cannot_be_written(
    study: Path, words: str, output: str, unbuffered: str
) -> None:
    command = f"seedbed {words.format(study)} {output}"
    done = shell(command, study, PYTHONUNBUFFERED=unbuffered)
    assert done.returncode == 1
    assert done.stderr.startswith("seedbed: error: standard output: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("streams", ["2>&-", "2> /dev/full"])
def test_errors_that_cannot_be_said(study: Path, streams: str) -> None:
    assert shell(f"seedbed table {study} {streams}", study).returncode == 0
    assert shell(f"seedbed table nowhere {streams}", study).returncode == 2
    assert shell(f"seedbed table {study} >&- {streams}", study).returncode == 1


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1"])
def test_a_narrow_encoding_still_shows_the_table(study: Path, encoding: str) -> None:
    wide = shell(f"seedbed table {study}", study, PYTHONIOENCODING="utf-8")
    narrow = shell(f"seedbed table {study}", study, PYTHONIOENCODING=encoding)
    assert narrow.returncode == wide.returncode == 0
    assert narrow.stderr == ""
    assert len(narrow.stdout.splitlines()) == len(wide.stdout.splitlines())
    assert "---" in narrow.stdout


def test_a_reader_that_goes_away(study: Path) -> None:
    done = shell(f"seedbed table {study} | true; exit ${{PIPESTATUS[0]}}", study)
    assert done.returncode in (0, 1)
    assert done.stderr == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize(
    "moment",
    [
        "os.kill(os.getpid(), {0})",
        "os.kill(os.getpid(), {0}); os.kill(os.getpid(), {0})",
        "try: os.kill(os.getpid(), {0})\n    except BaseException: raise ImportError",
        "type('T', (), dict(__del__=lambda s: os.kill(os.getpid(), {0})))(); signal.pause()",
    ],
    ids=["once", "twice", "another error", "in __del__"],
)
def test_a_signal_is_one_line(tmp_path: Path, number: int, moment: str) -> None:
    done = acting(moment.format(int(number)), tmp_path)
    assert (done.returncode, done.stderr) == (128 + number, "seedbed: stopped\n")


@pytest.mark.parametrize(
    ("handler", "status", "text"),
    [
        ("pass\n    raise StoreError('full', where='x', hint='make room')", 2, "make room"),
        ("raise StoreError('full', where='x', hint='make room')", 130, "stopped"),
    ],
    ids=["after it was handled", "while it is handled"],
)
def test_an_error_after_a_signal_that_was_handled(
    tmp_path: Path, handler: str, status: int, text: str
) -> None:
    body = (
        "from seedbed.core.errors import StoreError\n"
        "    try: os.kill(os.getpid(), 2)\n"
        f"    except KeyboardInterrupt: {handler}"
    )
    done = acting(body, tmp_path)
    assert done.returncode == status
    assert text in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_start_imports_next_to_nothing() -> None:
    program = "import seedbed.cli.start, sys; print({'typing', 're'} & {*sys.modules})"
    command = [sys.executable, "-S", "-c", program]
    path = {"PYTHONPATH": str(Path(seedbed.__file__).parents[1])}
    done = subprocess.run(command, env=path, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


@pytest.mark.parametrize("module", ["seedbed.cli.main", "seedbed.cli.exit"])
def test_ctrl_c_while_the_command_line_is_imported(module: str) -> None:
    program = f"""
import builtins, os, signal, sys
from seedbed.cli import start
imported = builtins.__import__
def stopping(name, *more):
    if name == {module!r}:
        os.kill(os.getpid(), signal.SIGINT)
    return imported(name, *more)
builtins.__import__ = stopping
start.main()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "")


UNPRIVILEGED = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
"""Before a command of root, which then may read only what is its own or everybody's."""


@pytest.mark.skipif(
    os.getuid() != 0 or shutil.which("setpriv") is None, reason="only root can give files away"
)
@pytest.mark.parametrize(
    "words", ["table {}", "report {}", "figures {}", "compare {} {}", "run quickstart --out {}"]
)
def test_a_folder_of_another_user(study: Path, words: str) -> None:
    (study / "summary.json").unlink()
    os.chown(study / "runs", 65534, 65534)
    (study / "runs").chmod(0o700)
    command = [sys.executable, "-m", "seedbed", *words.format(study, study).split()]
    done = subprocess.run(
        [*UNPRIVILEGED, *command], capture_output=True, text=True, timeout=120, check=False
    )
    assert "Traceback" not in done.stderr
    assert done.returncode == 2, done.stderr
    assert done.stderr.splitlines()[-1].startswith("seedbed: error: ")
    assert str(study / "runs") in done.stderr or str(study) in done.stderr


def test_a_signal_that_is_ignored_stays_ignored(study: Path) -> None:
    done = acting("os.kill(os.getpid(), signal.SIGHUP)", study)
    assert done.returncode == 129
    ignoring = "trap '' HUP\n" + f'"{sys.executable}" -c "$PROGRAM"'
    program = HEAD.format(body="os.kill(os.getpid(), signal.SIGHUP)")
    assert shell(ignoring, study, PROGRAM=program).returncode == 0


@pytest.mark.parametrize("words", ["table", "report", "figures"])
@pytest.mark.parametrize("delay", [0.1, 0.2, 0.4])
def test_sigterm_during_a_command(study: Path, words: str, delay: float) -> None:
    before = {path.name for path in study.iterdir()}
    done = shell(
        f'"{sys.executable}" -m seedbed {words} {study} & sleep {delay}; '
        "kill -TERM $! 2> /dev/null; wait $!",
        study,
    )
    assert done.returncode in (0, 143)
    assert "Traceback" not in done.stderr
    assert not list(study.rglob("*.partial"))
    assert before <= {path.name for path in study.iterdir()}


@pytest.mark.parametrize(
    ("body", "status", "line"),
    [
        ("raise MemoryError", 2, "error: not enough memory"),
        ('raise RuntimeError("can\'t start new thread")', 2, "error: not enough memory: can't"),
        ("raise PermissionError(13, 'Permission denied', 'a/runs')", 2, "error: a/runs: Perm"),
        ("raise ValueError('bad\\nvalue')", 70, "internal error: ValueError: bad value; a report"),
        ("run(arguments)", 70, "internal error: RecursionError: "),
    ],
)
def test_an_error_is_one_line(tmp_path: Path, body: str, status: int, line: str) -> None:
    done = acting(body, tmp_path)
    assert done.returncode == status
    assert done.stderr.startswith(f"seedbed: {line}")
    assert done.stderr.count("\n") == 1
    reports = list(tmp_path.glob("seedbed-error-*.txt"))
    assert len(reports) == (status == 70)
    for report in reports:
        assert str(report) in done.stderr
        text = report.read_text(encoding="utf-8")
        assert "Traceback" in text
        assert "Command: " in text
        assert "Python 3." in text


def test_debugging_shows_the_traceback(tmp_path: Path) -> None:
    done = acting("raise ValueError('bad')", tmp_path, SEEDBED_DEBUG="1")
    assert done.returncode == 70
    assert done.stderr.startswith("Traceback")
    assert done.stderr.endswith("seedbed: internal error: ValueError: bad\n")
    assert not list(tmp_path.iterdir())


def test_a_class_whose_name_is_no_utf8(tmp_path: Path) -> None:
    for split in ("train", "test"):
        for name in (b"caf\xe9", b"tea"):
            folder = tmp_path / "photos" / split / os.fsdecode(name)
            folder.mkdir(parents=True)
            Image.fromarray(np.zeros((8, 8), np.uint8)).save(folder / "0.png")
    (tmp_path / "s.toml").write_text(
        'name = "s"\nseeds = 1\n[dataset]\npath = "photos"\n[network]\nname = "lenet5"\n',
        encoding="utf-8",
    )
    done = shell("seedbed run s.toml", tmp_path)
    assert done.returncode == 2
    assert r"caf\xe9" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "studies").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems ignore the limit")
def test_a_limit_in_which_openblas_would_loop_is_one_line(study: Path) -> None:
    done = shell(f"ulimit -v 180000; seedbed table {study}", study)
    assert done.returncode == 2
    assert done.stderr.startswith("seedbed: error: not enough memory: ")
    assert "ulimit -v" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_after_a_lack_of_memory_no_library_can_crash(tmp_path: Path) -> None:
    crash = "import atexit; atexit.register(os.abort); raise MemoryError"
    done = acting(crash, tmp_path)
    assert done.returncode == 2
    assert done.stderr == "seedbed: error: not enough memory\n"


def test_openblas_has_one_thread_unless_the_user_says_otherwise(tmp_path: Path) -> None:
    show = "print(os.environ['OPENBLAS_NUM_THREADS'])"
    assert acting(show, tmp_path).stdout == "1\n"
    assert acting(show, tmp_path, OPENBLAS_NUM_THREADS="3").stdout == "3\n"
