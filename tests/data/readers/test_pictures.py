"""Decoding against Pillow itself, and the rules about color, transparency and size."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from seedbed.core.errors import DataError
from seedbed.data.readers.pictures import Picture, read_pictures, resize_images

GRAY = np.random.default_rng(0).integers(0, 256, (6, 5), np.uint8)
RGB = np.random.default_rng(1).integers(0, 256, (6, 5, 3), np.uint8)


def encoded(image: NDArray[Any] | Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    picture.save(stream, kind, **options)
    return stream.getvalue()


def read(*images: bytes, resize: int | None = None) -> NDArray[np.uint8]:
    pictures = [Picture(f"image {number}", data) for number, data in enumerate(images)]
    return read_pictures(pictures, resize)[0]


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM", "GIF"])
def test_formats_without_loss_come_back_as_they_were(kind: str) -> None:
    np.testing.assert_array_equal(read(encoded(GRAY, kind))[0, ..., 0], GRAY)
    if kind != "GIF":
        np.testing.assert_array_equal(read(encoded(RGB, kind))[0], RGB)


def test_a_jpeg_is_what_pillow_makes_of_it_and_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded(RGB, "JPEG"))
    images, formats = read_pictures([Picture("a", path), Picture("b", encoded(RGB))])
    np.testing.assert_array_equal(images[0], np.asarray(Image.open(path)))
    assert formats == {"JPEG", "PNG"}


def test_many_images_keep_their_order() -> None:
    shades = np.arange(1000, dtype=np.uint16).astype(np.uint8)
    images = read(*(encoded(np.full((2, 2), shade, np.uint8)) for shade in shades))
    np.testing.assert_array_equal(images[:, 0, 0, 0], shades)


def test_one_color_makes_all_rgb_wherever_it_is() -> None:
    for order in ([GRAY, GRAY, RGB], [RGB, GRAY, GRAY]):
        images = read(*(encoded(image) for image in order))
        assert images.shape == (3, 6, 5, 3)
        np.testing.assert_array_equal(images[1], np.repeat(GRAY[..., None], 3, axis=2))


def test_black_and_white_and_palettes_are_understood() -> None:
    black_and_white = Image.fromarray(GRAY > 100)
    np.testing.assert_array_equal(read(encoded(black_and_white))[0, ..., 0], (GRAY > 100) * 255)
    palette = Image.fromarray(RGB).quantize(8)
    np.testing.assert_array_equal(read(encoded(palette))[0], np.asarray(palette.convert("RGB")))


def test_an_opaque_alpha_channel_is_dropped_and_a_transparent_one_refused() -> None:
    for image, kind in ((RGB, "RGBA"), (GRAY, "LA")):
        opaque = Image.fromarray(image).convert(kind)
        found = read(encoded(opaque))[0]
        np.testing.assert_array_equal(found, image.reshape(found.shape))
        opaque.putalpha(254)
        with pytest.raises(
            DataError, match=r"image 0: is transparent in places; expected an opaque"
        ):
            read(encoded(opaque))


def test_a_palette_with_a_transparent_color_is_refused() -> None:
    palette = Image.fromarray(RGB).quantize(8)
    with pytest.raises(DataError, match="is transparent in places"):
        read(encoded(palette, transparency=0))


def test_sixteen_bits_are_refused() -> None:
    with pytest.raises(DataError, match=r"pixels of the kind 'I;16'; expected 8 bits a channel"):
        read(encoded(GRAY.astype(np.uint16) * 256))


def test_a_moving_image_is_refused() -> None:
    frames = [Image.fromarray(GRAY), Image.fromarray(255 - GRAY)]
    moving = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    with pytest.raises(DataError, match="is a moving image; expected a single image"):
        read(moving)


def test_a_photograph_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned by 90 degrees clockwise
    np.testing.assert_array_equal(
        read(encoded(RGB, "PNG", exif=exif.tobytes()))[0], np.rot90(RGB, -1)
    )


def test_different_sizes_are_refused_unless_a_size_is_asked_for() -> None:
    images = [encoded(GRAY), encoded(GRAY[:4])]
    with pytest.raises(
        DataError, match=r"image 1: is 4×5 pixels, but image 0 is 6×5; expected .*resize = 32"
    ):
        read(*images)
    assert read(*images, resize=3).shape == (2, 3, 3, 1)


def test_resizing_covers_the_square_and_cuts_evenly() -> None:
    wide = np.zeros((4, 8), np.uint8)
    wide[:, 2:6] = 200
    assert (read(encoded(wide), resize=4) == 200).all()
    assert (resize_images(wide[None, ..., None], 4) == 200).all()
    assert resize_images(RGB[None], 12).shape == (1, 12, 12, 3)


def test_resizing_to_the_same_size_changes_nothing() -> None:
    square = RGB[None, :5]
    np.testing.assert_array_equal(resize_images(square, 5), square)


def test_what_is_no_image_is_refused() -> None:
    for data in (b"", b"hello", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"):
        with pytest.raises(DataError, match=r"image 1: is no image; expected one of .*PNG"):
            read(encoded(GRAY), data)


def test_a_damaged_image_is_refused() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (60, 60, 3), np.uint8)
    whole = encoded(noise)
    flipped = bytearray(whole)
    flipped[60] ^= 255
    for data in (whole[:2000], bytes(flipped), encoded(noise, "JPEG")[:900]):
        with pytest.raises(DataError, match=r"image 0: (cannot be decoded|is no image)"):
            read(data)


def bomb(side: int) -> bytes:
    """Make a PNG that promises ``side``² pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(bytes(10)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [8_000, 10_000, 60_000])
def test_a_decompression_bomb_is_refused(side: int) -> None:
    with pytest.raises(DataError, match=r"has .*pixels; expected at most 50,000,000"):
        read(bomb(side))


def test_more_than_fits_into_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sysconf", lambda name: 10)
    with pytest.raises(DataError, match=r"4 images of 6×5 would need .* GiB, this machine has"):
        read(*[encoded(GRAY)] * 4)


def test_damaged_exif_data_does_not_matter() -> None:
    whole = encoded(RGB, exif=b"Exif\0\0II*\0\x08\0\0\0\x05\0\x12\x01\x03\0")
    np.testing.assert_array_equal(read(whole)[0], RGB)
