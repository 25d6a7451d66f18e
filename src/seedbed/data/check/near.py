"""Near duplicates: images that look the same, for example after scaling or another encoding.

Two images are near duplicates if their difference hashes differ in at most three of 64 bits, and
their thumbnails by at most a tenth of their contrast. The hash is that of N. Krawetz, "Kind of
like that" (2013), https://www.hackerfactor.com/blog/index.php?/archives/529-Kind-of-Like-That.html:
whether each pixel of a 9×8 thumbnail is brighter than the one to its left. Here it must be brighter
by more than two levels, so that the noise of an encoder does not decide in flat areas.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE: Final = 16
"""Height and width of a thumbnail."""
MAX_BITS: Final = 3
"""In which the hashes of near duplicates may differ."""
MAX_CONTRAST: Final = 0.1
"""The root mean square by which thumbnails may differ, as a fraction of the standard deviation
within a thumbnail. Drawn digits are similar and differ by more; encoded photos by about 0.03."""
MIN_LEVELS: Final = 2.0
"""Gray levels by which the thumbnails of flat images may differ."""
MARGIN: Final = 2
"""Gray levels by which a pixel must be brighter than its neighbor."""
BANDS: Final = MAX_BITS + 1
"""If at most three bits differ, at least one of four parts of the hash is equal."""


def look(pixels: NDArray[np.uint8]) -> tuple[int, NDArray[np.uint8]]:
    """Return the difference hash of an image (64 bits) and its thumbnail (uint8, 256 values).

    Args:
        pixels: uint8, H×W×C, C = 1 or 3.
    """
    image = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels).convert("L")
    small = np.asarray(image.resize((9, 8), Image.Resampling.BOX), np.int16)
    bits = np.packbits(small[:, 1:] > small[:, :-1] + MARGIN)
    thumbnail = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX), np.uint8)
    return int.from_bytes(bits.tobytes(), "big"), thumbnail.ravel()


def near_duplicates(
    hashes: NDArray[np.uint64],
    thumbnails: NDArray[np.uint8],
    groups: NDArray[np.int64],
    *,
    across: bool,
) -> dict[int, int]:
    """Return for each image that has one an earlier image that looks the same.

    Args:
        hashes: Difference hashes, N.
        thumbnails: N×256.
        groups: N; for example the number of the split of each image.
        across: Whether to look in other groups, or in the image's own.
    """
    partners: dict[int, int] = {}
    taken = np.zeros(len(hashes), bool)
    for band in range(BANDS):
        # Every fourth bit, so that each part of the hash sees the whole image.
        keys = hashes & np.uint64(0x1111111111111111 << band)
        order = np.argsort(keys, kind="stable")
        ends = np.flatnonzero(np.diff(keys[order])) + 1
        for bucket in np.split(order, ends):
            _in_bucket(bucket, hashes, thumbnails, groups, across, taken, partners)
    return partners


def alike(thumbnail: NDArray[np.uint8], others: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return which of several thumbnails, N×256, differ from one by little."""
    differences = others.astype(np.float32) - thumbnail
    levels = np.sqrt(np.square(differences).mean(axis=1))
    result: NDArray[np.bool_] = levels <= max(MIN_LEVELS, MAX_CONTRAST * float(thumbnail.std()))
    return result


def _in_bucket(
    bucket: NDArray[np.intp],
    hashes: NDArray[np.uint64],
    thumbnails: NDArray[np.uint8],
    groups: NDArray[np.int64],
    across: bool,
    taken: NDArray[np.bool_],
    partners: dict[int, int],
) -> None:
    """Find the near duplicates in a bucket of indices in order; mark the later ones as taken."""
    for position, first in enumerate(bucket[:-1]):
        if taken[first]:
            continue
        later = bucket[position + 1 :]
        other = groups[later] != groups[first]
        later = later[~taken[later] & (other if across else ~other)]
        later = later[np.bitwise_count(hashes[later] ^ hashes[first]) <= MAX_BITS]
        if not len(later):
            continue
        for second in later[alike(thumbnails[first], thumbnails[later])].tolist():
            taken[second] = True
            partners[second] = int(first)
