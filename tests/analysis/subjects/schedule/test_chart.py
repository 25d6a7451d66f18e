"""The chart of schedules: each distinct one once, with the rates that training uses."""

import csv
from io import StringIO
from typing import Any

import pytest

from made_entries import made_entry
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.schedule.chart import MOST_POINTS, schedule_chart
from seedbed.training.recipe import Recipe
from seedbed.training.schedule import learning_rates


def entry(label: str, **recipe: Any) -> Entry:
    made = made_entry(label)
    return made | {"configuration": made["configuration"] | {"recipe": recipe}}


def test_equal_schedules_are_one_line_with_the_rates_of_training() -> None:
    step: dict[str, Any] = {
        "learning_rate": 0.1,
        "schedule": "step",
        "step_size": 2,
        "gamma": 0.5,
        "epochs": 6,
    }
    cosine: dict[str, Any] = {"learning_rate": 0.1, "schedule": "cosine", "epochs": 6}
    entries = [entry("a", **step), entry("b", **step, momentum=0.5), entry("c", **cosine)]
    chart = schedule_chart(entries)
    assert chart is not None
    (text,) = chart.to_dict(validate=False)["datasets"].values()
    rows = list(csv.DictReader(StringIO(text)))
    assert list(dict.fromkeys(row["series"] for row in rows)) == ["a and 1 more", "c"]
    for name, recipe in (("a and 1 more", Recipe(**step)), ("c", Recipe(**cosine))):
        points = [
            (float(row["epoch"]), float(row["rate"])) for row in rows if row["series"] == name
        ]
        assert len(points) <= MOST_POINTS + 1
        images = entries[0]["provenance"]["dataset"]["train_size"]
        for epoch, rate in points:
            rates = learning_rates(recipe, images, int(epoch + 1e-6))
            place = round((epoch - int(epoch + 1e-6)) * len(rates))
            assert rate == pytest.approx(float(rates[place]), rel=1e-5)
