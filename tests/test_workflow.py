"""The workflow: a study is run, planned, opened and shown, and its weights are asked."""

import json
from pathlib import Path
from typing import Any

import pytest

import seedbed
from process_executor import ProcessExecutor
from seedbed.cli.main import main
from seedbed.core.errors import StoreError, StudyError, StudyInUse
from seedbed.engines.native.engine import NativeEngine
from seedbed.execution.executor import Executor
from seedbed.study.loaded import LoadedStudy
from seedbed.study.plan import plan_runs
from seedbed.study.spec.reader import parse_values
from seedbed.study.store.run import RunStore
from seedbed.study.store.study import StudyStore
from small import contents, write_images

STUDY = """
name = "{name}"
dataset = {{ path = "{path}" }}
network = {network}
seeds = 2
[recipe]
epochs = 1
batch_size = 16
"""
TWO = '{ name = "lenet5", activation = ["relu", "tanh"] }'
ASKED = "Testing 4 runs on 30 shifted, rotated, noisy and blurred test images"


def write_study(folder: Path, network: str, name: str = "small") -> Path:
    file = folder / f"{name}.toml"
    path = write_images(folder / "images")
    file.write_text(STUDY.format(name=name, path=path, network=network), encoding="utf-8")
    return file


def answers(folder: Path) -> list[Path]:
    return sorted(folder.rglob("robustness.json"))


@pytest.fixture
def trained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    study = tmp_path / "study"
    assert main(["run", str(write_study(tmp_path, TWO)), "--out", str(study)]) == 0
    assert ASKED in capsys.readouterr().err
    return study


def test_a_study_of_two_networks_asks_each_run_once(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(answers(trained)) == 4
    before = [file.stat().st_mtime_ns for file in answers(trained)]
    assert main(["run", str(tmp_path / "small.toml"), "--out", str(trained)]) == 0
    assert main(["report", str(trained)]) == 0
    assert "Testing" not in capsys.readouterr().err
    assert [file.stat().st_mtime_ns for file in answers(trained)] == before
    page = (trained / "report.html").read_text(encoding="utf-8")
    assert ">Networks<" in page
    assert 'data-chart="robustness-blur"' in page


def test_a_report_asks_what_is_missing(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    expected = [file.read_bytes() for file in answers(trained)]
    for file in answers(trained):
        file.unlink()
    assert main(["report", str(trained)]) == 0
    assert ASKED in capsys.readouterr().err
    assert [file.read_bytes() for file in answers(trained)] == expected
    summary = json.loads((trained / "summary.json").read_bytes())["entries"]
    assert [each["robustness"]["seeds"] for each in summary] == [[0, 1], [0, 1]]


def test_without_the_images_the_page_is_written_all_the_same(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in answers(trained):
        file.unlink()
    (tmp_path / "images" / "images.npz").unlink()
    assert main(["report", str(trained)]) == 0
    assert "is incomplete: " in capsys.readouterr().err
    page = (trained / "report.html").read_text(encoding="utf-8")
    assert 'data-chart="robustness-blur"' not in page


def test_studies_of_one_network_are_asked_when_they_are_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = []
    for name in ("relu", "tanh"):
        network = f'{{ name = "lenet5", activation = "{name}" }}'
        folders.append(str(tmp_path / name))
        study = write_study(tmp_path, network, name)
        assert main(["run", str(study), "--out", folders[-1], "--quiet"]) == 0
    assert answers(tmp_path) == []
    assert "Testing" not in capsys.readouterr().err
    page = tmp_path / "compare.html"
    assert main(["compare", *folders, "--out", str(page)]) == 0
    assert capsys.readouterr().err.count("Testing 2 runs") == 2
    assert len(answers(tmp_path)) == 4
    text = page.read_text(encoding="utf-8")
    assert ">Networks<" in text
    assert 'data-chart="robustness-shift"' in text


def features(folder: Path) -> list[Path]:
    return sorted(folder.rglob("features.npz"))


def test_features_are_looked_at_in_every_study(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = tmp_path / "study"
    assert main(["run", str(write_study(tmp_path, '"lenet5"')), "--out", str(study)]) == 0
    expected = [file.read_bytes() for file in features(study)]
    assert len(expected) == 2
    page = (study / "report.html").read_text(encoding="utf-8")
    assert '<section id="features"' in page
    assert "Filters of the first convolution" in page
    features(study)[0].unlink()
    assert main(["table", str(study), "features"]) == 0
    capsys.readouterr()
    assert main(["report", str(study)]) == 0
    assert [file.read_bytes() for file in features(study)] == expected
    assert capsys.readouterr().err == ""


def test_many_runs_are_announced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "seedbed.analysis.subjects.features.inquiry.FeatureInquiry.announced_from", 1
    )
    words = ["run", str(write_study(tmp_path, '"lenet5"')), "--out", str(tmp_path / "study")]
    assert main(words) == 0
    assert "Computing the features of 2 runs" in capsys.readouterr().err
    for file in features(tmp_path):
        file.unlink()
    assert main([*words, "--quiet"]) == 0
    assert "Computing" not in capsys.readouterr().err
    assert len(features(tmp_path)) == 2


def test_a_page_of_two_studies_looks_into_the_networks_of_both(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = []
    for name in ("relu", "tanh"):
        network = f'{{ name = "lenet5", activation = "{name}" }}'
        folders.append(str(tmp_path / name))
        study = write_study(tmp_path, network, name)
        assert main(["run", str(study), "--out", folders[-1], "--quiet"]) == 0
    page = tmp_path / "compare.html"
    assert main(["compare", *folders, "--out", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert text.count(">Filters of the first convolution<") == 2
    assert 'id="cloud-choice"' in text


CONTENTS = {
    "name": "small",
    "network": {"name": "lenet5", "activation": ["relu", "tanh"]},
    "seeds": 2,
    "recipe": {"epochs": 1, "batch_size": 16},
}


def small_dict(folder: Path) -> dict[str, Any]:
    return {**CONTENTS, "dataset": {"path": write_images(folder / "images")}}


def test_a_dict_is_as_good_as_a_file(tmp_path: Path) -> None:
    file = write_study(tmp_path, TWO)
    found = [
        seedbed.run(source, out=tmp_path / name, quiet=True)
        for name, source in (("dict", small_dict(tmp_path)), ("file", file), ("text", str(file)))
    ]
    first, *others = [contents(StudyStore(study.folder)) for study in found]
    assert others == [first, first]
    assert all(isinstance(study, seedbed.Study) for study in found)


def test_a_study_is_run_opened_and_shown(tmp_path: Path) -> None:
    study = seedbed.run(small_dict(tmp_path), out=tmp_path / "study", seeds=3, quiet=True)
    assert [entry["n"] for entry in study.summary] == [3, 3]
    again = seedbed.open(str(tmp_path / "study"))
    assert str(again) == str(study)
    table = again.table(only=["activation=tanh"])
    assert str(table) != str(again.table())
    assert again.table("confusion").to("json")
    assert study.report().file == tmp_path / "study" / "report.html"
    page = again.report(tmp_path / "other.html", only=["activation=tanh"]).file
    assert page.is_file()
    written = again.figures(tmp_path / "figures", charts=["accuracy"], format="svg")
    assert [file.name for file in written.files] == ["accuracy.svg"]


def test_settings_replace_those_of_the_study(tmp_path: Path) -> None:
    settings = {"recipe.learning_rate": [0.01, 0.1], "network.activation": "relu"}
    plan = seedbed.plan(small_dict(tmp_path), settings=settings, seeds=1, threads=1)
    labels = [each.configuration.label for each in plan.estimates]
    assert labels == ["learning_rate=0.01", "learning_rate=0.1"]
    assert [(each.done, len(each.left)) for each in plan.estimates] == [(0, 1), (0, 1)]
    assert plan.seconds > 0
    assert not (tmp_path / "studies").exists()


def test_only_a_part_of_a_study_is_run(tmp_path: Path) -> None:
    out, source = tmp_path / "study", small_dict(tmp_path)
    study = seedbed.run(source, out=out, only=["activation=tanh"], quiet=True)
    assert [entry["n"] for entry in study.summary] == [0, 2]
    plan = seedbed.plan(source, out=out)
    assert [(each.done, len(each.left)) for each in plan.estimates] == [(0, 2), (2, 0)]


@pytest.mark.parametrize(
    ("changes", "options", "where"),
    [
        ({"recipe": {"epochz": 1}}, {}, "study, recipe.epochz"),
        ({"seeds": {1, 2}}, {}, "study, seeds"),
        ({"network": None}, {}, "study, network"),
        ({}, {"settings": {"recipe.epochz": 1}}, "settings['recipe.epochz']"),
        ({}, {"seeds": 0}, "seeds"),
        ({}, {"threads": 0}, "threads"),
        ({}, {"only": ["activation=elu"]}, "--only activation=elu"),
    ],
)
def test_mistakes_name_where_they_are(
    tmp_path: Path, changes: dict[str, Any], options: dict[str, Any], where: str
) -> None:
    with pytest.raises(StudyError) as error:
        seedbed.run(small_dict(tmp_path) | changes, out=tmp_path / "study", **options)
    assert error.value.where == where
    assert not (tmp_path / "study").exists()


def test_a_name_that_is_no_study_is_answered(tmp_path: Path) -> None:
    with pytest.raises(StudyError) as error:
        seedbed.run("quickstrat")
    assert "'quickstart'" in error.value.what
    with pytest.raises(StoreError) as nothing:
        seedbed.open(tmp_path)
    assert nothing.value.where == str(tmp_path)


def test_a_study_that_others_train_is_left_to_them(tmp_path: Path) -> None:
    source = small_dict(tmp_path)
    spec = parse_values(source, "study")
    store = StudyStore(tmp_path / "study")
    runs = plan_runs(LoadedStudy.load(spec).spec)
    locks = [store.lock_run(run.id) for run in runs]
    with pytest.raises(StudyInUse) as error:
        seedbed.run(source, out=store.folder, quiet=True)
    assert error.value.where == str(store.folder)
    assert locks[0] is not None
    locks[0].release()
    study = seedbed.run(source, out=store.folder, quiet=True)
    assert [entry["n"] for entry in study.summary] == [1, 0]


def test_ctrl_c_stops_the_analysis_and_keeps_its_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = RunStore.write_answers
    calls = []

    def pressed(self: RunStore, name: str, contents: bytes) -> None:
        written(self, name, contents)
        calls.append(self.folder)
        if len(calls) == 3:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(RunStore, "write_answers", pressed)
        with pytest.raises(KeyboardInterrupt):
            seedbed.run(small_dict(tmp_path), out=tmp_path / "study", quiet=True)
    assert answers(tmp_path)
    study = seedbed.run(small_dict(tmp_path), out=tmp_path / "study", quiet=True)
    assert [entry["robustness"]["seeds"] for entry in study.summary] == [[0, 1], [0, 1]]


def test_another_executor_gives_the_same_study(tmp_path: Path) -> None:
    source = small_dict(tmp_path)
    local = seedbed.run(source, out=tmp_path / "local", quiet=True)

    def process(*_: Any, **__: Any) -> Executor:
        return ProcessExecutor(NativeEngine)

    other = seedbed.run(source, out=tmp_path / "other", executor=process, quiet=True)
    assert contents(StudyStore(other.folder)) == contents(StudyStore(local.folder))
