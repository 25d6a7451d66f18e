"""Lines over epochs: runs, their mean and their spread, as NumPy has them."""

import re
from typing import Any

import numpy as np
import pytest

from drawn import maybe_numbers, numbers, parameters, rows, said, specification, svg
from made_entries import made_entry
from seedbed.analysis.entry import Entry
from seedbed.analysis.registry import charts

accuracy_curves = charts()["accuracy-curves"].draw
loss_curves = charts()["loss-curves"].draw

LOSSES: list[list[float | None]] = [[2.0, 1.0, None], [1.5, 0.5, 0.25], [1.0, 0.75, 0.5]]


def entry(**curves: Any) -> Entry:
    return made_entry(curves={"epoch": [1, 2, 3], **curves})


def test_mean_and_band_are_those_of_the_runs() -> None:
    chart = loss_curves([entry(test_loss=LOSSES)])
    means = rows(chart, "mean")
    values = np.array([[np.nan if each is None else each for each in run] for run in LOSSES])
    assert numbers(means, "mean") == pytest.approx(np.nanmean(values, axis=0))
    assert numbers(means, "std") == pytest.approx(np.nanstd(values, axis=0, ddof=1))
    assert numbers(means, "n") == [3, 3, 2]
    runs = rows(chart, "value")
    assert maybe_numbers(runs, "value") == [value for run in LOSSES for value in run]
    assert numbers(runs, "seed") == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_one_run_has_no_band() -> None:
    found = made_entry(runs=1)
    found["curves"] = {"epoch": [1, 2], "test_loss": [[2.0, 1.0]]}
    chart = loss_curves([found])
    assert maybe_numbers(rows(chart, "mean"), "std") == [None, None]
    assert "one run, no spread" in specification(chart)["title"]["subtitle"]
    assert "NaN" not in svg(chart)


@pytest.mark.parametrize(("last", "kind"), [(0.001, "log"), (0.5, None), (0.0, None)])
def test_losses_of_several_orders_are_drawn_logarithmically(last: float, kind: str | None) -> None:
    chart = loss_curves([entry(test_loss=[[1.0, 0.7, last], [1.1, 0.8, last], [1.0, 0.7, last]])])
    scales = [layer["encoding"]["y"]["scale"] for layer in specification(chart)["layer"]]
    assert {scale.get("type") for scale in scales} == {kind}
    picture = svg(chart)
    assert "NaN" not in picture
    assert "Infinity" not in picture


def test_the_band_does_not_fall_off_a_logarithmic_axis() -> None:
    chart = loss_curves([entry(test_loss=[[1.0, 0.5, 0.001], [1.0, 0.5, 0.002], [1.0, 0.5, 0.4]])])
    assert parameters(chart)["floor"] == 0.001
    assert "NaN" not in svg(chart)


def test_a_single_epoch_is_a_point() -> None:
    found = made_entry()
    found["curves"] = {"epoch": [1], "test_accuracy": [[0.5], [0.6], [0.7]]}
    points = specification(accuracy_curves([found]))["layer"][-1]["encoding"]["opacity"]
    assert points["value"] == 1


def test_epochs_in_which_no_run_has_a_value_have_no_mean() -> None:
    chart = loss_curves([entry(test_loss=[[1.0, None, 0.5]] * 3)])
    assert numbers(rows(chart, "mean"), "epoch") == [1, 3]


@pytest.mark.parametrize(
    ("last", "ticks"),
    [
        (1, [1]),
        (2, [1, 2]),
        (10, list(range(1, 11))),
        (15, list(range(2, 16, 2))),
        (50, list(range(5, 51, 5))),
        (51, [10, 20, 30, 40, 50]),
        (200, list(range(20, 201, 20))),
    ],
)
def test_epochs_are_whole_numbers(last: int, ticks: list[int]) -> None:
    curves = {"epoch": list(range(1, last + 1)), "test_accuracy": [[0.5] * last] * 3}
    chart = accuracy_curves([made_entry(curves=curves)])
    assert parameters(chart)["ticks"] == ticks
    assert f">{ticks[-1]}</text>" in svg(chart)


def test_a_band_of_accuracies_ends_at_one() -> None:
    chart = accuracy_curves([entry(test_accuracy=[[0.1] * 3, [0.99] * 3, [0.98] * 3])])
    means = rows(chart, "mean")
    assert float(means[0]["mean"]) + float(means[0]["std"]) > 1
    axis = re.search(
        r"accuracy \(%\)' for a linear scale with values from \S+ to (\S+)", said(svg(chart))
    )
    assert axis
    assert float(axis[1]) == 1
