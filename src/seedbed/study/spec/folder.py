"""The study of images that have no study file yet: a small and a deeper network."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import tomli_w

from seedbed.core.errors import StudyError
from seedbed.data.readers.decoding import sizes_of
from seedbed.data.readers.folders.class_folders import labeled_files
from seedbed.data.readers.folders.tree import walk
from seedbed.data.readers.path import is_folder_of_images, read_path
from seedbed.data.reading import LayoutName
from seedbed.data.splits import SPLIT_SEED, TEST_FRACTION
from seedbed.study.spec.overrides import Override
from seedbed.study.spec.study import WINDOWS_DEVICES

LARGEST: Final = 32
"""Height and width in pixels of the largest images that LeNet-5 takes."""
EPOCHS: Final = {3_000: 30, 10_000: 20, 30_000: 10}
"""Up to so many images, so many epochs; for more images, :data:`FEWEST`."""
FEWEST: Final = 5

TEXT: Final = """\
# {images:,} images of {classes} classes{sizes}.
# Train it with: seedbed run {file}
name = "{name}"
network = ["lenet5", "resnet8"]  # a small network, and a deeper one
seeds = 5  # runs per network; small datasets need more, because their spread is larger

[dataset]
{dataset}
[recipe]
batch_size = 32
epochs = {epochs}
# Add flip = true if a mirrored image shows the same class.
augmentation = {{ shift = 2, rotation = 10, scale = 0.1 }}
"""


def folder_study(
    folder: Path,
    layout: LayoutName | None = None,
    label_column: str | None = None,
    *,
    path: str | None = None,
    file: str = "",
) -> str:
    """Return the text of a study file for a folder of images, or for a dataset in another format.

    Only the headers of images are read. Images of several sizes, or larger than LeNet-5 takes, are
    resized.

    Args:
        folder: The folder, or the file.
        layout: What its folders are, where they do not tell.
        label_column: The column of labels of Parquet files or of a table, where they do not tell.
        path: How the study file names it; by default as an absolute path.
        file: The study file, for the comment at its start.

    Raises:
        StudyError: If the folder has the results of a study.
        DataError: If it has no images, or it is in doubt what they are.
    """
    if (folder / "study.toml").is_file():
        raise StudyError(
            "has the results of a study",
            where=str(folder),
            expected="a study file, or a folder of images",
            hint=f"to train the study again or further, run {folder / 'study.toml'}",
        )
    if is_folder_of_images(folder, layout):
        files = labeled_files(walk(folder), layout, label_column)
        paths = [image for images in files.files.values() for image in images]
        sizes = sizes_of(paths)
        count, classes, has_test = len(paths), len(files.class_names), "test" in files.files
    else:
        contents = read_path(folder, label_column=label_column)
        count = sum(map(len, contents.splits.values()))
        sizes = Counter({contents.train.image_shape[:2]: count})
        classes, has_test = len(contents.train.class_names), contents.test is not None
    resized = len(sizes) > 1 or max((max(size) for size in sizes), default=0) > LARGEST
    dataset = {
        "path": path or str(folder.resolve()),
        **({"layout": layout} if layout else {}),
        **({"label_column": label_column} if label_column else {}),
        **({"resize": LARGEST} if resized else {}),
        **({} if has_test else {"test_fraction": TEST_FRACTION, "split_seed": SPLIT_SEED}),
    }
    return TEXT.format(
        images=count,
        classes=classes,
        sizes=_sizes(sizes) if resized else "",
        file=file or f"{study_name(folder)}.toml",
        name=study_name(folder),
        dataset=tomli_w.dumps(dataset),
        epochs=next((epochs for most, epochs in EPOCHS.items() if count <= most), FEWEST),
    )


def overridden_study(folder: Path, overrides: Sequence[Override]) -> str:
    """Return the text of :func:`folder_study`, read as the overrides of the dataset say."""
    chosen = {item.key: item.value for item in overrides}
    layout, column = (chosen.get(("dataset", key)) for key in ("layout", "label_column"))
    return folder_study(folder, layout, column)


def study_name(folder: Path) -> str:
    """Return a name for the study of a folder or file: its own name in ASCII, ``my-photos``."""
    own = folder.resolve().name
    own = own.partition(".")[0] if folder.is_file() else own
    plain = unicodedata.normalize("NFKD", own).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", plain)[:60].strip("._-") or "photos"
    return f"{name}-study" if name.partition(".")[0].upper() in WINDOWS_DEVICES else name


def _sizes(sizes: Counter[tuple[int, int]]) -> str:
    """Say why images are resized."""
    (height, width), _ = sizes.most_common(1)[0]
    of = f"{height}×{width} pixels" if len(sizes) == 1 else f"{len(sizes):,} sizes"
    return f", which are resized from {of} to {LARGEST}×{LARGEST}"
