"""``seedbed report``: one page, and one clear line where there can be none."""

import json
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import summaries
from commands import Refused
from seedbed.analysis.summary_file import write_summary
from seedbed.cli.commands import report
from seedbed.cli.main import main
from seedbed.core.errors import StoreError
from seedbed.study.store.study import StudyStore
from sentences import Sentence


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return summaries.diverged(tmp_path_factory.mktemp("several"))


def test_it_says_where_the_page_is(
    several: Path, capsys: pytest.CaptureFixture[str], sentence: Sentence
) -> None:
    assert main(["report", str(several)]) == 0
    out = capsys.readouterr().out
    assert f"{several}/report.html" in out
    sentence(out)
    assert "diverged" in (several / "report.html").read_text(encoding="utf-8")


def test_another_file(several: Path, tmp_path: Path) -> None:
    assert main(["report", str(several), "--out", str(tmp_path / "page.html")]) == 0
    assert (tmp_path / "page.html").is_file()


def test_some_configurations(tmp_path: Path) -> None:
    study = summaries.many(tmp_path, test_images=40, seeds=2, epochs=1)
    page = tmp_path / "page.html"
    only = ["--only", "momentum=0.9", "--only", "schedule=constant", "--exclude"]
    assert main(["report", str(study), "--out", str(page), *only, "learning_rate=0.01"]) == 0
    text = page.read_text(encoding="utf-8")
    data = re.search(r'id="page-data">(.*?)</script>', text, re.DOTALL)
    assert data is not None
    assert len(json.loads(data[1])["configurations"]) == 4
    assert "corrected over 6 tests" in text


def test_predictions_of_other_tools(tmp_path: Path) -> None:
    study = summaries.outside(tmp_path)
    assert main(["report", str(study)]) == 0
    assert "external predictions" in (study / "report.html").read_text(encoding="utf-8")


def test_evaluating_them_writes_a_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sentence: Sentence
) -> None:
    summaries.outside(tmp_path)
    folders = [str(tmp_path / name) for name in summaries.OUTSIDE]
    assert main(["evaluate", *folders, "--out", str(tmp_path / "found")]) == 0
    written = capsys.readouterr().out.splitlines()[-1]
    assert f"{tmp_path}/found" in written
    sentence(written)
    assert "external predictions" in (tmp_path / "found" / "report.html").read_text(
        encoding="utf-8"
    )


def test_a_dataset_that_is_gone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sentence: Sentence
) -> None:
    study = summaries.single_run(tmp_path)
    shutil.rmtree(tmp_path / "data")
    assert main(["report", str(study)]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert "images.npz" in first
    assert f"{study}/report.html" in second
    sentence(first)


def test_no_study(tmp_path: Path, refused: Refused) -> None:
    error = refused("report", tmp_path)
    assert isinstance(error, StoreError)
    assert error.where == str(tmp_path)


def test_no_run_has_ended(tmp_path: Path, refused: Refused) -> None:
    with pytest.raises(StoreError):  # the summary cannot be made either
        summaries.unfinished(tmp_path, epochs=3)
    study = tmp_path / "study"
    error = refused("report", study)
    assert isinstance(error, StoreError)
    assert error.where == str(study)
    assert "seedbed run" in error.hint
    assert not (study / "report.html").exists()


def test_every_run_has_diverged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = summaries.write_study(tmp_path, axes="learning_rate = 2.0")
    assert main(["report", str(study)]) == 0
    text = (study / "report.html").read_text(encoding="utf-8")
    assert "diverged in epoch" in text
    assert 'id="matrix"' not in text


def test_a_summary_of_a_newer_version(tmp_path: Path, refused: Refused) -> None:
    study = summaries.single_run(tmp_path)
    entries = summaries.entries_of(study)
    entries[0]["format"] += 1
    write_summary(study, entries)
    error = refused("report", study)
    assert isinstance(error, StoreError)
    assert error.where == str(study / "summary.json")


def test_a_folder_that_is_not_there(several: Path, refused: Refused) -> None:
    error = refused("report", several, "--out", "/nowhere/page.html")
    assert isinstance(error, StoreError)
    assert error.where == "/nowhere/page.html"
    assert "--out" in error.hint


def sleeping(monkeypatch: pytest.MonkeyPatch, *steps: Callable[[], None]) -> None:
    """Let something happen whenever the command waits."""
    waiting = list(steps)
    real = time.sleep

    def sleep(seconds: float) -> None:
        if seconds != report.INTERVAL:
            real(seconds)
        else:
            waiting.pop(0)()

    monkeypatch.setattr(time, "sleep", sleep)


def test_watching_a_study_until_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = StudyStore(summaries.write_study(tmp_path / "whole", seeds=2))
    watched = tmp_path / "watched"
    page = watched / "report.html"
    watched.mkdir()
    shutil.copy(whole.study_file, watched)
    seen: list[str] = []

    def trained() -> None:
        seen.append(page.read_text(encoding="utf-8"))
        name = sorted(whole.run_ids())[len(seen) - 1]
        shutil.copytree(whole.runs_folder / name, watched / "runs" / name)

    sleeping(monkeypatch, trained, trained)
    assert main(["report", str(watched), "--watch"]) == 0
    assert "0 of 2 runs done" in seen[0]
    assert "1 of 2 runs done" in seen[1]
    assert all("data-refresh" in text for text in seen)
    assert 'id="matrix"' not in seen[0]
    assert 'id="matrix"' in seen[1]
    text = page.read_text(encoding="utf-8")
    assert "Still running" not in text
    assert "data-refresh" not in text
    output = capsys.readouterr()
    assert str(page) in output.out
    assert output.err.splitlines() == ["0 of 2 runs done", "1 of 2 runs done"]


def test_nothing_is_written_without_news(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = summaries.unfinished(tmp_path)
    page = study / "report.html"
    seen: list[int] = []

    def nothing() -> None:
        seen.append(page.stat().st_mtime_ns)

    def stop() -> None:
        nothing()
        raise KeyboardInterrupt

    sleeping(monkeypatch, nothing, nothing, stop)
    assert main(["report", str(study), "--watch"]) == 130
    assert len(set(seen)) == 1
    text = page.read_text(encoding="utf-8")
    assert "2 of 6 runs done; in progress: epoch 4 of 8" in text
    assert "data-refresh" not in text  # nobody writes it any more


@pytest.mark.parametrize(
    ("form", "name"), {"markdown": "report.md", "notebook": "report.ipynb"}.items()
)
def test_documents(several: Path, form: str, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(several), "--to", form, "--title", "Mine", "--plain"]) == 0
    assert capsys.readouterr().out == f"The report is in {several}/{name}\n"
    text = (several / name).read_text(encoding="utf-8")
    assert "# Mine" in text
    assert "run, seed" not in text


def test_options_of_documents_and_of_the_page(several: Path, refused: Refused) -> None:
    assert refused("report", several, "--author", "Me").where == "--author"
    error = refused("report", several, "--to", "pdf", "--watch")
    assert (error.where, error.expected) == ("--watch", "--to html")
