"""Scores of labels, against simulated truth, cleanlab and scikit-learn."""

from itertools import combinations

import cleanlab.rank
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from seedbed.label_errors.finds import find
from seedbed.label_errors.intervals import bootstrap
from seedbed.label_errors.model import agreement, clean_classes, fit, fit_each
from seedbed.label_errors.scores import Scores, raised, ranking, score
from seedbed.label_errors.second_opinion import cleanlab_issues
from seedbed.label_errors.truth import auroc, compare
from seedbed.noise.labels import draw_labels
from seedbed.noise.transition import Matrix, pair, symmetric

CASES = {
    "symmetric 2 %": symmetric(5, 0.02),
    "symmetric 40 %": symmetric(5, 0.4),
    "pair 20 %": pair(5, 0.2),
}
cases = pytest.mark.parametrize("matrix", CASES.values(), ids=CASES)


class Simulated:
    """Networks that know c(x) but for noise of their own.

    They are right about 97 % of images, or 99.5 % where few labels are wrong: labels cannot be
    audited by networks that are wrong more often than the labels.
    """

    def __init__(self, matrix: Matrix, images: int, seed: int, networks: int = 4) -> None:
        random = np.random.default_rng(seed)
        classes = len(matrix)
        least = 3.5 if matrix[0, 0] < 0.9 else 6
        logits = random.normal(size=(images, classes))
        logits[np.arange(images), np.arange(images) % classes] += 8 * random.random(images) + least
        clean_p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        self.clean = (clean_p.cumsum(axis=1) > random.random((images, 1))).argmax(axis=1)
        self.given = draw_labels(self.clean, matrix, seed)
        self.wrong = self.given != self.clean
        self.draws = []
        for _ in range(networks):
            seen = np.exp(logits + 0.7 * random.normal(size=logits.shape))
            self.draws.append((seen / seen.sum(axis=1, keepdims=True)) @ matrix)
        self.mean = np.mean(self.draws, axis=0)

    def scores(self) -> Scores:
        votes = sum(np.eye(self.mean.shape[1], dtype=int)[p.argmax(axis=1)] for p in self.draws)
        networks = np.full(len(self.given), len(self.draws))
        model = fit(self.mean, self.given)
        rate = float(1 - model.right(self.given).mean())
        each = fit_each(self.draws, self.given, model)
        return score(self.mean, np.asarray(votes), networks, self.given, each, rate)


@cases
def test_rate_and_matrix_are_near_the_truth_and_within_their_intervals(matrix: Matrix) -> None:
    data = Simulated(matrix, 8000, 0)
    model = fit(data.mean, data.given)
    rate = float(1 - model.right(data.given).mean())
    assert rate == pytest.approx(data.wrong.mean(), abs=0.02)
    assert abs(model.matrix - matrix).max() < 0.05
    few = [draw[:2000] for draw in data.draws]
    model = fit(np.mean(few, axis=0), data.given[:2000])
    rate = float(1 - model.right(data.given[:2000]).mean())
    intervals = bootstrap(few, data.given[:2000], model, rate)
    low, high = intervals.rate
    assert low <= min(rate, data.wrong[:2000].mean())
    assert high >= max(rate, data.wrong[:2000].mean())
    assert high - low < 0.08
    lows, highs = intervals.matrix
    assert (lows <= model.matrix).all()
    assert (model.matrix <= highs).all()


@cases
@pytest.mark.parametrize("images", [500, 8000])
def test_the_false_discovery_rate_is_kept(matrix: Matrix, images: int) -> None:
    finds = right = 0
    for seed in range(8 if images == 500 else 1):
        data = Simulated(matrix, images, seed)
        scores = data.scores()
        count = find(scores.p_wrong, scores.self_confidence, 0.1).count
        chosen = ranking(scores.p_wrong, scores.self_confidence)[:count]
        finds += count
        right += int((~data.wrong[chosen]).sum())
    assert finds > 0
    # Of few finds, chance adds two standard errors.
    assert right / finds <= 0.15 + 2 * np.sqrt(0.1 * 0.9 / finds)
    assert right / finds >= 0.05


def test_the_false_discovery_rate_is_kept_where_chance_turns_the_majority_of_a_class() -> None:
    """Of 100 images of class 0, 54 are labeled as class 1, and 60 of class 1 are labeled so."""
    turned = pair(5, 0.4)
    turned[0, :2] = (0.46, 0.54)
    finds = right = wrong = 0
    for seed in range(3):
        data = Simulated(turned, 500, seed)
        scores = data.scores()
        assert roc_auc_score(data.wrong, scores.p_wrong) > 0.98
        count = find(scores.p_wrong, scores.self_confidence, 0.1).count
        chosen = ranking(scores.p_wrong, scores.self_confidence)[:count]
        finds += count
        right += int((~data.wrong[chosen]).sum())
        wrong += int(data.wrong.sum())
    assert right / finds <= 0.15
    assert finds - right > 0.9 * wrong


def test_agreement_is_that_of_clean_classes_over_all_pairs_of_networks() -> None:
    data = Simulated(pair(5, 0.4), 200, 0)
    centers = fit(data.mean, data.given).centers
    classes = [clean_classes(draw, centers) for draw in data.draws]
    pairs = [(a == b).mean() for a, b in combinations(classes, 2)]
    assert agreement(data.draws, centers) == pytest.approx(np.mean(pairs))
    assert agreement(data.draws[:1], centers) is None


def test_probabilities_are_raised_towards_the_rate_and_keep_their_order() -> None:
    p_wrong = np.append(np.random.default_rng(0).beta(0.2, 2, 500), [0.0, 1.0])
    mean = p_wrong.mean()
    higher = raised(p_wrong, mean + 0.1)
    assert higher.mean() == pytest.approx(mean + 0.08)
    assert (np.argsort(higher, kind="stable") == np.argsort(p_wrong, kind="stable")).all()
    assert ((higher >= 0) & (higher <= 1)).all()
    np.testing.assert_array_equal(raised(p_wrong, mean - 0.1), p_wrong)


def test_more_images_bring_narrower_intervals() -> None:
    widths = []
    for images in (500, 4000):
        data = Simulated(CASES["pair 20 %"], images, 0)
        model = fit(data.mean, data.given)
        rate = float(1 - model.right(data.given).mean())
        low, high = bootstrap(data.draws, data.given, model, rate).rate
        widths.append(high - low)
    assert widths[1] < 0.6 * widths[0]


@cases
def test_the_ranking_is_no_worse_than_cleanlabs(matrix: Matrix) -> None:
    data = Simulated(matrix, 8000, 0)
    scores = data.scores()
    ours = roc_auc_score(data.wrong, scores.p_wrong)
    theirs = {
        method: roc_auc_score(
            data.wrong,
            -cleanlab.rank.get_label_quality_scores(data.given, data.mean, method=method),
        )
        for method in ("self_confidence", "normalized_margin")
    }
    assert ours >= max(theirs.values()) - 0.0015
    if matrix is CASES["pair 20 %"]:  # where it matters which classes are confused
        assert 1 - ours < 0.8 * (1 - max(theirs.values()))


def test_plain_scores_are_what_they_are_called() -> None:
    data = Simulated(CASES["pair 20 %"], 500, 0)
    scores = data.scores()
    rows = np.arange(500)
    own = data.mean[rows, data.given]
    np.testing.assert_array_equal(scores.self_confidence, own)
    others = data.mean.copy()
    others[rows, data.given] = -1
    np.testing.assert_allclose(scores.margin, own - others.max(axis=1))
    against = sum((p.argmax(axis=1) != data.given).astype(int) for p in data.draws)
    np.testing.assert_array_equal(scores.votes, against)
    assert (scores.suggested != data.given).all()
    found = data.wrong & (scores.p_wrong > 0.9)
    assert (scores.suggested == data.clean)[found].mean() > 0.9


def test_finds_keep_the_promise_by_definition() -> None:
    p_wrong = np.array([0.1, 1.0, 0.6, 0.95, 0.0])
    found = find(p_wrong, np.zeros(5), 0.2)
    assert (found.count, found.threshold) == (3, 0.6)
    assert found.expected_wrong == pytest.approx(2.55)
    assert find(p_wrong, np.zeros(5), 0.01).count == 1
    sure = np.array([1.0] * 9 + [0.0] * 20)
    assert find(sure, np.zeros(29), 0.1).count == 9
    nothing = find(np.zeros(5), np.zeros(5), 0.1)
    assert (nothing.count, nothing.threshold, nothing.expected_wrong) == (0, 1.0, 0.0)


def test_of_equally_suspicious_labels_the_least_confident_comes_first() -> None:
    assert ranking(np.array([0.5, 0.9, 0.5]), np.array([0.3, 0.9, 0.2])).tolist() == [1, 2, 0]


def test_the_area_is_that_of_scikit_learn() -> None:
    random = np.random.default_rng(0)
    wrong, suspicion = random.random(200) < 0.3, random.random(200)
    order = np.argsort(-suspicion)
    assert auroc(wrong[order]) == pytest.approx(roc_auc_score(wrong, suspicion))
    assert auroc(np.ones(3, bool)) is None


def test_the_truth_counts_what_was_found() -> None:
    data = Simulated(CASES["symmetric 40 %"], 2000, 0)
    scores = data.scores()
    theirs = cleanlab_issues(data.mean, data.given)
    assert theirs is not None
    truth = compare("train", scores, data.given, data.clean, 0.1, theirs)
    assert truth.cleanlab is not None
    assert truth.cleanlab.precision == data.wrong[theirs].mean()
    assert truth.cleanlab.recall == data.wrong[theirs].sum() / data.wrong.sum()
    level = next(level for level in truth.levels if level.promised == 0.1)
    order = ranking(scores.p_wrong, scores.self_confidence)[: level.finds]
    assert level.precision == data.wrong[order].mean()
    assert level.recall == data.wrong[order].sum() / data.wrong.sum()
    assert truth.wrong == data.wrong.sum()


def test_no_wrong_label_and_few_images_are_no_trouble() -> None:
    data = Simulated(np.eye(3), 60, 0)
    scores = data.scores()
    assert np.isfinite(scores.p_wrong).all()
    truth = compare("train", scores, data.given, data.clean, 0.1)
    assert truth.auroc is None
    assert {level.recall for level in truth.levels} == {None}
