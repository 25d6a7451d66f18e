"""Studies whose runs have no test logits: cross-validations, and datasets without a test split."""

import math
from pathlib import Path

import numpy as np
import pytest

from seedbed.analysis.answer import answer
from seedbed.analysis.captions import why_untested
from seedbed.analysis.inquiries.asking import complete, unanswered, wanted
from seedbed.analysis.part import PageMaterial
from seedbed.analysis.registry import charts, relate_all, tables
from seedbed.analysis.statistics.paired import ROUNDING
from seedbed.analysis.subjects.accuracy.result import accuracy_of
from seedbed.analysis.subjects.comparisons.planner import plan_seeds
from seedbed.analysis.subjects.comparisons.result import comparisons_of
from seedbed.analysis.summary.study import refresh_summary
from seedbed.core.errors import DataError, StudyError
from seedbed.display.table import Report
from seedbed.engines.native.engine import NativeEngine
from seedbed.report.figure_files import write_figures
from seedbed.report.page.file import write_report
from seedbed.study.results import read_results
from seedbed.study.spec.reader import parse_study
from seedbed.study.store.study import StudyStore
from small import run_small, small_study, write_images
from tables import lines_of

NEED_LOGITS = ("confusion", "per-class", "class-averages", "calibration", "auc", "pairs")
KEPT = 'keep_logits=["validation"]'


@pytest.fixture(scope="module")
def folds(tmp_path_factory: pytest.TempPathFactory) -> StudyStore:
    """A cross-validation with a test split, of which no logits are kept."""
    folder = tmp_path_factory.mktemp("folds")
    spec = small_study(folder / "data", epochs=2, more="folds = 3", settings=[KEPT])
    return run_small(spec, folder / "study", NativeEngine())


@pytest.fixture(scope="module")
def untested(tmp_path_factory: pytest.TempPathFactory) -> StudyStore:
    """Two configurations, cross-validated on a dataset without a test split."""
    folder = tmp_path_factory.mktemp("untested")
    path = write_images(folder / "data")
    with np.load(path) as arrays:
        images, labels = arrays["train_images"], arrays["train_labels"]
    np.savez(path, images=images, labels=labels)
    spec = parse_study(
        f'name = "small"\ndataset = {{ path = "{path}", test_fraction = 0 }}\n'
        'network = "lenet5"\nseeds = 3\nkeep_logits = ["validation"]\n'
        "[recipe]\nepochs = 2\nbatch_size = 16\nfolds = 3\nlearning_rate = [0.01, 0.1]\n",
        "small.toml",
    )
    return run_small(spec, folder / "study", NativeEngine())


@pytest.fixture(params=["folds", "untested"])
def store(request: pytest.FixtureRequest) -> StudyStore:
    found: StudyStore = request.getfixturevalue(request.param)
    return found


def notes(report: Report) -> str:
    return "\n".join([*(note for table in report.tables for note in table.notes), *report.notes])


def test_every_finished_run_counts(store: StudyStore) -> None:
    entries = refresh_summary(store.folder)
    for entry, results in zip(entries, read_results(store).configurations, strict=True):
        runs = results.finished
        assert (entry["n"], entry["seeds"]) == (3, [0, 1, 2])
        assert entry["class_names"] == list(runs[0].record.class_names)
        assert len(entry["selected_epochs"]) == len(entry["curves"]["train_loss"]) == 3
        assert entry["cost"]["seconds"] == pytest.approx(
            sum(run.record.seconds or math.nan for run in runs) / 3
        )
        assert entry["cost"]["weight_file_bytes"] > 0
        accuracy = accuracy_of(entry)
        validation = accuracy.validation_accuracy
        assert validation is not None
        assert validation.runs == tuple(run.kept.validation_accuracy for run in runs)
        assert validation.n == 3
        assert accuracy.train_accuracy.runs == tuple(run.kept.train_accuracy for run in runs)
        assert accuracy.test_accuracy.runs == tuple(run.kept.test_accuracy for run in runs)
        for name in ("confusion", "per_class", "auc", "calibration", "top_pairs", "hard_examples"):
            assert entry[name] is None


def test_the_history_has_the_test_accuracy_where_logits_were_not_kept(folds: StudyStore) -> None:
    (entry,) = refresh_summary(folds.folder)
    assert entry["test_accuracy"]["mean"] is not None
    assert entry["test_accuracy"]["interval"] is not None
    assert entry["checkpoints"] is not None
    assert entry["test_images"] == 30


def test_without_a_test_split_there_is_no_test_accuracy(untested: StudyStore) -> None:
    for entry in refresh_summary(untested.folder):
        assert entry["test_images"] == 0
        assert entry["test_accuracy"].pop("runs") == [None] * 3
        assert set(entry["test_accuracy"].values()) == {None}
        assert entry["checkpoints"] is None
        assert entry["validation_accuracy"]["interval"] is None  # each run holds out another fold
        assert entry["validation_accuracy"]["interval_new_images"] is not None


def test_accuracy_tables_have_a_column_of_validation_accuracy(store: StudyStore) -> None:
    entries = refresh_summary(store.folder)
    for shown in (entries, entries[:1]):
        report = tables()["accuracy"].make(shown)
        (table,) = report.tables
        assert "validation accuracy" in table.header
        assert "each run holds out another fold" in notes(report)
        found = [float(line["validation_accuracy"]) for line in lines_of(report)]
        assert found == [entry["validation_accuracy"]["mean"] for entry in shown]


@pytest.mark.parametrize("name", sorted(NEED_LOGITS))
def test_tables_that_need_test_logits_say_why_they_have_none(store: StudyStore, name: str) -> None:
    entries = refresh_summary(store.folder)
    said = notes(tables()[name].make(entries))
    assert "needs test logits" in said
    assert why_untested(entries[0]) in said
    assert "has finished" not in said


def test_both_reasons_are_told_apart(folds: StudyStore, untested: StudyStore) -> None:
    reasons = [why_untested(refresh_summary(each.folder)[0]) for each in (folds, untested)]
    assert "keep_logits" in reasons[0]
    assert "no test split" in reasons[1]


def test_every_table_and_chart_copes(store: StudyStore) -> None:
    entries = refresh_summary(store.folder)
    for name, table in tables().items():
        if name != "comparisons":
            assert table.make(entries)
    drawn = {
        name
        for name, chart in charts().items()
        if list(chart.drawings(entries[:1] if chart.per_configuration else entries))
    }
    assert {"accuracy-curves", "loss-curves"} <= drawn
    assert ("accuracy" in drawn) == (entries[0]["test_accuracy"]["mean"] is not None)


def test_without_a_test_split_held_out_images_are_compared(untested: StudyStore) -> None:
    """Of 3 folds, runs learn from 40 images and hold out 20: r = 20 / 40."""
    entries = refresh_summary(untested.folder)
    (comparison,) = comparisons_of(entries)
    a, b = (np.array(entry["validation_accuracy"]["runs"]) for entry in entries)
    assert comparison.difference == pytest.approx((a - b).mean(), abs=1e-12)
    assert comparison.overlap == 0.5
    variance = (1 / 3 + 0.5) * (a - b).var(ddof=1)
    rounding = (ROUNDING / 20) ** 2 / 3
    assert comparison.standard_error == pytest.approx(np.sqrt(max(variance, rounding)), abs=1e-12)
    assert comparison.p_sign_flip is None
    report = tables()["comparisons"].make(entries)
    assert "Nadeau and Bengio" in notes(report)
    assert "validation accuracy" in report.tables[0].caption
    assert "Nadeau and Bengio" in notes(tables()["accuracy"].make(entries))
    with pytest.raises(StudyError) as error:
        plan_seeds(entries, seeds=3, detect=0.01)
    assert error.value.where == "--detect"


def test_without_held_out_images_there_is_nothing_to_compare(untested: StudyStore) -> None:
    entries = [
        entry.replace(validation_accuracy=None) for entry in refresh_summary(untested.folder)
    ]
    with pytest.raises(DataError) as error:
        tables()["comparisons"].make(relate_all(entries))
    assert "no test split" in error.value.what


def test_the_answer_is_about_validation_without_a_test_split(untested: StudyStore) -> None:
    entries = refresh_summary(untested.folder)
    said = " ".join(answer(entries))
    best = max(entry["validation_accuracy"]["mean"] for entry in entries)
    assert "has no test split" in said
    assert f"{100 * best:.2f}" in said
    assert "has finished" not in said


def test_the_answer_is_about_test_accuracy_where_it_is_known(folds: StudyStore) -> None:
    entries = refresh_summary(folds.folder)
    said = " ".join(answer(entries))
    assert f"{100 * entries[0]['test_accuracy']['mean']:.2f}" in said
    assert "has finished" not in said


def test_page_and_figures_are_written(store: StudyStore, tmp_path: Path) -> None:
    entries = refresh_summary(store.folder)
    file = tmp_path / "page.html"
    assert write_report(store.folder, entries, out=file).without == ()
    assert "No run on" not in file.read_text(encoding="utf-8")
    found = write_figures(
        PageMaterial(entries), tmp_path / "figures", ["accuracy-curves"], "svg", 8.5
    )
    assert [each.name for each in found.files] == ["accuracy-curves.svg"]


def test_runs_without_a_test_split_are_not_asked(untested: StudyStore) -> None:
    entries = refresh_summary(untested.folder)
    assert unanswered(entries) == {}
    assert complete(untested, wanted(untested.read_study())) == {}


def test_features_are_known_without_test_logits(folds: StudyStore, tmp_path: Path) -> None:
    complete(folds, wanted(folds.read_study()), engine=NativeEngine())
    (entry,) = refresh_summary(folds.folder)
    assert entry["feature_space"] is not None
    write_report(folds.folder, [entry], out=tmp_path / "page.html")
