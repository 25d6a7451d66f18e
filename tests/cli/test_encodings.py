"""Output in any encoding of a terminal: no command fails, and a trained study has its page."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ENCODINGS = ("ascii", "cp1252", "shift_jis", "utf-16", "idna")
CLASSES = ("猫", "قطة", "dog\x1b[2J", "café ±", "\u202eevil")
STUDY = """name = "odd"
dataset = { path = "photos" }
network = "lenet5"
seeds = 2
noise = { kind = "symmetric", rate = 0.2 }
recipe = { epochs = 1 }
[[variants]]
name = "größer → 猫"
[[variants]]
name = "b"
recipe = { batch_size = 8 }
"""


def seedbed(folder: Path, line: str, **variables: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, "-m", "seedbed", *line.split()],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of classes with names of all kinds, which has been run."""
    folder = tmp_path_factory.mktemp("odd")
    generator = np.random.default_rng(0)
    for number, name in enumerate(CLASSES):
        images = folder / "photos" / name
        images.mkdir(parents=True)
        for index in range(8):
            pixels = generator.integers(0, 60, (12, 12), dtype=np.uint8)
            pixels[:, : 2 * number + 2] += 120
            Image.fromarray(pixels).save(images / f"{index}.png")
    (folder / "odd.toml").write_text(STUDY, encoding="utf-8")
    assert seedbed(folder, "run odd.toml").returncode == 0
    return folder


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_study_is_trained_and_has_its_page(folder: Path, tmp_path: Path, encoding: str) -> None:
    out = tmp_path / "out"
    done = seedbed(folder, f"run odd.toml --seeds 1 --out {out}", PYTHONIOENCODING=encoding)
    assert done.returncode == 0
    assert (out / "report.html").is_file()
    assert b"Traceback" not in done.stderr
    readable = "utf-8" if encoding == "idna" else encoding
    assert "The report is in" in done.stdout.decode(readable)
    assert "\x1b" not in done.stdout.decode(readable)


COMMANDS = (
    "table studies/odd per-class",
    "table studies/odd pairs --format latex",
    "report studies/odd",
    "plan odd.toml",
    "data show photos --no-sheet",
    "run --help",
)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
@pytest.mark.parametrize("line", COMMANDS)
def test_every_command(folder: Path, line: str, encoding: str) -> None:
    done = seedbed(folder, line, PYTHONIOENCODING=encoding)
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False)
    assert done.stdout.decode(encoding)


@pytest.mark.parametrize("line", ["table studies/odd 猫", "猫"])
def test_errors_too(folder: Path, line: str) -> None:
    done = seedbed(folder, line, PYTHONIOENCODING="ascii")
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1
    assert rb"\u732b" in done.stderr


def test_names_that_the_file_system_cannot_have(folder: Path) -> None:
    done = seedbed(
        folder,
        "figures studies/odd confusion",
        LC_ALL="C",
        PYTHONUTF8="0",
        PYTHONCOERCECLOCALE="0",
    )
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1
    assert b"PYTHONUTF8=1" in done.stderr


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_progress_in_a_terminal(folder: Path, tmp_path: Path, encoding: str) -> None:
    out = tmp_path / "out"
    main, terminal = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "seedbed", "run", "odd.toml", "--out", str(out)],
        cwd=folder,
        env={**os.environ, "PYTHONIOENCODING": encoding, "TERM": "xterm"},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    ) as process:
        os.close(terminal)
        shown = b""
        try:
            while part := os.read(main, 65536):
                shown += part
        except OSError:  # the process has closed its side
            pass
    os.close(main)
    assert process.returncode == 0
    assert (out / "report.html").is_file()
    text = shown.decode(encoding, errors="replace")
    assert "4 of 4 runs" in text
    assert "Traceback" not in text
