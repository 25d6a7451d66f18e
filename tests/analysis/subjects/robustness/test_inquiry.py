"""Accuracy on corrupted images: what is asked, stored, and asked again; and how Ctrl-C ends it."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fake_engine import FakeEngine
from kernels import engine_logits
from seedbed.analysis.inquiries.asking import ask, open_runs
from seedbed.analysis.registry import inquiries
from seedbed.analysis.subjects.robustness.answers import (
    QUESTIONS,
    UNCORRUPTED,
    RobustnessAnswers,
)
from seedbed.analysis.summary.study import refresh_summary
from seedbed.analysis.summary_file import read_summary
from seedbed.core.errors import UnsupportedLayer
from seedbed.data.corruptions import corrupt
from seedbed.data.images import Normalization
from seedbed.networks.network import Network
from seedbed.study.completed import FinishedRun, finished_runs
from seedbed.study.loaded import LoadedStudy
from seedbed.study.plan import plan_runs
from seedbed.study.store.names import WEIGHTS
from seedbed.study.store.run import RunStore
from seedbed.study.store.study import StudyStore
from seedbed.training.engine import Arrays
from small import run_small, small_study


class Counting(FakeEngine):
    """Counts what it is asked, and presses Ctrl-C after so many questions."""

    def __init__(self, stop_after: int | None = None) -> None:
        super().__init__()
        self.asked = 0
        self._stop_after = stop_after

    def logits(
        self,
        network: Network,
        weights: Arrays,
        images: NDArray[np.uint8],
        normalization: Normalization,
    ) -> NDArray[np.float32]:
        if self.asked == self._stop_after:
            raise KeyboardInterrupt
        self.asked += 1
        return super().logits(network, weights, images, normalization)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[LoadedStudy, Path]:
    folder = tmp_path_factory.mktemp("trained")
    spec = small_study(folder, seeds="2", epochs=2)
    run_small(spec, folder / "study", FakeEngine())
    return LoadedStudy.load(spec), folder / "study"


@pytest.fixture
def study(
    trained: tuple[LoadedStudy, Path], tmp_path: Path
) -> tuple[LoadedStudy, StudyStore, list[str]]:
    loaded, folder = trained
    shutil.copytree(folder, tmp_path / "study")
    return loaded, StudyStore(tmp_path / "study"), [each.id for each in loaded.spec.configurations]


Study = tuple[LoadedStudy, StudyStore, list[str]]


INQUIRY = inquiries()["robustness"]


def missing(study: Study) -> list[FinishedRun]:
    loaded, store, ids = study
    return open_runs(INQUIRY, finished_runs(store, loaded.spec), ids)


def answers(run: RunStore) -> RobustnessAnswers:
    stored = run.load()
    assert stored is not None
    contents = run.read_answers(INQUIRY.file)
    return RobustnessAnswers.parse(contents, stored.record.files[WEIGHTS])


def measure(study: Study, engine: FakeEngine, threads: int = 2) -> None:
    ask(INQUIRY, study[0], missing(study), engine, threads=threads)


def files(store: StudyStore) -> list[bytes]:
    return [store.run(each).read_answers(INQUIRY.file) for each in store.run_ids()]


def test_every_accuracy_is_that_of_the_weights_on_the_corrupted_images(study: Study) -> None:
    loaded, store, _ = study
    engine = FakeEngine()
    measure(study, engine)
    assert missing(study) == []
    (dataset,) = loaded.datasets.values()
    images, labels = dataset.test.images, dataset.test.labels
    for run_id in store.run_ids():
        run = store.run(run_id)
        stored = run.load()
        assert stored is not None
        found = answers(run)
        assert found.images == len(labels)
        assert found.accuracy(*UNCORRUPTED) == pytest.approx(stored.kept.test_accuracy)
        (planned,) = (each for each in plan_runs(loaded.spec) if each.id == run_id)
        for kind, strength in set(QUESTIONS) - {UNCORRUPTED}:
            pixels = corrupt(images, kind, strength)
            logits = engine_logits(engine, loaded.task(planned), run.weights(), pixels)
            expected = np.mean(logits.argmax(axis=1) == labels)
            assert found.accuracy(kind, strength) == pytest.approx(expected)


def test_after_ctrl_c_only_what_is_missing_is_asked(study: Study) -> None:
    _, store, _ = study
    measure(study, first := Counting(), threads=1)
    expected = files(store)
    assert first.asked == 2 * len(QUESTIONS)
    for each in store.run_ids():
        (store.run(each).folder / INQUIRY.file).unlink()
    with pytest.raises(KeyboardInterrupt):
        measure(study, Counting(stop_after=7), threads=1)
    known = [len(QUESTIONS) - len(answers(each.store).missing) for each in missing(study)]
    assert sum(known) == 7
    measure(study, rest := Counting(), threads=1)
    assert rest.asked == 2 * len(QUESTIONS) - 7
    assert files(store) == expected
    assert not list(store.folder.rglob("*.partial"))


def test_threads_change_nothing(study: Study) -> None:
    _, store, _ = study
    measure(study, FakeEngine(), threads=1)
    expected = files(store)
    for each in store.run_ids():
        (store.run(each).folder / INQUIRY.file).unlink()
    measure(study, FakeEngine(), threads=3)
    assert files(store) == expected


def test_other_weights_are_asked_again(study: Study) -> None:
    _, store, _ = study
    measure(study, FakeEngine())
    file = store.run(store.run_ids()[0]).folder / INQUIRY.file
    values = json.loads(file.read_bytes())
    file.write_text(json.dumps({**values, "weights_sha256": "others"}), encoding="utf-8")
    (again,) = missing(study)
    assert again.planned.id == store.run_ids()[0]


def test_a_summary_is_made_again_when_there_is_more_to_say(study: Study) -> None:
    _, store, _ = study
    assert refresh_summary(store.folder)[0]["robustness"] is None
    measure(study, FakeEngine())
    assert read_summary(store.folder) is None
    (entry,) = refresh_summary(store.folder)
    assert list(entry["robustness"]["seeds"]) == [0, 1]
    assert read_summary(store.folder) is not None


def test_only_some_configurations_are_asked(study: Study) -> None:
    loaded, store, _ = study
    assert open_runs(INQUIRY, finished_runs(store, loaded.spec), []) == []


def test_a_network_that_the_engine_does_not_have_is_refused_before_anything_is_asked(
    study: Study,
) -> None:
    class Picky(FakeEngine):
        def check_network(self, network: Network, image_shape: tuple[int, int, int]) -> None:
            raise UnsupportedLayer("has no such layer", where=network.name)

    with pytest.raises(UnsupportedLayer):
        measure(study, Picky())
    assert not list(study[1].folder.rglob("robustness.json"))
