"""Everything that the evaluation of one configuration finds, in one frozen object."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from seedbed.analysis.predictions import Predictions, check_same_images
from seedbed.evaluation.calibration import BINS, Calibration, calibration
from seedbed.evaluation.confusion import (
    Cell,
    ConfusedImage,
    ConfusedPair,
    Confusion,
    MergedPair,
    confused_cells,
    confused_pairs,
    confusion,
    merged_pairs,
)
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
    confusion: Confusion
    pairs: tuple[ConfusedPair, ...]
    merged: tuple[MergedPair, ...]
    cells: tuple[Cell, ...]
    roc: RocSummary
    calibration: Calibration
    classes: tuple[ClassScores, ...]
    hard: HardSamples
    errors: ImageErrors

    def to_dict(self) -> dict[str, Any]:
        """Return what ``summary.json`` holds of it; what is not defined is ``None``."""
        std = self.confusion.std
        return {
            "n": self.n,
            "class_names": list(self.class_names),
            "test_images": self.images,
            "confusion": self.confusion.mean.tolist(),
            "confusion_std": None if std is None else std.tolist(),
            "confusion_counts": self.confusion.counts.tolist(),
            "top_pairs": [self._pair(pair) for pair in self.pairs],
            "merged_pairs": [self._merged(pair) for pair in self.merged],
            "confused_images": [self._cell(cell) for cell in self.cells],
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

    def _pair(self, pair: ConfusedPair) -> dict[str, Any]:
        images = [
            {"index": each.index, "probability": each.probability, "n_wrong": each.n_wrong}
            for each in pair.images
        ]
        names = {"true": pair.true, "predicted": pair.predicted}
        return self._named({**names, "rate": pair.rate, "images": images})

    def _merged(self, pair: MergedPair) -> dict[str, Any]:
        return {
            "classes": [self.class_names[each] for each in pair.classes],
            "rate": pair.rate,
            "rates": list(pair.rates),
            "images": [self._image(image) for image in pair.images],
        }

    def _cell(self, cell: Cell) -> dict[str, Any]:
        arrays = {key: getattr(cell, key) for key in ("index", "probability", "n_wrong")}
        values = {key: array.tolist() for key, array in arrays.items()}
        return self._named({"true": cell.true, "predicted": cell.predicted, **values})

    def _image(self, image: ConfusedImage) -> dict[str, Any]:
        return self._named(asdict(image))

    def _named(self, values: dict[str, Any]) -> dict[str, Any]:
        """Put the names of classes for their numbers."""
        names = {key: self.class_names[values[key]] for key in ("true", "predicted")}
        return {**values, **names}


def summarize(
    runs: Sequence[Predictions],
    *,
    pairs: int = 10,
    images: int = 10,
    hard: int = 50,
    points: int = POINTS,
    bins: int = BINS,
    names: Sequence[str] | None = None,
    check: bool = True,
) -> ConfigurationSummary:
    """Evaluate the runs of one configuration.

    Args:
        runs: Predictions of the same test images, one a seed; at least one.
        pairs: How many confused pairs at most, of each kind.
        images: How many images behind each pair at most.
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
    matrices = confusion(runs)
    return ConfigurationSummary(
        class_names=runs[0].class_names,
        n=len(runs),
        images=len(runs[0]),
        confusion=matrices,
        pairs=confused_pairs(runs, pairs, images),
        merged=merged_pairs(runs, pairs, images),
        cells=confused_cells(runs),
        roc=roc_over_runs(curves, points),
        calibration=calibration(runs, bins),
        classes=class_scores(matrices),
        hard=hard_samples(runs, hard),
        errors=image_errors(runs),
    )
