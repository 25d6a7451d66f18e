import math

import numpy as np
import pytest
import scipy.stats
from numpy.typing import NDArray
from PIL import Image

import reference_images
from seedbed.core.seeds import STREAMS, stream
from seedbed.networks.layers import (
    Activation,
    Dropout,
    Flatten,
    PatchEmbedding,
    TransformerBlock,
)
from seedbed.networks.network import Network
from seedbed.networks.zoo import lenet5
from seedbed.training.batches import (
    EpochMasks,
    epoch_erasing,
    epoch_mixing,
    epoch_order,
    epoch_warps,
    training_sample,
)
from seedbed.training.recipe import Augmentation
from short_layers import conv, linear

EVERYTHING = Augmentation(shift=2, crop=1, rotation=10, scale=0.1, flip=True)
SHAPE = (28, 20, 1)


DROPPING = Network(
    "dropping",
    (conv(2, 3), Dropout(0.2), Flatten(), Activation("relu"), linear(50), Dropout(0.5)),
)
"""Of 4×5 images: 2×2×3 features are dropped, and 50."""


def masks_of(seed: int = 0, epoch: int = 0, *, images: int = 4000) -> NDArray[np.uint8]:
    masks = EpochMasks(seed, epoch, DROPPING, (4, 5, 1)).draw(images)
    assert masks is not None
    return masks


def warps_of(
    augmentation: Augmentation, shape: tuple[int, int, int] = SHAPE, images: int = 5000
) -> NDArray[np.float32]:
    warps = epoch_warps(0, images, 0, augmentation, shape)
    assert warps is not None
    return warps


def augmented(image: NDArray[np.float64], warp: NDArray[np.float32]) -> NDArray[np.floating]:
    (warped,) = reference_images.warp(image[None, None], warp[None])[:, 0]
    return np.asarray(warped)


def test_an_order_is_a_permutation_that_depends_on_seed_and_epoch_alone() -> None:
    order = epoch_order(1, 1000, 4)
    assert order.dtype == np.int64
    np.testing.assert_array_equal(np.sort(order), np.arange(1000))
    np.testing.assert_array_equal(order, epoch_order(1, 1000, 4))
    for other in (epoch_order(1, 1000, 5), epoch_order(2, 1000, 4)):
        assert np.mean(order == other) < 0.02


def test_images_are_mixed_with_a_permutation_of_their_batch() -> None:
    mixing = epoch_mixing(1, 1003, 4, 0.3, 50)
    assert mixing is not None
    assert mixing.partners.dtype == np.int64
    assert mixing.shares.dtype == np.float32
    for start in range(0, 1003, 50):
        batch = slice(start, min(start + 50, 1003))
        whole = np.arange(batch.start, batch.stop)
        np.testing.assert_array_equal(np.sort(mixing.partners[batch]), whole)
        assert len(set(mixing.shares[batch].tolist())) == 1
    part = mixing[slice(100, 200)]
    np.testing.assert_array_equal(part.partners, mixing.partners[100:200] - 100)
    again, later, other = (
        epoch_mixing(seed, 1003, epoch, 0.3, 50) for seed, epoch in ((1, 4), (1, 5), (2, 4))
    )
    assert again is not None
    np.testing.assert_array_equal(mixing.partners, again.partners)
    np.testing.assert_array_equal(mixing.shares, again.shares)
    for changed in (later, other):
        assert changed is not None
        assert np.mean(mixing.partners == changed.partners) < 0.1
        assert np.mean(mixing.shares == changed.shares) < 0.1
    assert epoch_mixing(1, 1003, 4, 0.0, 50) is None


def test_shares_have_a_beta_distribution() -> None:
    mixing = epoch_mixing(0, 20_000, 0, 0.4, 1)
    assert mixing is not None
    assert scipy.stats.kstest(mixing.shares, scipy.stats.beta(0.4, 0.4).cdf).pvalue > 0.01


def test_erased_rectangles_are_those_of_torchvision() -> None:
    erased = epoch_erasing(1, 20_000, 4, 0.6, (28, 20, 3))
    assert erased is not None
    assert erased.dtype == np.int32
    top, left, height, width = erased.T
    some = height > 0
    assert (some == (width > 0)).all()
    assert some.mean() == pytest.approx(0.6, abs=0.02)
    assert (top >= 0).all()
    assert (left >= 0).all()
    assert (top + height <= 28).all()
    assert (left + width <= 20).all()
    # 2 to 33% of the area and a ratio of 0.3 to 3.3, but for whole pixels.
    height, width = height[some], width[some]
    assert ((height + 0.5) * (width + 0.5)).min() >= 0.02 * 28 * 20
    assert ((height - 0.5) * (width - 0.5)).max() <= 0.33 * 28 * 20
    assert ((height - 0.5) / (width + 0.5)).max() <= 3.3
    assert ((height + 0.5) / (width - 0.5)).min() >= 0.3
    assert len(set(top[some].tolist())) > 20
    again, later = (
        epoch_erasing(1, 20_000, 4, 0.6, (28, 20, 3)),
        epoch_erasing(1, 20_000, 5, 0.6, (28, 20, 3)),
    )
    np.testing.assert_array_equal(erased, again)
    assert later is not None
    assert (erased != later).any(axis=1).mean() > 0.5
    assert epoch_erasing(1, 20_000, 4, 0.0, (28, 20, 3)) is None


def test_no_rectangle_fits_into_a_single_row() -> None:
    erased = epoch_erasing(1, 100, 0, 1.0, (1, 50, 1))
    assert erased is not None
    assert not erased.any()


def test_erasing_alone_moves_no_pixel() -> None:
    assert epoch_warps(0, 10, 0, Augmentation(erasing=0.5), SHAPE) is None
    shifted = Augmentation(shift=2, erasing=0.5)
    np.testing.assert_array_equal(warps_of(shifted), warps_of(Augmentation(shift=2)))


def test_warps_depend_on_seed_and_epoch_alone() -> None:
    first = epoch_warps(1, 100, 4, EVERYTHING, SHAPE)
    assert first is not None
    assert first.shape == (100, 6)
    assert first.dtype == np.float32
    assert first.flags.c_contiguous
    again, later, other = (
        epoch_warps(seed, 100, epoch, EVERYTHING, SHAPE) for seed, epoch in ((1, 4), (1, 5), (2, 4))
    )
    assert again is not None
    np.testing.assert_array_equal(first, again)
    for changed in (later, other):
        assert changed is not None
        assert not np.any(first == changed, axis=0).all()


def test_without_augmentation_there_are_no_warps() -> None:
    assert epoch_warps(0, 10, 0, Augmentation(), SHAPE) is None


def test_flip_mirrors_half_of_the_images_exactly() -> None:
    warps = warps_of(Augmentation(flip=True))
    image = np.arange(28 * 20.0).reshape(28, 20)
    mirrored = warps[:, 0] < 0
    assert abs(mirrored.mean() - 0.5) < 4 * 0.5 / math.sqrt(len(warps))
    np.testing.assert_allclose(augmented(image, warps[mirrored][0]), image[:, ::-1], atol=1e-9)
    np.testing.assert_allclose(augmented(image, warps[~mirrored][0]), image, atol=1e-9)


def test_shift_moves_the_content_by_at_most_so_many_pixels() -> None:
    a, b, c, d, e, f = warps_of(Augmentation(shift=2.5)).T
    assert set(a) == set(e) == {1.0}
    assert not b.any()
    assert not d.any()
    for moved in (c, f):
        assert 2.4 < moved.max() <= 2.5
        assert -2.5 <= moved.min() < -2.4
        assert abs(moved.mean()) < 4 * 2.5 / math.sqrt(3 * len(moved))
    assert abs(np.corrcoef(c, f)[0, 1]) < 0.06


@pytest.mark.parametrize("crop", [1, 4])
def test_a_crop_is_cut_anywhere_out_of_the_image_with_its_edge_repeated(crop: int) -> None:
    warps = warps_of(Augmentation(crop=crop))
    image = np.random.default_rng(0).random((28, 20))
    larger = np.pad(image, crop, mode="edge")
    for warp in warps[:50]:
        left, top = int(warp[2]) + crop, int(warp[5]) + crop
        cut = larger[top : top + 28, left : left + 20]
        np.testing.assert_array_equal(augmented(image, warp), cut)
    for moved in (warps[:, 2], warps[:, 5]):
        places, counts = np.unique(moved, return_counts=True)
        np.testing.assert_array_equal(places, np.arange(-crop, crop + 1))
        expected = len(warps) / len(places)
        assert np.abs(counts - expected).max() < 5 * math.sqrt(expected)
    assert abs(np.corrcoef(warps[:, 2], warps[:, 5])[0, 1]) < 0.06


def test_a_mirrored_crop_is_not_interpolated() -> None:
    warps = warps_of(Augmentation(crop=2, flip=True))
    np.testing.assert_array_equal(warps, np.rint(warps))


def test_rotation_turns_about_the_center_by_at_most_so_many_degrees() -> None:
    warps = warps_of(Augmentation(rotation=30), (21, 21, 1))
    angles = np.degrees(np.arctan2(warps[:, 1], warps[:, 0]))
    assert 29.5 < angles.max() <= 30.001
    assert -30.001 <= angles.min() < -29.5
    a, b, c, d, e, f = warps.astype(np.float64).T
    np.testing.assert_allclose(a * e - b * d, 1, rtol=1e-6)  # neither enlarged nor mirrored
    np.testing.assert_allclose(a * 10 + b * 10 + c, 10, atol=1e-5)
    np.testing.assert_allclose(d * 10 + e * 10 + f, 10, atol=1e-5)


def test_scale_enlarges_about_the_center_by_a_factor_within_its_bounds() -> None:
    a, b, c, d, e, f = warps_of(Augmentation(scale=0.2)).astype(np.float64).T
    factors = 1 / a
    assert 1.19 < factors.max() <= 1.200001
    assert 0.799999 <= factors.min() < 0.81
    assert abs(factors.mean() - 1) < 4 * 0.2 / math.sqrt(3 * len(a))
    np.testing.assert_array_equal(a, e)
    assert not b.any()
    assert not d.any()
    np.testing.assert_allclose(a * 9.5 + c, 9.5, atol=1e-5)
    np.testing.assert_allclose(e * 13.5 + f, 13.5, atol=1e-5)


def test_a_warp_is_the_transformation_that_pillow_makes_of_it() -> None:
    """Pillow maps pixel corners where we map centers; both agree away from the edge."""
    image = np.random.default_rng(0).random((28, 20))
    for a, b, c, d, e, f in warps_of(EVERYTHING)[:20].astype(np.float64):
        corners = (a, b, c + (1 - a - b) / 2, d, e, f + (1 - d - e) / 2)
        ours = augmented(image, np.array([a, b, c, d, e, f], np.float32))
        theirs = np.asarray(
            Image.fromarray(image.astype(np.float32)).transform(
                (20, 28),
                Image.Transform.AFFINE,
                corners,
                Image.Resampling.BILINEAR,
            )
        )
        np.testing.assert_allclose(ours[8:-8, 8:-8], theirs[8:-8, 8:-8], atol=2e-5)


def test_one_setting_does_not_change_what_the_others_draw() -> None:
    np.testing.assert_array_equal(
        warps_of(Augmentation(flip=True))[:, 0] < 0, warps_of(EVERYTHING)[:, 0] < 0
    )


def test_a_shift_of_the_reference_goes_the_way_it_says() -> None:
    image = np.zeros((5, 5))
    image[2, 2] = 1
    moved = augmented(image, np.array([1, 0, -1, 0, 1, 0], np.float32))
    assert moved[2, 3] == 1  # source x = x - 1: the content moves to the right


def test_masks_keep_each_feature_as_often_as_its_layer_says() -> None:
    masks = masks_of()
    assert masks.dtype == np.uint8
    assert masks.shape == (4000, 12 + 50)
    assert masks.flags.c_contiguous
    assert set(np.unique(masks)) == {0, 1}
    for layer, rate in ((masks[:, :12], 0.2), (masks[:, 12:], 0.5)):
        deviation = math.sqrt(rate * (1 - rate))
        assert abs(layer.mean() - (1 - rate)) < 4 * deviation / math.sqrt(layer.size)
        assert np.all(abs(layer.mean(axis=0) - (1 - rate)) < 4 * deviation / math.sqrt(4000))


@pytest.mark.parametrize("rate", [0.0001, 0.9999])
def test_the_rarest_masks(rate: float) -> None:
    network = Network("dropping", (Flatten(), Dropout(rate)))
    masks = EpochMasks(0, 0, network, (20, 20, 1)).draw(10_000)
    assert masks is not None
    rare = min((masks == 0).sum(), (masks == 1).sum())
    assert abs(rare - 400) < 4 * 20 + 4_000_000 / 65536  # and what 16 bits cannot tell


def test_masks_depend_on_seed_and_epoch_alone() -> None:
    first = masks_of(1, 4)
    np.testing.assert_array_equal(masks_of(1, 4), first)
    # The images before do not matter to those after.
    np.testing.assert_array_equal(masks_of(1, 4, images=100), first[:100])
    for other in (masks_of(1, 5), masks_of(2, 4)):
        assert abs(np.corrcoef(first[:, 12:].ravel(), other[:, 12:].ravel())[0, 1]) < 0.01


def test_features_and_images_are_dropped_independently() -> None:
    masks = masks_of().astype(np.float64)
    features = np.corrcoef(masks.T) - np.eye(62)
    # The largest of 1891 correlations of 4000 numbers each is nearly always below this.
    assert abs(features).max() < 4.5 / math.sqrt(4000)
    following = np.corrcoef(masks[:-1, 12:].ravel(), masks[1:, 12:].ravel())[0, 1]
    assert abs(following) < 4 / math.sqrt(50 * 4000)


def test_a_higher_rate_drops_the_same_features_and_more() -> None:
    low, high = (
        EpochMasks(0, 0, lenet5(dropout=rate), (28, 28, 1)).draw(100) for rate in (0.2, 0.6)
    )
    assert low is not None
    assert high is not None
    assert low.shape == (100, 120 + 84)
    assert np.all(high <= low)
    assert high.sum() < low.sum()


def test_masks_have_a_stream_of_their_own() -> None:
    bits = {name: stream(0, name).bytes(64) for name in STREAMS}
    assert len(set(bits.values())) == len(STREAMS)
    expected = np.frombuffer(bits["dropout"], "<u2")[:12] >= round(0.2 * 65536)
    np.testing.assert_array_equal(masks_of(images=1)[0, :12], expected)


TOKENS = Network(
    "tokens",
    (
        PatchEmbedding(4, 2),
        TransformerBlock(2, 3, dropout=0.3),
        TransformerBlock(2, 3, drop_path=0.5),
        TransformerBlock(1, 3, dropout=0.3, drop_path=0.2),
        Dropout(0.9),
    ),
)
"""Of 4×4 images: 4 tokens of 4 numbers, hidden layers of 3."""


@pytest.mark.parametrize("network", [DROPPING, TOKENS])
def test_masks_do_not_depend_on_how_many_are_drawn_at_once(network: Network) -> None:
    shape = (4, 5, 1) if network is DROPPING else (4, 4, 1)
    whole = EpochMasks(3, 1, network, shape).draw(60)
    parts = EpochMasks(3, 1, network, shape)
    drawn = [parts.draw(count) for count in (1, 2, 1, 1, 25, 30)]
    assert whole is not None
    np.testing.assert_array_equal(
        np.concatenate([part for part in drawn if part is not None]), whole
    )


def test_masks_of_blocks_stand_where_they_should() -> None:
    masks = EpochMasks(0, 0, TOKENS, (4, 4, 1)).draw(4000)
    assert masks is not None
    first = [0.3] * (16 + 12 + 16)
    last = [*[0.3] * 16, 0.2, *[0.3] * (12 + 16), 0.2]
    rates = np.array([*first, 0.5, 0.5, *last, *[0.9] * 16])
    assert masks.shape == (4000, len(rates))
    deviation = np.sqrt(rates * (1 - rates) / 4000)
    assert np.all(abs(masks.mean(axis=0) - (1 - rates)) < 4.5 * deviation)


def test_stochastic_depth_leaves_the_masks_of_dropout_as_they_were() -> None:
    def masks(path: float) -> NDArray[np.uint8]:
        network = Network("block", (PatchEmbedding(4, 2), TransformerBlock(1, 3, 0.3, path)))
        drawn = EpochMasks(0, 0, network, (4, 4, 1)).draw(100)
        assert drawn is not None
        return drawn

    with_paths = masks(0.2)
    assert with_paths.shape == (100, 16 + 1 + 12 + 16 + 1)
    np.testing.assert_array_equal(np.delete(with_paths, [16, 45], axis=1), masks(0.0))


def test_without_dropout_there_are_no_masks() -> None:
    assert EpochMasks(0, 0, lenet5(), (28, 28, 1)).draw(10) is None


@pytest.mark.parametrize(
    ("images", "count"), [(10, 4), (10, 10), (3, 10), (60_000, 10_000), (7, 1)]
)
def test_the_training_sample_is_evenly_spaced(images: int, count: int) -> None:
    sample = training_sample(images, count)
    assert sample.dtype == np.int64
    assert len(sample) == min(images, count)
    gaps = np.diff(sample)
    assert np.all(gaps >= 1)
    assert sample[-1] < images
    if len(gaps):
        assert gaps.max() - gaps.min() <= 1


def test_no_training_images_give_no_sample() -> None:
    assert training_sample(0, 5).shape == (0,)
