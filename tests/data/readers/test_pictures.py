"""Decoding against Pillow itself, and the rules about color, transparency and size."""

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from seedbed.core.errors import DataError, UnreadableImage
from seedbed.data.readers.decoding import MAX_PIXELS, ImageRules, Picture
from seedbed.data.readers.pictures import decode_all, read_pictures, resize_images
from sentences import Sentence

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
def test_lossless_formats_are_read_unchanged(kind: str) -> None:
    np.testing.assert_array_equal(read(encoded(GRAY, kind))[0, ..., 0], GRAY)
    if kind != "GIF":
        np.testing.assert_array_equal(read(encoded(RGB, kind))[0], RGB)


def test_a_jpeg_is_decoded_as_by_pillow_and_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded(RGB, "JPEG"))
    images, formats = read_pictures([Picture("a", path), Picture("b", encoded(RGB))])
    np.testing.assert_array_equal(images[0], np.asarray(Image.open(path)))
    assert formats == {"JPEG", "PNG"}


def test_many_images_keep_their_order() -> None:
    shades = np.arange(1000, dtype=np.uint16).astype(np.uint8)
    images = read(*(encoded(np.full((2, 2), shade, np.uint8)) for shade in shades))
    np.testing.assert_array_equal(images[:, 0, 0, 0], shades)


def test_one_image_with_colors_makes_all_rgb() -> None:
    for order in ([GRAY, GRAY, RGB], [RGB, GRAY, GRAY]):
        images = read(*(encoded(image) for image in order))
        assert images.shape == (3, 6, 5, 3)
        np.testing.assert_array_equal(images[1], np.repeat(GRAY[..., None], 3, axis=2))


def test_black_and_white_and_palettes_are_supported() -> None:
    black_and_white = Image.fromarray(GRAY > 100)
    np.testing.assert_array_equal(read(encoded(black_and_white))[0, ..., 0], (GRAY > 100) * 255)
    palette = Image.fromarray(RGB).quantize(8)
    np.testing.assert_array_equal(read(encoded(palette))[0], np.asarray(palette.convert("RGB")))


def test_an_opaque_alpha_channel_is_dropped_and_a_transparent_one_rejected() -> None:
    for image, kind in ((RGB, "RGBA"), (GRAY, "LA")):
        opaque = Image.fromarray(image).convert(kind)
        result = read(encoded(opaque))[0]
        np.testing.assert_array_equal(result, image.reshape(result.shape))
        opaque.putalpha(254)
        with pytest.raises(DataError) as error:
            read(encoded(opaque))
        assert error.value.where == "image 0"
        assert error.value.expected == "an opaque image"


def palette_with_a_transparent_color() -> bytes:
    return encoded(Image.fromarray(RGB).quantize(8), transparency=0)


def animated() -> bytes:
    frames = [Image.fromarray(GRAY), Image.fromarray(255 - GRAY)]
    return encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])


UNSUPPORTED = {
    "transparent": palette_with_a_transparent_color(),
    "16 bits": encoded(GRAY.astype(np.uint16) * 256),
    "animated": animated(),
}


def png_of_16_bits(color: int, channels: int) -> bytes:
    """Return a PNG of 2×2 pixels with 16 bits per channel, which Pillow cannot write."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    row = b"\0" + struct.pack(">H", 0xFF12) * 2 * channels
    header = struct.pack(">IIBBBBB", 2, 2, 16, color, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(row * 2))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")


OF_16_BITS = {
    "PNG gray": png_of_16_bits(0, 1),
    "PNG RGB": png_of_16_bits(2, 3),
    "PNG gray with alpha": png_of_16_bits(4, 2),
    "PNG RGBA": png_of_16_bits(6, 4),
    "PPM RGB": b"P6 2 2 65535\n" + bytes(range(24)),
    "PPM gray": b"P5 2 2 65535\n" + bytes(range(8)),
    "TIFF gray": encoded(GRAY.astype(np.uint16) * 256, "TIFF"),
}


@pytest.mark.parametrize("image", OF_16_BITS.values(), ids=OF_16_BITS)
def test_16_bits_are_rejected_in_every_format(image: bytes) -> None:
    with pytest.raises(DataError) as error:
        read(image)
    assert error.value.where == "image 0"
    assert error.value.expected == "gray or RGB with 8 bits per channel"


def test_of_a_jpeg_with_several_pictures_the_first_is_read() -> None:
    first, second = Image.fromarray(RGB), Image.fromarray(255 - RGB)
    several = encoded(first, "MPO", save_all=True, append_images=[second])
    with Image.open(io.BytesIO(several)) as image:
        assert getattr(image, "n_frames", 1) == 2
    images, formats = read_pictures([Picture("a", several)])
    np.testing.assert_array_equal(images, read(encoded(first, "JPEG")))
    assert formats == {"JPEG"}


@pytest.mark.parametrize(
    ("background", "color"),
    [("white", (255, 255, 255)), ("black", (0, 0, 0)), ("#0080fF", (0, 128, 255))],
)
def test_a_background_is_behind_transparent_images(
    background: str, color: tuple[int, int, int]
) -> None:
    half = Image.fromarray(RGB).convert("RGBA")
    half.putalpha(0)
    half.paste((10, 20, 30, 255), (0, 0, 2, 6))
    rules = ImageRules(background=background)
    (pixels,) = decode_all([Picture("a", encoded(half))], rules).images
    assert (pixels[:, :2] == (10, 20, 30)).all()
    assert (pixels[:, 2:] == color).all()
    gray = Image.fromarray(GRAY).convert("LA")
    gray.putalpha(0)
    (pixels,) = decode_all([Picture("a", encoded(gray))], rules).images
    assert pixels.shape[2] == (3 if background.startswith("#") else 1)
    assert (pixels == color[: pixels.shape[2]]).all()


def test_a_background_changes_no_opaque_image() -> None:
    opaque = Picture("a", encoded(Image.fromarray(RGB).convert("RGBA")))
    images = decode_all([opaque], ImageRules(background="white")).images
    np.testing.assert_array_equal(images[0], RGB)


def test_unreadable_images_are_skipped_wherever_they_are() -> None:
    whole = [encoded(np.full((6, 5), shade, np.uint8)) for shade in range(4)]
    pictures = [
        Picture(str(number), data)
        for number, data in enumerate([b"", *whole[:2], whole[2][:40], whole[3], b"x"])
    ]
    decoded = decode_all(pictures, ImageRules(skip_unreadable=True))
    assert decoded.kept.tolist() == [False, True, True, False, True, False]
    assert decoded.images[:, 0, 0, 0].tolist() == [0, 1, 3]
    assert decoded.sizes == {"6×5": 3}
    assert decoded.modes == {"PNG gray": 3}


def test_only_unreadable_images_are_skipped() -> None:
    pictures = [Picture("a", encoded(GRAY)), Picture("b", animated()), Picture("c", b"")]
    with pytest.raises(DataError) as error:
        decode_all(pictures, ImageRules(skip_unreadable=True))
    assert error.value.where == "b"
    with pytest.raises(UnreadableImage) as error:
        decode_all(pictures[2:], ImageRules(skip_unreadable=True))
    assert error.value.where == "c"


@pytest.mark.parametrize("image", UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_unsupported_images_are_rejected(image: bytes, sentence: Sentence) -> None:
    with pytest.raises(DataError) as error:
        read(image)
    assert error.value.where == "image 0"
    sentence(error.value)


def test_a_photo_is_rotated_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # rotate by 90 degrees clockwise
    np.testing.assert_array_equal(
        read(encoded(RGB, "PNG", exif=exif.tobytes()))[0], np.rot90(RGB, -1)
    )


def test_different_sizes_are_rejected_unless_resized(sentence: Sentence) -> None:
    images = [encoded(GRAY), encoded(GRAY[:4])]
    with pytest.raises(DataError) as error:
        read(*images)
    assert error.value.where == "image 1"
    assert "resize" in error.value.hint
    sentence(error.value)
    assert read(*images, resize=3).shape == (2, 3, 3, 1)


def test_resizing_covers_the_square_and_crops_at_the_center() -> None:
    wide = np.zeros((4, 8), np.uint8)
    wide[:, 2:6] = 200
    assert (read(encoded(wide), resize=4) == 200).all()
    assert (resize_images(wide[None, ..., None], 4) == 200).all()
    assert resize_images(RGB[None], 12).shape == (1, 12, 12, 3)


def test_resizing_to_the_same_size_changes_nothing() -> None:
    square = RGB[None, :5]
    np.testing.assert_array_equal(resize_images(square, 5), square)


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"]
)
def test_other_files_are_rejected(data: bytes) -> None:
    with pytest.raises(DataError) as error:
        read(encoded(GRAY), data)
    assert error.value.where == "image 1"
    assert isinstance(error.value.__cause__, UnidentifiedImageError)
    assert "PNG" in error.value.expected


def test_the_error_for_another_file(sentence: Sentence) -> None:
    with pytest.raises(DataError) as error:
        read(b"hello")
    sentence(error.value)


def test_a_damaged_image_is_rejected() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (60, 60, 3), np.uint8)
    whole = encoded(noise)
    flipped = bytearray(whole)
    flipped[60] ^= 255
    # A second frame that ends in the last byte of its header, for which Pillow has an IndexError.
    half_a_frame = encoded(noise[..., 0], "GIF")[:-1] + b"," + bytes(8)
    for data in (whole[:2000], bytes(flipped), encoded(noise, "JPEG")[:900], half_a_frame):
        with pytest.raises(DataError) as error:
            read(data)
        assert error.value.where == "image 0"
        assert error.value.__cause__ is not None


def bomb(side: int) -> bytes:
    """Return a PNG whose header claims ``side``² pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(bytes(10)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [8_000, 10_000, 60_000])
def test_a_decompression_bomb_is_rejected(side: int) -> None:
    with pytest.raises(DataError) as error:
        read(bomb(side))
    assert error.value.where == "image 0"
    assert error.value.expected == f"at most {MAX_PIXELS:,}"


def test_images_that_do_not_fit_into_memory_are_rejected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("os.sysconf", lambda name: 10)
    with pytest.raises(DataError) as error:
        read(*[encoded(GRAY)] * 4)
    assert error.value.what.startswith("4 images of 6×5")
    assert error.value.hint


def test_damaged_exif_data_does_not_matter() -> None:
    whole = encoded(RGB, exif=b"Exif\0\0II*\0\x08\0\0\0\x05\0\x12\x01\x03\0")
    np.testing.assert_array_equal(read(whole)[0], RGB)


def test_what_a_chunk_claims_is_not_allocated(tmp_path: Path) -> None:
    """A PNG whose last chunk claims 2 GiB, in a process that may take 1 GiB more."""
    data = io.BytesIO()
    Image.new("L", (4, 4)).save(data, "PNG")
    png = data.getvalue()
    at = png.index(b"IDAT") - 4
    file = tmp_path / "claims.png"
    file.write_bytes(png[:at] + (2**31 - 1).to_bytes(4, "big") + png[at + 4 :])
    code = """
import resource, sys
from pathlib import Path
from seedbed.core.errors import UnreadableImage
from seedbed.data.readers.decoding import ImageRules, Picture, decode
pages = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (pages + 2**30, pages + 2**30))
try:
    decode(Picture("claims.png", Path(sys.argv[1])), ImageRules())
except UnreadableImage:
    pass
"""
    command = [sys.executable, "-c", code, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
