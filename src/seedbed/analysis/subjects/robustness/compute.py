"""The accuracy of a configuration on corrupted images, from the answers of its runs."""

from collections.abc import Iterable

from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.intervals import with_intervals
from seedbed.analysis.statistics.crossed import levels_of
from seedbed.analysis.subjects.robustness.answers import UNCORRUPTED, RobustnessAnswers
from seedbed.analysis.subjects.robustness.result import (
    Corrupted,
    CorruptedAccuracy,
    CorruptionAccuracy,
    Robustness,
)
from seedbed.data.corruptions import CORRUPTIONS


def robustness(answers: Iterable[tuple[int | str, RobustnessAnswers]]) -> Robustness | None:
    """Return the result, or ``None`` if no run has answered every question.

    Args:
        answers: Seed and answers of each run; runs that lack an answer are left out.
    """
    complete = [(seed, run) for seed, run in answers if not run.missing]
    if not complete:
        return None
    runs = [run for _, run in complete]
    images = runs[0].images
    levels = levels_of(seed for seed, _ in complete)

    def accuracy(kind: str, strength: float) -> Accuracies:
        accuracies = Accuracies.of(run.accuracy(kind, strength) for run in runs)
        return with_intervals(accuracies, images, levels=levels)

    uncorrupted = accuracy(*UNCORRUPTED)
    corruptions = [
        CorruptionAccuracy(
            kind=kind,
            unit=corruption.unit,
            strength=strength,
            accuracy=accuracy(kind, strength),
        )
        for kind, corruption in CORRUPTIONS.items()
        for strength in corruption.strengths
    ]
    return Robustness(
        Corrupted(
            images,
            tuple(seed for seed, _ in complete),
            CorruptedAccuracy(uncorrupted),
            tuple(corruptions),
        )
    )
