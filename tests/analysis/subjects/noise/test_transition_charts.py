"""Transition matrices: as configured, and as observed."""

import numpy as np
import pytest

from drawn import Row, numbers, parameters, rows, subtitle
from made_entries import made_entry
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.noise.transition_charts import configured_chart, observed_chart
from seedbed.display.charts.style import Drawing
from seedbed.noise.transition import pair, symmetric


def matrix(chart: Drawing | None) -> dict[tuple[int, int], Row]:
    return {(int(row["row"]), int(row["column"])): row for row in rows(chart, "rate")}


def noisy(kind: str, asked: object, drawn: object) -> Entry:
    found = made_entry()
    found["noise"] = {**found["noise"], "kind": kind, "transition": asked, "matrix": drawn}
    return found


def test_what_was_asked_for_and_what_was_drawn() -> None:
    asked, drawn = pair(3, 0.4).tolist(), symmetric(3, 0.3).tolist()
    entry = noisy("pair", asked, drawn)
    for draw, expected in ((configured_chart, asked), (observed_chart, drawn)):
        cells = matrix(draw([entry]))
        values = [[float(cells[i, j]["rate"]) for j in range(3)] for i in range(3)]
        assert np.allclose(values, expected, atol=1e-6)
        assert parameters(draw([entry]))["highest"] == pytest.approx(0.4)  # one scale for both
    assert "mean over n = 3 runs" in subtitle(observed_chart([entry]))
    assert "mean" not in subtitle(configured_chart([entry]))
    cell = matrix(configured_chart([entry]))[0, 1]
    assert cell["percent"] == "40.00%"


def test_human_labels_have_only_what_was_drawn() -> None:
    entry = noisy("human", None, symmetric(3, 0.3).tolist())
    assert configured_chart([entry]) is None
    assert numbers(rows(observed_chart([entry]), "rate"), "rate")[0] == pytest.approx(0.7)


def test_without_noise_there_is_no_matrix() -> None:
    assert configured_chart([made_entry()]) is None
    assert observed_chart([made_entry(noise=None)]) is None
