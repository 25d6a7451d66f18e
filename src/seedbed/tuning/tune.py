"""Tuning from beginning to end: train trials, choose, write the study with the chosen settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seedbed.analysis.inquiries.pruning import prune
from seedbed.analysis.statistics.crossed.resampled import Resampling
from seedbed.core.arguments import optional_path
from seedbed.execution.downloads import download_progress
from seedbed.execution.missing import refuse_owners, train_missing
from seedbed.execution.monitor import Monitor
from seedbed.execution.progress import choose_monitor
from seedbed.execution.request import Request
from seedbed.study.spec.seeds import SeedsValue
from seedbed.study.spec.study import StudySpec
from seedbed.study.store.nearby import RESULTS
from seedbed.study.store.study import StudyStore
from seedbed.study.tuning import Tune, Tuned
from seedbed.tuning.choice import choose, warnings
from seedbed.tuning.combinations import Group, count_trials, groups_of
from seedbed.tuning.rounds import Rounds
from seedbed.tuning.sampler import check_sampler
from seedbed.tuning.trials import Images, images_used
from seedbed.tuning.written import check_file, source_hash, tuned_study, write


@dataclass(frozen=True)
class Tuning:
    """What was chosen, and where it is."""

    tuned: Tuned
    groups: tuple[Group, ...]
    warnings: tuple[str, ...]
    """What makes choices doubtful, one line each."""
    file: Path
    """The study with the chosen settings."""
    folder: Path
    """Of the study of trials."""


def tune(
    study: str | Path | Mapping[str, Any],
    *,
    out: str | Path | None = None,
    to: str | Path | None = None,
    seeds: SeedsValue | None = None,
    settings: Mapping[str, Any] | Sequence[Any] | None = None,
    threads: int | None = None,
    data_root: str | Path | None = None,
    quiet: bool = False,
    monitor: Monitor | None = None,
) -> Tuning:
    """Choose the settings that the ``[tune]`` table of a study leaves open, and write the study.

    Trials are runs of a study in a folder of its own, so tuning may be stopped and resumed like a
    study. They never see the test images.

    Args:
        study: The study; this and the other arguments are those of :func:`seedbed.run`.
        out: Folder of the trials; ``studies/NAME-tune`` by default.
        to: The study file to write; ``NAME-tuned.toml`` by default.
        seeds: Replaces the study's, which are reported; trials have seeds of their own.
        settings: Settings that replace the study's, as in ``{"tune.seeds": 3}``.
        threads: Cores to use; all by default. Does not change results.
        data_root: Folder to search for datasets first.
        quiet: Whether to hide the progress.
        monitor: Shows the progress.

    Raises:
        KeyboardInterrupt: After Ctrl-C; finished epochs are stored.
        StudyInUse: If another process is training trials.
        SeedbedError: If the study, an option, a dataset or the folder cannot be used.
    """
    request = Request.of(study, out, seeds, settings, (), (), threads)
    spec = request.spec
    groups = groups_of(spec)
    table = _table(spec)
    check_sampler(table)
    tuned_study(spec, groups, [0] * len(groups), None)  # before the trials, which take long
    file = optional_path("to", to) or Path(f"{spec.name}-tuned.toml")
    check_file(file)
    store = StudyStore(optional_path("out", out) or RESULTS / f"{spec.name}-tune")
    store.check_writable()
    images = load_images(spec, data_root)
    rounds = Rounds(spec, groups, images, store)
    _train(rounds, store, request.threads, monitor or choose_monitor(quiet=quiet), quiet=quiet)
    choices = [
        choose(group, of_group, _resampling(table, group, images))
        for group, of_group in zip(groups, rounds.trials, strict=True)
    ]
    tuned = Tuned(
        source=study if isinstance(study, str) else str(study) if isinstance(study, Path) else "",
        source_hash=source_hash(spec),
        sampler=table.sampler,
        trials=count_trials(table, groups),
        seeds=table.seeds,
        validation_fraction=table.validation_fraction,
        choices=tuple(choices),
    )
    numbers = [
        next(n for n in of_group if group.settings(group.combinations[n]) == choice.chosen.settings)
        for group, of_group, choice in zip(groups, rounds.tried, choices, strict=True)
    ]
    write(tuned_study(spec, groups, numbers, tuned), file)
    prune(store.folder)
    doubts = [
        line
        for choice, group in zip(choices, groups, strict=True)
        for line in warnings(choice, group)
    ]
    return Tuning(tuned, tuple(groups), tuple(doubts), file, store.folder)


def load_images(spec: StudySpec, data_root: str | Path | None) -> Images:
    """Load the datasets of a study, without their test splits.

    Raises:
        DataError: If a dataset cannot be used.
    """
    root = optional_path("data_root", data_root)
    with download_progress() as progress:
        return {each: each.load(root, progress).without_test() for each in spec.datasets}


def _train(
    rounds: Rounds, store: StudyStore, threads: int, monitor: Monitor, *, quiet: bool
) -> None:
    """Train all rounds; if all have been, their study is written again, and the user is told."""
    first = True
    while first or any(rounds.next):
        study = rounds.study()
        if any(rounds.trials):
            with store.lock():
                store.write_study(study.spec)  # trials are added to it, which is no news
        _, owners = train_missing(
            study, store, threads=threads, quiet=quiet or not first, monitor=monitor
        )
        refuse_owners(owners, store, "trials")
        if any(rounds.next):
            rounds.read()
        first = False


def _resampling(table: Tune, group: Group, images: Images) -> Resampling | None:
    if table.validation_fraction == 0:
        return None
    item = group.trained[0]
    return Resampling("validation", *images_used(table, item, images[item.dataset]))


def _table(spec: StudySpec) -> Tune:
    assert spec.tune is not None, "groups_of has checked it"
    return spec.tune
