"""A path that is no study, or no run, is answered with the one that was meant."""

from pathlib import Path

import pytest

from seedbed.core.errors import StoreError
from seedbed.study.store.nearby import MOST, no_run, no_study
from seedbed.study.store.network import StoredNetwork
from seedbed.study.store.study import StudyStore
from sentences import Sentence

RUNS = ("lenet5-aaaaaaaaaa-seed0", "lenet5-aaaaaaaaaa-seed1")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two studies, in which the tests are run."""
    for name in ("quickstart", "mnist"):
        study = tmp_path / "studies" / name
        for run in RUNS:
            (study / "runs" / run).mkdir(parents=True)
            (study / "runs" / run / "run.json").write_text("{}")
        (study / "study.toml").write_text(f'name = "{name}"')
        (study / "report.html").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("quickstart", "studies/quickstart"),
        ("Quickstart", "studies/quickstart"),
        ("quikstart", "studies/quickstart"),
        ("studies/mnits", "studies/mnist"),
        ("elsewhere/mnist", "studies/mnist"),
        ("studies/mnist/study.toml", "studies/mnist"),
        ("studies/mnist/report.html", "studies/mnist"),
        ("studies/mnist/runs", "studies/mnist"),
        (f"studies/mnist/runs/{RUNS[0]}", "studies/mnist"),
        (f"studies/mnist/runs/{RUNS[0]}/run.json", "studies/mnist"),
    ],
)
def test_the_study_that_was_meant(here: Path, path: str, meant: str) -> None:
    with pytest.raises(StoreError) as error:
        StudyStore(Path(path)).read_study()
    assert error.value.where == path
    assert repr(meant) in error.value.hint
    absolute = no_study(here / path)
    assert meant in absolute.hint


@pytest.mark.parametrize("path", [".", "studies", "nothing"])
def test_without_a_nearest_the_studies_are_listed(here: Path, path: str) -> None:
    error = no_study(Path(path))
    assert error.hint == ""
    assert "studies/mnist or studies/quickstart" in error.expected


def test_a_study_file_is_answered_with_its_results(here: Path, sentence: Sentence) -> None:
    file = here / "mine.toml"
    file.write_bytes("\ufeffname = 'mnist'".encode())
    assert no_study(Path("mine.toml")).hint == "did you mean 'studies/mnist'?"
    for text in ("name = 'other'", "name = 3", "no TOML"):
        file.write_text(text)
        assert no_study(Path("mine.toml")).hint == "run: seedbed run mine.toml"
    sentence(no_study(Path("mine.toml")))


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("path", "meant"),
    [
        (f"studies/mnist/runs/{RUNS[1]}/run.json", f"studies/mnist/runs/{RUNS[1]}"),
        (f"studies/mnist/runs/{RUNS[1]}/weights.safetensors", f"studies/mnist/runs/{RUNS[1]}"),
        ("studies/mnist/runs/lenet5-aaaaaaaaab-seed1", f"studies/mnist/runs/{RUNS[1]}"),
        (RUNS[0], f"studies/mnist/runs/{RUNS[0]}"),
    ],
)
def test_the_run_that_was_meant(path: str, meant: str) -> None:
    with pytest.raises(StoreError) as error:
        StoredNetwork.load(Path(path))
    assert error.value.where == path
    assert repr(meant) in error.value.hint


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("path", ["studies/mnist", "studies/mnist/runs"])
def test_a_study_is_answered_with_its_runs(path: str, sentence: Sentence) -> None:
    error = no_run(Path(path))
    assert ("--all-runs" in error.hint) == (path == "studies/mnist")
    assert error.expected.count("studies/mnist/runs/") == len(RUNS)
    for number in range(2, MOST + 2):
        run = Path("studies/mnist/runs") / f"lenet5-aaaaaaaaaa-seed{number}"
        run.mkdir()
        (run / "run.json").touch()
    assert no_run(Path(path)).expected.count("studies/mnist/runs/") == MOST
    sentence(no_run(Path("studies/mnist")))


def test_where_nothing_is_near_there_is_an_example(tmp_path: Path) -> None:
    folder = tmp_path / "alone" / "empty"
    folder.mkdir(parents=True)
    assert no_run(folder).expected.startswith("the folder of a run, such as studies/")
    assert no_study(folder).hint == no_run(folder).hint == ""
