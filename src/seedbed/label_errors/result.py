"""The result of an audit, as files and pages show it."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seedbed.label_errors.finds import Finds, find
from seedbed.label_errors.intervals import Intervals, bootstrap
from seedbed.label_errors.model import NoiseModel, agreement, fit, fit_each
from seedbed.label_errors.predictions import SplitPredictions
from seedbed.label_errors.scores import Scores, ranking, score
from seedbed.label_errors.second_opinion import cleanlab_auroc, cleanlab_issues
from seedbed.label_errors.training import Training
from seedbed.label_errors.truth import Truth, compare
from seedbed.noise.estimation import Probabilities
from seedbed.noise.human import Labels
from seedbed.noise.transition import Matrix

LEAST_AGREEMENT: Final = 0.7
"""Of two networks on clean classes; below it, errors of networks look like wrong labels (LOG.md has
the figures)."""


@dataclass(frozen=True, eq=False)
class AuditedSplit:
    """The audited labels of a split."""

    predictions: SplitPredictions
    model: NoiseModel
    """Of the mean over networks."""
    noise_rate: float
    """The estimated fraction of wrong labels."""
    scores: Scores
    intervals: Intervals

    @property
    def name(self) -> str:
        """``train``, ``validation`` or ``test``."""
        return self.predictions.name

    @property
    def matrix(self) -> Matrix:
        """The estimated transition matrix."""
        return self.model.matrix

    @cached_property
    def agreement(self) -> float | None:
        """See :func:`~seedbed.label_errors.model.agreement`; of the clean classes, not labels."""
        return agreement(self.predictions.draws, self.model.centers)


@dataclass(frozen=True, eq=False)
class Row:
    """A label of the ranking."""

    split: AuditedSplit
    index: int
    """Of the image in its split."""

    @property
    def name(self) -> str:
        """The image's."""
        return str(self.split.predictions.images.names[self.index])

    @property
    def given(self) -> int:
        """The given label."""
        return int(self.split.predictions.given[self.index])

    @property
    def suggested(self) -> int:
        """The most probable other class."""
        return int(self.split.scores.suggested[self.index])

    @property
    def p_wrong(self) -> float:
        """The probability that the label is wrong."""
        return float(self.split.scores.p_wrong[self.index])


@dataclass(frozen=True, eq=False)
class LabelAudit:
    """The audited labels of a dataset."""

    dataset: str
    """Its title."""
    class_names: tuple[str, ...]
    splits: tuple[AuditedSplit, ...]
    finds: Finds
    truth: tuple[Truth, ...] = ()
    """Of the splits whose clean labels are known."""
    training: Training | None = None
    """How far the networks were trained; ``None`` where only predictions are known."""
    facts: dict[str, str | int | float] = field(default_factory=dict)
    """How the networks were trained."""

    @property
    def withheld(self) -> bool:
        """Whether nothing is called a find, as errors of the networks cannot be told from others.

        That is so where they were not trained far enough, or disagree too often.
        """
        return _withheld(self.training, self.splits[0])

    @property
    def noise_rate(self) -> float:
        """The estimated fraction of wrong labels in the training split."""
        return self.splits[0].noise_rate

    @property
    def matrix(self) -> Matrix:
        """The estimated transition matrix of the training split."""
        return self.splits[0].matrix

    @property
    def p_wrong(self) -> NDArray[np.float64]:
        """The probability of each training label that it is wrong; N."""
        return self.splits[0].scores.p_wrong

    @property
    def suggested(self) -> Labels:
        """The most probable other class for each training label; N."""
        return self.splits[0].scores.suggested

    @property
    def pred_probs(self) -> Probabilities:
        """The mean out-of-fold probabilities of the training images, N×K, for cleanlab."""
        return self.splits[0].predictions.mean

    @cached_property
    def order(self) -> tuple[tuple[int, int], ...]:
        """(number of the split, index) of every label, most suspicious first."""
        where = [(number, i) for number, of in enumerate(self.splits) for i in range(_size(of))]
        p_wrong = np.concatenate([of.scores.p_wrong for of in self.splits])
        own = np.concatenate([of.scores.self_confidence for of in self.splits])
        return tuple(where[place] for place in ranking(p_wrong, own))

    def rows(self, most: int | None = None) -> list[Row]:
        """Return the ranking, or its first rows."""
        return [Row(self.splits[number], index) for number, index in self.order[:most]]

    def __repr__(self) -> str:
        low, high = self.splits[0].intervals.rate
        rate = "unknown" if self.withheld else f"{self.noise_rate:.4f}"
        return (
            f"LabelAudit({self.dataset!r}, noise_rate={rate} [{low:.4f}, {high:.4f}], "
            f"finds={self.finds.count})"
        )


def audit_predictions(
    dataset: str,
    splits: tuple[SplitPredictions, ...],
    *,
    fdr: float,
    training: Training | None = None,
    facts: dict[str, str | int | float] | None = None,
) -> LabelAudit:
    """Audit labels by the predictions for them.

    Args:
        dataset: Its title.
        splits: The training split first.
        fdr: The false discovery rate that the finds are to keep.
        training: See :class:`LabelAudit`. Of networks that were not trained far enough, or disagree
            too often, no label is a find, and intervals are as wide as their predictions allow.
        facts: See :class:`LabelAudit`.
    """
    audited = tuple(map(_audited, splits))
    withheld = _withheld(training, audited[0])
    if withheld:
        audited = tuple(map(_widened, audited))
    found = (
        Finds.none(fdr)
        if withheld
        else find(
            np.concatenate([of.scores.p_wrong for of in audited]),
            np.concatenate([of.scores.self_confidence for of in audited]),
            fdr,
        )
    )
    truth = tuple(
        compare(
            of.name,
            of.scores,
            of.predictions.given,
            of.predictions.clean,
            fdr,
            cleanlab_issues(of.predictions.mean, of.predictions.given),
            cleanlab_auroc(
                of.predictions.mean,
                of.predictions.given,
                of.predictions.given != of.predictions.clean,
            ),
        )
        for of in audited
        if of.predictions.clean is not None
    )
    names = splits[0].images.class_names
    return LabelAudit(dataset, names, audited, found, truth, training, facts or {})


def _audited(split: SplitPredictions) -> AuditedSplit:
    model = fit(split.mean, split.given)
    rate = float(1 - model.right(split.given).mean())
    each = fit_each(split.draws, split.given, model)
    return AuditedSplit(
        split,
        model,
        rate,
        score(split.mean, split.votes, split.networks, split.given, each, rate),
        bootstrap(split.draws, split.given, model, rate),
    )


def _withheld(training: Training | None, split: AuditedSplit) -> bool:
    if training is not None and training.untrained:
        return True
    return split.agreement is not None and split.agreement < LEAST_AGREEMENT


def _widened(of: AuditedSplit) -> AuditedSplit:
    split = of.predictions
    contradicted = float((split.mean.argmax(axis=1) != split.given).mean())
    return replace(of, intervals=of.intervals.widened(contradicted))


def _size(split: AuditedSplit) -> int:
    return len(split.predictions.given)
