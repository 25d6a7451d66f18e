"""A study with its datasets in memory, ready to be planned, checked and trained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from seedbed.data.images import DatasetSplits
from seedbed.data.remote_file import Progress
from seedbed.data.understood import understood
from seedbed.engines.registry import Choice, choose_engine
from seedbed.study.plan import PlannedRun
from seedbed.study.spec.configuration import Configuration
from seedbed.study.spec.labels import refuse_twins
from seedbed.study.spec.study import StudySpec
from seedbed.training.engine import Engine, RunState, RunTask
from seedbed.training.evaluation import epochs_between_evaluations


@dataclass(frozen=True)
class LoadedStudy:
    """A study and the datasets that it is bound to."""

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
            data_root: Folder to search for datasets first.
            progress: Called with the progress of downloads.

        Raises:
            DataError: If a dataset cannot be used, or does not have the expected fingerprint.
            StudyError: If two configurations are the same because their datasets have the same
                contents.
        """
        loaded = {dataset: dataset.load(data_root, progress) for dataset in spec.datasets}
        bound = spec.with_fingerprints(
            {dataset: splits.fingerprint for dataset, splits in loaded.items()}
        )
        refuse_twins(bound.configurations, [each.id for each in bound.configurations])
        return cls(bound, {splits.fingerprint: splits for splits in loaded.values()})

    def understood(self) -> list[str]:
        """Return what was understood of the user's own datasets, two lines each."""
        own = {
            item.fingerprint for item in self.spec.configurations if item.dataset.path is not None
        }
        return [
            line
            for fingerprint, dataset in self.datasets.items()
            if fingerprint in own
            for line in understood(dataset)
        ]

    def dataset(self, configuration: Configuration) -> DatasetSplits:
        """Return the images of a configuration."""
        return self.datasets[configuration.fingerprint]

    def task(self, run: PlannedRun, state: RunState | None = None) -> RunTask:
        """Return the task of a run, which starts from the beginning or from a state."""
        return run_task(run, self.dataset(run.configuration), state, self.spec.keep_logits)

    def choose_engine(self, configurations: Sequence[Configuration] = ()) -> Choice:
        """Return the engine that the study names, or one that can train its configurations.

        Args:
            configurations: The configurations to train; all by default.

        Raises:
            SeedbedError: If no engine can train them.
        """
        configurations = configurations or self.spec.configurations
        seeds = self.spec.seeds[0]
        tasks = [self.task(PlannedRun(configuration, seeds)) for configuration in configurations]
        spec = self.spec
        return choose_engine(spec.engine, spec.device, tasks, deterministic=spec.deterministic)

    def check(self, engine: Engine, configurations: Sequence[Configuration]) -> list[str]:
        """Check configurations, and return warnings for the user, one line each.

        Args:
            engine: The engine that would train them.
            configurations: The configurations.

        Raises:
            SeedbedError: If this engine cannot train a configuration on its dataset.
        """
        warnings: dict[str, list[str]] = {}
        for configuration in configurations:
            task = self.task(PlannedRun(configuration, self.spec.seeds[0]))
            class_names = task.dataset.class_names
            task.network.check(task.dataset.image_shape, len(class_names))
            engine.check(task)
            sample = task.sample()
            texts = [sample.labels.warning(class_names)]
            if len(sample.validation) and (own := task.dataset.splits.get("validation")):
                texts.append(
                    f"validation images are held out of the training split, so the {len(own):,} "
                    "images of the dataset's validation split are not used"
                )
            every = epochs_between_evaluations(task.recipe, task.dataset)
            if task.recipe.evaluate_every == "auto" and every > 1:
                texts.append(_seldom_evaluated(every, task.recipe.epochs))
            missing = [name for name in task.keep_logits if name not in task.splits(sample)]
            if missing and task.keep_logits != ("test",):
                texts.append(f"keep_logits names splits without images: {', '.join(missing)}")
            for warning in filter(None, texts):
                warnings.setdefault(warning, []).append(configuration.label)
        return [
            f"{labels[0]}{f' and {len(labels) - 1} more' if len(labels) > 1 else ''}: {warning}"
            for warning, labels in warnings.items()
        ]


def _seldom_evaluated(every: int, epochs: int) -> str:
    when = f"every {every} epochs and at the end" if every < epochs else "only at the end"
    return (
        f"evaluated {when}, because there are more validation and test images than training "
        "images (set recipe.evaluate_every to change it)"
    )


def run_task(
    run: PlannedRun,
    dataset: DatasetSplits,
    state: RunState | None = None,
    keep_logits: tuple[str, ...] = ("test",),
) -> RunTask:
    """Return the task of a run, which an engine can train."""
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
