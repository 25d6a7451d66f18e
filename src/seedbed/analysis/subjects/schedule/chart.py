"""The learning rate at every step, of every schedule that a study has."""

from collections.abc import Iterator, Sequence
from typing import Final

import altair as alt

from seedbed.analysis.chart_captions import label
from seedbed.analysis.entry import Entry
from seedbed.display.charts.inline import inline
from seedbed.display.charts.parts import heading, line_legend, line_looks, with_parameters
from seedbed.display.charts.style import MOST_IN_LEGEND, Drawing
from seedbed.training.recipe import Recipe
from seedbed.training.schedule import learning_rates

HEIGHT: Final = 130
MOST_POINTS: Final = 300
"""Of a line, more than pixels can tell apart."""

Curve = tuple[tuple[float, float], ...]
"""Points: epochs trained, and the learning rate of the next step."""


def schedule_chart(entries: Sequence[Entry]) -> Drawing | None:
    """Return the learning rate over the epochs, a line for each distinct schedule."""
    names: dict[Curve, list[str]] = {}
    for entry in entries:
        if curve := _curve(entry):
            names.setdefault(curve, []).append(label(entry))
    if not names:
        return None
    lines = {curve: _name(of, len(names), len(entries)) for curve, of in names.items()}
    series = list(lines.values())
    color, dash = line_looks(
        series, line_legend(series) if 1 < len(series) <= MOST_IN_LEGEND else None
    )
    data = inline({"series": "string", "epoch": "number", "rate": "number"}, _rows(lines))
    line = (
        alt.Chart(data)
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("epoch:Q", scale=alt.Scale(nice=False), axis=alt.Axis(grid=False)),
            y=alt.Y("rate:Q", axis=alt.Axis(title="learning rate", tickCount=5, format="~g")),
            color=color,
            strokeDash=dash,
            tooltip=[
                alt.Tooltip("series:N", title="configurations"),
                alt.Tooltip("epoch:Q", format=".2f"),
                alt.Tooltip("rate:Q", title="learning rate", format=".4g"),
            ],
        )
    )
    said = "at every step" if len(series) == 1 else f"at every step, of {len(series)} schedules"
    return with_parameters(alt.layer(line)).properties(
        height=HEIGHT, title=heading("Learning rate", f"The learning rate {said}.")
    )


def _curve(entry: Entry) -> Curve:
    """Return the schedule of a configuration; empty where it is not known."""
    header = entry.header
    if not header.n or header.provenance is None or "recipe" not in header.configuration:
        return ()
    recipe = Recipe.model_validate(header.configuration["recipe"])
    held_out = header.provenance.validation_size or 0
    images = header.provenance.learned_images or header.provenance.dataset.train_size - held_out
    points = [
        (epoch + step / len(rates), float(rate))
        for epoch in range(recipe.epochs)
        for rates in [learning_rates(recipe, images, epoch)]
        for step, rate in enumerate(rates)
    ]
    every = -(-len(points) // MOST_POINTS)
    return tuple(dict.fromkeys([*points[::every], points[-1]]))


def _name(labels: Sequence[str], curves: int, configurations: int) -> str:
    if curves == 1:
        return "all configurations" if configurations > 1 else labels[0]
    return labels[0] if len(labels) == 1 else f"{labels[0]} and {len(labels) - 1} more"


def _rows(lines: dict[Curve, str]) -> Iterator[tuple[str, float, float]]:
    for curve, name in lines.items():
        yield from ((name, epoch, rate) for epoch, rate in curve)
