"""Which images a run learns from, which it holds out, and which labels they have."""

from itertools import pairwise

import numpy as np
import pytest

from kernels import random_splits
from seedbed.core.errors import StudyError
from seedbed.core.seeds import Seeds
from seedbed.data.images import DatasetSplits
from seedbed.noise.spec import NoiseSpec
from seedbed.training.recipe import Recipe
from seedbed.training.splits import (
    Sample,
    draw_sample,
    fold_of,
    held_out_images,
    learned_images,
    splits_of,
)
from sentences import Sentence

TRAIN = random_splits((2, 3, 1), classes=10, train=1000).train
NO_NOISE = NoiseSpec()
NOISE = NoiseSpec(kind="symmetric", rate=0.3)


def drawn(
    train_size: int | None = None,
    validation_size: int = 0,
    *,
    noise: NoiseSpec = NO_NOISE,
    seed: int = 0,
) -> Sample:
    recipe = Recipe(train_size=train_size, validation_size=validation_size)
    return draw_sample(TRAIN, recipe, noise, Seeds(run=seed))


def test_by_default_a_run_learns_from_all_images_as_they_are_labeled() -> None:
    sample = drawn()
    np.testing.assert_array_equal(sample.train, np.arange(1000))
    assert sample.train.dtype == sample.validation.dtype == np.int64
    assert sample.validation.shape == (0,)
    np.testing.assert_array_equal(sample.labels.noisy, TRAIN.labels)


@pytest.mark.parametrize(
    ("train_size", "validation_size", "learned"),
    [(None, 1, 999), (None, 999, 1), (1, 0, 1), (300, 200, 300), (800, 200, 800), (1000, 0, 1000)],
)
def test_as_many_images_as_asked_for_and_none_of_them_twice(
    train_size: int | None, validation_size: int, learned: int
) -> None:
    sample = drawn(train_size, validation_size)
    assert (len(sample.train), len(sample.validation)) == (learned, validation_size)
    both = np.concatenate([sample.train, sample.validation])
    assert len(np.unique(both)) == len(both)
    assert both.dtype == np.int64
    assert both.min() >= 0
    assert both.max() < 1000
    for places in (sample.train, sample.validation):
        assert np.all(np.diff(places) > 0)


@pytest.mark.parametrize("validation_size", [0, 200])
def test_smaller_subsets_are_parts_of_larger_ones(validation_size: int) -> None:
    samples = [drawn(count, validation_size) for count in (1, 10, 100, 500, 800)]
    for smaller, larger in pairwise(samples):
        assert set(smaller.train) < set(larger.train)
        np.testing.assert_array_equal(smaller.validation, larger.validation)


def test_the_seed_alone_decides_what_is_chosen() -> None:
    first, again, noisy, other = (
        drawn(400, 300),
        drawn(400, 300),
        drawn(400, 300, noise=NOISE),
        drawn(400, 300, seed=1),
    )
    for same in (again, noisy):
        np.testing.assert_array_equal(same.train, first.train)
        np.testing.assert_array_equal(same.validation, first.validation)
    # Two random choices of 400 out of 1000 have 160 in common, give or take 9.3 (hypergeometric).
    assert abs(len(np.intersect1d(first.train, other.train)) - 160) < 4 * 9.3


def test_the_choice_prefers_no_place_and_no_class() -> None:
    chosen = np.concatenate([drawn(400, 100, seed=seed).train for seed in range(50)])
    counts = np.bincount(chosen, minlength=1000)
    # Each image is chosen in 20 runs of 50, give or take 3.5; their mean square of that is 12.
    assert abs(counts.var() - 50 * 0.4 * 0.6) < 4 * 12 * np.sqrt(2 / 1000)
    # Early images are chosen as often as late ones.
    assert abs(counts[:500].sum() - 10_000) < 4 * np.sqrt(500 * 12)


def test_noise_does_not_depend_on_the_choice() -> None:
    """The labels are those of the whole split: an image has the same in every subset."""
    whole, part = drawn(noise=NOISE), drawn(100, 50, noise=NOISE)
    np.testing.assert_array_equal(whole.labels.noisy, part.labels.noisy)
    np.testing.assert_array_equal(whole.labels.clean, TRAIN.labels)
    assert 0.25 < whole.labels.observed_rate < 0.35


def test_held_out_labels_are_as_noisy_as_the_others() -> None:
    sample = drawn(500, 500, noise=NOISE)
    for places in (sample.train, sample.validation):
        rate = sample.labels.flipped[places].mean()
        assert abs(rate - 0.3) < 4 * np.sqrt(0.3 * 0.7 / 500)


@pytest.mark.parametrize(
    ("train_size", "validation_size"),
    [(1001, 0), (900, 101), (1, 1000), (None, 1000), (None, 2000)],
)
def test_more_images_than_there_are_are_refused(
    train_size: int | None, validation_size: int
) -> None:
    with pytest.raises(StudyError) as error:
        drawn(train_size, validation_size)
    assert error.value.where == "recipe"
    assert str(validation_size) in error.value.what.split()
    assert (train_size is None) != (str(train_size) in error.value.what.split())
    assert "1000" in error.value.expected.split()


@pytest.mark.parametrize("train_size", [900, None], ids=["a number", "all others"])
def test_the_sentence_about_too_many_images(train_size: int | None, sentence: Sentence) -> None:
    with pytest.raises(StudyError) as error:
        drawn(train_size, 1001)
    sentence(error.value)


def test_noise_that_does_not_fit_the_classes_is_refused() -> None:
    with pytest.raises(StudyError) as error:
        drawn(noise=NoiseSpec(kind="pair", rate=0.1, mapping={"class 0": "dragon"}))
    assert "dragon" in error.value.what


@pytest.mark.parametrize("stream", ["subset", "validation", "noise"])
def test_a_stream_that_is_held_fixed_draws_the_same(stream: str) -> None:
    recipe = Recipe(train_size=400, validation_size=100)
    first, fixed = (
        draw_sample(TRAIN, recipe, NOISE, Seeds(run=run, **{stream: 0})) for run in range(2)
    )
    same = {
        "validation": np.array_equal(first.validation, fixed.validation),
        "noise": np.array_equal(first.labels.noisy, fixed.labels.noisy),
    }
    assert same == {name: name == stream for name in same}
    # Of the subset of all, the images that are held out are missing, and others take their place.
    common = len(np.intersect1d(first.train, fixed.train))
    assert common > 280 if stream == "subset" else common < 250
    for sample in (first, fixed):
        assert len(sample.train) == 400
        assert not set(sample.train) & set(sample.validation)


@pytest.mark.parametrize("folds", [2, 3, 7, 1000])
def test_the_runs_of_a_cross_validation_hold_out_every_image_once(folds: int) -> None:
    recipe = Recipe(folds=folds)
    samples = [draw_sample(TRAIN, recipe, NO_NOISE, Seeds(run=run)) for run in range(folds)]
    held_out = np.concatenate([sample.validation for sample in samples])
    np.testing.assert_array_equal(np.sort(held_out), np.arange(1000))
    for run, sample in enumerate(samples):
        both = np.concatenate([sample.train, sample.validation])
        np.testing.assert_array_equal(np.sort(both), np.arange(1000))
        assert len(sample.validation) == held_out_images(recipe, TRAIN, Seeds(run=run))
        assert len(sample.train) == learned_images(recipe, TRAIN, Seeds(run=run))
        for indices in (sample.train, sample.validation):
            assert np.all(np.diff(indices) > 0)


def test_the_classes_are_in_every_fold_alike() -> None:
    labels = np.repeat([0, 1, 2], [700, 290, 10])
    for seed in range(10):
        counts = np.bincount(labels[fold_of(labels, 5, seed)], minlength=3)
        assert counts.tolist() == [140, 58, 2]


def test_later_seeds_divide_the_images_anew() -> None:
    first, again, other = (fold_of(TRAIN.labels, 5, seed) for seed in (0, 0, 5))
    np.testing.assert_array_equal(first, again)
    # Of 200 images in a thousand, a random choice of 200 has 40 in common, give or take 5.1.
    assert abs(len(np.intersect1d(first, other)) - 40) < 4 * 5.1


def test_the_fold_can_be_held_fixed_and_a_subset_drawn_beside_it() -> None:
    recipe = Recipe(folds=5, train_size=100)
    one, other = (draw_sample(TRAIN, recipe, NO_NOISE, Seeds(run=run, fold=3)) for run in (0, 1))
    np.testing.assert_array_equal(one.validation, other.validation)
    np.testing.assert_array_equal(one.validation, fold_of(TRAIN.labels, 5, 3))
    for sample in (one, other):
        assert len(sample.train) == 100
        assert not set(sample.train) & set(sample.validation)
    assert len(np.intersect1d(one.train, other.train)) < 50


@pytest.mark.parametrize("recipe", [Recipe(folds=1001), Recipe(folds=2, train_size=501)])
def test_folds_that_the_images_do_not_fill_are_refused(recipe: Recipe) -> None:
    with pytest.raises(StudyError) as error:
        draw_sample(TRAIN, recipe, NO_NOISE, Seeds())
    assert error.value.where == "recipe"


def test_the_splits_of_a_run_know_their_images() -> None:
    dataset = random_splits((2, 3, 1), classes=10, train=1000, test=40)
    sample = draw_sample(dataset.train, Recipe(train_size=300, validation_size=50), NOISE, Seeds())
    splits = splits_of(dataset, sample)
    assert {name: (split.source, len(split)) for name, split in splits.items()} == {
        "train": ("train", 300),
        "validation": ("train", 50),
        "test": ("test", 40),
    }
    for name in ("train", "validation"):
        split = splits[name]
        np.testing.assert_array_equal(split.labels, sample.labels.noisy[split.indices])
        assert split.dataset is dataset.train
    np.testing.assert_array_equal(splits["test"].indices, np.arange(40))
    np.testing.assert_array_equal(splits["test"].labels, dataset.test.labels)


def test_a_dataset_may_bring_its_validation_split_and_no_test_split() -> None:
    whole = random_splits((2, 3, 1), classes=10, train=100, test=40)
    dataset = DatasetSplits("own", {"train": whole.train, "validation": whole.test})
    splits = splits_of(dataset, draw_sample(whole.train, Recipe(), NO_NOISE, Seeds()))
    assert {name: split.source for name, split in splits.items()} == {
        "train": "train",
        "validation": "validation",
    }
    held_out = draw_sample(whole.train, Recipe(validation_size=10), NO_NOISE, Seeds())
    assert splits_of(dataset, held_out)["validation"].source == "train"
