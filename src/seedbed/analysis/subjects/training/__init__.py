"""What was measured after each evaluated epoch: accuracy, loss, and what was memorized."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Literal

from seedbed.analysis.base import Analysis, ChartView, few
from seedbed.analysis.entry import Entry
from seedbed.analysis.material import Material
from seedbed.analysis.part import PagePart
from seedbed.analysis.subjects.training.result import Curves, Runs, Training

if TYPE_CHECKING:
    from seedbed.display.charts.style import Drawing


def compute(material: Material) -> Training | None:
    """Return the histories of the runs; ``None`` without a finished run that was stored."""
    runs = material.results.finished if material.results else []
    if not runs:
        return None
    measured: dict[str, Runs] = {}
    for name in Curves.__struct_fields__[1:]:
        values = [
            [getattr(epoch, name) for epoch in run.history if epoch.evaluated] for run in runs
        ]
        if any(value is not None for run in values for value in run):
            measured[name] = tuple(tuple(map(_finite, run)) for run in values)
    epochs = tuple(epoch.epoch for epoch in runs[0].history if epoch.evaluated)
    return Training(Curves(epochs, **measured))


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _drawn(
    measure: Literal["accuracy", "loss"], *, training: bool = False
) -> "Callable[[Sequence[Entry]], Drawing | None]":
    def draw(entries: Sequence[Entry]) -> "Drawing | None":
        from seedbed.analysis.subjects.training.chart import curves, training_curves

        return (training_curves if training else curves)(entries, measure)

    return draw


_EACH_RUN: Final = "every run, their mean, and a band of ± 1 standard deviation."


def _how_to_read(entries: Sequence[Entry]) -> str:
    measured = "Training accuracy is measured like test accuracy, after each evaluated epoch."
    if all(entry.header.n < 2 for entry in entries):
        return measured
    return (
        "Thin lines are runs, thick ones their mean, and bands are ± 1 standard deviation over the "
        f"runs. {measured}"
    )


ANALYSIS = Analysis(
    "training",
    topic="training",
    result=Training,
    compute=compute,
    charts={
        "accuracy-curves": ChartView(
            "Accuracy over epochs",
            "Test accuracy after each evaluated epoch, with training accuracy if there are few "
            f"configurations: {_EACH_RUN}",
            _drawn("accuracy"),
            first_look=lambda entries: entries,
            in_groups=True,
        ),
        "training-accuracy-curves": ChartView(
            "Training accuracy over epochs",
            f"Training accuracy after each evaluated epoch: {_EACH_RUN}",
            _drawn("accuracy", training=True),
            in_groups=True,
        ),
        "loss-curves": ChartView(
            "Loss over epochs",
            "Test cross-entropy after each evaluated epoch, whatever loss is minimized, with that "
            f"of training if there are few configurations: {_EACH_RUN}",
            _drawn("loss"),
            in_documents=few,
        ),
        "training-loss-curves": ChartView(
            "Training loss over epochs",
            "Training cross-entropy after each evaluated epoch, whatever loss is minimized: "
            f"{_EACH_RUN}",
            _drawn("loss", training=True),
            in_documents=few,
        ),
    },
    parts=(
        PagePart(
            text=_how_to_read,
            template="legend",
        ),
    ),
)
