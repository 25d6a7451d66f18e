"""The summary of a large study is made again from that of before, and is the one made anew."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from seedbed.analysis.entry import Entry
from seedbed.analysis.summary.study import refresh_summary
from seedbed.analysis.summary_file import read_summary
from seedbed.study.plan import plan_runs
from seedbed.study.store.run import RunStore
from seedbed.study.store.study import StudyStore
from small import run_small, small_study

CONFIGURATIONS = 12


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> StudyStore:
    folder = tmp_path_factory.mktemp("whole")
    rates = [round(0.01 * (place + 1), 2) for place in range(CONFIGURATIONS)]
    spec = small_study(folder / "data", epochs=1, settings=[f"recipe.learning_rate={rates}"])
    return run_small(spec, folder / "study")


@pytest.fixture
def store(whole: StudyStore) -> Iterator[StudyStore]:
    """The same runs before and after each test; the summary is up to date."""
    refresh_summary(whole.folder)
    yield whole
    for aside in whole.folder.glob("aside-*"):
        aside.rename(whole.runs_folder / aside.name.removeprefix("aside-"))


def run_of(store: StudyStore, place: int, seed: int = 2) -> Path:
    """Return the folder of a run."""
    return store.run(plan_runs(store.read_study())[3 * place + seed].id).folder


def put_aside(store: StudyStore, *runs: Path) -> None:
    for run in runs:
        run.rename(store.folder / f"aside-{run.name}")


def put_back(store: StudyStore, *runs: Path) -> None:
    for run in runs:
        (store.folder / f"aside-{run.name}").rename(run)


def refreshed(store: StudyStore, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Entry], list[str]]:
    """Return the summary, made again, and the configurations whose predictions were read."""
    read: list[str] = []
    honest = RunStore.named_predictions

    def counted(self: RunStore) -> Any:
        read.append(self.folder.name.partition("-seed")[0])
        return honest(self)

    with monkeypatch.context() as context:
        context.setattr(RunStore, "named_predictions", counted)
        entries = refresh_summary(store.folder)
    return entries, list(dict.fromkeys(read))


def made_anew(store: StudyStore) -> list[Entry]:
    (store.folder / "summary.json").unlink()
    return refresh_summary(store.folder)


def test_only_what_has_changed_is_looked_at(
    store: StudyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    more, known = run_of(store, 5), read_summary(store.folder)
    put_aside(store, more)
    assert refresh_summary(store.folder)[5].header.unfinished == (2,)
    put_back(store, more)
    with monkeypatch.context() as context:
        # Neither the study nor any other configuration is read as a whole.
        context.setattr(StudyStore, "read_study", None)
        now, read = refreshed(store, monkeypatch)
    assert read == [now[5].header.id]
    assert now == known == read_summary(store.folder) == made_anew(store)


def without_the_first(store: StudyStore) -> None:
    """All others are compared with it."""
    put_aside(store, run_of(store, 0))


def with_one_seed(store: StudyStore) -> None:
    """Then one test less is corrected for."""
    put_aside(store, run_of(store, 3, 1), run_of(store, 3, 2))


def without_runs(store: StudyStore) -> None:
    put_aside(store, *(run_of(store, 3, seed) for seed in range(3)))


def in_many_configurations(store: StudyStore) -> None:
    put_aside(store, *(run_of(store, place) for place in range(1, 6)))


def with_a_damaged_run(store: StudyStore) -> None:
    copy = run_of(store, 4)
    put_aside(store, copy)
    copy.mkdir()
    (copy / "run.json").write_text("{}")


def with_a_run_of_another_study(store: StudyStore) -> None:
    put_aside(store, run_of(store, 4))
    folder = store.run("lenet5-seed7").folder
    folder.mkdir(exist_ok=True)
    (folder / "run.json").write_text("{}")


@pytest.mark.parametrize(
    "change",
    [
        without_the_first,
        with_one_seed,
        without_runs,
        in_many_configurations,
        with_a_damaged_run,
        with_a_run_of_another_study,
    ],
)
def test_it_is_the_summary_made_anew(
    store: StudyStore, change: Callable[[StudyStore], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    change(store)
    now, _ = refreshed(store, monkeypatch)
    stored = read_summary(store.folder)
    assert now == stored == made_anew(store)
    for run in store.runs_folder.iterdir():  # what was made up
        if (run / "run.json").read_text() == "{}":
            (run / "run.json").unlink()
            run.rmdir()
