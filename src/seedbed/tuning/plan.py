"""What tuning a study would cost."""

from pathlib import Path

from seedbed.execution.estimate import estimate, wall_seconds
from seedbed.execution.work import count_runs, duration
from seedbed.study.spec.study import StudySpec
from seedbed.study.store.nearby import RESULTS
from seedbed.study.store.study import StudyStore
from seedbed.tuning.combinations import count_trials, groups_of
from seedbed.tuning.rounds import Rounds
from seedbed.tuning.trials import trial_study
from seedbed.tuning.tune import load_images


def tuning_cost(spec: StudySpec, data_root: str | Path | None, threads: int) -> str:
    """Return how many runs ``seedbed tune`` would train, and how long that would take, as a line.

    Raises:
        SeedbedError: If the study cannot be tuned.
    """
    assert spec.tune is not None
    groups, images = groups_of(spec), load_images(spec, data_root)
    trials = count_trials(spec.tune, groups)
    store = StudyStore(RESULTS / f"{spec.name}-tune")
    rounds = Rounds(spec, groups, images, store)
    known = [[*old, *new] for old, new in zip(rounds.tried, rounds.next, strict=True)]
    # What a sampler will try after that is not known; combinations take about equally long.
    tried = [
        (numbers + [n for n in range(len(group.combinations)) if n not in set(numbers)])[:trials]
        for group, numbers in zip(groups, known, strict=True)
    ]
    study = trial_study(spec, groups, tried, images)
    estimates = estimate(study, store, study.choose_engine().engine, threads=threads)
    # A round ends before the next begins, and these are rounds of one trial.
    together = len(known[0])
    by_round = [
        [each for place, each in enumerate(estimates) if max(place % trials, together - 1) == last]
        for last in range(together - 1, trials)
    ]
    seconds = sum(wall_seconds(each, threads) for each in by_round)
    missing = sum(len(each.left) for each in estimates)
    configurations = sum(len(group.trained) for group in groups)
    runs = trials * configurations * len(spec.tune.seeds)
    return (
        f"`seedbed tune` trains {count_runs(runs)} ({trials} trials × {configurations} "
        f"configurations × {len(spec.tune.seeds)} seeds), {missing} of them missing: about "
        f"{duration(seconds)}"
    )
