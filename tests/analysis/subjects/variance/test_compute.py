"""The shares of streams, of a study whose runs cross them."""

import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest

from made_entries import made_entry
from seedbed.analysis.entry import Entry
from seedbed.analysis.statistics.crossed.components import Analysis
from seedbed.analysis.subjects.comparisons.planner import plan_seeds
from seedbed.analysis.subjects.variance.result import analyzed, crossed_variance
from seedbed.analysis.subjects.variance.sentences import sentences
from seedbed.analysis.subjects.variance.table import COLUMNS, variance_table
from seedbed.analysis.summary.study import refresh_summary, summarize_study
from seedbed.engines.native.engine import NativeEngine
from seedbed.study.results import read_results
from seedbed.study.spec.seeds import seeds_per_stream
from seedbed.study.store.study import StudyStore
from sentences import Sentence
from small import run_small, small_study
from sound import copy_of
from tables import lines_of

SEEDS = "{ initialization = 3, order = 2, augmentation = [0, 4] }"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> StudyStore:
    folder = tmp_path_factory.mktemp("crossed")
    spec = small_study(
        folder / "data",
        seeds=SEEDS,
        epochs=6,
        more="augmentation = { shift = 1 }\nlearning_rate = 0.1",
    )
    return run_small(spec, folder / "study", NativeEngine())


@pytest.fixture(scope="module")
def entry(store: StudyStore) -> Entry:
    (entry,) = refresh_summary(store.folder)
    return entry


def test_every_stream_and_pair_has_a_component(entry: Entry) -> None:
    variance = crossed_variance(entry)
    assert variance is not None
    assert [(of.stream, of.seeds) for of in variance.streams] == [
        ("initialization", (0, 1, 2)),
        ("order", (0, 1)),
        ("augmentation", (0, 4)),
    ]
    assert (variance.runs, variance.left_out, variance.of) == (12, 0, "test accuracy")
    assert [component.source for component in variance.components] == [
        "initialization",
        "order",
        "augmentation",
        "initialization × order",
        "initialization × augmentation",
        "order × augmentation",
        "rest",
    ]
    assert sum(component.degrees_of_freedom for component in variance.components) == 11
    total = sum(component.variance for component in variance.components)
    assert variance.variance == pytest.approx(total, abs=1e-15)
    assert sum(component.share or 0 for component in variance.components) == pytest.approx(1)


def test_shares_of_images_are_those_of_single_answers(store: StudyStore, entry: Entry) -> None:
    """The components are linear, so those of all images together follow from mean squares."""
    runs = read_results(store).configurations[0].finished
    right = []
    for run in runs:
        logits, labels = store.run(run.record.id).predictions()
        right.append(logits.argmax(axis=1) == labels)
    cells = np.array(right, float).reshape(3, 2, 2, -1)
    variance = crossed_variance(entry)
    assert variance is not None
    changing = (cells.mean(axis=(0, 1, 2)) > 0) & (cells.mean(axis=(0, 1, 2)) < 1)
    assert variance.changing_images == changing.sum()
    analyses = [
        Analysis.of(cells[..., image], 3).components[:, 0] for image in range(cells.shape[-1])
    ]
    of_images = np.mean(analyses, axis=0)
    np.testing.assert_allclose(
        [of.image_share or 0 for of in variance.components], of_images / of_images.sum(), atol=1e-12
    )
    assert sum(of.image_share or 0 for of in variance.components) == pytest.approx(1)


def test_the_intervals_of_accuracy_do_not_take_crossed_runs_for_independent(entry: Entry) -> None:
    interval = entry["test_accuracy"]["interval"]
    runs = np.array(entry["test_accuracy"]["runs"]).reshape(3, 2, 2)
    error = np.sqrt(
        sum(
            runs.mean(axis=tuple(set(range(3)) - {axis})).var(ddof=1) / runs.shape[axis]
            for axis in range(3)
        )
    )
    assert error > 0
    assert interval[0] < runs.mean() < interval[1]
    assert interval[1] - interval[0] > 2 * 1.9 * error


def test_missing_runs_are_left_out_and_said(store: StudyStore, tmp_path: Path) -> None:
    store = copy_of(store, tmp_path / "study")
    _, *others = (run.record.id for run in read_results(store).configurations[0].finished)
    shutil.rmtree(store.run(others.pop()).folder)
    (entry,) = summarize_study(read_results(store), store)
    variance = crossed_variance(entry)
    assert variance is not None
    assert (variance.runs, variance.left_out) == (8, 3)
    notes = " ".join(variance_table([entry]).tables[0].notes)
    assert "3 finished runs are left out" in notes
    for run_id in others:
        shutil.rmtree(store.run(run_id).folder)
    (few,) = summarize_study(read_results(store), store)
    alone = crossed_variance(few)
    assert alone is not None
    assert alone.components == ()
    assert few["test_accuracy"]["interval"] is None
    assert variance_table([few]).tables[0].groups == ((("lenet5", *["–"] * 7),),)


def test_the_table_has_a_row_for_each_source(entry: Entry) -> None:
    report = variance_table([entry])
    (group,) = report.tables[0].groups
    assert [row[1] for row in group][-1] == "rest"
    lines = lines_of(report)
    assert list(lines[0]) == list(COLUMNS)
    variance = crossed_variance(entry)
    assert variance is not None
    assert [float(line["variance"]) for line in lines] == [
        component.variance for component in variance.components
    ]


def test_without_crossed_seeds_a_note_says_how() -> None:
    report = variance_table([made_entry()])
    assert report.lines == ()
    assert "seeds = { initialization = 4, order = 4 }" in report.tables[0].notes[0]
    assert analyzed([made_entry()]) == []
    assert list(sentences([made_entry()])) == []


def test_the_sentence(entry: Entry, sentence: Sentence) -> None:
    variance = crossed_variance(entry)
    assert variance is not None
    shares = [(0.5, 0.1, 0.9), (-0.04, 0.0, 0.3), (0.1, 0.0, 0.4)]
    components = [
        replace_share(component, *share)
        for component, share in zip(variance.components, shares, strict=False)
    ]
    contents = entry["variance"] | {
        "components": [*components, *entry["variance"]["components"][3:]]
    }
    (said,) = sentences([entry.replace(variance=contents)])
    sentence(said)


def replace_share(component: object, share: float, low: float, high: float) -> dict[str, object]:
    values: dict[str, object] = msgspec.to_builtins(component)
    return values | {"share": share, "share_interval": [low, high], "interval": [low, high]}


def test_a_plan_counts_the_seeds_of_each_stream(store: StudyStore, entry: Entry) -> None:
    """Of 3 × 2 × 2 runs, adding a seed of each stream gives 3 × 3 × 3 at least."""
    other = entry.replace(label="other")
    for name in ("runs", "mean"):
        values = np.array(other["test_accuracy"][name])
        other["test_accuracy"] = other["test_accuracy"] | {name: (values - 0.01).tolist()}
    seeds = seeds_per_stream(store.read_study().seeds)
    assert seeds == 2
    plan = plan_seeds([entry, other], seeds=seeds, detect=0.05, spread=0.02)
    assert plan.crossed == ("initialization", "order", "augmentation")
    assert plan.needed == plan_seeds([made_entry()], seeds=2, detect=0.05, spread=0.02).needed
    assert f"{(plan.needed or 0) ** 3:,} runs" in str(plan)
