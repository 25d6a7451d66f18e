"""Everything that the evaluation of one configuration finds, in one frozen object."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from seedbed.analysis.predictions import Predictions, check_same_images
from seedbed.evaluation.hard_samples import HardSamples, hard_samples
from seedbed.evaluation.image_errors import ImageErrors, image_errors
from seedbed.evaluation.self_check import check_scores


@dataclass(frozen=True, eq=False)
class ConfigurationSummary:
    """What the test predictions of the runs of one configuration tell."""

    class_names: tuple[str, ...]
    n: int
    """Runs."""
    images: int
    """Test images."""
    hard: HardSamples
    errors: ImageErrors

    def to_dict(self) -> dict[str, Any]:
        """Return what ``summary.json`` holds of it; what is not defined is ``None``."""
        return {
            "n": self.n,
            "class_names": list(self.class_names),
            "test_images": self.images,
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
    names: Sequence[str] | None = None,
    check: bool = True,
) -> ConfigurationSummary:
    """Evaluate the runs of one configuration.

    Args:
        runs: Predictions of the same test images, one a seed; at least one.
        hard: How many hard samples at most.
        names: What the user calls the runs; by default ``run 1`` and so on.
        check: Whether to refuse scores and labels that contradict each other.

    Raises:
        DataError: If there are no runs, they are not of the same images, or scores and labels
            contradict each other.

    """
    names = names or [f"run {number}" for number in range(1, len(runs) + 1)]
    check_same_images(runs, names)
    for name, run in zip(names, runs, strict=True):
        if check:
            check_scores(run, where=name)
    return ConfigurationSummary(
        class_names=runs[0].class_names,
        n=len(runs),
        images=len(runs[0]),
        hard=hard_samples(runs, hard),
        errors=image_errors(runs),
    )
