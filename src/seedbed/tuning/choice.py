"""Chooses the best trial of each group, and says how certain the choice is.

Trials are paired by seed: with the same seed they hold out the same images, with the same noisy
labels. So their difference varies much less than either accuracy.
"""

from collections.abc import Iterator, Sequence

from seedbed.analysis.aggregate import Aggregate
from seedbed.analysis.statistics.comparison import Comparison
from seedbed.analysis.statistics.crossed.resampled import Resampling
from seedbed.analysis.statistics.paired import compare
from seedbed.core.errors import StudyError
from seedbed.study.tuning import TunedChoice, TunedTrial
from seedbed.tuning.combinations import Group
from seedbed.tuning.trials import Trial


def choose(group: Group, trials: Sequence[Trial], resampling: Resampling | None) -> TunedChoice:
    """Return the choice of a group.

    The best trial is the one with the fewest diverged runs; among these, with the highest mean
    validation accuracy; among these, the first.

    Args:
        group: The group.
        trials: Its trials, one or more.
        resampling: How many images trials learn from and hold out, if they hold out any.

    Raises:
        StudyError: If no run of any trial has finished.
    """
    ranked = sorted(trials, key=rank)
    best, *others = ranked
    if not best.accuracies:
        raise StudyError(
            f"all runs of all trials of {group.name} diverged",
            where="tune",
            expected="candidates of which one can be trained",
        )
    compared = [_compare(best, other, resampling) for other in others if other.accuracies]
    second = compared[0] if compared else None
    interval = second.interval if second else None
    return TunedChoice(
        configurations=tuple(item.label for item in group.trained),
        variant=group.variant if group.variant is None else group.name,
        chosen=_record(group, best),
        second=_record(group, others[0]) if second else None,
        difference=second.difference if second else None,
        interval=(interval.low, interval.high) if interval else None,
        within_noise=_includes_zero(second) if second else None,
        indistinct=sum(map(_includes_zero, compared)),
        trials=tuple(_record(group, trial) for trial in trials),
    )


def rank(trial: Trial) -> tuple[int, float]:
    """Return what orders trials from the best to the worst."""
    mean = Aggregate.of(trial.accuracies.values()).mean
    return trial.diverged, 0.0 if mean is None else -mean


def warnings(choice: TunedChoice, group: Group) -> Iterator[str]:
    """Yield what makes a choice doubtful, one line each."""
    others = len([trial for trial in choice.trials if trial.validation_accuracy is not None]) - 1
    if choice.indistinct and 2 * choice.indistinct >= others:
        yield (
            f"{group.name}: the choice is nearly blind: the intervals of {choice.indistinct} of "
            f"{others} differences to the chosen combination include 0 (use more seeds, or a "
            "larger validation_fraction)"
        )
    for key, values in group.axes:
        name = ".".join(key)
        numbers = [value for value in values if isinstance(value, int | float)]
        if len(numbers) == len(values) > 2 and not any(isinstance(v, bool) for v in values):
            value = choice.chosen.settings[name]
            end = {min(numbers): "smallest", max(numbers): "largest"}.get(value)
            if end:
                yield (
                    f"{group.name}: the chosen {name} = {value:g} is the {end} candidate; one "
                    "beyond it may be better"
                )
    if choice.chosen.diverged:
        yield f"{group.name}: {choice.chosen.diverged} runs of the chosen combination diverged"


def _compare(best: Trial, other: Trial, resampling: Resampling | None) -> Comparison:
    images = resampling.held_out_images if resampling else None
    return compare("", "", best.accuracies, other.accuracies, images=images, resampling=resampling)


def _includes_zero(comparison: Comparison) -> bool:
    interval = comparison.interval
    return interval is None or interval.low <= 0 <= interval.high


def _record(group: Group, trial: Trial) -> TunedTrial:
    aggregate = Aggregate.of(trial.accuracies.values())
    return TunedTrial(
        settings=group.settings(group.combinations[trial.number]),
        validation_accuracy=aggregate.mean,
        std=aggregate.std,
        diverged=trial.diverged,
    )
