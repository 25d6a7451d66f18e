"""Audits from beginning to end: what is written, what is resumed, and what is refused."""

import csv
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cleanlab.filter import find_label_issues

import seedbed
from seedbed.cli.main import main
from seedbed.core.errors import DataError, SeedbedError, StoreError, StudyError
from seedbed.core.seal import is_sealed
from seedbed.data.catalog import load_dataset
from seedbed.data.images import DatasetSplits, ImageDataset
from seedbed.data.label_corrections import corrected
from seedbed.display.formatters import percent
from seedbed.label_errors.audit import AuditedFolder
from seedbed.label_errors.output.files import FINDS, json_of
from seedbed.label_errors.output.page import page
from seedbed.label_errors.output.pairs import same_look
from seedbed.label_errors.output.table import sentences
from seedbed.label_errors.predictions import Part, gather
from seedbed.label_errors.result import audit_predictions
from seedbed.label_errors.review.server import ReviewServer
from seedbed.label_errors.several import audits_of
from seedbed.label_errors.study import audited
from seedbed.label_errors.training import Training
from seedbed.noise.labels import draw_labels
from seedbed.noise.transition import pair, symmetric
from seedbed.training.engine import EpochRecord

QUICK = ["--repeats", "2", "--set", "recipe.epochs=20", "--quiet"]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the results of an audit of digits, a tenth of whose training labels are wrong."""
    folder = tmp_path_factory.mktemp("audit")
    study = folder / "planted.toml"
    study.write_text(
        'name = "planted"\ndataset = "digits"\nnetwork = "lenet5"\nseeds = 1\n'
        'noise = { kind = "symmetric", rate = 0.1 }\n'
        "[recipe]\nepochs = 25\nbatch_size = 32\nema_decay = 0.99\n"
        "augmentation = { shift = 1 }\n",
        encoding="utf-8",
    )
    out = folder / "results"
    assert main(["audit", str(study), "--out", str(out), "--repeats", "2", "--quiet"]) == 0
    return out


def read_csv(folder: Path) -> list[dict[str, str]]:
    with (folder / "audit.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_json(folder: Path) -> dict[str, Any]:
    contents = (folder / "audit.json").read_bytes()
    assert is_sealed(contents)
    values: dict[str, Any] = json.loads(contents)
    return values


def test_a_class_of_few_labels_is_named() -> None:
    labels = np.array([0] * 30 + [1] * 10 + [2] * 5)
    data = ImageDataset(np.zeros((45, 8, 8, 1), np.uint8), labels, ("many", "ten", "rare"))
    logits = 9 * np.eye(3, dtype=np.float32)[labels]
    parts = [Part(number, np.arange(45), logits) for number in range(2)]
    found = audit_predictions("photos", (gather("train", data, labels, None, parts),), fdr=0.1)
    (line,) = [line for line in sentences(found) if "rare (5)" in line]
    assert "many" not in line
    assert "ten (" not in line


def test_every_label_of_every_split_has_a_line(planted: Path) -> None:
    rows, digits = read_csv(planted), load_dataset("digits")
    assert list(rows[0])[:6] == ["split", "index", "name", "given", "suggested", "p_wrong"]
    for name, split in digits.splits.items():
        of = {int(row["index"]): row for row in rows if row["split"] == name}
        assert sorted(of) == list(range(len(split)))
        assert [of[index]["name"] for index in range(len(split))] == split.names.tolist()
        assert [of[index]["hash"] for index in range(len(split))] == split.hashes.tolist()
    p_wrong = [float(row["p_wrong"]) for row in rows]
    assert p_wrong == sorted(p_wrong, reverse=True)
    assert all(row["given"] != row["suggested"] for row in rows)


def test_planted_errors_are_found_and_counted(planted: Path) -> None:
    clean = load_dataset("digits").train.labels
    noisy = draw_labels(clean, symmetric(10, 0.1), 0)
    rows = [row for row in read_csv(planted) if row["split"] == "train"]
    assert all(int(row["given"]) == noisy[int(row["index"])] for row in rows)
    wrong = [noisy[int(row["index"])] != clean[int(row["index"])] for row in rows]
    count = sum(wrong)
    assert sum(wrong[:count]) > 0.9 * count
    values = read_json(planted)
    assert values["noise_rate"]["low"] <= count / len(clean) <= values["noise_rate"]["high"]
    (truth,) = values["truth"]
    assert truth["wrong"] == count
    assert truth["auroc"] > 0.98
    matrix = np.array(values["matrix"])
    np.testing.assert_allclose(matrix.sum(axis=1), 1, atol=1e-5)
    finds = [row for row in rows if row["find"] == "1"]
    level = next(level for level in truth["levels"] if level["promised"] == 0.1)
    assert len(finds) == pytest.approx(level["finds"], abs=5)  # the test split has finds, too
    assert values["training"]["memorized"] is not None
    assert not values["training"]["improving"]
    assert values["splits"]["train"]["agreement"] > 0.8


def test_the_same_audit_again_trains_nothing_and_writes_the_same(planted: Path) -> None:
    files = [planted / name for name in ("audit.csv", "audit.json")]
    before = [file.read_bytes() for file in files]
    runs = sorted(planted.glob("runs/*/run.json"))
    assert len(runs) == 6
    changed = [run.stat().st_mtime_ns for run in runs]
    for file in files:
        file.unlink()
    study = planted.parent / "planted.toml"
    assert main(["audit", str(study), "--out", str(planted), "--repeats", "2", "--quiet"]) == 0
    assert [file.read_bytes() for file in files] == before
    assert [run.stat().st_mtime_ns for run in runs] == changed


def answer_first_and_stop(server: ReviewServer, poll_interval: float) -> None:
    first = server.review.gallery.reviewed[0]
    server.review.answer(first, server.review.gallery.row(first).suggested)
    raise KeyboardInterrupt


def test_networks_that_still_improve_find_nothing_and_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ReviewServer, "serve_forever", answer_first_and_stop)
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    out = tmp_path / "out"
    options = ["--out", str(out), "--repeats", "2", "--quiet", "--review", "--reviewer", "anna"]
    assert main(["audit", "digits", "--set", "recipe.epochs=5", *options]) == 0
    values = read_json(out)
    assert values["training"]["untrained"]
    assert values["finds"]["count"] == 0
    assert values["noise_rate"]["low"] == 0
    assert values["noise_rate"]["high"] > 0.3
    assert values["splits"]["train"]["agreement"] < 0.6
    assert {row["find"] for row in read_csv(out)} == {"0"}
    (lead,) = re.findall('<p class="lead">(.*?)</p>', (out / "audit.html").read_text("utf-8"))
    assert "recipe.epochs=10" in lead
    # Ctrl-C ends the review, says where its answers are, and they can be trained with.
    assert str(out / "review" / "anna.json") in capsys.readouterr().out
    first, digits = read_csv(out)[0], load_dataset("digits")
    labels = corrected(digits, out / "corrections.csv").splits[first["split"]].labels
    changed = np.flatnonzero(labels != digits.splits[first["split"]].labels)
    assert changed.tolist() == [int(first["index"])]


def test_networks_that_disagree_find_nothing_and_say_so() -> None:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (60, 8, 8, 1), dtype=np.uint8)
    data = ImageDataset(images, np.arange(60) % 3, ("a", "b", "c"))
    logits = 4 * random.normal(size=(3, 60, 3)).astype(np.float32)
    parts = [Part(number, np.arange(60), of) for number, of in enumerate(logits)]
    found = audit_predictions("noise", (gather("train", data, data.labels, None, parts),), fdr=0.1)
    assert found.withheld
    assert found.finds.count == 0
    low, high = found.splits[0].intervals.rate
    contradicted = (found.pred_probs.argmax(axis=1) != data.labels).mean()
    assert low == 0
    assert high >= contradicted
    agreement = found.splits[0].agreement
    assert agreement is not None
    assert any(percent(agreement, 0) in line for line in sentences(found))
    assert json.loads(json_of(found))["finds"]["withheld"]


def test_what_repairing_is_worth_is_a_study_that_pairs_by_seed(tmp_path: Path) -> None:
    digits = load_dataset("digits")
    few = {name: np.flatnonzero(of.labels < 4) for name, of in digits.splits.items()}
    clean = digits.train.labels[few["train"]]
    given = draw_labels(clean, pair(4, 0.4), 0)
    images = {name: digits.splits[name].images[of, :, :, 0] for name, of in few.items()}
    file = tmp_path / "wrong.npz"
    np.savez(
        file,
        x_train=images["train"],
        y_train=given,
        x_test=images["test"],
        y_test=digits.splits["test"].labels[few["test"]],
    )
    out = tmp_path / "audit"
    assert main(["audit", str(file), "--out", str(out), *QUICK]) == 0
    study = seedbed.run(
        {
            "name": "repair",
            "compare": "dataset.corrections",
            "dataset": [{"path": str(file)}, {"path": str(file), "corrections": str(out / FINDS)}],
            "network": "lenet5",
            "seeds": 3,
            "recipe": {"epochs": 10, "batch_size": 32},
        },
        out=tmp_path / "repair",
        quiet=True,
    )
    (row,) = study.comparisons()
    assert (row["n"], row["comparisons"]) == (3, 1)
    assert row["b"] == f"dataset.corrections={FINDS}"  # repaired, and better
    assert row["low"] < row["difference"] < 0


def test_stored_predictions_are_what_cleanlab_takes(planted: Path) -> None:
    stored = np.load(planted / "pred_probs.npz")
    issues = find_label_issues(stored["train_labels"], stored["train"], n_jobs=1)
    (truth,) = read_json(planted)["truth"]
    assert issues.sum() == truth["cleanlab"]["finds"]
    assert truth["cleanlab"]["recall"] > 0.8
    assert stored["train_names"].tolist() == load_dataset("digits").train.names.tolist()
    page = (planted / "audit.html").read_text("utf-8")
    assert page.count('<img class="chart" src="data:image/svg+xml;base64,') == 1


def test_finds_of_the_training_split_are_corrections(planted: Path) -> None:
    finds = {
        row["name"] for row in read_csv(planted) if row["find"] == "1" and row["split"] == "train"
    }
    with (planted / "finds.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["name"] for row in rows} == finds
    assert all(row["old"] != row["new"] for row in rows)


def test_planted_labels_cannot_be_reviewed(planted: Path) -> None:
    study = planted.parent / "planted.toml"
    options = ["--out", str(planted), "--repeats", "2", "--quiet", "--review"]
    assert main(["audit", str(study), *options]) == 2


def test_the_late_gain_is_that_of_the_last_quarter() -> None:
    history = [
        [EpochRecord(epoch=i, learning_rate=0.1, running_loss=1.0, running_accuracy=a, seconds=1.0)]
        for i, a in enumerate((0.82, 0.86), 1)
    ]
    assert Training.of(history[:1], 10).late_gain == pytest.approx(0.25)
    assert Training.of(history[:1], 10).untrained
    two = Training.of([[*history[0], *history[1]]], 10)
    assert two.late_gain == pytest.approx(0.02 / 0.76)  # half of the second epoch
    assert not two.improving
    learned_nothing = Training.of([[replace(history[0][0], running_accuracy=0.1)]], 10)
    assert learned_nothing.untrained


def test_a_finished_study_is_audited_with_its_noise_and_recipe(planted: Path) -> None:
    (of,) = audited(str(planted))
    assert of.noise["kind"] == "symmetric"
    assert of.recipe["epochs"] == 25
    assert "folds" not in of.recipe


def test_a_folder_holds_nothing_out_and_names_are_no_formulas(tmp_path: Path) -> None:
    digits = load_dataset("digits").train
    folder = tmp_path / "photos"
    for label in (0, 1):
        (folder / ("=1+1", "one")[label]).mkdir(parents=True)
    from PIL import Image

    chosen = [index for index in range(400) if digits.labels[index] < 2]
    for index in chosen:
        name = f"{('=1+1', 'one')[digits.labels[index]]}/=cmd{index}.png"
        Image.fromarray(digits.images[index, :, :, 0]).save(folder / name)
    out = tmp_path / "out"
    before = sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*"))
    assert main(["audit", str(folder), "--out", str(out), *QUICK]) == 0
    rows = read_csv(out)
    assert {row["split"] for row in rows} == {"train"}
    assert len(rows) == len(chosen)
    assert not any(row[key].startswith("=") for row in rows for key in ("name", "given"))
    assert sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*")) == before


def test_arrays_are_audited_in_memory() -> None:
    digits = load_dataset("digits").train
    chosen = digits.labels < 3
    clean = np.array(["a", "b", "c"])[digits.labels[chosen]]
    given = clean.copy()
    wrong = np.arange(0, len(given), 20)
    given[wrong] = np.where(clean[wrong] == "a", "b", "a")
    recipe = seedbed.Recipe(epochs=20, batch_size=32)
    found = seedbed.audit(digits.images[chosen][..., 0], given, repeats=1, recipe=recipe)
    most = np.argsort(-found.p_wrong)[: len(wrong)]
    assert len(set(most.tolist()) & set(wrong.tolist())) > 0.8 * len(wrong)
    assert found.pred_probs.shape == (len(given), 3)
    np.testing.assert_allclose(found.pred_probs.sum(axis=1), 1, atol=1e-4)


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"folds": 1}, "folds"),
        ({"repeats": 0}, "repeats"),
        ({"seeds": 0}, "seeds"),
        ({"seeds": 2}, "seeds"),
        ({"only": ["noise=pair"]}, "only"),
        ({"fdr": 0.0}, "fdr"),
        ({"fdr": 1.0}, "fdr"),
        ({"fdr": float("nan")}, "fdr"),
    ],
)
def test_options_out_of_range_are_rejected(
    options: dict[str, Any], where: str, tmp_path: Path
) -> None:
    with pytest.raises(StudyError) as error:
        next(audits_of("digits", out=tmp_path / "out", **options))
    assert error.value.where == where
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "options", [["--port", "65536", "--review"], ["--port", "0", "--review"], ["--port", "8000"]]
)
def test_a_port_that_cannot_be_used_is_rejected_before_the_training(
    options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "digits", "--out", str(tmp_path / "out"), *options]) == 2
    assert "--port" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("options", [{}, {"only": ["noise=pair"]}])
def test_unknown_data_suggest_the_nearest_name(options: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="mnist"):
        next(audits_of("mnis", out=tmp_path / "out", **options))


def test_one_class_cannot_be_audited(tmp_path: Path) -> None:
    with pytest.raises(SeedbedError):
        seedbed.audit(np.zeros((60, 8, 8), np.uint8), np.zeros(60, int))


def test_a_missing_label_is_no_class() -> None:
    labels = np.arange(60) % 2 + np.where(np.arange(60) == 7, np.nan, 0)
    with pytest.raises(DataError) as error:
        seedbed.audit(np.zeros((60, 8, 8), np.uint8), labels)
    assert "y has labels that are no numbers" in error.value.what


def test_the_result_knows_its_dataset(planted: Path) -> None:
    _, found, _ = next(audits_of(planted, out=planted, repeats=2, quiet=True))
    assert isinstance(found, AuditedFolder)
    assert isinstance(found.dataset, DatasetSplits)
    assert found.audit.dataset == "digits"


def test_the_page_shows_finds_and_runs_nothing(planted: Path) -> None:
    text = (planted / "audit.html").read_text(encoding="utf-8")
    assert "<script" not in text
    assert "script-src 'none'" in text
    assert " style=" not in text
    first = read_csv(planted)[0]
    assert f'<p class="name">{first["name"]}</p>' in text
    assert text.count('class="tile ') >= 300
    assert "Held against the truth" in text


def test_the_answer_of_a_page_is_a_list_below_its_lead(planted: Path) -> None:
    text = (planted / "audit.html").read_text(encoding="utf-8")
    header = text.partition('<header class="masthead">')[2].partition("</header>")[0]
    tags = re.findall(r"<(\w+)(?: class=\"(answer|lead)\")?>", header)
    assert [tag for tag, of in tags if of] == ["p", "ul"]
    assert "li" in dict(tags)
    assert "div" not in dict(tags)


def test_names_cannot_write_into_the_page() -> None:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (60, 8, 8, 1), dtype=np.uint8)
    names = tuple(f"</style><script>{index}</script>" for index in range(2))
    data = ImageDataset(images, np.arange(60) % 2, names, np.array([f"<b>{i}" for i in range(60)]))
    part = Part(0, np.arange(60), random.normal(size=(60, 2)).astype(np.float32))
    found = audit_predictions("<i>", (gather("train", data, data.labels, None, [part]),), fdr=0.1)
    text = page(found)
    assert "<script" not in text
    assert "<b>" not in text
    assert "<i>" not in text
    assert "&lt;b&gt;0" in text


def test_images_that_look_the_same_with_different_labels_are_named() -> None:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (60, 16, 16, 1), dtype=np.uint8)
    images[7] = images[4]
    data = ImageDataset(images, np.arange(60) % 2, ("a", "b"))
    part = Part(0, np.arange(60), random.normal(size=(60, 2)).astype(np.float32))
    found = audit_predictions("noise", (gather("train", data, data.labels, None, [part]),), fdr=0.1)
    assert [(a.index, b.index) for a, b in same_look(found) or []] == [(4, 7)]


def test_an_image_without_a_prediction_is_refused() -> None:
    data = ImageDataset(np.zeros((4, 8, 8, 1), np.uint8), np.arange(4) % 2, ("a", "b"))
    part = Part(0, np.arange(3), np.zeros((3, 2), np.float32))
    with pytest.raises(StoreError):
        gather("train", data, data.labels, None, [part])
