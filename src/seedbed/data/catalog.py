"""Published datasets by name, and any other by its path.

A published dataset is looked for in the folder that the user names, in the folder that the variable
``SEEDBED_DATA`` names, and in the cache; if it is nowhere, it is downloaded into the cache. What is
found is compared with what was published: the contents, not the files, so a recompressed copy is as
good as the original. A copy that differs is used, but says so wherever its name appears.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import platformdirs

from seedbed.core.errors import DataError, DownloadError
from seedbed.core.suggestions import unknown
from seedbed.data.download import Progress, RemoteFile, fetch
from seedbed.data.images import DatasetSplits, ImageDataset
from seedbed.data.published import PUBLISHED, Published
from seedbed.data.readers.bounded import readable
from seedbed.data.readers.contents import Contents, located, numbered_names
from seedbed.data.readers.path import find_dataset, read_path
from seedbed.data.readers.pictures import resize_images
from seedbed.data.splits import split

CATALOG = tuple(PUBLISHED)
"""The names, the smallest dataset first."""
DATA_VARIABLE = "SEEDBED_DATA"
TEST_FRACTION, SPLIT_SEED = 0.2, 0


def load_dataset(
    name: str | None = None,
    *,
    path: str | Path | None = None,
    data_root: str | Path | None = None,
    resize: int | None = None,
    test_fraction: float = TEST_FRACTION,
    split_seed: int = SPLIT_SEED,
    download: bool = True,
    progress: Progress | None = None,
) -> DatasetSplits:
    """Return a published dataset by its name, or any dataset by its path.

    Args:
        name: One of :data:`CATALOG`.
        path: Instead of a name: a folder or file in one of the formats of
            :mod:`seedbed.data.readers`.
        data_root: A folder in which to look for published datasets first.
        resize: Height and width of every image in pixels; ``None`` keeps them.
        test_fraction: The share of the test split where there is none, above 0 and below 1.
        split_seed: Decides which images those are; 0 or more.
        download: Whether to download a published dataset that is found nowhere.
        progress: Told about the download.

    Raises:
        DataError: If there is no such dataset, or it cannot be used.
        DownloadError: If it could not be downloaded.

    """
    if (name is None) == (path is None):
        raise DataError("a dataset is given by its name or by its path", expected="one of the two")
    if resize is not None and resize < 1:
        raise DataError(f"images cannot be resized to {resize} pixels", expected="1 or more")
    altered = None
    if path is not None:
        place = Path(path)
        title = place.resolve().name.split(".")[0] or str(place)
        contents, source = read_path(place, resize), str(place)
    else:
        published = find_published(str(name))
        title = published.name
        contents, altered, source = _read_published(published, data_root, download, progress)
    with located(source):
        train, test = _splits(contents, test_fraction, split_seed)
    if resize is not None:
        train, test = (_resized(part, resize) for part in (train, test))
    return DatasetSplits(title, train, test, altered, source)


def find_published(name: str) -> Published:
    """Return the facts about a published dataset.

    Raises:
        DataError: If there is none of that name; names the nearest.

    """
    if name in PUBLISHED:
        return PUBLISHED[name]
    hint = "to read a folder or file, give it as a path" if Path(name).exists() else ""
    raise DataError(unknown("dataset", name, CATALOG), hint=hint)


def locate(published: Published, data_root: str | Path | None = None) -> Path | None:
    """Return the folder or file with a copy of a published dataset, or ``None``.

    Raises:
        DataError: If ``data_root`` is no folder.

    """
    for root in _roots(data_root):
        for place in published.places:
            with readable(root / place):
                found = find_dataset(root / place)
            if found:
                return found
    cached = cache_folder() / published.name
    if any(_all_there(files, cached) for files in published.alternatives):
        return cached
    return None


def download_published(published: Published, progress: Progress | None = None) -> Path:
    """Return the folder in the cache with a published dataset, downloaded unless it is there.

    Raises:
        DownloadError: If no mirror of any of its forms gave it.

    """
    folder = cache_folder() / published.name
    failures = []
    for files in published.alternatives:
        try:
            for file in files:
                fetch(file, folder, progress)
        except DownloadError as error:
            failures.append(error)
        else:
            return folder
    raise DownloadError(
        "; ".join(f"{error.where} {error.what}" for error in failures),
        where=published.name,
        hint=failures[0].hint,
    )


def cache_folder() -> Path:
    """Return the folder where downloads are kept; nothing is created."""
    return platformdirs.user_cache_path("seedbed", appauthor=False) / "data"


def _roots(data_root: str | Path | None) -> Iterator[Path]:
    if data_root is not None:
        if not Path(data_root).is_dir():
            raise DataError("there is no such folder", where=str(data_root))
        yield Path(data_root)
    if os.environ.get(DATA_VARIABLE):
        root = Path(os.environ[DATA_VARIABLE])
        if not root.is_dir():
            raise DataError(f"{DATA_VARIABLE} names a folder that is not there", where=str(root))
        yield root


def _all_there(files: tuple[RemoteFile, ...], folder: Path) -> bool:
    return all((folder / file.name).is_file() for file in files)


def _read_published(
    published: Published,
    data_root: str | Path | None,
    download: bool,
    progress: Progress | None,
) -> tuple[Contents, str | None, str]:
    """Return the contents, how they differ from the published ones, and where they were."""
    if not published.alternatives:
        return _digits(), None, "scikit-learn"
    place = locate(published, data_root)
    if place is None:
        if not download:
            raise DataError(
                "is not on this machine",
                where=published.name,
                hint=f"run: seedbed data download {published.name}",
            )
        place = download_published(published, progress)
    contents = read_path(place)
    altered = _alteration(published, contents, place)
    names = contents.train.class_names
    numbered = names == numbered_names(len(names)) and len(names) <= len(published.classes)
    if altered is None or numbered:
        contents = _renamed(contents, published.classes)
    return contents, altered, str(place)


def _alteration(published: Published, contents: Contents, place: Path) -> str | None:
    """Say how contents differ from the published ones, in a few words; ``None`` if they do not."""
    if "JPEG" in contents.formats:
        return "not the published pixels: JPEG copy"
    if published.has_contents(contents) or _has_published_files(published, place):
        return None
    if not published.contents:
        return "not checked: recompressed, and only the published files have a checksum"
    return f"differs from the published {published.title}"


def _has_published_files(published: Published, place: Path) -> bool:
    """Whether the files at a place are the very ones that were published."""
    folder = place if place.is_dir() else place.parent
    return any(
        _all_there(files, folder)
        and all(f.digest.of(folder / f.name) == f.digest.value for f in files)
        for files in published.alternatives
        if place.is_dir() or place.name in {file.name for file in files}
    )


def _renamed(contents: Contents, class_names: tuple[str, ...]) -> Contents:
    train, test = (
        split and ImageDataset(split.images, split.labels, class_names)
        for split in (contents.train, contents.test)
    )
    assert train is not None
    return Contents(train, test, contents.formats)


def _digits() -> Contents:
    """Return the 1,797 digits that scikit-learn carries: 8×8, gray, from 17 shades to 256."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = np.rint(digits.images * (255 / 16)).astype(np.uint8)[..., np.newaxis]
    names = PUBLISHED["digits"].classes
    return Contents(ImageDataset(images, digits.target.astype(np.int64), names), None)


def _splits(contents: Contents, fraction: float, seed: int) -> tuple[ImageDataset, ImageDataset]:
    if contents.test is None:
        return split(contents.train, fraction, seed)
    if (fraction, seed) != (TEST_FRACTION, SPLIT_SEED):
        raise DataError(
            "it comes with a test split of its own",
            expected="no test fraction and no split seed",
            hint="leave test_fraction and split_seed out",
        )
    return contents.train, contents.test


def _resized(dataset: ImageDataset, size: int) -> ImageDataset:
    return ImageDataset(resize_images(dataset.images, size), dataset.labels, dataset.class_names)
