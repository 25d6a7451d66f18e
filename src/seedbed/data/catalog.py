"""Datasets: published ones by name, all others by path.

A published dataset is read from the folder that the user names, from the folder in the environment
variable ``SEEDBED_DATA``, or from the cache; if none of them has it, it is downloaded into the
cache. Images and labels are compared with the published ones. Files are not, so a recompressed copy
counts as the original. A copy that differs is used, but marked wherever its name appears.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from numbers import Integral
from pathlib import Path

import numpy as np
import platformdirs

from seedbed.core.arguments import path_of
from seedbed.core.errors import DataError, DownloadError
from seedbed.core.suggestions import unknown
from seedbed.data.images import DatasetSplits, ImageDataset
from seedbed.data.medmnist import UNUSABLE
from seedbed.data.published import PUBLISHED, Published
from seedbed.data.readers.bounded import readable
from seedbed.data.readers.contents import (
    Contents,
    contents_of,
    indices,
    located,
    numbered_names,
)
from seedbed.data.readers.decoding import ImageRules
from seedbed.data.readers.folders.groups import with_groups
from seedbed.data.readers.parquet.files import parquet_files
from seedbed.data.readers.path import find_dataset, read_path
from seedbed.data.readers.pictures import resize_images
from seedbed.data.reading import LayoutName, Reading
from seedbed.data.remote_file import Progress, RemoteFile
from seedbed.data.splits import SPLIT_SEED, TEST_FRACTION, split

CATALOG = tuple(PUBLISHED)
"""The names of the published datasets, the smallest first, and then those of MedMNIST."""
DATA_VARIABLE = "SEEDBED_DATA"
"""The environment variable with the folder of datasets."""


def load_dataset(
    name: str | None = None,
    *,
    path: str | Path | None = None,
    data_root: str | Path | None = None,
    resize: int | None = None,
    test_fraction: float = TEST_FRACTION,
    split_seed: int = SPLIT_SEED,
    layout: LayoutName | None = None,
    skip_unreadable: bool = False,
    background: str | None = None,
    label_column: str | None = None,
    groups: str | None = None,
    download: bool = True,
    progress: Progress | None = None,
) -> DatasetSplits:
    """Load a published dataset by name, or any dataset by path.

    Args:
        name: One of :data:`CATALOG`. Give either ``name`` or ``path``.
        path: A folder or file in one of the formats of :mod:`seedbed.data.readers`.
        data_root: The folder that is searched first for published datasets.
        resize: Height and width of the images in pixels, 1 or more; ``None`` keeps their size.
        test_fraction: For a dataset without a test split: the fraction of images in it, 0 (no test
            split) or more, and below 1.
        split_seed: The seed that draws the test split, 0 or more.
        layout: For a folder of images that can be read in two ways: ``"classes"`` or ``"splits"``
            if its folders are classes or splits, ``"table"`` if a table has the labels.
        skip_unreadable: For a folder of images: whether to leave out those that cannot be decoded.
        background: For a folder of images: the color behind transparent ones, ``"white"``,
            ``"black"`` or ``"#rrggbb"``; ``None`` rejects them.
        label_column: For Parquet files and tables of labels: the column of labels, if several may
            have them.
        groups: For a path: which images belong together, so that no split separates them. A column
            of a table or of Parquet files, or a pattern with one capturing group for their names.
        download: Whether to download a published dataset that is not on this machine.
        progress: Called during a download.

    Raises:
        DataError: If there is no such dataset, or it cannot be used.
        DownloadError: If the download fails.

    """
    if (name is None) == (path is None):
        raise DataError(
            "a dataset is loaded by its name or by its path", expected="exactly one of the two"
        )
    of_paths = {
        "layout": layout,
        "skip_unreadable": skip_unreadable or None,
        "background": background,
        "label_column": label_column,
        "groups": groups,
    }
    for option, given in of_paths.items():
        if path is None and given is not None:
            raise DataError(
                f"is for a path, and {name} is a published dataset",
                where=option,
                hint=f"leave out {option}",
            )
    if resize is not None and (not isinstance(resize, Integral) or resize < 1):
        raise DataError(f"images cannot be resized to {resize!r} pixels", expected="1 or more")
    modified = None
    if path is not None:
        path = path_of("path", path)
        title = path.resolve().name.split(".")[0] or str(path)
        rules = ImageRules(resize, skip_unreadable, background)
        contents, source = read_path(path, rules, layout, label_column), str(path)
        if groups is not None:
            contents = with_groups(contents, path, groups)
    else:
        published = find_published(str(name))
        title = published.name
        contents, modified, source = _read_published(published, data_root, download, progress)
    with located(source):
        contents = _with_test(contents, test_fraction, split_seed)
    splits = contents.splits
    if resize is not None:
        splits = {name: _resized(part, resize) for name, part in splits.items()}
    return DatasetSplits(title, splits, modified, source, contents.reading)


def find_published(name: str) -> Published:
    """Return the facts about a published dataset.

    Raises:
        DataError: If no published dataset has this name; the nearest name is suggested.

    """
    if name in PUBLISHED:
        return PUBLISHED[name]
    if name in UNUSABLE:
        raise DataError(UNUSABLE[name], where=name, expected="2D images with one label each")
    hint = "to read a folder or file, give it as a path" if Path(name).exists() else ""
    raise DataError(unknown("dataset", name, CATALOG), hint=hint)


def locate(published: Published, data_root: str | Path | None = None) -> Path | None:
    """Return the folder or file with a copy of a published dataset, or ``None``.

    Raises:
        DataError: If ``data_root`` or ``SEEDBED_DATA`` is not a folder.

    """
    for root in _roots(data_root):
        for location in published.locations:
            with readable(root / location):
                path = find_dataset(root / location)
            if path:
                return path
    cached = cache_folder() / published.name
    if any(_all_there(files, cached) for files in published.alternatives):
        return cached
    return None


def download_published(published: Published, progress: Progress | None = None) -> Path:
    """Download a published dataset into the cache, unless it is there, and return its folder.

    Raises:
        DownloadError: If no mirror has a valid copy in any of the published formats.

    """
    if published.homepage:
        raise DownloadError(
            "is not among the datasets that are downloaded",
            where=published.name,
            hint=_how_to_get(published),
        )
    from seedbed.data.download import fetch  # importing HTTP takes a while

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
    """Return the folder of downloads; it may not exist yet."""
    return platformdirs.user_cache_path("seedbed", appauthor=False) / "data"


def _roots(data_root: str | Path | None) -> Iterator[Path]:
    if data_root is not None:
        if not Path(data_root).is_dir():
            raise DataError("there is no such folder", where=str(data_root))
        yield Path(data_root)
    if os.environ.get(DATA_VARIABLE):
        root = Path(os.environ[DATA_VARIABLE])
        if not root.is_dir():
            raise DataError(
                "there is no such folder",
                where=str(root),
                hint=f"set {DATA_VARIABLE} to a folder of datasets, or unset it",
            )
        yield root


def _all_there(files: tuple[RemoteFile, ...], folder: Path) -> bool:
    return all((folder / file.name).is_file() for file in files)


def _read_published(
    published: Published,
    data_root: str | Path | None,
    download: bool,
    progress: Progress | None,
) -> tuple[Contents, str | None, str]:
    """Return the contents, how they differ from the published ones, and where they are from."""
    if not published.alternatives:
        return _digits(), None, "scikit-learn"
    path = locate(published, data_root)
    if path is None:
        if published.homepage or not download:
            raise DataError(
                "is not on this machine", where=published.name, hint=_how_to_get(published)
            )
        path = download_published(published, progress)
    columns = published.label_column if path.is_dir() and parquet_files(path) else None
    contents = read_path(path, label_column=columns)
    modified = _modification(published, contents, path)
    names = contents.train.class_names
    numbered = names == numbered_names(len(names)) and len(names) <= len(published.classes)
    if modified is None or numbered:
        contents = _with_class_names(contents, published.classes)
    return contents, modified, str(path)


def _how_to_get(published: Published) -> str:
    if not published.homepage:
        return f"run: seedbed data download {published.name}"
    file = Path(published.locations[0])
    return (
        f"download {file.name} from {published.homepage}, and save it as {file} in the folder that "
        f"{DATA_VARIABLE} or --data-root names"
    )


def _modification(published: Published, contents: Contents, path: Path) -> str | None:
    """Return how contents differ from the published ones, in a few words; ``None`` if equal."""
    if "JPEG" in contents.formats:
        return "not the published pixels: JPEG copy"
    if published.has_contents(contents) or _has_published_files(published, path):
        return None
    if not published.contents and published.fits(contents):
        return "not verified: recompressed, and only the published files have checksums"
    return f"differs from the published {published.title}"


def _has_published_files(published: Published, path: Path) -> bool:
    """Whether the files at a path have the checksums of the published files."""
    folder = path if path.is_dir() else path.parent
    return any(
        _all_there(files, folder)
        and all(f.digest.of(folder / f.name) == f.digest.value for f in files)
        for files in published.alternatives
        if path.is_dir() or path.name in {file.name for file in files}
    )


def _with_class_names(contents: Contents, class_names: tuple[str, ...]) -> Contents:
    if contents.train.class_names == class_names:
        return contents
    splits = contents.splits.items()
    named = {name: replace(split, class_names=class_names) for name, split in splits}
    reading = replace(contents.reading, classes_from="the publication")
    return replace(contents.with_splits(named), reading=reading)


def _digits() -> Contents:
    """Return scikit-learn's 1,797 digits: 8×8, gray, scaled from 0..16 to 0..255."""
    # Importing sklearn.datasets takes a second, so its file is read instead.
    package = find_spec("sklearn")
    assert package is not None, "scikit-learn is a dependency"
    assert package.submodule_search_locations is not None, "it is a package"
    file = Path(package.submodule_search_locations[0]) / "datasets" / "data" / "digits.csv.gz"
    table = np.loadtxt(file, delimiter=",", dtype=np.uint8)  # 64 pixels and the label
    gray = table[:, :-1].reshape(-1, 8, 8, 1).astype(np.float64)
    images = np.rint(gray * (255 / 16)).astype(np.uint8)
    names = PUBLISHED["digits"].classes
    reading = Reading(
        "scikit-learn",
        {"train": "all images"},
        classes_from="the publication",
        names_from="the index",
    )
    train = (images, table[:, -1].astype(np.int64), indices(len(images)))
    return contents_of({"train": train}, names, reading)


def _with_test(contents: Contents, fraction: float, seed: int) -> Contents:
    """Return contents whose test split, if they have none, is drawn from the training images."""
    if contents.test is None:
        if fraction == 0:
            return contents
        train, test = split(contents.train, fraction, seed)
        splits = {**contents.splits, "train": train, "test": test}
        whole = "images" if contents.validation is None else "training images"
        drawn = f"{100 * fraction:g} % of the {whole}, drawn with split seed {seed}"
        if test.groups is not None and train.groups is not None:
            of_test, of_train = (len(np.unique(groups)) for groups in (test.groups, train.groups))
            drawn += f": {of_test} of {of_test + of_train} groups, {len(test):,} images"
        reading = contents.reading
        reading = replace(reading, splits={**reading.splits, "test": drawn})
        return replace(contents.with_splits(splits), reading=reading)
    if (fraction, seed) != (TEST_FRACTION, SPLIT_SEED):
        raise DataError(
            "has a test split already",
            expected="no test fraction and no split seed",
            hint="leave test_fraction and split_seed out",
        )
    return contents


def _resized(dataset: ImageDataset, size: int) -> ImageDataset:
    return replace(dataset, images=resize_images(dataset.images, size))
