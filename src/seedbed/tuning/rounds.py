"""Trials round by round: those that have been trained, and what a sampler tries next."""

from collections.abc import Sequence

from seedbed.analysis.aggregate import Aggregate
from seedbed.core.errors import StudyError
from seedbed.study.loaded import LoadedStudy
from seedbed.study.spec.study import StudySpec
from seedbed.study.store.study import StudyStore
from seedbed.tuning.combinations import Group
from seedbed.tuning.sampler import next_trials
from seedbed.tuning.trials import Images, Trial, read_trials, trial_study


class Rounds:
    """The trials of a study, and those that are next.

    Rounds whose runs are all stored count as trained. So a tuning that was stopped goes on in the
    round in which it was stopped.

    Args:
        spec: The study that is tuned.
        groups: Of its configurations.
        images: Its datasets.
        store: The folder of the study of trials.
    """

    def __init__(
        self, spec: StudySpec, groups: Sequence[Group], images: Images, store: StudyStore
    ) -> None:
        assert spec.tune is not None, "groups_of has checked it"
        self._spec, self._tune, self._groups = spec, spec.tune, groups
        self._images, self._store = images, store
        self.tried: list[list[int]] = [[] for _ in groups]
        """The combinations of each group that have been trained, in the order of the trials."""
        self.trials: list[list[Trial]] = [[] for _ in groups]
        """What came of them."""
        self.next: list[list[int]] = []
        """The combinations to try next; none at the end."""
        self._look_ahead()
        while any(self.next) and (trials := self._read()) is not None:
            self._add(trials)

    def study(self) -> LoadedStudy:
        """Return the study of all trials so far, and of the next ones."""
        every = [old + new for old, new in zip(self.tried, self.next, strict=True)]
        return trial_study(self._spec, self._groups, every, self._images)

    def read(self) -> None:
        """Read the runs of the next trials, which have been trained, and look for those after them.

        Raises:
            StudyError: If a run is missing.
        """
        trials = self._read()
        if trials is None:
            raise StudyError(
                "a run that has been trained is not there",
                where=str(self._store.folder),
                hint="run the same command again",
            )
        self._add(trials)

    def _read(self) -> list[list[Trial]] | None:
        study = trial_study(self._spec, self._groups, self.next, self._images)
        return read_trials(study, self._store, self._groups, self.next)

    def _add(self, trials: Sequence[Sequence[Trial]]) -> None:
        self.tried = [old + more for old, more in zip(self.tried, self.next, strict=True)]
        self.trials = [[*old, *more] for old, more in zip(self.trials, trials, strict=True)]
        self._look_ahead()

    def _look_ahead(self) -> None:
        self.next = [
            next_trials(self._tune, group, _scores(trials))
            for group, trials in zip(self._groups, self.trials, strict=True)
        ]


def _scores(trials: Sequence[Trial]) -> dict[int, float]:
    """Return the accuracy of every trial, 0 if a run diverged."""
    return {
        trial.number: 0.0 if trial.diverged else Aggregate.of(trial.accuracies.values()).mean or 0.0
        for trial in trials
    }
