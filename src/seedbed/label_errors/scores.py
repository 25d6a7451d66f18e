"""How suspicious each given label is, from predictions of networks that were not trained on it.

The model is that of :mod:`seedbed.noise.estimation`: clean probabilities c, and a transition matrix
T. Both are fitted to the given labels, which the networks have not seen:

1. T₀ is the calibrated joint of confident learning, and c₀ = p T₀⁻¹, for probabilities p.
2. c = softmax(log c₀ / τ). The temperature τ corrects the confidence of networks, which is too high
   where they are overfitted and too low where predictions are averaged (Guo et al. 2017, "On
   calibration of modern neural networks").
3. τ and T maximize the likelihood of the given labels, Σ log Σ_i c_i T_iy.

It is fitted twice. With p the mean over networks, it gives the noise rate and the matrix. With p of
single networks, c is averaged afterwards and not sharpened again, so that an image about which
networks disagree stays in doubt; this gives each label's probability of being wrong,
1 - c_y T_yy / Σ_i c_i T_iy. That is cautious where there is much noise, so its log-odds are raised
until it is half-way between the two rates (docs/audit.md has the figures).

All of this is as good as the assumption that noise depends on nothing but the clean class, and as
the networks: an image that all of them get wrong with confidence looks like a wrong label.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seedbed.noise.estimation import (
    Probabilities,
    calibrated_joint,
    clean_posterior,
    clean_probabilities,
    label_posterior,
    refine_transition,
    transition_of_joint,
)
from seedbed.noise.human import Labels
from seedbed.noise.transition import Matrix, symmetric

TEMPERATURES: Final = (0.35, 0.5, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0, 3.0)
PRIOR: Final = 10.0
"""Of :func:`~seedbed.noise.estimation.refine_transition`."""
SMALLEST: Final = 1e-6
"""Clean probability, before the temperature: the model is never surer than that."""
MOST_DRAWS: Final = 3
"""Predictions per image from which the temperature of single networks is chosen."""
COARSE: Final = 5
FINE: Final = 20
"""Rounds of expectation maximization at every temperature, and at the best."""


MOST_RAISED: Final = 10.0
"""Log-odds by which those of a label are raised at most."""
HALVINGS: Final = 40
"""Steps of the search for this amount."""


@dataclass(frozen=True, eq=False)
class NoiseModel:
    """How the labels of N images came about."""

    clean: Matrix
    """c, N×K."""
    matrix: Matrix
    """T, K×K."""
    temperature: float
    start: Matrix
    """T₀, K×K."""

    def right(self, labels: Labels) -> NDArray[np.float64]:
        """Return the probability that each label is right, N."""
        return label_posterior(self.clean, labels, self.matrix)


def fit(probabilities: Probabilities, labels: Labels) -> NoiseModel:
    """Return the model that makes the given labels most likely.

    Args:
        probabilities: Out-of-fold probabilities, N×K.
        labels: N.
    """
    start, logs = _start(probabilities, labels)
    fits = []
    for temperature in TEMPERATURES:
        clean = _softmax(logs, temperature)
        matrix = refine_transition(clean, labels, _without_zeros(start), COARSE, PRIOR)
        fits.append((_log_likelihood(clean, labels, matrix), temperature))
    return _model(logs, labels, start, max(fits)[1], FINE)


def refit(probabilities: Probabilities, labels: Labels, temperature: float) -> NoiseModel:
    """Return the model at a temperature that is known; costs a tenth of :func:`fit`."""
    start, logs = _start(probabilities, labels)
    return _model(logs, labels, start, temperature, COARSE)


def fit_each(draws: Sequence[Probabilities], labels: Labels) -> NoiseModel:
    """Return the model of single networks, with the mean of their clean probabilities.

    Args:
        draws: Out-of-fold probabilities of single networks, N×K each.
        labels: N.
    """
    used = draws[:MOST_DRAWS]
    stacked = fit(np.concatenate(used), np.tile(labels, len(used)))
    clean = np.zeros(draws[0].shape)
    for draw in draws:
        # The start of all draws together, as in the stack.
        clean += _softmax(_logs(draw, stacked.start), stacked.temperature) / len(draws)
    matrix = refine_transition(clean, labels, _without_zeros(stacked.matrix), FINE, PRIOR)
    return NoiseModel(clean, matrix, stacked.temperature, stacked.start)


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
        model: That of :func:`fit_each`.
        rate: The noise rate by the model of :func:`fit`.
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
    """Return probabilities whose log-odds are raised until their mean is half-way to a noise rate.

    Single networks understate how many labels are wrong where they are poor, and their mean
    overstates it where few labels are wrong, so the truth is between the two. The order stays.

    Args:
        p_wrong: N, by single networks.
        rate: By their mean; where it is not higher, nothing is raised.
    """
    wanted = (float(p_wrong.mean()) + rate) / 2
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


def _start(probabilities: Probabilities, labels: Labels) -> tuple[Matrix, Matrix]:
    """Return T₀ and log c₀."""
    start = transition_of_joint(calibrated_joint(probabilities, labels))
    return start, _logs(probabilities, start)


def _logs(probabilities: Probabilities, start: Matrix) -> Matrix:
    logs: Matrix = np.log(np.maximum(clean_probabilities(probabilities, start), SMALLEST))
    return logs


def _model(
    logs: Matrix, labels: Labels, start: Matrix, temperature: float, rounds: int
) -> NoiseModel:
    clean = _softmax(logs, temperature)
    matrix = refine_transition(clean, labels, _without_zeros(start), rounds, PRIOR)
    return NoiseModel(clean, matrix, temperature, start)


def _without_zeros(matrix: Matrix) -> Matrix:
    """Return a first T; zeros would stay zeros."""
    mixed: Matrix = 0.9 * matrix + 0.1 * symmetric(len(matrix), 0.1)
    return mixed


def _softmax(logs: Matrix, temperature: float) -> Matrix:
    scaled = np.exp((logs - logs.max(axis=1, keepdims=True)) / temperature)
    result: Matrix = scaled / scaled.sum(axis=1, keepdims=True)
    return result


def _log_likelihood(clean: Matrix, labels: Labels, matrix: Matrix) -> float:
    return float(np.log(np.maximum((clean * matrix.T[labels]).sum(axis=1), 1e-12)).sum())
