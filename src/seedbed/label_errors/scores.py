"""How suspicious each given label is.

The model of :mod:`seedbed.label_errors.model` is fitted to the mean prediction, which gives the
noise rate and the matrix. The probability that a label is wrong comes from single networks, whose
clean probabilities are averaged, so that an image about which they disagree stays in doubt. That is
cautious where there is much noise, so its log-odds are raised until they come near to the noise
rate (LOG.md has the figures).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seedbed.label_errors.model import NoiseModel
from seedbed.noise.estimation import Probabilities, clean_posterior
from seedbed.noise.human import Labels

MOST_RAISED: Final = 10.0
"""Log-odds by which those of a label are raised at most."""
WAY: Final = 0.8
"""From the rate by single networks to that by their mean, how far log-odds are raised."""
HALVINGS: Final = 40
"""Steps of the search for this amount."""


@dataclass(frozen=True, eq=False)
class Scores:
    """The scores of the N labels of a split."""

    p_wrong: NDArray[np.float64]
    """Probability that the label is wrong; N, 0 to 1."""
    suggested: Labels
    """The most probable other class, in case it is wrong; N."""
    self_confidence: NDArray[np.float64]
    """Mean probability that the networks give the label; N."""
    margin: NDArray[np.float64]
    """The same minus the highest of another class, -1 to 1; N."""
    votes: NDArray[np.int64]
    """How many of the networks predict another class; N."""
    networks: NDArray[np.int64]
    """How many networks predicted the image without having been trained on it; N."""


def score(
    probabilities: Probabilities,
    votes: NDArray[np.int64],
    networks: NDArray[np.int64],
    labels: Labels,
    model: NoiseModel,
    rate: float,
) -> Scores:
    """Return the scores of labels.

    Args:
        probabilities: Mean out-of-fold probabilities, N×K.
        votes: How many networks predict each class, N×K.
        networks: How many networks there are for each image, N.
        labels: N.
        model: That of :func:`~seedbed.label_errors.model.fit_each`.
        rate: The noise rate by the model of the mean prediction.
    """
    rows = np.arange(len(labels))
    posterior = clean_posterior(model.clean, labels, model.matrix)
    others = posterior.copy()
    others[rows, labels] = -1
    rivals = np.array(probabilities, np.float64)
    own = rivals[rows, labels].copy()
    rivals[rows, labels] = -1
    # Where the posterior leaves nothing for other classes, the networks' second choice.
    suggested = np.where(others.max(axis=1) > 0, others.argmax(axis=1), rivals.argmax(axis=1))
    return Scores(
        p_wrong=raised(1 - posterior[rows, labels], rate),
        suggested=suggested.astype(np.int64),
        self_confidence=own,
        margin=own - rivals.max(axis=1),
        votes=networks - votes[rows, labels],
        networks=networks,
    )


def raised(p_wrong: NDArray[np.float64], rate: float) -> NDArray[np.float64]:
    """Return probabilities whose log-odds are raised until their mean is near a noise rate.

    Single networks understate how many labels are wrong where they are poor, and their mean
    overstates it where few labels are wrong, so the truth is between the two. The order stays.

    Args:
        p_wrong: N, by single networks.
        rate: By their mean; where it is not higher, nothing is raised.
    """
    wanted = float(p_wrong.mean()) + WAY * (rate - float(p_wrong.mean()))
    odds = np.clip(p_wrong, 1e-15, 1 - 1e-15)
    odds /= 1 - odds
    low, high = 0.0, MOST_RAISED
    if wanted <= p_wrong.mean():
        return p_wrong
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        moved: NDArray[np.float64] = 1 / (1 + np.exp(-middle) / odds)
        low, high = (middle, high) if moved.mean() < wanted else (low, middle)
    return moved


def ranking(p_wrong: NDArray[np.float64], self_confidence: NDArray[np.float64]) -> Labels:
    """Return the order of labels, most suspicious first; of equal ones, the least confident."""
    order: Labels = np.lexsort((self_confidence, -p_wrong))
    return order
