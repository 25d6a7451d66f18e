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

from seedbed.cli.main import main
from seedbed.engines.native.engine import NativeEngine
from seedbed.study.store.study import StudyStore
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


def refusal(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    assert main(list(map(str, words))) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("\n") == 1
    return output.err.removeprefix("seedbed: error: ").strip()


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
    assert header == ["image", "predicted", "0", "1", "2"]
    assert [Path(line[0]).name for line in lines] == [f"{n:03}.png" for n in range(30)]
    np.testing.assert_allclose(np.array(lines)[:, 2:].astype(float), expected, atol=1e-6)
    assert [int(line[1]) for line in lines] == expected.argmax(axis=1).tolist()


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
    (found,) = json.loads(capsys.readouterr().out)
    assert sum(found["probabilities"].values()) == pytest.approx(1, abs=1e-6)
    assert found["predicted"] == max(found["probabilities"], key=found["probabilities"].get)


@pytest.mark.parametrize(("to", "ending"), [("torch", "pt2"), ("onnx", "onnx")])
def test_an_exported_file_is_named_after_its_run(
    to: str,
    ending: str,
    store: StudyStore,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    name = only_run(store)
    assert main(["export", str(store.folder), name, "--to", to]) == 0
    said = f"{name}.{ending}: the stored logits of 30 test images, within rounding\n"
    assert capsys.readouterr().out == said
    assert [file.name for file in tmp_path.iterdir()] == [f"{name}.{ending}"]


def test_a_file_that_does_not_give_the_stored_logits_is_not_written(
    store: StudyStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = StudyStore(tmp_path / "copy")
    shutil.copytree(store.folder, copy.folder)
    run, name = copy.run(only_run(copy)), only_run(copy)
    logits, labels = run.predictions()
    np.savez(run.predictions_file, logits=logits + 1, labels=labels)
    message = refusal(capsys, "export", copy.folder, name, "--to", "torch", "--out", tmp_path / "x")
    assert "predictions.npz has other contents than were written" in message
    assert not (tmp_path / "x").exists()


def test_what_is_wrong_is_one_line(
    store: StudyStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, name = store.folder, only_run(store)
    run, image = store.run(name).folder, folder.parent / "images" / "004.png"
    assert "there is no run here; expected" in refusal(capsys, "predict", folder, image)
    assert "there is no such file" in refusal(capsys, "predict", run, tmp_path / "x.png")
    assert "there are no images in it" in refusal(capsys, "predict", run, tmp_path)
    assert "is not an image" in refusal(capsys, "predict", run, run / "run.json")
    message = refusal(capsys, "export", folder, name[:-1] + "7", "--to", "onnx")
    assert f"unknown run '{name[:-1]}7' (did you mean '{name}'?)" in message
    assert "there is no study here" in refusal(capsys, "export", tmp_path, name, "--to", "onnx")

    spec = small_study(tmp_path / "data", seeds="1", epochs=4)
    with pytest.raises(KeyboardInterrupt):
        run_small(spec, tmp_path / "stopped", monitor=StopAfterEvery(1))
    (unfinished,) = StudyStore(tmp_path / "stopped").runs_folder.iterdir()
    assert "this run has not finished: it is running" in refusal(
        capsys, "predict", unfinished, image
    )
