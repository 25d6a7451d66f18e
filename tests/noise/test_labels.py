"""Noisy labels have the distribution of the transition matrix, and depend on nothing else."""

import hashlib
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import seedbed.noise.labels
from seedbed.core.errors import DataError, StudyError
from seedbed.core.seeds import stream
from seedbed.core.suggestions import unknown
from seedbed.noise.labels import NoisyLabels, draw_labels, noisy_labels
from seedbed.noise.spec import NoiseSpec
from seedbed.noise.transition import pair, symmetric
from sentences import Sentence

NAMES = tuple("0123456789")
# Classes of different sizes, one of them empty, in random order.
CLEAN = np.random.default_rng(5).choice(10, 20_000, p=np.array([0, 1, 2, 3, 4, 5, 4, 3, 2, 1]) / 25)
UNEVEN = np.array([[0.6, 0.3, 0.1], [0.0, 1.0, 0.0], [0.5, 0.5, 0.0]])


def of_kind(**settings: Any) -> NoiseSpec:
    return NoiseSpec(**settings)


def drawn(seed: int = 0, **settings: Any) -> NoisyLabels:
    return noisy_labels(CLEAN, of_kind(**settings), NAMES, seed)


def assert_drawn_from(counts: NDArray[np.int64], matrix: NDArray[np.float64]) -> None:
    """Compare by Pearson's statistic: its mean is the degrees of freedom, its variance twice that.

    Five standard deviations allow for any fixed seed, but for no other distribution at this size.
    """
    expected = counts.sum(axis=1, keepdims=True) * matrix
    possible = expected > 0
    assert not counts[~possible].any()
    statistic = ((counts - expected)[possible] ** 2 / expected[possible]).sum()
    freedom = possible.sum() - possible.any(axis=1).sum()
    assert abs(statistic - freedom) <= 5 * np.sqrt(2 * freedom)


@pytest.mark.parametrize(
    ("settings", "matrix"),
    [
        ({"kind": "symmetric", "rate": 0.2}, symmetric(10, 0.2)),
        ({"kind": "symmetric", "rate": 0.8}, symmetric(10, 0.8)),
        ({"kind": "symmetric", "rate": 1.0}, symmetric(10, 1.0)),
        ({"kind": "symmetric", "rate": 0.5, "including_self": True}, symmetric(10, 0.45)),
        ({"kind": "pair", "rate": 0.4}, pair(10, 0.4)),
        ({"kind": "pair", "rate": 0.4, "mapping": {9: 1, 2: 3}}, pair(10, 0.4, {9: 1, 2: 3})),
        (
            {"kind": "matrix", "matrix": np.roll(np.eye(10), 3, axis=1).tolist()},
            np.roll(np.eye(10), 3, axis=1),
        ),
    ],
)
@pytest.mark.parametrize("seed", [0, 1])
def test_labels_are_drawn_from_the_matrix(
    settings: dict[str, Any], matrix: NDArray[np.float64], seed: int
) -> None:
    labels = drawn(seed, **settings)
    assert labels.transition is not None
    np.testing.assert_allclose(labels.transition, matrix, atol=1e-15)
    assert_drawn_from(labels.counts, matrix)


def test_an_uneven_matrix_in_which_a_class_never_keeps_its_label() -> None:
    clean = np.repeat(np.arange(3), 20_000)
    for exact in (False, True):
        noisy = draw_labels(clean, UNEVEN, 0, exact=exact)
        counts = np.bincount(clean * 3 + noisy, minlength=9).reshape(3, 3)
        assert_drawn_from(counts, UNEVEN)


def test_the_number_of_wrong_labels_is_random_by_default() -> None:
    """Its standard deviation over seeds is that of independent draws: sqrt(p (1 - p) / n)."""
    clean = CLEAN[:1000]
    spec = of_kind(kind="symmetric", rate=0.3)
    rates = [noisy_labels(clean, spec, NAMES, seed).observed_rate for seed in range(300)]
    expected = np.sqrt(0.3 * 0.7 / 1000)
    assert abs(np.mean(rates) - 0.3) < 5 * expected / np.sqrt(300)
    assert 0.8 < np.std(rates, ddof=1) / expected < 1.2


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.25, 1 / 3, 0.45, 0.9, 1.0])
@pytest.mark.parametrize("kind", ["symmetric", "pair"])
def test_exact_counts_in_every_class(kind: str, rate: float) -> None:
    for seed in range(3):
        labels = drawn(seed, kind=kind, rate=rate, exact=True)
        images = np.bincount(CLEAN, minlength=10)
        wrong = images - np.diag(labels.counts)
        assert wrong.tolist() == [round(rate * int(count)) for count in images]


def test_exact_counts_are_not_affected_by_float_errors() -> None:
    for count in (5, 15, 25, 35, 45):
        clean = np.zeros(count, np.int64)
        for rate in (0.1, 0.3, 0.7):
            labels = noisy_labels(clean, of_kind(kind="pair", rate=rate, exact=True), NAMES, 0)
            assert labels.flipped.sum() == round(round(rate * 10) * count / 10)


def test_exact_counts_choose_all_images_of_a_class_with_equal_probability() -> None:
    clean = np.zeros(10, np.int64)
    flips = np.zeros(10)
    for seed in range(2000):
        flips += draw_labels(clean, pair(2, 0.3), seed, exact=True)
    assert flips.sum() == 2000 * 3
    assert abs(flips - 600).max() < 5 * np.sqrt(2000 * 0.3 * 0.7)


@pytest.mark.parametrize("exact", [False, True])
def test_a_higher_rate_flips_the_same_labels_and_more(exact: bool) -> None:
    weaker, *stronger = (
        drawn(3, kind="symmetric", rate=rate, exact=exact) for rate in (0.2, 0.4, 0.8)
    )
    for one, other in pairwise([weaker, *stronger]):
        assert not (one.flipped & ~other.flipped).any()
        np.testing.assert_array_equal(one.noisy[one.flipped], other.noisy[one.flipped])


def test_labels_depend_on_the_seed_alone() -> None:
    first = drawn(1, kind="symmetric", rate=0.4)
    np.random.seed(0)  # noqa: NPY002  (global state that must not matter)
    for name in ("order", "augmentation", "initialization"):
        stream(1, name).random(1000)
    again, other = (drawn(seed, kind="symmetric", rate=0.4) for seed in (1, 2))
    np.testing.assert_array_equal(first.noisy, again.noisy)
    assert first.fingerprint == again.fingerprint != other.fingerprint
    # Two independent draws agree where both are right, or both wrong in the same way.
    assert abs(np.mean(first.noisy == other.noisy) - (0.6**2 + 0.4**2 / 9)) < 0.02


def test_only_the_noise_stream_is_drawn_from(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def spy(*arguments: Any) -> np.random.Generator:
        calls.append(arguments)
        return stream(*arguments)

    monkeypatch.setattr(seedbed.noise.labels, "stream", spy)
    drawn(7, kind="pair", rate=0.4)
    assert calls == [(7, "noise")]


def test_flips_are_independent_of_other_streams() -> None:
    """The first draws of another stream with the same seed are not correlated with the flips."""
    flipped = drawn(0, kind="symmetric", rate=0.5).flipped
    for name in ("initialization", "order", "augmentation", "split"):
        others = stream(0, name).random((len(CLEAN), 2))[:, 0]
        assert abs(np.corrcoef(flipped, others)[0, 1]) < 5 / np.sqrt(len(CLEAN))


def test_more_images_do_not_change_the_labels_of_the_first() -> None:
    spec = of_kind(kind="symmetric", rate=0.4)
    some = noisy_labels(CLEAN[:500], spec, NAMES, 0)
    np.testing.assert_array_equal(some.noisy, drawn(kind="symmetric", rate=0.4).noisy[:500])


def test_the_draws_of_a_seed_never_change() -> None:
    """Stored runs are identified by their settings; other draws would make them wrong."""
    clean = np.arange(20) % 10
    noisy = noisy_labels(clean, of_kind(kind="symmetric", rate=0.4), NAMES, 0).noisy
    assert noisy.tolist() == [3, 1, 2, 3, 4, 3, 6, 7, 6, 8, 0, 3, 7, 3, 4, 5, 6, 7, 8, 9]


def test_without_noise_the_labels_are_clean() -> None:
    for settings in ({"kind": "none"}, {"kind": "symmetric", "rate": 0.0}):
        labels = drawn(**settings)
        np.testing.assert_array_equal(labels.noisy, CLEAN)
        assert labels.observed_rate == 0
        np.testing.assert_array_equal(labels.transition, np.eye(10))


def test_rate_counts_and_transition_are_observed() -> None:
    clean, noisy = np.array([0, 0, 1, 1, 1]), np.array([0, 2, 1, 0, 0])
    labels = NoisyLabels(clean, noisy, 4, None)
    assert labels.flipped.tolist() == [False, True, False, True, True]
    assert labels.observed_rate == 0.6
    assert labels.counts.tolist() == [[1, 0, 1, 0], [2, 1, 0, 0], [0] * 4, [0] * 4]
    assert labels.counts.dtype == np.int64
    np.testing.assert_allclose(
        labels.observed_transition,
        np.array([[0.5, 0, 0.5, 0], [2 / 3, 1 / 3, 0, 0], [0] * 4, [0] * 4]),
    )
    assert labels.fingerprint == hashlib.sha256(noisy.astype("<i8").tobytes()).hexdigest()


def test_the_labels_are_read_only_and_the_callers_array_is_not() -> None:
    clean = CLEAN.copy()
    labels = noisy_labels(clean, of_kind(kind="pair", rate=0.1), NAMES, 0)
    for array in (labels.clean, labels.noisy, labels.transition):
        assert array is not None
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    clean[0] = 3


@pytest.mark.parametrize(
    "clean",
    [
        np.array([0, 10]),
        np.array([-1, 1]),
        np.array([], np.int64),
        np.array([0.0, 1.0]),
        np.zeros((2, 2), np.int64),
    ],
    ids=["too large", "negative", "empty", "floats", "two dimensions"],
)
def test_invalid_clean_labels_are_rejected(clean: Any, sentence: Sentence) -> None:
    with pytest.raises(DataError) as error:
        noisy_labels(clean, NoiseSpec(), NAMES, 0)
    sentence(error.value)


def test_noise_that_does_not_fit_the_classes_is_rejected() -> None:
    with pytest.raises(StudyError) as error:
        drawn(kind="matrix", matrix=[[1, 0], [0, 1]])
    assert error.value.where == "noise.matrix"
    assert error.value.expected.startswith("10×10")
    with pytest.raises(StudyError) as error:
        drawn(kind="pair", rate=0.1, mapping={"cat": "3"})
    assert error.value.where == "noise.mapping"
    assert error.value.what == unknown("class", "cat", NAMES)


@pytest.fixture
def human(tmp_path: Path) -> NoiseSpec:
    np.savez(tmp_path / "people.npz", clean_label=CLEAN, worse=(CLEAN + (CLEAN == 3)) % 10)
    return of_kind(kind="human", labels=str(tmp_path / "people.npz"), key="worse")


def test_human_labels_do_not_depend_on_the_seed(human: NoiseSpec) -> None:
    one, other = (noisy_labels(CLEAN, human, NAMES, seed) for seed in (0, 1))
    np.testing.assert_array_equal(one.noisy, other.noisy)
    assert one.transition is None
    assert one.observed_rate == np.mean(CLEAN == 3)
    assert one.counts[3, 4] == (CLEAN == 3).sum()


def test_changed_human_labels_are_rejected(human: NoiseSpec, sentence: Sentence) -> None:
    bound = human.resolved()
    assert noisy_labels(CLEAN, bound, NAMES, 0).fingerprint == bound.fingerprint
    np.savez(bound.labels or "", clean_label=CLEAN, worse=CLEAN)
    with pytest.raises(DataError) as error:
        noisy_labels(CLEAN, bound, NAMES, 0)
    assert error.value.where == bound.labels
    assert error.value.expected == bound.fingerprint
    assert "noise.fingerprint" in error.value.hint
    sentence(error.value)


def test_human_labels_that_hide_a_class_give_a_warning(human: NoiseSpec) -> None:
    warning = noisy_labels(CLEAN, human, NAMES, 0).warning(NAMES)
    assert warning is not None
    assert "'3'" in warning
    assert "'4'" in warning
    assert drawn(kind="pair", rate=0.4).warning(NAMES) is None
