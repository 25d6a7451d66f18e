"""Label noise: what was configured, what was drawn, and what the networks made of it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seedbed.analysis.base import Analysis, ChartView, TableView, never
from seedbed.analysis.entry import Entry
from seedbed.analysis.material import Material
from seedbed.analysis.part import PagePart
from seedbed.analysis.subjects.noise.result import NoiseResult
from seedbed.analysis.subjects.noise.sentences import sentences
from seedbed.analysis.subjects.noise.table import noise_table

if TYPE_CHECKING:
    from seedbed.display.charts.style import Drawing


def _compute(material: Material) -> NoiseResult | None:
    from seedbed.analysis.subjects.noise.compute import compute

    return compute(material)


def _draw_memorization(entries: Sequence[Entry]) -> "Drawing | None":
    from seedbed.analysis.subjects.noise.memorization_chart import memorization_chart

    return memorization_chart(entries)


def _draw_transition(entries: Sequence[Entry]) -> "Drawing | None":
    from seedbed.analysis.subjects.noise.transition_charts import configured_chart

    return configured_chart(entries)


def _draw_observed(entries: Sequence[Entry]) -> "Drawing | None":
    from seedbed.analysis.subjects.noise.transition_charts import observed_chart

    return observed_chart(entries)


def _draw_estimated(entries: Sequence[Entry]) -> "Drawing | None":
    from seedbed.analysis.subjects.noise.transition_charts import estimated_chart

    return estimated_chart(entries)


def _draw_estimation(entries: Sequence[Entry]) -> "Drawing | None":
    from seedbed.analysis.subjects.noise.estimation_chart import estimation_chart

    return estimation_chart(entries)


def _draw_memorized(entries: Sequence[Entry]) -> "Drawing | None":
    from seedbed.analysis.subjects.noise.fitted_chart import fitted_chart

    return fitted_chart(entries, "memorized")


def _draw_recovered(entries: Sequence[Entry]) -> "Drawing | None":
    from seedbed.analysis.subjects.noise.fitted_chart import fitted_chart

    return fitted_chart(entries, "recovered")


def _noisy(entry: Entry) -> bool:
    result = entry.view(NoiseResult)
    return result is not None and result.noise.kind != "none" and result.noise.rate != 0


def _first_look(entries: Sequence[Entry]) -> Sequence[Entry]:
    return entries if any(map(_noisy, entries)) else ()


def _rate(entry: Entry) -> float:
    result = entry.view(NoiseResult)
    return (result.noise.observed_rate or 0.0) if result else 0.0


ANALYSIS = Analysis(
    "noise",
    topic="noise",
    result=NoiseResult,
    compute=_compute,
    tables={"noise": TableView("Label noise", noise_table, detail=_noisy, first_look=_first_look)},
    charts={
        "memorized-labels": ChartView(
            "Memorized labels of all configurations over the epochs",
            "A line for each configuration: the fraction of training images with a wrong label "
            "that are predicted as their noisy label, after every epoch: runs, mean and a band of "
            "± 1 standard deviation.",
            _draw_memorized,
            in_documents=never,  # it has the legend of a page
        ),
        "recovered-labels": ChartView(
            "Recovered labels of all configurations over the epochs",
            "A line for each configuration: the fraction of training images with a wrong label "
            "that are predicted as their clean label, after every epoch: runs, mean and a band of "
            "± 1 standard deviation.",
            _draw_recovered,
            in_documents=never,
        ),
        "memorization": ChartView(
            "Memorized and recovered labels over the epochs",
            "The fraction of training images with a wrong label that are predicted as their noisy "
            "label, and as their clean label, after every epoch: runs, mean and a band of ± 1 "
            "standard deviation.",
            _draw_memorization,
            per_configuration=True,
        ),
        "transition": ChartView(
            "Configured transition matrix",
            "The probability of each noisy label given the clean label, as configured.",
            _draw_transition,
            per_configuration=True,
        ),
        "observed-transition": ChartView(
            "Observed transition matrix",
            "The fraction of each clean class that got each noisy label, mean over the runs.",
            _draw_observed,
            per_configuration=True,
        ),
        "estimated-transition": ChartView(
            "Estimated transition matrix",
            "The transition matrix that the method estimated, at the epoch of the weights, mean "
            "over the runs.",
            _draw_estimated,
            per_configuration=True,
        ),
        "transition-estimation": ChartView(
            "Estimated against observed transition matrix",
            "A dot for each entry of the transition matrix: the probability that the method "
            "estimated, at the epoch of the weights, against the observed fraction; means over the "
            "runs.",
            _draw_estimation,
            per_configuration=True,
        ),
    },
    sentences=sentences,
    of_study=True,
    parts=(
        PagePart(
            applies=lambda entries: any(map(_noisy, entries)),
            first=_rate,
        ),
    ),
)
