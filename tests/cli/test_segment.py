"""``seedbed segment``, as a user calls it."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from commands import Refused
from seedbed.cli.main import main
from sentences import Sentence


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def cloth(tmp_path: Path) -> Path:
    """Noise to the left, stripes to the right, in colors."""
    y, x = np.mgrid[:60, :90]
    pixels = 128 + np.where(x < 45, np.random.default_rng(0).normal(0, 30, x.shape), 0)
    pixels += np.where(x >= 45, 60 * np.sin(y), 0)
    rgb = np.stack([pixels, pixels, np.full(x.shape, 90.0)], axis=2)
    file = tmp_path / "cloth.png"
    Image.fromarray(rgb.clip(0, 255).astype(np.uint8)).save(file)
    return file


def test_it_writes_a_picture_and_a_label_map(
    cloth: Path, capsys: pytest.CaptureFixture[str], sentence: Sentence
) -> None:
    assert main(["segment", "cloth.png", "--segments", "2"]) == 0
    *segments, explained, written = capsys.readouterr().out.splitlines()
    sentence(re.sub(r"[\d.]+%", "N%", f"{explained}\n{written}"))
    labels = np.load("cloth-segments.npy", allow_pickle=False)
    assert labels.shape == (60, 90)
    assert set(np.unique(labels)) == {0, 1}
    assert len(set(labels[:, :35].ravel()) | {1 - each for each in labels[:, 55:].ravel()}) == 1
    with Image.open("cloth-segments.png") as picture:
        assert picture.height == 60
        assert picture.width > 180
    fractions = [float(line.split()[2].rstrip("%")) / 100 for line in segments]
    assert fractions == pytest.approx([np.mean(labels == 0), np.mean(labels == 1)], abs=1e-4)


def test_files_and_settings_can_be_chosen(cloth: Path) -> None:
    words = "--window 9 --closing 1 --seed 3 --segments 3 --longest 45 --out a.png --labels b.png"
    assert main(["segment", "cloth.png", *words.split()]) == 0
    with Image.open("b.png") as labels:
        assert labels.size == (45, 30)
        assert set(np.unique(np.asarray(labels))) == {0, 1, 2}
    assert Path("a.png").exists()


@pytest.mark.parametrize(
    ("words", "where", "name", "expected"),
    [
        (["none.png"], "none.png", "", ""),
        (["."], ".", "", ""),
        (["text.png"], "text.png", "", "BMP"),
        (["cut.png"], "cut.png", "", ""),
        (["tiny.png"], "tiny.png", "8×8", ""),
        (["flat.png"], "flat.png", "4", ""),
        (["large.png"], "large.png", "4,002,000", "4,000,000"),
        (["cloth.png", "--segments", "1"], "cloth.png", "1", "2 to 20"),
        (["cloth.png", "--window", "8"], "cloth.png", "8", "odd"),
        (["cloth.png", "--longest", "0"], "--longest", "0", "1 or more"),
        (["cloth.png", "--out", "a.gif"], "--out", "a.gif", ".png"),
        (["cloth.png", "--labels", "a.csv"], "--labels", "a.csv", ".npy or .png"),
        (["cloth.png", "--out", "a.png", "--labels", "a.png"], "--labels", "--out", ""),
        (["cloth.png", "--out", "cloth.png"], "--out", "IMAGE", ""),
        (["cloth.png", "--labels", "./cloth.png"], "--labels", "IMAGE", ""),
        (["cloth.png", "--out", "no/a.png"], "no/a.png", "", ""),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(
    words: list[str], where: str, name: str, expected: str, cloth: Path, refused: Refused
) -> None:
    Path("text.png").write_text("no image")
    Path("cut.png").write_bytes(cloth.read_bytes()[:300])
    Image.new("L", (8, 8)).save("tiny.png")
    Image.new("L", (40, 40), 128).save("flat.png")
    Image.new("L", (2001, 2000)).save("large.png")
    before = set(Path.cwd().iterdir())
    error = refused("segment", *words)
    assert error.where == where
    assert name in error.what
    assert expected in error.expected
    assert set(Path.cwd().iterdir()) == before
