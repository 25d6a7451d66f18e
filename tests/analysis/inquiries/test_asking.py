"""The runner of inquiries: it asks what is missing, says so, and stops at Ctrl-C."""

import os
import signal
import time
from pathlib import Path
from threading import Timer

import numpy as np
import pytest
from numpy.typing import NDArray

from fake_engine import FakeEngine
from seedbed.analysis.inquiries.asking import complete, unanswered, wanted
from seedbed.analysis.registry import inquiries
from seedbed.analysis.summary.study import refresh_summary
from seedbed.core.errors import DataError
from seedbed.data.images import Normalization
from seedbed.engines.native.engine import NativeEngine
from seedbed.networks.network import Network
from seedbed.study.loaded import LoadedStudy
from seedbed.study.store.study import StudyStore
from seedbed.training.engine import Arrays
from small import run_small, small_study

TWO = ['network=["lenet5", {name = "lenet5", activation = "tanh"}]']


def answered(store: StudyStore) -> dict[str, int]:
    """Return how many runs have a file of each inquiry."""
    names = [each.file for each in inquiries().values()]
    return {name: len(list(store.folder.rglob(name))) for name in names}


def test_networks_are_asked_everything_once(tmp_path: Path) -> None:
    spec = small_study(tmp_path, seeds="2", epochs=1, settings=TWO)
    store = run_small(spec, tmp_path / "study", NativeEngine())
    study, said = LoadedStudy.load(spec), list[str]()
    asked = wanted(study.spec)
    assert set(unanswered(refresh_summary(store.folder))) == set(inquiries())
    found = complete(store, asked, study=study, engine=NativeEngine(), say=said.append)
    assert set(found) == set(study.datasets)
    assert answered(store) == {"features.npz": 4, "robustness.json": 4}
    assert [text.split()[1] for text in said] == ["4"]  # features of few runs are not announced
    assert unanswered(refresh_summary(store.folder)) == {}
    assert complete(store, asked, study=study, engine=NativeEngine(), say=said.append) == {}
    assert len(said) == 1


def test_a_single_network_has_nothing_to_be_compared_with(tmp_path: Path) -> None:
    spec = small_study(tmp_path, seeds="1", epochs=1)
    store = run_small(spec, tmp_path / "study", NativeEngine())
    assert wanted(LoadedStudy.load(spec).spec)["robustness"] == set()
    asked = unanswered(refresh_summary(store.folder))
    assert set(asked) == {"features"}
    complete(store, asked)  # the dataset and the engine are found again
    assert answered(store) == {"features.npz": 1, "robustness.json": 0}


def test_without_the_images_nothing_is_asked(tmp_path: Path) -> None:
    spec = small_study(tmp_path, seeds="1", epochs=1)
    store = run_small(spec, tmp_path / "study", NativeEngine())
    (tmp_path / "images.npz").unlink()
    with pytest.raises(DataError):
        complete(store, unanswered(refresh_summary(store.folder)))


class Slow(FakeEngine):
    """Takes its time for every part of the images."""

    def logits(
        self,
        network: Network,
        weights: Arrays,
        images: NDArray[np.uint8],
        normalization: Normalization,
    ) -> NDArray[np.float32]:
        time.sleep(0.2)
        return super().logits(network, weights, images, normalization)


def test_ctrl_c_ends_it_within_a_second_and_keeps_what_is_known(tmp_path: Path) -> None:
    spec = small_study(tmp_path, seeds="8", epochs=1)
    store = run_small(spec, tmp_path / "study")
    study = LoadedStudy.load(spec)
    asked = {"robustness": [each.id for each in study.spec.configurations]}
    pressed = time.monotonic() + 1
    Timer(1, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        complete(store, asked, study=study, engine=Slow(), threads=2)
    assert time.monotonic() < pressed + 1
    assert 0 < answered(store)["robustness.json"] <= 8
    assert not list(store.folder.rglob("*.partial"))
