"""Parquet files in the layout of Hugging Face datasets. Needs the extra ``[parquet]``.

The column ``image`` or ``img`` has encoded images (a struct of ``bytes`` and ``path``, or bytes),
the column ``label`` integers. The class names are in the metadata of the schema, under
``huggingface``. Splits are recognized by the names of files or of their folders.
"""

import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import DataError, MissingExtra
from seedbed.core.parsing import parse_json
from seedbed.data.readers.bounded import check_memory, readable
from seedbed.data.readers.contents import Contents, located
from seedbed.data.readers.pictures import Picture, read_splits

IMAGE_COLUMNS = ("image", "img")
LABEL_COLUMNS = ("label", "labels", "fine_label")
SPLIT = re.compile(r"(train|test)(?![a-z])", re.IGNORECASE)


def parquet_files(folder: Path) -> list[Path]:
    """Return the Parquet files in a folder and its direct subfolders, sorted by name."""
    return sorted(p for pattern in ("*.parquet", "*/*.parquet") for p in folder.glob(pattern))


def read_parquet(path: Path, resize: int | None = None) -> Contents:
    """Return the images of a Parquet file, or of a folder of Parquet files.

    Args:
        path: A file, or a folder with files such as ``train-00000-of-00001.parquet``.
        resize: Height and width of the images in pixels; ``None`` keeps their size, which must then
            be the same for all.

    Raises:
        MissingExtra: If pyarrow is not installed.
        DataError: If a file is damaged or lacks a column, or an image cannot be used.

    """
    if find_spec("pyarrow") is None:
        raise MissingExtra("parquet", f"reading the Parquet files of {path}")
    files = {"train": [path], "test": []} if path.is_file() else _by_split(path)
    splits = []
    class_names = None
    for paths in files.values():
        parts = [_read_file(file) for file in paths]
        if parts:
            pictures = [picture for part in parts for picture in part[0]]
            splits.append((pictures, np.concatenate([part[1] for part in parts])))
            class_names = class_names or parts[0][2]
    with located(path):
        if not all(pictures for pictures, _ in splits):
            raise DataError("a split has no rows")
        return read_splits(splits, class_names, resize)


def _by_split(folder: Path) -> dict[str, list[Path]]:
    files: dict[str, list[Path]] = {"train": [], "test": []}
    for file in parquet_files(folder):
        # The last name in the path decides: data/test/0000.parquet belongs to the test split.
        splits = [match[1].lower() for match in SPLIT.finditer(str(file.relative_to(folder)))]
        if splits:
            files[splits[-1]].append(file)
    if not files["train"]:
        raise DataError(
            "there is no Parquet file for the training split",
            where=str(folder),
            expected="a name such as train-00000-of-00001.parquet",
        )
    return files


def _read_file(path: Path) -> tuple[list[Picture], NDArray[np.int64], tuple[str, ...] | None]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with readable(path), located(path):
        try:
            file = pq.ParquetFile(path)
            image_column = _column(file.schema_arrow.names, IMAGE_COLUMNS, "images")
            label_column = _column(file.schema_arrow.names, LABEL_COLUMNS, "labels")
            groups = range(file.metadata.num_row_groups)
            size = sum(file.metadata.row_group(group).total_byte_size for group in groups)
            check_memory(size, "the columns")
            table = file.read(columns=[image_column, label_column])
        except (pa.ArrowException, ValueError) as error:
            raise DataError(f"the Parquet file is damaged: {error}") from error
        pictures = _pictures(table[image_column], image_column, path)
        labels = table[label_column]
        if not pa.types.is_integer(labels.type) or labels.null_count:
            raise DataError(
                f"column {label_column} is {labels.type}, with {labels.null_count} missing values",
                expected="an integer in every row",
            )
        names = _class_names(file.schema_arrow.metadata, label_column)
        return pictures, labels.to_numpy().astype(np.int64), names


def _column(present: Sequence[str], wanted: Sequence[str], what: str) -> str:
    for name in wanted:
        if name in present:
            return name
    raise DataError(
        f"has the columns {', '.join(present)}",
        expected=f"one of {', '.join(wanted)} for the {what}",
    )


def _pictures(column: Any, name: str, path: Path) -> list[Picture]:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_struct(column.type):
        if column.type.get_field_index("bytes") < 0:
            raise DataError(f"column {name} has no field 'bytes'")
        column = pc.struct_field(column, "bytes")
    if not (pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type)):
        raise DataError(f"column {name} is {column.type}", expected="encoded images as bytes")
    if column.null_count:
        raise DataError(
            f"column {name} has {column.null_count} missing values",
            expected="an encoded image in every row",
        )
    return [
        Picture(f"{path}: row {row}", encoded) for row, encoded in enumerate(column.to_pylist())
    ]


def _class_names(metadata: dict[bytes, bytes] | None, label_column: str) -> tuple[str, ...] | None:
    """Return the class names in the metadata of the schema, or ``None``."""
    try:
        value = parse_json((metadata or {}).get(b"huggingface", b"{}"))
    except ValueError as error:
        raise DataError(f"the huggingface metadata of the schema is not JSON: {error}") from error
    for key in ("info", "features", label_column, "names"):
        value = value.get(key) if isinstance(value, dict) else None
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise DataError(
            f"the class names for column {label_column} in the metadata of the schema are invalid",
            expected="a list of strings",
        )
    return tuple(value)
