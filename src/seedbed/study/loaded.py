"""A study with its datasets in memory: ready to be planned, checked and trained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from seedbed.data.download import Progress
from seedbed.data.images import DatasetSplits
from seedbed.engines.registry import Choice, choose_engine
from seedbed.study.plan import PlannedRun
from seedbed.study.spec.configuration import Configuration
from seedbed.study.spec.labels import refuse_twins
from seedbed.study.spec.study import StudySpec
from seedbed.training.engine import Engine, RunState, RunTask


@dataclass(frozen=True)
class LoadedStudy:
    """A study that is bound to the contents of its datasets."""

    spec: StudySpec
    datasets: Mapping[str, DatasetSplits]
    """By fingerprint."""

    @classmethod
    def load(
        cls, spec: StudySpec, data_root: Path | None = None, progress: Progress | None = None
    ) -> Self:
        """Load every dataset of a study once.

        Args:
            spec: The study.
            data_root: Where datasets are looked for first.
            progress: Told about downloads.

        Raises:
            DataError: If a dataset cannot be used, or its contents are others than were meant.
            StudyError: If two configurations come out the same, now that the contents are known.
        """
        loaded = {each: each.load(data_root, progress) for each in spec.datasets}
        bound = spec.with_fingerprints({each: data.fingerprint for each, data in loaded.items()})
        refuse_twins(bound.configurations, lambda each: each.id)
        return cls(bound, {data.fingerprint: data for data in loaded.values()})

    def dataset(self, configuration: Configuration) -> DatasetSplits:
        """Return the images of a configuration."""
        return self.datasets[configuration.fingerprint]

    def task(self, run: PlannedRun, state: RunState | None = None) -> RunTask:
        """Return a run as engines take it, from the start or from a state."""
        return run_task(run, self.dataset(run.configuration), state, self.spec.keep_logits)

    def choose_engine(self, configurations: Sequence[Configuration] = ()) -> Choice:
        """Return the engine that the study asks for, or that suits its configurations.

        Args:
            configurations: Which of them; all by default.

        Raises:
            SeedbedError: If there is none.
        """
        suited = configurations or self.spec.configurations
        tasks = [self.task(PlannedRun(each, self.spec.seeds[0])) for each in suited]
        spec = self.spec
        return choose_engine(spec.engine, spec.device, tasks, deterministic=spec.deterministic)

    def check(self, engine: Engine) -> list[str]:
        """Return what the user should know before anything is trained, a line each.

        Raises:
            SeedbedError: If a configuration cannot be trained by this engine on its dataset.
        """
        warnings: dict[str, list[str]] = {}
        for each in self.spec.configurations:
            task = self.task(PlannedRun(each, self.spec.seeds[0]))
            class_names = task.dataset.class_names
            task.network.check(task.dataset.image_shape, len(class_names))
            engine.check(task)
            sample = task.sample()
            texts = [sample.labels.warning(class_names)]
            lacking = [name for name in task.keep_logits if name not in task.splits(sample)]
            if lacking and task.keep_logits != ("test",):
                texts.append(f"there are no {' and no '.join(lacking)} images to keep logits of")
            for warning in filter(None, texts):
                warnings.setdefault(warning, []).append(each.label)
        return [
            f"{labels[0]}{f' and {len(labels) - 1} more' if len(labels) > 1 else ''}: {warning}"
            for warning, labels in warnings.items()
        ]


def run_task(
    run: PlannedRun,
    dataset: DatasetSplits,
    state: RunState | None = None,
    keep_logits: tuple[str, ...] = ("test",),
) -> RunTask:
    """Return a run as engines take it, on the images of its configuration."""
    configuration = run.configuration
    network = configuration.build_network(len(dataset.class_names))
    return RunTask(
        network,
        configuration.recipe,
        dataset,
        run.seeds,
        state,
        configuration.noise,
        keep_logits,
    )
