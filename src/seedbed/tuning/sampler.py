"""Which combinations of candidates to try next.

Every sampler is a function of the trials so far, so that tuning resumes where it was stopped
without a state of its own: the trials are the runs of a study.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, Final

import numpy as np

from seedbed.core.errors import MissingExtra
from seedbed.core.seeds import stream
from seedbed.study.tuning import Tune
from seedbed.tuning.combinations import Group

STARTUP: Final = 10
"""Random trials before the first that Optuna proposes, its default."""
ATTEMPTS: Final = 50
"""How often Optuna is asked for a combination that has not been tried."""


def check_sampler(tune: Tune) -> None:
    """Raise :class:`MissingExtra` if the sampler needs Optuna and it is not installed."""
    if tune.sampler == "tpe":
        _optuna()


def next_trials(tune: Tune, group: Group, scores: Mapping[int, float]) -> list[int]:
    """Return which combinations of a group to try next, none if there have been enough.

    Groups with the same candidates try the same ones first: all of a grid, a random part of it, or
    the ten with which ``tpe`` starts.

    Args:
        tune: The ``[tune]`` table.
        group: Whose settings are chosen.
        scores: Combination, as a position in ``group.combinations``, -> its validation accuracy,
            in the order of the trials.
    """
    count = len(group.combinations)
    if tune.trials is None:
        return list(range(count)) if not scores else []
    order: list[int] = stream(tune.seed, "tuning").permutation(count).tolist()
    if not scores:
        return order[: tune.trials if tune.sampler == "random" else min(STARTUP, tune.trials)]
    if len(scores) >= tune.trials:
        return []
    candidates = chain(_proposals(tune, group, scores), order)
    return [next(number for number in candidates if number not in scores)]


def _proposals(tune: Tune, group: Group, scores: Mapping[int, float]) -> Iterator[int]:
    """Yield the combinations that Optuna proposes, which may have been tried."""
    optuna = _optuna()
    shape = [len(values) for _, values in group.axes]
    distributions, ranks = {}, {}
    for key, values in group.axes:
        name = ".".join(key)
        # Numbers are given as their ranks, so that Optuna learns from neighbors.
        ordered = all(map(_is_number, values))
        ranks[name] = sorted(range(len(values)), key=values.__getitem__ if ordered else None)
        distributions[name] = (
            optuna.distributions.IntDistribution(0, len(values) - 1)
            if ordered
            else optuna.distributions.CategoricalDistribution(range(len(values)))
        )
    seed = int(stream(tune.seed, "tuning", len(scores)).integers(2**31))
    sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=1)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    for number, score in scores.items():
        places = np.unravel_index(number, shape)
        parameters = {
            name: ranks[name].index(int(place)) for name, place in zip(ranks, places, strict=True)
        }
        trial = optuna.trial.create_trial(
            params=parameters, distributions=distributions, value=score
        )
        study.add_trial(trial)
    for _ in range(ATTEMPTS):
        proposed = study.ask(distributions).params
        ranked = [ranks[name][proposed[name]] for name in ranks]
        yield int(np.ravel_multi_index(ranked, shape))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise MissingExtra("tune", "the sampler tpe") from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna
