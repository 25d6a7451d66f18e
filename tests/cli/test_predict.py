"""``seedbed predict`` and ``seedbed export``, from a stored run to an answer and a file."""

import csv
import io
import json
import shutil
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from commands import Refused
from seedbed.cli.main import main
from seedbed.core.errors import DataError, StoreError
from seedbed.core.suggestions import unknown
from seedbed.engines.native.engine import NativeEngine
from seedbed.study.store.study import StudyStore
from sentences import Sentence
from small import StopAfterEvery, run_small, small_study


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> StudyStore:
    """Of a study with one run; beside it lie its test images, as files named by their number."""
    folder = tmp_path_factory.mktemp("trained")
    spec = small_study(folder / "data", seeds="1", epochs=2)
    (folder / "images").mkdir()
    for number, pixels in enumerate(np.load(folder / "data" / "images.npz")["test_images"]):
        Image.fromarray(pixels[..., 0]).save(folder / "images" / f"{number:03}.png")
    return run_small(spec, folder / "study", NativeEngine())


def only_run(store: StudyStore) -> str:
    (name,) = store.run_ids()
    return name


def test_probabilities_are_those_of_the_stored_logits(
    store: StudyStore, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    find = find_spec
    monkeypatch.setattr(  # as where PyTorch is not installed
        "seedbed.engines.registry.find_spec", lambda name: None if name == "torch" else find(name)
    )
    run, images = store.run(only_run(store)), store.folder.parent / "images"
    assert main(["predict", str(run.folder), str(images), "--format", "csv"]) == 0
    header, *lines = csv.reader(io.StringIO(capsys.readouterr().out))
    logits, _ = run.predictions()
    expected = torch.tensor(logits).softmax(dim=1).numpy()
    assert header == ["name", "hash", "predicted", "prob_0", "prob_1", "prob_2"]
    # The same images as those that the run was tested on.
    assert [line[1] for line in lines] == run.identities().hashes.tolist()
    assert [Path(line[0]).name for line in lines] == [f"{n:03}.png" for n in range(30)]
    np.testing.assert_allclose(np.array(lines)[:, 3:].astype(float), expected, atol=1e-6)
    assert [int(line[2]) for line in lines] == expected.argmax(axis=1).tolist()


def test_people_see_the_three_most_probable_classes(
    store: StudyStore, capsys: pytest.CaptureFixture[str]
) -> None:
    run, image = store.run(only_run(store)), store.folder.parent / "images" / "004.png"
    assert main(["predict", str(run.folder), str(image)]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "1 image"
    assert str(image) in shown[-1]
    assert shown[-1].count("%") == 3
    assert main(["predict", str(run.folder), str(image), "--format", "json"]) == 0
    (prediction,) = json.loads(capsys.readouterr().out)
    probabilities = prediction["probabilities"]
    assert sum(probabilities.values()) == pytest.approx(1, abs=1e-6)
    assert prediction["predicted"] == max(probabilities, key=probabilities.get)


@pytest.mark.parametrize(("to", "ending"), [("torch", "pt2"), ("onnx", "onnx")])
def test_an_exported_file_is_named_after_its_run(
    to: str,
    ending: str,
    store: StudyStore,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    sentence: Sentence,
) -> None:
    monkeypatch.chdir(tmp_path)
    name = only_run(store)
    assert main(["export", str(store.folder), name, "--to", to]) == 0
    out = capsys.readouterr().out
    assert f"{name}.{ending}" in out
    assert "30" in out
    if to == "onnx":
        sentence(out.replace(name, "RUN"))
    assert [file.name for file in tmp_path.iterdir()] == [f"{name}.{ending}"]


def test_a_file_that_does_not_give_the_stored_logits_is_not_written(
    store: StudyStore, tmp_path: Path, refused: Refused
) -> None:
    copy = StudyStore(tmp_path / "copy")
    shutil.copytree(store.folder, copy.folder)
    run, name = copy.run(only_run(copy)), only_run(copy)
    logits, labels = run.predictions()
    np.savez(run.predictions_file, logits=logits + 1, labels=labels)
    error = refused("export", copy.folder, name, "--to", "torch", "--out", tmp_path / "x")
    assert isinstance(error, StoreError)
    assert error.where == str(run.folder)
    assert "predictions.npz" in error.what
    assert not (tmp_path / "x").exists()


def test_bad_input_is_one_line(
    store: StudyStore, tmp_path: Path, refused: Refused, sentence: Sentence
) -> None:
    folder, name = store.folder, only_run(store)
    run, image = store.run(name).folder, folder.parent / "images" / "004.png"
    error = refused("predict", folder, image)
    assert isinstance(error, StoreError)
    assert error.where == str(folder)
    sentence(error)
    for file in (tmp_path / "x.png", tmp_path, run / "run.json"):
        error = refused("predict", run, file)
        assert isinstance(error, DataError)
        assert error.where == str(file)
    other = f"{name[:-1]}7"
    error = refused("export", folder, other, "--to", "onnx")
    assert (error.where, error.what) == (str(folder), unknown("run", other, [name]))
    error = refused("export", tmp_path, name, "--to", "onnx")
    assert isinstance(error, StoreError)
    assert error.where == str(tmp_path)

    spec = small_study(tmp_path / "data", seeds="1", epochs=4)
    with pytest.raises(KeyboardInterrupt):
        run_small(spec, tmp_path / "stopped", monitor=StopAfterEvery(1))
    (unfinished,) = StudyStore(tmp_path / "stopped").runs_folder.iterdir()
    error = refused("predict", unfinished, image)
    assert isinstance(error, StoreError)
    assert error.where == str(unfinished)
    sentence(error.what)


def test_all_runs_of_a_study_predict_by_their_mean(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], refused: Refused
) -> None:
    spec = small_study(tmp_path / "data", epochs=2)
    study = run_small(spec, tmp_path / "study", NativeEngine())
    image = tmp_path / "4.png"
    pixels = np.load(tmp_path / "data" / "images.npz")["test_images"][4]
    Image.fromarray(pixels[..., 0]).save(image)

    def probabilities(*words: str) -> list[float]:
        assert main(["predict", *words, str(image), "--format", "csv"]) == 0
        _, line = csv.reader(io.StringIO(capsys.readouterr().out))
        return [float(cell) for cell in line[3:]]

    runs = [probabilities(str(study.run(name).folder)) for name in study.run_ids()]
    assert len(runs) == 3
    together = probabilities(str(study.folder), "--all-runs")
    np.testing.assert_allclose(together, np.mean(runs, axis=0), atol=1e-6)
    error = refused("predict", study.folder, image)
    assert "--all-runs" in error.hint
    assert main(["predict", str(study.folder), str(image), "--all-runs"]) == 0
    assert capsys.readouterr().out.splitlines()[0].endswith("3 runs")


def test_all_runs_need_one_configuration(tmp_path: Path, refused: Refused) -> None:
    spec = small_study(tmp_path / "data", settings=["recipe.momentum=[0.0, 0.9]"])
    study = run_small(spec, tmp_path / "study")
    error = refused("predict", study.folder, tmp_path / "none.png", "--all-runs")
    assert error.what == "has 2 configurations"
    assert str(study.run(study.run_ids()[0]).folder) in error.hint
    assert refused("predict", tmp_path / "none", tmp_path, "--all-runs").where
