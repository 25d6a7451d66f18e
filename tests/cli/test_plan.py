"""``seedbed plan``: what would be trained, and nothing else."""

import re
from pathlib import Path

import pytest

from commands import Refused
from fake_engine import FakeEngine
from seedbed.cli.main import main
from seedbed.engines.registry import ENGINES
from small import small_study

NATIVE = ENGINES["native"]
GRID = ["recipe.learning_rate=[0.01, 0.1]", "noise.kind=pair", "noise.rate=[0.2, 0.5]"]


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(ENGINES, "native", FakeEngine)
    file = tmp_path / "small.toml"
    spec = small_study(tmp_path / "data", settings=GRID)
    file.write_text(spec.to_toml(), encoding="utf-8")
    return file


def test_a_plan_shows_configurations_runs_and_time_and_writes_nothing(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(study.parent.rglob("*"))
    assert main(["plan", "small.toml", "--threads", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "small, on images"
    assert lines[2].split() == ["configuration", "done", "to", "train", "time"]
    assert [line.partition("  ")[0] for line in lines[3:7]] == [
        "noise.rate=0.2, learning_rate=0.01",
        "noise.rate=0.2, learning_rate=0.1",
        "noise.rate=0.5, learning_rate=0.01",
        "noise.rate=0.5, learning_rate=0.1",
    ]
    assert all(re.search(r" 0 +3 +[\d.]+ s$", line) for line in lines[3:7])
    assert re.fullmatch(
        r"4 configurations × 3 seeds = 12 runs, 12 to train in about [\d.]+ s on 2 cores", lines[8]
    )
    assert "fake engine" in lines[9]
    assert lines[10].startswith("Note: noise.rate=0.5, learning_rate=0.01 and 1 more: ")
    assert re.fullmatch(r"Note: training needs at least [\d.]+ MiB of memory", lines[-1])
    assert sorted(study.parent.rglob("*")) == before


def test_what_does_not_fit_into_memory_is_rejected(
    study: Path, monkeypatch: pytest.MonkeyPatch, refused: Refused
) -> None:
    monkeypatch.setattr("seedbed.training.memory.usable_memory", lambda: 1000)
    monkeypatch.setitem(ENGINES, "native", NATIVE)
    assert refused("plan", "small.toml").where == "lenet5"


def test_a_plan_counts_what_is_there(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--only", "noise.rate=0.2", "--seeds", "1", "--quiet"]
    assert main(["run", "small.toml", *options]) == 0
    assert main(["plan", "small.toml", *options[:2]]) == 0
    output = capsys.readouterr().out
    assert "2 configurations × 3 seeds = 6 runs, 4 to train in about" in output
    assert "studies/small/study.toml" in output
    assert "seeds = 3 (was 1)" in output
    assert main(["plan", "small.toml", *options[:4]]) == 0
    output = capsys.readouterr().out
    assert "2 configurations × 1 seed = 2 runs, all done\n" in output
    assert [line.split()[-3:] for line in output.splitlines()[3:5]] == [["1", "0", "–"]] * 2


@pytest.mark.parametrize(
    ("words", "where", "name"),
    [
        (["nothing.toml"], "", "'nothing.toml'"),
        (["small.toml", "--threads", "0"], "threads", "0"),
        (["small.toml", "--only", "noise.rate=0.3"], "--only noise.rate=0.3", "0.2, 0.5"),
        (["small.toml", "--set", "noise.mapping={a='b'}"], "noise.mapping", "'a'"),
        (["small.toml", "--set", "recipe.train_size=100"], "recipe", "100"),
        (["small.toml", "--set", "dataset.resize=64"], "lenet5", "32×32"),
    ],
)
def test_bad_input_is_one_line(
    study: Path, words: list[str], where: str, name: str, refused: Refused
) -> None:
    error = refused("plan", *words)
    assert error.where == where
    assert name in str(error)
