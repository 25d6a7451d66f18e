"""Every chart by its name: the one list that the page, the figures and notebooks draw from."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from seedbed.analysis.base import ChartView as Chart
from seedbed.analysis.registry import charts
from seedbed.report.charts.comparisons import comparisons
from seedbed.report.charts.cost import multiply_adds, parameters, training_time, weight_file
from seedbed.report.charts.memorization import memorization
from seedbed.report.charts.noise_response import noise_response
from seedbed.report.charts.robustness import robustness
from seedbed.report.charts.training_size import training_size
from seedbed.report.charts.transitions import realized_transition, transition

_OLD: Final[Mapping[str, Chart]] = {
    "comparisons": Chart(
        "Differences of test accuracy",
        "A row for each comparison of two configurations: the mean difference over paired seeds, "
        "its 95 % interval, and whether the test finds one after correction.",
        comparisons,
    ),
    "noise-response": Chart(
        "Test accuracy against label noise",
        "Test accuracy against the rate of wrong training labels: every run, the mean, and a band "
        "of one standard deviation to both sides.",
        noise_response,
    ),
    "training-time": Chart(
        "Test accuracy against training time",
        "Mean test accuracy of every configuration, with its 95 % interval, against the seconds of "
        "a run, and the Pareto front of both.",
        training_time,
    ),
    "parameters": Chart(
        "Test accuracy against parameters",
        "Mean test accuracy of every configuration, with its 95 % interval, against the parameters "
        "of its network, and the Pareto front of both.",
        parameters,
    ),
    "multiply-adds": Chart(
        "Test accuracy against multiply-adds",
        "Mean test accuracy of every configuration, with its 95 % interval, against the "
        "multiply-adds of one image, and the Pareto front of both.",
        multiply_adds,
    ),
    "weight-file": Chart(
        "Test accuracy against the size of the weight file",
        "Mean test accuracy of every configuration, with its 95 % interval, against the bytes of "
        "the file of its weights, and the Pareto front of both.",
        weight_file,
    ),
    "training-size": Chart(
        "Test accuracy against the number of training images",
        "A line for each network: the mean test accuracy of its runs against the number of images "
        "that they learned from, with 95 % intervals and every run.",
        training_size,
    ),
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
    "memorization": Chart(
        "Wrong labels over the epochs",
        "Which fraction of the wrong training labels the network predicts as it was taught, and of "
        "which it predicts the clean label, after every epoch: runs, mean and a band of one "
        "standard deviation to both sides.",
        memorization,
        per_configuration=True,
    ),
    "transition": Chart(
        "Label noise asked for",
        "The transition matrix that was asked for: how probably a clean label becomes which other.",
        transition,
        per_configuration=True,
    ),
    "observed-transition": Chart(
        "Label noise as drawn",
        "Which fraction of each clean class got which label, mean over the runs.",
        realized_transition,
        per_configuration=True,
    ),
}
"""Of subjects that are no analysis yet."""

CHARTS: Final[Mapping[str, Chart]] = {**_OLD, **charts()}
