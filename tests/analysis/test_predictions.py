"""What counts as predictions, against SciPy and scikit-learn."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.special import log_softmax, softmax
from sklearn.metrics import log_loss

from made_predictions import made
from seedbed.analysis.predictions import Predictions, align, check_same_images
from seedbed.analysis.registry import analyze
from seedbed.core.errors import DataError
from seedbed.data.images import ImageIdentities
from sentences import Sentence

NAMES = ("cat", "dog", "owl")
LABELS = np.array([0, 1, 2, 1])
PROBABILITIES = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4], [0.5, 0.5, 0.0]])


def test_probabilities_and_losses_of_logits() -> None:
    run = made()
    logits = run.scores.astype(np.float64)
    np.testing.assert_allclose(run.probabilities, softmax(logits, axis=1), rtol=1e-14)
    expected = -log_softmax(logits, axis=1)[np.arange(len(run)), run.labels]
    np.testing.assert_allclose(run.losses, expected, rtol=1e-13, atol=1e-14)


def test_huge_logits_stay_finite() -> None:
    run = Predictions(np.array([[3e38, -3e38, 0.0]], np.float32), np.array([1]), NAMES)
    assert run.probabilities.tolist() == [[1, 0, 0]]
    assert run.losses[0] == pytest.approx(6e38, rel=1e-6)


def test_losses_of_probabilities_are_those_of_scikit_learn() -> None:
    run = Predictions(PROBABILITIES, np.array([0, 1, 2, 2]), NAMES, "probabilities")
    expected = log_loss(run.labels, PROBABILITIES, labels=[0, 1, 2])
    assert run.losses.mean() == pytest.approx(expected, abs=1e-12)
    np.testing.assert_array_equal(run.probabilities, PROBABILITIES)


def test_of_equal_scores_the_first_is_predicted() -> None:
    run = Predictions(PROBABILITIES, LABELS, NAMES, "probabilities")
    assert run.predicted.tolist() == [0, 1, 2, 0]
    assert run.wrong.tolist() == [False, False, False, True]
    assert run.confidences.tolist() == [0.7, 0.8, 0.4, 0.5]
    assert run.accuracy == 0.75


def test_nothing_can_be_changed_and_the_callers_arrays_still_can() -> None:
    scores, labels = PROBABILITIES.copy(), LABELS.copy()
    run = Predictions(scores, labels, NAMES, "probabilities")
    for array in (run.scores, run.labels, run.probabilities, run.predicted, run.losses):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    labels[0] = 1
    scores[0, 0] = 0.5


@pytest.mark.parametrize(
    ("scores", "kind"),
    [
        (PROBABILITIES, "probabilities"),
        (np.log(PROBABILITIES + 1e-3), "logits"),
        ([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]], "probabilities"),
        ([[3, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]], "logits"),
    ],
)
def test_the_kind_is_seen(scores: Any, kind: str) -> None:
    assert Predictions.from_scores(scores, LABELS, list(NAMES)).kind == kind


WRONG: dict[str, dict[str, Any]] = {
    "too few columns": {"scores": PROBABILITIES[:, :2]},
    "too few rows": {"scores": PROBABILITIES[:3]},
    "one dimension": {"scores": PROBABILITIES[0]},
    "no image": {"scores": PROBABILITIES[:0]},
    "text": {"scores": np.array([["a", "b", "c"]] * 4)},
    "NaN": {"scores": np.where(PROBABILITIES == 0.4, np.nan, 0.5)},
    "infinity": {"scores": np.where(PROBABILITIES == 0.8, np.inf, 0.5)},
    "no softmax": {"scores": PROBABILITIES / 2},
    "below 0": {"scores": PROBABILITIES - 0.2},
    "label too high": {"labels": np.array([0, 1, 2, 3])},
    "labels below 0": {"labels": np.array([0, -1, 2, -1])},
    "counted from 1": {"labels": LABELS + 1},
    "labels with a fraction": {"labels": LABELS.astype(float)},
    "labels of two dimensions": {"labels": LABELS[:, None]},
    "a name twice": {"class_names": ("cat", "dog", "cat")},
    "unknown kind": {"kind": "scores"},
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_used_is_one_line(case: str, sentence: Sentence) -> None:
    arguments: dict[str, Any] = {
        "scores": PROBABILITIES,
        "labels": LABELS,
        "class_names": NAMES,
        "kind": "probabilities",
    }
    with pytest.raises(DataError) as error:
        Predictions(**{**arguments, **WRONG[case]})
    sentence(error.value)


def test_rounded_probabilities_are_taken() -> None:
    rounded = np.array([[0.333, 0.333, 0.333]])
    assert Predictions.from_scores(rounded, [0], NAMES).kind == "probabilities"


def test_runs_of_other_images_are_rejected(sentence: Sentence) -> None:
    run = made(50, 3)
    check_same_images([run, made(50, 3, seed=1)])
    others: list[tuple[list[Predictions], str]] = [
        ([run, made(49, 3)], "run 2 has other labels than run 1"),
        (
            [run, run, Predictions(run.scores, 2 - run.labels, run.class_names)],
            "run 3 has other labels than run 1",
        ),
        (
            [run, Predictions(run.scores, run.labels, NAMES)],
            "run 2 has other classes than run 1",
        ),
    ]
    for runs, what in others:
        with pytest.raises(DataError) as error:
            check_same_images(runs)
        assert error.value.what == what
    with pytest.raises(DataError) as error:
        check_same_images([])
    sentence(error.value)


def named(run: Predictions, *, hashed: bool = True) -> Predictions:
    """Return a run whose images are named after their rows."""
    rows = np.arange(len(run)).astype(np.str_)
    hashes = np.char.zfill(rows, 32) if hashed else np.full(len(run), "")
    return replace(run, images=ImageIdentities(np.char.add("test/", rows), hashes))


def shuffled(run: Predictions, seed: int, *, in_classes: bool = False) -> Predictions:
    """Return a run with its rows in another order; within classes, the labels stay as they are."""
    rows = np.random.Generator(np.random.Philox(seed)).permutation(len(run))
    if in_classes:
        rows = rows[np.argsort(run.labels[rows], kind="stable")]
        rows = rows[np.argsort(np.argsort(run.labels, kind="stable"))]
    assert run.images is not None
    images = ImageIdentities(run.images.names[rows], run.images.hashes[rows])
    return Predictions(run.scores[rows], run.labels[rows], run.class_names, run.kind, images)


@pytest.mark.parametrize("hashed", [True, False])
@pytest.mark.parametrize("in_classes", [True, False])
def test_rows_in_another_order_change_nothing(hashed: bool, in_classes: bool) -> None:
    labels = np.arange(240) % 3
    predicted = np.where(np.arange(240) % 40 < 7, (labels + 1) % 3, labels)
    run = named(Predictions(np.eye(3)[predicted], labels, NAMES, "probabilities"), hashed=hashed)
    runs = [run, *(shuffled(run, seed, in_classes=in_classes) for seed in (1, 2, 3))]
    if in_classes:
        assert all(np.array_equal(other.labels, run.labels) for other in runs)
    found = analyze(runs)["hard_examples"]["images_by_n_wrong"]
    assert list(found) == [198, 0, 0, 0, 42]
    for other in align(runs, "abcd"):
        assert np.array_equal(other.scores, run.scores)
    unnamed = [replace(other, images=None) for other in runs]
    if in_classes:
        # What nobody can see where images have no names.
        assert analyze(unnamed)["hard_examples"]["images_by_n_wrong"] != found


def test_renamed_files_are_the_same_images_if_their_contents_are() -> None:
    run = named(made(50, 3))
    assert run.images is not None
    renamed = ImageIdentities(np.char.add("new/", run.images.names), run.images.hashes)
    exchanged = ImageIdentities(run.images.names[::-1], run.images.hashes)
    for images in (renamed, exchanged):
        _, aligned = align([run, replace(run, images=images)], "ab")
        assert aligned.images is run.images
        assert np.array_equal(aligned.scores, run.scores)


def test_copies_of_an_image_are_told_apart_by_their_names() -> None:
    labels = np.array([0, 1, 2, 1])
    names, hashes = np.array(["a", "b", "c", "d"]), np.array(["1" * 32, "1" * 32, "2", "3"])
    run = Predictions(PROBABILITIES, labels, NAMES, "probabilities", ImageIdentities(names, hashes))
    rows = np.array([1, 0, 2, 3])  # the two copies, which have different labels
    other = Predictions(
        PROBABILITIES[rows], labels[rows], NAMES, run.kind, ImageIdentities(names[rows], hashes)
    )
    _, aligned = align([run, other], "ab")
    assert np.array_equal(aligned.scores, run.scores)


def test_an_unnamed_run_has_the_order_that_all_others_share() -> None:
    run = named(made(50, 3))
    plain = replace(run, images=None)
    assert [other.images for other in align([plain, run, run], "abc")] == [
        None,
        run.images,
        run.images,
    ]
    with pytest.raises(DataError) as error:
        align([run, shuffled(run, 1), plain], "abc")
    assert error.value.what.startswith("c does not say which images its rows are of")


def test_other_images_are_counted(sentence: Sentence) -> None:
    run = named(made(50, 3))
    fewer = named(made(47, 3, labels=run.labels[:47]))
    with pytest.raises(DataError) as error:
        align([run, fewer], ["first.npz", "second.npz"])
    sentence(error.value)
    with pytest.raises(DataError):
        align([fewer, run], ["first.npz", "second.npz"])


def test_images_of_one_name_and_another_content_are_counted(sentence: Sentence) -> None:
    run = named(made(50, 3))
    assert run.images is not None
    hashes = run.images.hashes.copy()
    hashes[[3, 8]] = "f" * 32
    other = replace(run, images=ImageIdentities(run.images.names, hashes))
    with pytest.raises(DataError) as error:
        align([run, other], ["first.npz", "second.npz"])
    sentence(error.value)


def test_an_image_occurs_once() -> None:
    run = named(made(3, 3))
    assert run.images is not None
    twice = ImageIdentities(np.array(["a", "b", "a"]), run.images.hashes)
    with pytest.raises(DataError) as error:
        replace(run, images=twice)
    assert error.value.what == "the image 'a' occurs 2 times"
    with pytest.raises(DataError):
        replace(run, images=ImageIdentities(run.images.names[:2], run.images.hashes[:2]))


def test_analyses_take_runs_in_one_order() -> None:
    run = named(made(50, 3))
    with pytest.raises(DataError) as error:
        check_same_images([run, shuffled(run, 1)])
    assert error.value.what == "run 2 has its images in another order than run 1"
