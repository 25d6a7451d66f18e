"""The features of stored runs: what is computed, stored, summarized, and computed again."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from sklearn.decomposition import PCA

from seedbed.analysis.inquiries.asking import ask, open_runs, wanted
from seedbed.analysis.registry import inquiries
from seedbed.analysis.subjects.features.answers import RunFeatures
from seedbed.analysis.subjects.features.compute import features
from seedbed.analysis.subjects.features.space import measure_features
from seedbed.analysis.summary.study import refresh_summary
from seedbed.analysis.summary_file import read_summary
from seedbed.engines.native.engine import NativeEngine
from seedbed.networks.forward import forward
from seedbed.study.completed import FinishedRun, finished_runs
from seedbed.study.loaded import LoadedStudy
from seedbed.study.store.names import WEIGHTS
from seedbed.study.store.study import StudyStore
from small import run_small, small_study

Study = tuple[LoadedStudy, StudyStore]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[LoadedStudy, Path]:
    folder = tmp_path_factory.mktemp("trained")
    spec = small_study(folder, seeds="2", epochs=1)
    run_small(spec, folder / "study", NativeEngine())
    return LoadedStudy.load(spec), folder / "study"


@pytest.fixture
def study(trained: tuple[LoadedStudy, Path], tmp_path: Path) -> Study:
    loaded, folder = trained
    shutil.copytree(folder, tmp_path / "study")
    return loaded, StudyStore(tmp_path / "study")


FILE = "features.npz"


def missing(study: Study) -> list[FinishedRun]:
    loaded, store = study
    runs = finished_runs(store, loaded.spec)
    return open_runs(inquiries()["features"], runs, wanted(loaded.spec)["features"])


def find(study: Study, threads: int = 2) -> None:
    ask(inquiries()["features"], study[0], missing(study), NativeEngine(), threads=threads)


def files(store: StudyStore) -> list[bytes]:
    return [store.run(each).read_answers(FILE) for each in store.run_ids()]


def test_they_are_what_the_last_layer_sees_of_the_test_images(study: Study) -> None:
    loaded, _ = study
    before = missing(study)
    assert len(before) == 2
    find(study)
    assert missing(study) == []
    for run in before:
        task = loaded.task(run.planned)
        test, weights = task.dataset.test, run.store.weights()
        normalization = task.dataset.train.normalization()
        pixels = test.images.transpose(0, 3, 1, 2) / 255
        mean, std = (np.array(each)[:, None, None] for each in vars(normalization).values())
        identity = np.eye(84, dtype=np.float32)
        weights |= {"fc3.weight": identity, "fc3.bias": np.zeros(84, np.float32)}
        seen = forward(task.network, weights, (pixels - mean) / std).logits
        stored = run.store.load()
        assert stored is not None
        contents = run.store.read_answers(FILE)
        found = RunFeatures.parse(contents, stored.record.files[WEIGHTS])
        assert found is not None
        np.testing.assert_array_equal(found.index, np.arange(len(test)))
        expected = PCA(3).fit_transform(seen)
        expected = np.abs(expected / np.abs(expected).max())
        np.testing.assert_allclose(np.abs(found.coordinates), expected, atol=2e-3)
        space = measure_features(seen, test.labels, 3)
        np.testing.assert_allclose(found.explained, space.explained, rtol=1e-3)
        assert found.adjusted_rand == pytest.approx(space.adjusted_rand)


def test_threads_change_nothing(study: Study) -> None:
    _, store = study
    find(study, threads=1)
    expected = files(store)
    for each in store.run_ids():
        (store.run(each).folder / FILE).unlink()
    find(study, threads=3)
    assert files(store) == expected


def test_a_damaged_file_is_made_again(study: Study) -> None:
    _, store = study
    find(study)
    expected = files(store)
    (store.run(store.run_ids()[0]).folder / FILE).write_bytes(b"half")
    assert len(missing(study)) == 1
    find(study)
    assert files(store) == expected


def test_the_summary_says_it_when_it_is_known(study: Study) -> None:
    _, store = study
    assert refresh_summary(store.folder)[0]["feature_space"] is None
    find(study)
    assert read_summary(store.folder) is None
    (entry,) = refresh_summary(store.folder)
    found = entry["feature_space"]
    assert (found["images"], *found["seeds"]) == (30, 0, 1)
    assert found["adjusted_rand"]["n"] == len(found["mutual_information"]["runs"]) == 2
    assert found["adjusted_rand"]["mean"] == pytest.approx(np.mean(found["adjusted_rand"]["runs"]))
    assert 0 < sum(found["explained"]) <= 1
    assert read_summary(store.folder) is not None


def test_there_is_no_result_where_nothing_is_known() -> None:
    assert features([(0, None), (1, None)]) is None
