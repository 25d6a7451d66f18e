"""How much space the runs of a study take on disk, before they are trained."""

from dataclasses import dataclass
from typing import Final

from seedbed.networks.cost import cost
from seedbed.study.loaded import LoadedStudy
from seedbed.study.plan import PlannedRun
from seedbed.study.spec.selection import ALL, Selection
from seedbed.training.memory import gibibytes

BYTES_PER_IMAGE: Final = 34
"""Of label, name and hash beside its logits, compressed, on MNIST."""
BYTES_PER_LABEL: Final = 1
"""Of an image whose clean and noisy labels are stored, compressed."""
BYTES_PER_EPOCH: Final = 300
"""Of a line of the history."""
BYTES_PER_RECORD: Final = 5000
"""Of ``run.json``."""


@dataclass(frozen=True)
class Space:
    """What the files of finished runs take, in bytes."""

    weights: int
    """Of the weights that the study keeps."""
    others: int
    """Of everything else."""

    def __str__(self) -> str:
        """Return it as a line."""
        total = gibibytes(self.weights + self.others)
        return f"finished runs take about {total} on disk, {gibibytes(self.weights)} of it weights"


def space_needed(study: LoadedStudy, selection: Selection = ALL) -> Space:
    """Return what all runs of a study take once they have finished, whether or not they have.

    Answers of the weights, the summary and the page are left out: a few MiB for each study.

    Args:
        study: The study.
        selection: Which configurations to include.
    """
    spec, weights, others = study.spec, 0, 0
    for configuration in selection.of(spec.configurations):
        task = study.task(PlannedRun(configuration, spec.seeds[0]))
        splits, classes = task.splits(), len(task.dataset.class_names)
        images = sum(len(splits[name]) for name in spec.keep_logits if name in splits)
        labels = len(task.dataset.train) if task.noise.active else 0
        of_run = (
            images * (4 * classes + BYTES_PER_IMAGE)
            + labels * BYTES_PER_LABEL
            + task.recipe.epochs * BYTES_PER_EPOCH
            + BYTES_PER_RECORD
        )
        kept = len(spec.seeds) if "weights" in spec.keep else int("best-weights" in spec.keep)
        others += of_run * len(spec.seeds)
        weights += cost(task.network, task.dataset.image_shape).weight_bytes * kept
    return Space(weights, others)
