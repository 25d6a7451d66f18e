"""A ResNet-8 that knows nothing of Seedbed, on CIFAR-10: trained, killed, resumed, exported."""

import io
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from seedbed.cli.main import main
from seedbed.data.catalog import load_dataset
from seedbed.study.store.study import StudyStore
from small import contents

STUDY = """
name = "mine"
dataset = {{ path = "{images}" }}
network = {{ module = "user_modules:make_resnet8", path = "{code}", width = 4, dropout = 0.1 }}
seeds = 1

[recipe]
optimizer = "adam"
learning_rate = 0.01
epochs = 3
batch_size = 50
augmentation = {{ shift = 2, flip = true }}
"""


@pytest.fixture(scope="module")
def study(seedbed_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study file, with some of CIFAR-10's images beside it."""
    folder = tmp_path_factory.mktemp("mine")
    splits = load_dataset("cifar10", data_root=seedbed_data)
    arrays: dict[str, Any] = {
        "train_images": splits.train.images[:1000],
        "train_labels": splits.train.labels[:1000],
        "test_images": splits.test.images[:200],
        "test_labels": splits.test.labels[:200],
    }
    np.savez(folder / "images.npz", **arrays)
    code = Path(__file__).parents[1] / "helpers"
    text = STUDY.format(images=folder / "images.npz", code=code)
    (folder / "mine.toml").write_text(text, encoding="utf-8")
    return folder / "mine.toml"


@pytest.fixture(scope="module")
def whole(study: Path) -> StudyStore:
    folder = study.parent / "whole"
    assert main(["run", str(study), "--out", str(folder), "--quiet"]) == 0
    return StudyStore(folder)


def test_it_learns(whole: StudyStore) -> None:
    (run,) = whole.run_ids()
    logits, labels = whole.run(run).predictions()
    assert np.mean(logits.argmax(axis=1) == labels) > 0.2  # a tenth would be chance


CHECKPOINTS = """
import sys
from seedbed.cli.main import main
from seedbed.execution.storing import claims

claims.CHECKPOINT_INTERVAL = 0.0
sys.exit(main())
"""
"""The command line with a checkpoint after every epoch."""


def test_a_killed_study_goes_on_with_the_same_bits(study: Path, whole: StudyStore) -> None:
    store = StudyStore(study.parent / "killed")
    words = ["run", str(study), "--out", str(store.folder), "--quiet"]
    process = subprocess.Popen([sys.executable, "-c", CHECKPOINTS, *words])
    deadline = time.monotonic() + 120
    while not list(store.runs_folder.glob("*/checkpoint.safetensors")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    process.wait()
    (unfinished,) = store.run_ids()
    stored = store.run(unfinished).load()
    assert stored is not None
    assert 1 <= len(stored.history) < 3
    assert main(words) == 0
    assert contents(store) == contents(whole)


def test_it_is_exported(
    study: Path, whole: StudyStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (run,) = whole.run_ids()
    file = tmp_path / "mine.pt2"
    assert main(["export", str(whole.folder), run, "--to", "torch", "--out", str(file)]) == 0
    out = capsys.readouterr().out
    assert str(file) in out
    assert "200" in out
    program = torch.export.load(io.BytesIO(file.read_bytes())).module()
    images = np.load(study.parent / "images.npz")["test_images"][:3].transpose(0, 3, 1, 2)
    with torch.no_grad():
        found = program(torch.tensor(images / np.float32(255)))
    np.testing.assert_allclose(found, whole.run(run).predictions()[0][:3], rtol=0, atol=1e-3)
