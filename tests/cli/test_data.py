"""``seedbed data``, as a user calls it."""

import gzip
import hashlib
import os
import pty
import struct
import subprocess
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from commands import Refused
from seedbed.cli.main import main
from seedbed.core.errors import DataError
from seedbed.core.suggestions import unknown
from seedbed.data import catalog
from sentences import Sentence


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write into an empty folder, and see neither this machine's datasets nor its cache."""
    monkeypatch.delenv("SEEDBED_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def photos(folder: Path, *, size: int = 6) -> Path:
    for number, name in enumerate(("cat", "\x1b[31mdog")):
        (folder / name).mkdir(parents=True)
        for shade in range(10):
            image = Image.new("L", (size, size), 10 * shade + number)
            image.save(folder / name / f"{shade}.png")
    return folder


def test_list_names_the_datasets_and_where_they_are(
    capsys: pytest.CaptureFixture[str], sentence: Sentence
) -> None:
    folder = Path("data/mnist")
    folder.mkdir(parents=True)
    (folder / "x").write_text("x")
    assert main(["data", "list", "--data-root", "data"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(catalog.CATALOG)
    assert lines[1].startswith("digits")
    sentence(lines[1])
    assert lines[2].endswith("data/mnist")
    assert lines[6].endswith("seedbed data download cifar100 (169 MB)")


def test_show_counts_and_draws(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "show", "digits"]) == 0
    out = capsys.readouterr().out
    dataset = catalog.load_dataset("digits")
    assert f"fingerprint  {dataset.fingerprint}" in out
    assert "1,438 train, 359 test" in out
    assert "8×8 gray" in out
    rows = [line.split() for line in out.splitlines() if line and line[0].isdigit()]
    assert [int(row[1]) for row in rows] == dataset.train.class_counts.tolist()
    assert "Examples of every class are in digits-examples.png" in out
    with Image.open("digits-examples.png") as image:
        assert image.height > 500


def test_show_takes_a_path_and_options(capsys: pytest.CaptureFixture[str]) -> None:
    photos(Path("photos"))
    arguments = ["--resize", "5", "--test-fraction", "0.3", "--split-seed", "2"]
    assert main(["data", "show", "photos", *arguments, "--sheet", "a.png"]) == 0
    out = capsys.readouterr().out
    assert "14 train, 6 test" in out
    assert "5×5 gray" in out
    assert "\x1b" not in out
    assert Path("a.png").exists()
    assert main(["data", "show", "photos", "--no-sheet"]) == 0
    assert sorted(path.name for path in Path().iterdir()) == ["a.png", "photos"]


def test_show_says_that_a_copy_is_modified(capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path("data/mnist")
    folder.mkdir(parents=True)
    for name in ("train", "t10k"):
        images = struct.pack(">BBBB3I", 0, 0, 8, 3, 10, 28, 28) + bytes(7840)
        labels = struct.pack(">BBBBI", 0, 0, 8, 1, 10) + bytes(range(10))
        (folder / f"{name}-images-idx3-ubyte.gz").write_bytes(gzip.compress(images))
        (folder / f"{name}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels))
    assert main(["data", "show", "mnist", "--data-root", "data", "--no-sheet"]) == 0
    (line,) = (line for line in capsys.readouterr().out.splitlines() if "modified" in line)
    assert "MNIST" in line


@pytest.mark.parametrize(
    ("arguments", "where", "name"),
    [
        (["show", "mnist", "--data-root", "none"], "none", ""),
        (["show", "digits", "--test-fraction", "2"], "", "2.0"),
        (["show", "digits", "--resize", "-1"], "", "-1"),
    ],
)
def test_bad_input_is_one_line(
    refused: Refused, arguments: list[str], where: str, name: str
) -> None:
    error = refused("data", *arguments)
    assert isinstance(error, DataError)
    assert where in error.where
    assert name in str(error)
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("action", ["show", "download"])
def test_an_unknown_dataset_has_a_nearest(action: str, refused: Refused) -> None:
    assert refused("data", action, "mnits").what == unknown("dataset", "mnits", catalog.CATALOG)


def test_examples_that_cannot_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "show", "digits", "--sheet", "none/a.png"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "none/a.png" in error
    assert list(Path().iterdir()) == []


def test_download_says_where_everything_is(
    capsys: pytest.CaptureFixture[str], sentence: Sentence
) -> None:
    Path("data/mnist").mkdir(parents=True)
    Path("data/mnist/x").write_text("x")
    assert main(["data", "download", "digits", "mnist", "--data-root", "data"]) == 0
    out = capsys.readouterr().out
    assert [line.split()[0] for line in out.splitlines()] == ["digits", "mnist"]
    assert out.splitlines()[1].endswith("data/mnist")
    sentence(out)


PROGRAM = """
import dataclasses, sys
from seedbed.data.remote_file import Digest
from seedbed.data.published import PUBLISHED
for files in PUBLISHED["cifar10"].alternatives[:1]:
    file = dataclasses.replace(files[0], urls=(sys.argv[1],), digest=Digest("sha256", sys.argv[2]))
    PUBLISHED["cifar10"] = dataclasses.replace(PUBLISHED["cifar10"], alternatives=((file,),))
from seedbed.cli.main import main
sys.exit(main(["data", "download", "cifar10"]))
"""


@pytest.mark.parametrize("terminal", [True, False])
def test_download_shows_its_progress(tmp_path: Path, terminal: bool) -> None:
    content = np.random.default_rng(0).integers(0, 256, 300_000, np.uint8).tobytes()
    (tmp_path / "served").mkdir()
    (tmp_path / "served" / "cifar.tar.gz").write_bytes(content)

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments, directory=str(tmp_path / "served"))  # type: ignore[arg-type]

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    digest = hashlib.sha256(content).hexdigest()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/cifar.tar.gz"
    reader, writer = pty.openpty() if terminal else os.pipe()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, url, digest],
        stdout=subprocess.PIPE,
        stderr=writer,
        text=True,
        check=False,
    )
    os.close(writer)
    shown = os.read(reader, 100_000).decode()
    os.close(reader)
    server.shutdown()
    server.server_close()
    folder = tmp_path / "cache" / "seedbed" / "data" / "cifar10"
    assert done.returncode == 0, shown
    assert done.stdout == f"cifar10 is in {folder}\n"
    assert (folder / "cifar-10-binary.tar.gz").read_bytes() == content
    if terminal:
        assert "300.0/300.0 kB" in shown
    else:
        assert shown == "downloading cifar-10-binary.tar.gz, 0.3 MB\n"


def test_show_says_what_was_understood(capsys: pytest.CaptureFixture[str]) -> None:
    photos(Path("data/Training"))
    photos(Path("data/Testing"), size=5)
    (Path("data") / "Training" / "cat" / "notes.txt").write_text("x")
    assert main(["data", "show", "data", "--no-sheet", "--resize", "4"]) == 0
    lines = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines() if line]
    facts = dict(line for line in lines if len(line) == 2)
    assert facts["train"] == "Training/"
    assert facts["test"] == "Testing/"
    assert facts["sizes"] == "20 of 6×6, 20 of 5×5"
    assert facts["left"] == "out     1 files that are no images"


def test_check_lists_everything_and_writes_all_names(
    capsys: pytest.CaptureFixture[str], sentence: Sentence
) -> None:
    photos(Path("photos"))
    assert main(["data", "check", "photos"]) == 0
    for number in range(5):
        (Path("photos") / "cat" / f"{number}.png").write_bytes(b"x")
    (Path("photos") / "cat" / "=1.png").write_bytes(b"x")
    capsys.readouterr()
    assert main(["data", "check", "photos", "--out", "found.csv"]) == 1
    out = capsys.readouterr().out
    assert "\x1b" not in out
    sentence(out)
    lines = Path("found.csv").read_text().splitlines()
    assert lines[0] == "verdict,kind,image,detail"
    assert len([line for line in lines if line.startswith("wrong,unreadable images,")]) == 6
    assert "=1.png" in "".join(lines)
    assert sorted(path.name for path in Path().iterdir()) == ["found.csv", "photos"]


def test_check_of_folders_in_doubt_counts_no_classes(capsys: pytest.CaptureFixture[str]) -> None:
    photos(Path("photos"))
    (Path("photos") / "empty").mkdir()
    assert main(["data", "check", "photos"]) == 1
    assert "classes in doubt" in capsys.readouterr().out.splitlines()[0]


def test_check_refuses_what_is_not_there(refused: Refused) -> None:
    assert refused("data", "check", "none").where == "none"


def test_check_takes_the_layout(capsys: pytest.CaptureFixture[str]) -> None:
    photos(Path("photos"))
    Path("photos/cat").rename("photos/train")
    (path,) = Path("photos").glob("*dog")
    path.rename("photos/test")
    assert main(["data", "check", "photos"]) == 1
    assert main(["data", "check", "photos", "--layout", "classes"]) == 0
    capsys.readouterr()
