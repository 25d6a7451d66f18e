"""ROC curves and the area under them, over the runs of one configuration."""

import msgspec

from seedbed.analysis.aggregate import Aggregate


class ClassAuc(msgspec.Struct, frozen=True):
    """The AUC of each class against the rest, in the order of the classes."""

    mean: tuple[float | None, ...]
    """``None`` for a class without a curve."""
    std: tuple[float | None, ...]
    n: tuple[int, ...]

    def of(self, number: int) -> Aggregate:
        """Return the AUC of one class."""
        return Aggregate(self.mean[number], self.std[number], self.n[number])


class Auc(msgspec.Struct, frozen=True):
    """The area under the curves, 0 to 1."""

    macro: Aggregate
    """Each class counts the same."""
    weighted: Aggregate
    """Each class counts as often as it occurs."""
    micro: Aggregate
    """Every (image, class) is one decision, and all are put on one curve."""
    per_class: ClassAuc


class Curve(msgspec.Struct, frozen=True):
    """From (0, 0) to (1, 1); thinned, and rounded for drawing."""

    false_positive_rate: tuple[float, ...]
    true_positive_rate: tuple[float, ...]


class RocCurves(msgspec.Struct, frozen=True):
    """Mean curves over the runs; ``None`` where there is none."""

    macro: Curve | None
    weighted: Curve | None
    micro: Curve | None
    per_class: tuple[Curve | None, ...]
    """In the order of the classes."""


class Roc(msgspec.Struct, frozen=True):
    """How well the scores separate the classes."""

    auc: Auc
    roc_curves: RocCurves
