"""``seedbed segment``, as a user calls it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seedbed.cli.main import main


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
    cloth: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["segment", "cloth.png", "--segments", "2"]) == 0
    out = capsys.readouterr().out
    assert "The picture is in cloth-segments.png, the label map in cloth-segments.npy" in out
    labels = np.load("cloth-segments.npy", allow_pickle=False)
    assert labels.shape == (60, 90)
    assert set(np.unique(labels)) == {0, 1}
    assert len(set(labels[:, :35].ravel()) | {1 - each for each in labels[:, 55:].ravel()}) == 1
    with Image.open("cloth-segments.png") as picture:
        assert picture.height == 60
        assert picture.width > 180
    assert f"segment  0  {100 * np.mean(labels == 0):6.2f}% of the image" in out


def test_files_and_settings_can_be_chosen(cloth: Path) -> None:
    words = "--window 9 --closing 1 --seed 3 --segments 3 --longest 45 --out a.png --labels b.png"
    assert main(["segment", "cloth.png", *words.split()]) == 0
    with Image.open("b.png") as labels:
        assert labels.size == (45, 30)
        assert set(np.unique(np.asarray(labels))) == {0, 1, 2}
    assert Path("a.png").exists()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["none.png"], "none.png: there is no such file"),
        (["."], ".: is no file"),
        (["text.png"], "text.png: is not an image; expected one of BMP, GIF"),
        (["cut.png"], "cut.png: cannot be decoded"),
        (["tiny.png"], "tiny.png: is 8×8 pixels, less than the 15×15 that texture is looked at in"),
        (["flat.png"], "flat.png: has fewer than 4 textures"),
        (["large.png"], "large.png: has 4,002,000 pixels; expected at most 4,000,000 (scale it"),
        (["cloth.png", "--segments", "1"], "cloth.png: cannot be divided into 1; expected 2 to 20"),
        (["cloth.png", "--window", "8"], "cannot use a window of 8; expected an odd number from 3"),
        (["cloth.png", "--longest", "0"], "--longest: cannot use 0; expected 1 or more"),
        (["cloth.png", "--out", "a.gif"], "--out: cannot write a.gif; expected .png"),
        (["cloth.png", "--labels", "a.csv"], "--labels: cannot write a.csv; expected .npy or .png"),
        (["cloth.png", "--out", "a.png", "--labels", "a.png"], "names the same file as --out"),
        (["cloth.png", "--out", "cloth.png"], "--out: names the same file as IMAGE"),
        (["cloth.png", "--labels", "./cloth.png"], "--labels: names the same file as IMAGE"),
        (["cloth.png", "--out", "no/a.png"], "no/a.png: cannot write it: No such file"),
    ],
)
def test_what_cannot_be_used_is_one_line(
    words: list[str], line: str, cloth: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("text.png").write_text("no image")
    Path("cut.png").write_bytes(cloth.read_bytes()[:300])
    Image.new("L", (8, 8)).save("tiny.png")
    Image.new("L", (40, 40), 128).save("flat.png")
    Image.new("L", (2001, 2000)).save("large.png")
    before = set(Path.cwd().iterdir())
    assert main(["segment", *words]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("seedbed: error: ")
    assert output.err.count("\n") == 1
    assert line in output.err
    assert set(Path.cwd().iterdir()) == before
