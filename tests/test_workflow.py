"""Runs are asked for their features, and about altered images where a study compares networks."""

import json
from pathlib import Path

import pytest

from seedbed.cli import posthoc as found_later
from seedbed.cli.main import main
from small import write_images

STUDY = """
name = "{name}"
dataset = {{ path = "{path}" }}
network = {network}
seeds = 2
[recipe]
epochs = 1
batch_size = 16
"""
TWO = '{ name = "lenet5", activation = ["relu", "tanh"] }'
ASKED = "Asking 4 runs about 30 test images that are shifted, rotated, noisy or blurred"


def write_study(folder: Path, network: str, name: str = "small") -> Path:
    file = folder / f"{name}.toml"
    path = write_images(folder / "images")
    file.write_text(STUDY.format(name=name, path=path, network=network), encoding="utf-8")
    return file


def answers(folder: Path) -> list[Path]:
    return sorted(folder.rglob("robustness.json"))


@pytest.fixture
def trained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    study = tmp_path / "study"
    assert main(["run", str(write_study(tmp_path, TWO)), "--out", str(study)]) == 0
    assert ASKED in capsys.readouterr().err
    return study


def test_a_study_of_two_networks_asks_each_run_once(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(answers(trained)) == 4
    before = [file.stat().st_mtime_ns for file in answers(trained)]
    assert main(["run", str(tmp_path / "small.toml"), "--out", str(trained)]) == 0
    assert main(["report", str(trained)]) == 0
    assert "Asking" not in capsys.readouterr().err
    assert [file.stat().st_mtime_ns for file in answers(trained)] == before
    page = (trained / "report.html").read_text(encoding="utf-8")
    assert "Which network, and what it costs" in page
    assert 'data-chart="robustness-blur"' in page


def test_a_report_asks_what_is_missing(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    expected = [file.read_bytes() for file in answers(trained)]
    for file in answers(trained):
        file.unlink()
    assert main(["report", str(trained)]) == 0
    assert ASKED in capsys.readouterr().err
    assert [file.read_bytes() for file in answers(trained)] == expected
    summary = json.loads((trained / "summary.json").read_bytes())
    assert [each["robustness"]["seeds"] for each in summary] == [[0, 1], [0, 1]]


def test_without_the_images_the_page_is_written_all_the_same(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in answers(trained):
        file.unlink()
    (tmp_path / "images" / "images.npz").unlink()
    assert main(["report", str(trained)]) == 0
    assert "could not be asked: " in capsys.readouterr().err
    page = (trained / "report.html").read_text(encoding="utf-8")
    assert 'data-chart="robustness-blur"' not in page


def test_studies_of_one_network_are_asked_when_they_are_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = []
    for name in ("relu", "tanh"):
        network = f'{{ name = "lenet5", activation = "{name}" }}'
        folders.append(str(tmp_path / name))
        study = write_study(tmp_path, network, name)
        assert main(["run", str(study), "--out", folders[-1], "--quiet"]) == 0
    assert answers(tmp_path) == []
    assert "Asking" not in capsys.readouterr().err
    page = tmp_path / "compare.html"
    assert main(["compare", *folders, "--out", str(page)]) == 0
    assert capsys.readouterr().err.count("Asking 2 runs") == 2
    assert len(answers(tmp_path)) == 4
    text = page.read_text(encoding="utf-8")
    assert "Which network, and what it costs" in text
    assert 'data-chart="robustness-shift"' in text


def features(folder: Path) -> list[Path]:
    return sorted(folder.rglob("features.npz"))


def test_features_are_looked_at_in_every_study(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = tmp_path / "study"
    assert main(["run", str(write_study(tmp_path, '"lenet5"')), "--out", str(study)]) == 0
    expected = [file.read_bytes() for file in features(study)]
    assert len(expected) == 2
    page = (study / "report.html").read_text(encoding="utf-8")
    assert '<section id="features"' in page
    assert "Filters of the first convolution" in page
    features(study)[0].unlink()
    assert main(["table", str(study), "--what", "features"]) == 0
    capsys.readouterr()
    assert main(["report", str(study)]) == 0
    assert [file.read_bytes() for file in features(study)] == expected
    assert capsys.readouterr().err == ""


def test_many_runs_are_announced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(found_later, "FEW", 1)
    words = ["run", str(write_study(tmp_path, '"lenet5"')), "--out", str(tmp_path / "study")]
    assert main(words) == 0
    assert "Looking at the features of 2 runs\n" in capsys.readouterr().err
    for file in features(tmp_path):
        file.unlink()
    assert main([*words, "--quiet"]) == 0
    assert "Looking" not in capsys.readouterr().err
    assert len(features(tmp_path)) == 2


def test_a_page_of_two_studies_looks_into_the_networks_of_both(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = []
    for name in ("relu", "tanh"):
        network = f'{{ name = "lenet5", activation = "{name}" }}'
        folders.append(str(tmp_path / name))
        study = write_study(tmp_path, network, name)
        assert main(["run", str(study), "--out", folders[-1], "--quiet"]) == 0
    page = tmp_path / "compare.html"
    assert main(["compare", *folders, "--out", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert text.count("Filters of the first convolution") == 2
    assert 'id="cloud-choice"' in text
