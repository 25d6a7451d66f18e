"""``seedbed run``, from the study file to the table."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import summaries
from commands import Refused
from fake_engine import FakeEngine
from seedbed import workflow
from seedbed.cli.main import main
from seedbed.engines.registry import ENGINES
from seedbed.study.store.study import StudyStore
from sentences import Sentence
from small import small_study


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study file in a folder of its own, which is the current one; and a quick engine."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(ENGINES, "native", FakeEngine)
    file = tmp_path / "small.toml"
    file.write_text(small_study(tmp_path / "data").to_toml(), encoding="utf-8")
    return file


def test_a_study_ends_with_its_table(
    study: Path, capsys: pytest.CaptureFixture[str], sentence: Sentence
) -> None:
    assert main(["run", "small.toml"]) == 0
    output = capsys.readouterr()
    assert re.search(r"seed 2 +\d+\.\d\d%  +\d+\.\d\d%\n", output.out)
    assert "mean (n = 3)" in output.out
    last = output.out.splitlines()[-2:]
    assert "studies/small/" in last[0]
    assert "studies/small/report.html" in last[1]
    sentence("\n".join(last))
    assert (study.parent / "studies" / "small" / "report.html").is_file()
    assert "3 runs to train" in output.err
    assert (study.parent / "studies" / "small" / "study.toml").is_file()
    assert main(["table", "studies/small"]) == 0
    assert output.out.startswith(capsys.readouterr().out)


def test_a_report_that_cannot_be_written_is_one_line(
    study: Path, capsys: pytest.CaptureFixture[str], sentence: Sentence
) -> None:
    (study.parent / "studies" / "small" / "report.html").mkdir(parents=True)
    assert main(["run", "small.toml"]) == 0
    results, report = capsys.readouterr().out.splitlines()[-2:]
    assert results.endswith("studies/small/")
    assert "studies/small/report.html: " in report
    sentence(report.partition(": ")[0])


def test_options_choose_seeds_settings_and_folder(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--seeds", "2", "--out", "results", "--threads", "1", "--quiet"]
    options += ["--set", "recipe.epochs=2", "--set", "recipe.learning_rate=0.01"]
    assert main(["run", str(study), *options]) == 0
    # The weights of the fake engine do not fit a LeNet-5, so they cannot be analyzed.
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("seedbed: ")
    assert "results" in line
    assert main(["table", "results", "--format", "json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert entry["seeds"] == [0, 1]
    assert entry["configuration"]["recipe"]["epochs"] == 2
    assert entry["configuration"]["recipe"]["learning_rate"] == 0.01
    assert not (study.parent / "studies").exists()


def test_the_resolved_study_is_a_study_file(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(study)]) == 0
    first = capsys.readouterr()
    assert main(["run", "studies/small/study.toml"]) == 0
    second = capsys.readouterr()
    assert second.out == first.out
    assert "3 runs already done" in second.err


@pytest.mark.parametrize(
    ("words", "where", "name"),
    [
        (["nothing.toml"], "", "'nothing.toml'"),
        (["small.toml", "--seeds", "0"], "--seeds", "0"),
        (["small.toml", "--seeds", "-1"], "--seeds", "-1"),
        (["small.toml", "--threads", "0"], "threads", "0"),
        (["small.toml", "--set", "recipe.epochz=3"], "--set recipe.epochz", "'epochz'"),
        (["small.toml", "--set", "dataset.path=nowhere"], "nowhere", ""),
        (["small.toml", "--set", "dataset.resize=64"], "lenet5", "32×32"),
        (["small.toml", "--out", "small.toml"], "small.toml", ""),
        (["small.toml", "--out", "small.toml/below"], "small.toml", ""),
        (["mnist", "--data-root", "nowhere"], "nowhere", ""),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(
    study: Path, words: list[str], where: str, name: str, refused: Refused
) -> None:
    before = sorted(study.parent.rglob("*"))
    error = refused("run", *words)
    assert error.where.endswith(where)
    assert name in error.what
    assert sorted(study.parent.rglob("*")) == before


def test_diverged_runs_are_no_error(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(study), "--set", "recipe.learning_rate=1e30"]) == 0
    output = capsys.readouterr()
    assert "mean (n = 0)" in output.out
    assert "seed 1: diverged in epoch 1" in output.err


def seedbed(*words: str, folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "seedbed", *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """The folder of a study file that takes the real engine longer than any test."""
    spec = small_study(tmp_path / "data", seeds="2", epochs=100_000)
    (tmp_path / "endless.toml").write_text(spec.to_toml(), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_an_endless_study_soon(number: int, endless: Path) -> None:
    process = seedbed("run", "endless.toml", folder=endless)
    wait_for_checkpoint(endless)
    watchdog = threading.Timer(20, process.kill)
    watchdog.start()
    begun = time.monotonic()
    process.send_signal(number)
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if line.startswith("seedbed: stopped"):
            assert time.monotonic() - begun < 5  # a second is the promise, on an idle machine
    out, _ = process.communicate(timeout=20)
    watchdog.cancel()
    assert process.returncode == 128 + number, lines
    assert out == ""
    assert [line.startswith("seedbed: images: ") for line in lines[:3]] == [True, True, False]
    assert re.search(r": built-in engine, \w+, \d+ cores?\n", lines[2])
    assert lines[3].startswith("2 runs")
    assert not any("Traceback" in line for line in lines)


def test_after_ctrl_c_the_runs_that_have_ended_can_be_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    folder = summaries.unfinished(tmp_path)
    monkeypatch.setattr(workflow, "run", stopped)
    assert main(["run", str(folder / "study.toml"), "--out", str(folder)]) == 130
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("seedbed: stopped; 2 of 6 runs done")
    assert f"results are in {folder}/" in last
    assert f"the report is in {folder / 'report.html'}" in last
    assert "run the same command again" in last
    assert (folder / "report.html").is_file()


def test_a_process_without_work_names_the_one_that_trains(endless: Path) -> None:
    process = seedbed("run", "endless.toml", folder=endless)
    wait_for_checkpoint(endless)
    second = seedbed("run", "endless.toml", folder=endless)
    _, err = second.communicate(timeout=30)
    assert process.poll() is None
    assert second.returncode == 2
    assert err.splitlines()[-1].startswith("seedbed: error: ")
    assert f"(pid {process.pid} on " in err.splitlines()[-1]
    process.kill()
    process.communicate()


def wait_for_checkpoint(folder: Path) -> None:
    store = StudyStore(folder / "studies" / "small")
    deadline = time.monotonic() + 30
    while not list(store.runs_folder.glob("*/checkpoint.safetensors")):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_quickstart_learns_the_digits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["run", "quickstart", "--seeds", "2"]) == 0
    capsys.readouterr()
    assert main(["table", "studies/quickstart", "--format", "json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert entry["n"] == 2
    assert min(entry["test_accuracy"]["runs"]) > 0.95
    assert os.listdir(tmp_path / "studies") == ["quickstart"]  # noqa: PTH208


def test_two_classes_have_their_averages_below_accuracy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    labels = np.arange(60) % 2
    images = np.random.default_rng(0).integers(0, 100, (60, 8, 8), np.uint8)
    images[labels == 1] += 100
    np.savez(tmp_path / "two.npz", images=images, labels=labels)
    (tmp_path / "two.toml").write_text(
        'name = "two"\ndataset = { path = "two.npz" }\nnetwork = "lenet5"\nseeds = 2\n'
        "recipe = { epochs = 1, batch_size = 16 }\n"
    )
    assert main(["run", "two.toml", "--quiet"]) == 0
    output = capsys.readouterr().out
    assert main(["table", "studies/two", "class-averages"]) == 0
    averages = capsys.readouterr().out
    assert "macro AUC" in averages
    assert averages.strip() in output
