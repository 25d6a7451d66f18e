"""Everything that the evaluation of one configuration finds, in one frozen object."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from seedbed.analysis.predictions import Predictions, check_same_images
from seedbed.analysis.subjects.confusion.matrices import confusion_matrices
from seedbed.evaluation.calibration import BINS, Calibration, calibration
from seedbed.evaluation.hard_samples import HardSamples, hard_samples
from seedbed.evaluation.image_errors import ImageErrors, image_errors
from seedbed.evaluation.per_class import ClassScores, class_scores
from seedbed.evaluation.roc import POINTS, RocSummary, roc, roc_over_runs
from seedbed.evaluation.self_check import check_scores


@dataclass(frozen=True, eq=False)
class ConfigurationSummary:
    """What the test predictions of the runs of one configuration tell."""

    class_names: tuple[str, ...]
    n: int
    """Runs."""
    images: int
    """Test images."""
    roc: RocSummary
    calibration: Calibration
    classes: tuple[ClassScores, ...]
    hard: HardSamples
    errors: ImageErrors

    def to_dict(self) -> dict[str, Any]:
        """Return what ``summary.json`` holds of it; what is not defined is ``None``."""
        return {
            "n": self.n,
            "class_names": list(self.class_names),
            "test_images": self.images,
            "auc": self.roc.auc_to_dict(),
            "roc_curves": self.roc.curves_to_dict(),
            "calibration": self.calibration.to_dict(),
            "per_class": [
                {"class": name, **scores.to_dict()}
                for name, scores in zip(self.class_names, self.classes, strict=True)
            ],
            "hard_samples": {
                "images_n_wrong": list(self.hard.images_n_wrong),
                "samples": [self._named(asdict(sample)) for sample in self.hard.samples],
            },
            "image_errors": self.errors.to_dict(),
        }

    def _named(self, values: dict[str, Any]) -> dict[str, Any]:
        """Put the names of classes for their numbers."""
        names = {key: self.class_names[values[key]] for key in ("true", "predicted")}
        return {**values, **names}


def summarize(
    runs: Sequence[Predictions],
    *,
    hard: int = 50,
    points: int = POINTS,
    bins: int = BINS,
    names: Sequence[str] | None = None,
    check: bool = True,
) -> ConfigurationSummary:
    """Evaluate the runs of one configuration.

    Args:
        runs: Predictions of the same test images, one a seed; at least one.
        hard: How many hard samples at most.
        points: How many points of each ROC curve at most.
        bins: Of the reliability diagram.
        names: What the user calls the runs; by default ``run 1`` and so on.
        check: Whether to refuse scores and labels that contradict each other.

    Raises:
        DataError: If there are no runs, they are not of the same images, or scores and labels
            contradict each other.

    """
    names = names or [f"run {number}" for number in range(1, len(runs) + 1)]
    check_same_images(runs, names)
    curves = [roc(run) for run in runs]
    for name, run, curve in zip(names, runs, curves, strict=True):
        if check:
            check_scores(run, curve.weighted_auc, where=name)
    matrices = confusion_matrices(runs)
    return ConfigurationSummary(
        class_names=runs[0].class_names,
        n=len(runs),
        images=len(runs[0]),
        roc=roc_over_runs(curves, points),
        calibration=calibration(runs, bins),
        classes=class_scores(matrices),
        hard=hard_samples(runs, hard),
        errors=image_errors(runs),
    )
