"""The learning rate over the steps of training, as the recipes of a study schedule it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from seedbed.analysis.base import Analysis, ChartView
from seedbed.analysis.entry import Entry
from seedbed.analysis.part import PagePart

if TYPE_CHECKING:
    from seedbed.display.charts.style import Drawing


def _draw(entries: Sequence[Entry]) -> "Drawing | None":
    from seedbed.analysis.subjects.schedule.chart import schedule_chart

    return schedule_chart(entries)


def _changes(entries: Sequence[Entry]) -> bool:
    """Return whether a learning rate changes in training."""
    recipes = [entry.header.configuration.get("recipe") or {} for entry in entries]
    return any(
        recipe.get("schedule", "constant") != "constant" or recipe.get("warmup_epochs")
        for recipe in recipes
    )


ANALYSIS = Analysis[Any](
    "schedule",
    topic="setup",
    charts={
        "learning-rate": ChartView(
            "Learning rate",
            "The learning rate at every step of training, a line for each distinct schedule.",
            _draw,
        )
    },
    parts=(PagePart(title="Schedule", applies=_changes, folded=True),),
    rank=20,
)
