"""The picture of an image and its segments."""

import numpy as np

from seedbed.report.pictures.segments import GAP, MIXED, segment_picture


def test_image_and_segments_stand_beside_each_other() -> None:
    image = np.full((6, 8, 1), 100, np.uint8)
    labels = np.repeat([[0, 0, 0, 0, 1, 1, 1, 1]], 6, axis=0)
    picture = np.asarray(segment_picture(image, labels))
    assert picture.shape == (6, 16 + GAP, 3)
    assert (picture[:, :8] == 100).all()
    assert (picture[:, 8 : 8 + GAP] == 255).all()
    right = picture[:, 8 + GAP :]
    assert (right[:, 3] == 255).all()  # the outline
    blue = np.array([0x1F, 0x6F, 0xB5])
    np.testing.assert_allclose(right[0, 0], (1 - MIXED) * 100 + MIXED * blue, atol=0.5)
    assert (right[0, 7] != right[0, 0]).any()


def test_twenty_segments_have_twenty_colors() -> None:
    labels = np.tile(np.arange(20), (3, 1)).repeat(3, axis=1)
    picture = np.asarray(segment_picture(np.zeros((3, 60, 3), np.uint8), labels))
    assert len({tuple(each) for each in picture[1, 60 + GAP :: 3].tolist()}) == 20
