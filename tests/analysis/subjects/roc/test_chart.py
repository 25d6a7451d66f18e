"""ROC curves: those of the summary, thinned without harm."""

from typing import Any

import numpy as np
import pytest

from drawn import numbers, parameters, rows, subtitle, svg
from made_entries import made_entry
from made_predictions import made
from seedbed.analysis.entry import Entry
from seedbed.analysis.material import Material
from seedbed.analysis.predictions import Predictions
from seedbed.analysis.registry import compute_all
from seedbed.analysis.subjects.roc.chart import MOST_CLASSES, corner, curves


def of_runs(*runs: Predictions, **changes: Any) -> Entry:
    names = [f"run {number}" for number in range(len(runs))]
    computed = compute_all(Material(runs, names)) | {"class_names": runs[0].class_names}
    return made_entry(**{**computed, "n": len(runs), **changes})


def trained(classes: int = 4, images: int = 2000, **changes: Any) -> Entry:
    """Return an entry whose curves are those of a classifier that is nearly always right."""
    runs = []
    for seed in range(3):
        run = made(images, classes, seed=seed)
        scores = run.scores + 3.0 * np.eye(classes)[run.labels]
        runs.append(type(run)(scores, run.labels, run.class_names))
    return of_runs(*runs, **changes)


def test_the_area_below_what_is_drawn_is_the_auc() -> None:
    entry = trained()
    points = rows(curves([entry]), "order")
    expected = [entry["auc"][name]["mean"] for name in ("macro", "micro")]
    expected += entry["auc"]["per_class"]["mean"]
    for number, auc in enumerate(expected):
        curve = [row for row in points if row["k"] == str(number)]
        x, y = numbers(curve, "x"), numbers(curve, "y")
        assert np.trapezoid(y, x) == pytest.approx(auc, abs=0.003)
        assert (x[0], y[0], x[-1], y[-1]) == (0, 0, 1, 1)


def test_the_legend_says_the_auc_of_the_table() -> None:
    entry = trained()
    auc = entry["auc"]["macro"]
    names = parameters(curves([entry]))["curves"]
    assert names[0] == f"macro · {auc['mean']:.4f} ± {auc['std']:.4f}"
    assert len(names) == 6
    single = of_runs(made(60, 3))
    assert "±" not in "".join(parameters(curves([single]))["curves"])
    assert "one run" in subtitle(curves([single]))


def test_the_corner_holds_the_bend_of_every_curve() -> None:
    entry = trained()
    width = parameters(curves([entry]))["corner"]
    assert width < 1
    points = rows(corner([entry]), "order")
    x, y = numbers(points, "x"), numbers(points, "y")
    assert max(x) <= width
    assert min(y) >= 1 - width - 1e-9
    assert {row["k"] for row in points} == {str(number) for number in range(6)}
    assert parameters(corner([entry]))["zoom"] is True


def test_axes_go_from_0_to_1() -> None:
    chart = curves([trained()])
    assert parameters(chart)["zoom"] is False
    assert ">1</text>" in svg(chart)
    assert ">0</text>" in svg(chart)
    assert ">0.2</text>" not in svg(chart, zoom=True).split("legend")[0]


def test_where_curves_do_not_crowd_there_is_no_corner() -> None:
    assert corner([made_entry()]) is None


def test_of_many_classes_the_worst_are_drawn() -> None:
    entry = trained(classes=25)
    chart = curves([entry])
    names = parameters(chart)["curves"][2:]
    assert len(names) == MOST_CLASSES
    worst = sorted(entry["auc"]["per_class"]["mean"])[:MOST_CLASSES]
    assert sorted(float(name.split(" · ")[1].split(" ")[0]) for name in names) == pytest.approx(
        worst, abs=1e-4
    )
    assert "The 10 of 25 classes with the lowest AUC." in subtitle(chart)


def test_a_class_without_a_curve_is_left_out() -> None:
    entry = made_entry()
    entry["roc_curves"]["per_class"][1] = None
    entry["auc"]["per_class"]["mean"][1] = None
    assert [name[0] for name in parameters(curves([entry]))["curves"]] == ["m", "m", "a", "c"]


def test_one_class_has_no_curve() -> None:
    entry = made_entry()
    entry["roc_curves"] = dict.fromkeys(("macro", "weighted", "micro"), None) | {
        "per_class": [None]
    }
    assert curves([entry]) is None
    assert corner([entry]) is None
    assert curves([made_entry(roc_curves=None)]) is None


def test_a_name_written_from_right_to_left_leaves_its_numbers_alone() -> None:
    entry = trained(class_names=["حذاء", "x" * 300, "<i>", "三"])
    found = parameters(curves([entry]))
    assert found["curves"][2].startswith("\N{LEFT-TO-RIGHT MARK}حذاء\N{LEFT-TO-RIGHT MARK} · ")
    assert "x" * 300 in found["curves"][3]
    assert len(found["short"][3]) < 70
    assert "&lt;i&gt; · " in svg(curves([entry]))
