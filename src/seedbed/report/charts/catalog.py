"""Every chart by its name: the one list that the page, the figures and notebooks draw from."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from seedbed.analysis.base import ChartView as Chart
from seedbed.analysis.registry import charts
from seedbed.report.charts.robustness import robustness

_OLD: Final[Mapping[str, Chart]] = {
    "robustness-shift": Chart(
        "Test accuracy on shifted images",
        "A line for each network: its mean accuracy on shifted test images against the "
        "pixels of the shift, with 95 % intervals and every run.",
        partial(robustness, "shift"),
    ),
    "robustness-rotation": Chart(
        "Test accuracy on rotated images",
        "A line for each network: its mean accuracy on rotated test images against the "
        "degrees of the rotation, with 95 % intervals and every run.",
        partial(robustness, "rotation"),
    ),
    "robustness-noise": Chart(
        "Test accuracy on noisy images",
        "A line for each network: its mean accuracy on noisy test images against the "
        "standard deviation of Gaussian noise, with 95 % intervals and every run.",
        partial(robustness, "noise"),
    ),
    "robustness-blur": Chart(
        "Test accuracy on blurred images",
        "A line for each network: its mean accuracy on blurred test images against the "
        "standard deviation of Gaussian blur, with 95 % intervals and every run.",
        partial(robustness, "blur"),
    ),
}
"""Of subjects that are no analysis yet."""

CHARTS: Final[Mapping[str, Chart]] = {**_OLD, **charts()}
