"""A line for each network against the number of training images."""

import pytest

from drawn import numbers, rows, said, specification, subtitle, svg
from made_entries import made_entries
from made_networks import made_sizes
from seedbed.analysis.subjects.training_size.chart import training_size_chart

RUNS = (0.5, 0.6, 0.7)


def test_accuracy_against_training_images() -> None:
    entries = made_sizes(lenet5={100: RUNS, 900: (0.9, 0.8)}, vit={900: RUNS, 100: (0.2,)})
    chart = training_size_chart(entries)
    found = rows(chart, "mean")
    assert [row["series"] for row in found] == ["lenet5", "lenet5", "vit", "vit"]
    assert numbers(found, "x") == [100, 900, 100, 900]
    assert numbers(found, "mean") == pytest.approx([0.6, 0.85, 0.2, 0.6])
    interval = entries[0]["test_accuracy"]["interval"]
    assert float(found[0]["low"]) == pytest.approx(interval[0], rel=1e-5)
    assert numbers(rows(chart, "accuracy"), "accuracy") == pytest.approx(
        [*RUNS, 0.9, 0.8, 0.2, *RUNS]
    )
    x = specification(chart)["layer"][0]["encoding"]["x"]
    assert x["scale"]["type"] == "log"
    assert x["axis"]["values"] == [100, 900]
    assert "n = 1 to 3 runs" in subtitle(chart)
    assert "network: vit; training images: 900" in said(svg(chart))
    assert training_size_chart(made_entries("a", "b")) is None
