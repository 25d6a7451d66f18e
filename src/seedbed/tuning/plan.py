"""What tuning a study would cost."""

from pathlib import Path

from seedbed.execution.estimate import estimate
from seedbed.execution.work import count_runs, duration
from seedbed.study.spec.study import StudySpec
from seedbed.study.store.nearby import RESULTS
from seedbed.study.store.study import StudyStore
from seedbed.tuning.combinations import count_trials, groups_of
from seedbed.tuning.trials import trial_study
from seedbed.tuning.tune import load_images


def tuning_cost(spec: StudySpec, data_root: str | Path | None, threads: int) -> str:
    """Return how many runs ``seedbed tune`` would train, and how long that would take, as a line.

    Raises:
        SeedbedError: If the study cannot be tuned.
    """
    assert spec.tune is not None
    groups = groups_of(spec)
    trials = count_trials(spec.tune, groups)
    # What a sampler will try is not known, and combinations take about equally long.
    tried = [list(range(trials)) for _ in groups]
    study = trial_study(spec, groups, tried, load_images(spec, data_root))
    engine = study.choose_engine().engine
    store = StudyStore(RESULTS / f"{spec.name}-tune")
    estimates = estimate(study, store, engine, threads=threads)
    left = [seconds for each in estimates for seconds in each.left]
    configurations = sum(len(group.trained) for group in groups)
    runs = trials * configurations * len(spec.tune.seeds)
    return (
        f"`seedbed tune` trains {count_runs(runs)} ({trials} trials × {configurations} "
        f"configurations × {len(spec.tune.seeds)} seeds), {len(left)} of them missing: about "
        f"{duration(sum(left) / threads)}"
    )
