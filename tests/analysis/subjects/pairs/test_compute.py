"""The most confused pairs and the images behind them, against plain loops."""

from collections.abc import Sequence

import numpy as np
import pytest

from made_predictions import CASES, from_probabilities, made, made_runs
from seedbed.analysis.predictions import Predictions
from seedbed.analysis.subjects.confusion.matrices import confusion_matrices
from seedbed.analysis.subjects.pairs.compute import (
    confused_cells,
    confused_pairs,
    merged_pairs,
)


def numbers(runs: Sequence[Predictions], *names: str) -> tuple[int, ...]:
    return tuple(runs[0].class_names.index(name) for name in names)


def test_pairs_and_their_images() -> None:
    runs = made_runs(3)
    rates = confusion_matrices(runs).mean
    pairs = confused_pairs(runs, most=20, images=1000)
    found = [pair.rate for pair in pairs]
    assert found == sorted(found, reverse=True)
    assert len(pairs) == np.count_nonzero(rates) - 5  # every cell off the diagonal occurs
    for pair in pairs:
        true, predicted = numbers(runs, pair.true, pair.predicted)
        assert true != predicted
        assert pair.rate == rates[true, predicted]
        order = []
        for image in pair.images:
            confusing = [run for run in runs if run.predicted[image.index] == predicted]
            probabilities = [run.probabilities[image.index, predicted] for run in confusing]
            assert runs[0].labels[image.index] == true
            assert image.probability is not None
            assert image.probability == pytest.approx(np.mean(probabilities), abs=1e-14)
            assert image.n_wrong == sum(
                run.predicted[image.index] != run.labels[image.index] for run in runs
            )
            order.append((-len(confusing), -image.probability))
        assert order == sorted(order)
        behind = {
            index
            for run in runs
            for index in np.flatnonzero((run.labels == true) & (run.predicted == predicted))
        }
        assert {image.index for image in pair.images} == behind


def test_only_the_most_are_kept() -> None:
    runs = made_runs(3)
    pairs = confused_pairs(runs, most=2, images=3)
    assert [len(pair.images) for pair in pairs] == [3, 3]
    everything = confused_pairs(runs, most=20, images=1000)
    assert pairs[0].images == everything[0].images[:3]
    assert confused_pairs(runs, most=0) == ()
    assert confused_pairs(runs, most=1, images=0)[0].images == ()


def test_no_mistakes_no_pairs() -> None:
    run = made(skill=100)
    assert confused_pairs([run]) == ()
    assert merged_pairs([run]) == ()


def test_both_directions_together() -> None:
    # Class a: 4 images, one taken for b. Class b: 2 images, one taken for a. Class c: right.
    labels = np.array([0, 0, 0, 0, 1, 1, 2])
    predicted = np.array([0, 0, 0, 1, 1, 0, 2])
    run = from_probabilities(np.eye(3)[predicted] * 0.7 + 0.1, labels)
    (pair,) = merged_pairs([run])
    assert pair.classes == ("b", "a")
    assert pair.rates == (0.5, 0.25)
    assert pair.rate == pytest.approx(2 / 6)
    assert [(image.true, image.predicted) for image in pair.images] == [("a", "b"), ("b", "a")]
    one_way = confused_pairs([run])
    assert [(each.true, each.predicted, each.rate) for each in one_way] == [
        ("b", "a", 0.5),
        ("a", "b", 0.25),
    ]


def test_merged_pairs_have_every_image_of_both() -> None:
    runs = made_runs(3)
    directed = {(p.true, p.predicted): p for p in confused_pairs(runs, most=20, images=1000)}
    for pair in merged_pairs(runs, most=20, images=1000):
        first, second = pair.classes
        both = directed[first, second], directed[second, first]
        assert pair.rates == (both[0].rate, both[1].rate)
        behind = {(first, each.index) for each in both[0].images}
        behind |= {(second, each.index) for each in both[1].images}
        assert {(each.true, each.index) for each in pair.images} == behind
        assert {each.predicted for each in pair.images} <= {first, second}


def test_an_absent_class_is_confused_with_nothing() -> None:
    run = CASES["absent class"]()
    assert all(pair.true != run.class_names[4] for pair in confused_pairs([run], most=100))
    assert any(run.class_names[4] in pair.classes for pair in merged_pairs([run], most=100))


def test_cells_have_their_images() -> None:
    runs = made_runs(3)
    rates = confusion_matrices(runs).mean
    labels = runs[0].labels
    n_wrong = np.sum([run.predicted != labels for run in runs], axis=0)
    cells = confused_cells(runs, images=1000)
    assert [rates[numbers(runs, cell.true, cell.predicted)] for cell in cells] == [
        pair.rate for pair in confused_pairs(runs, most=200)
    ]
    for cell in cells:
        true, predicted = numbers(runs, cell.true, cell.predicted)
        expected = []
        for index in np.flatnonzero(labels == true):
            sure = [
                run.probabilities[index, predicted]
                for run in runs
                if run.predicted[index] == predicted
            ]
            if sure:
                expected.append((-n_wrong[index], -len(sure), -np.mean(sure), index))
        expected.sort()
        assert list(cell.index) == [each[3] for each in expected]
        assert list(cell.n_wrong) == [-each[0] for each in expected]
        assert cell.probability is not None
        np.testing.assert_allclose(cell.probability, [-each[2] for each in expected], atol=1e-14)


def test_cells_are_as_many_as_are_asked_for() -> None:
    runs = made_runs(3)
    everything = confused_cells(runs, images=1000)
    few = confused_cells(runs, most=2, images=3)
    assert [(cell.true, cell.predicted) for cell in few] == [
        (cell.true, cell.predicted) for cell in everything[:2]
    ]
    assert few[0].index == everything[0].index[:3]
    assert confused_cells(runs, most=0) == ()


@pytest.mark.parametrize("case", CASES)
def test_cells_of_degenerate_runs(case: str) -> None:
    run = CASES[case]()
    cells = confused_cells([run], most=10**6, images=10**6)
    found = sorted(index for cell in cells for index in cell.index)
    assert found == np.flatnonzero(run.wrong).tolist()
