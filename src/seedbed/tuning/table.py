"""A finished tuning in a terminal."""

from collections.abc import Iterator

from seedbed.analysis.aggregate import Aggregate, Interval
from seedbed.display.escape import printable
from seedbed.display.formatters import NONE, percent_spread, signed_points
from seedbed.display.table import Report, Table
from seedbed.report.renderers.text import render
from seedbed.study.tuning import TunedChoice, TunedTrial
from seedbed.tuning.combinations import Group
from seedbed.tuning.tune import Tuning


def lines(tuning: Tuning) -> Iterator[str]:
    """Yield the table of the choices, and what makes them doubtful."""
    tuned = tuning.tuned
    pairs = zip(tuning.groups, tuned.choices, strict=True)
    table = Table(
        f"Settings chosen by validation accuracy (n = {len(tuned.seeds)} seeds, {tuned.trials} "
        f"trials each, last epoch, noisy labels where there is label noise)",
        ("", "chosen", "validation", "second", "difference [points]", "95% interval"),
        (tuple(_row(group, choice, len(tuned.seeds)) for group, choice in pairs),),
        text=(0, 1, 3, 5),
    )
    yield from render(Report((table,), (), (), None)).splitlines()
    yield from (printable(f"Warning: {line}") for line in tuning.warnings)


def _row(group: Group, choice: TunedChoice, seeds: int) -> tuple[str, ...]:
    interval = choice.interval and Interval(*choice.interval)
    noise = " (within noise)" if choice.within_noise else ""
    return (
        group.name,
        _words(group, choice.chosen),
        percent_spread(Aggregate(choice.chosen.validation_accuracy, choice.chosen.std, seeds)),
        _words(group, choice.second) if choice.second else NONE,
        signed_points(choice.difference),
        f"{signed_points(interval.low)} to {signed_points(interval.high)}{noise}"
        if interval
        else NONE,
    )


def _words(group: Group, trial: TunedTrial) -> str:
    combination = tuple(trial.settings[".".join(key)] for key, _ in group.axes)
    return group.words(combination)
