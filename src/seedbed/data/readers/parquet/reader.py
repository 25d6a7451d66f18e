"""Parquet files in the layout of Hugging Face datasets.

The column ``image`` or ``img`` has encoded images (a struct of ``bytes`` and ``path``, or bytes),
the column ``label`` numbers or text. The class names are in the metadata of the schema, under
``huggingface``. Splits are recognized by the names of files or of their folders.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import DataError, MissingExtra
from seedbed.data.readers.bounded import check_memory, readable
from seedbed.data.readers.contents import Contents, located
from seedbed.data.readers.decoding import ImageRules, Picture
from seedbed.data.readers.labels import TEXT, numbered, read_labels
from seedbed.data.readers.parquet.columns import (
    class_names,
    features_of,
    image_column,
    label_column,
    renumbered,
    unused,
)
from seedbed.data.readers.parquet.files import SplitFiles, split_files
from seedbed.data.readers.pictures import read_splits
from seedbed.data.reading import LeftOut, Reading


@dataclass(frozen=True)
class _Rows:
    """The rows of a file."""

    pictures: list[Picture]
    labels: NDArray[Any]
    """N; int64 or str."""
    class_names: tuple[str, ...] | None
    decisions: tuple[str, ...]


def read_parquet(path: Path, resize: int | None = None, label: str | None = None) -> Contents:
    """Return the images of a Parquet file, or of a folder of Parquet files.

    Classes that have another order in another file are matched by name.

    Args:
        path: A file, or a folder with files such as ``train-00000-of-00001.parquet``.
        resize: Height and width of the images in pixels; ``None`` keeps their size, which must then
            be the same for all.
        label: The column of labels, if several may have them.

    Raises:
        MissingExtra: If pyarrow is not installed.
        DataError: If a file is damaged or lacks a column, or an image cannot be used; or if splits,
            columns or classes are in doubt.

    """
    if find_spec("pyarrow") is None:
        raise MissingExtra("parquet", f"reading the Parquet files of {path}")
    root, files = (
        (path.parent, SplitFiles({"train": [path]}))
        if path.is_file()
        else (path, split_files(path))
    )
    rows = {
        split: {file: _read_file(file, label) for file in of_split}
        for split, of_split in files.splits.items()
    }
    everything = [(file, part) for of_split in rows.values() for file, part in of_split.items()]
    classes = next((part.class_names for _, part in everything if part.class_names), None)
    decisions = list(files.decisions)
    labels = {}
    for split, of_split in rows.items():
        parts = []
        for file, part in of_split.items():
            decisions += part.decisions
            values, decision = _by_name(file, part, classes)
            parts.append(values)
            decisions.append(decision)
        with located(path):
            labels[split] = _joined(parts)
    with located(path):
        numbers, names = numbered(labels, classes)
        if names and not classes:
            decisions.append(TEXT)
        if not all(len(values) for values in numbers.values()):
            raise DataError("a split has no rows")
        unknown = tuple(_name(file, root) for file in files.unknown)
        reading = Reading(
            "Parquet",
            {split: _listed(of_split, root) for split, of_split in files.splits.items()},
            classes_from="the schema" if classes else "the labels",
            names_from="the file and the row",
            decisions=tuple(dict.fromkeys(filter(None, decisions))),
            left_out=(LeftOut("files of an unknown split", unknown),) if unknown else (),
        )
        splits = {
            split: (
                [picture for part in of_split.values() for picture in part.pictures],
                numbers[split],
                np.array(
                    [
                        f"{_name(file, root)}:{row}"
                        for file, part in of_split.items()
                        for row in range(len(part.pictures))
                    ]
                ),
            )
            for split, of_split in rows.items()
        }
        return read_splits(splits, names, reading, ImageRules(resize))


def _name(file: Path, root: Path) -> str:
    return file.relative_to(root).as_posix()


def _listed(files: Sequence[Path], root: Path) -> str:
    names = [_name(file, root) for file in files]
    return ", ".join(names) if len(names) < 4 else f"{names[0]} and {len(names) - 1} more"


def _by_name(file: Path, rows: _Rows, classes: tuple[str, ...] | None) -> tuple[NDArray[Any], str]:
    """Return the labels of a file with the numbers of ``classes``, and what was decided."""
    if not classes or rows.labels.dtype.kind == "U" or rows.class_names == classes:
        return rows.labels, ""
    if rows.class_names is None:
        return rows.labels, f"{file.name} has no class names: its labels are numbered like others"
    with located(file):
        labels = renumbered(rows.labels, rows.class_names, classes)
    return labels, f"{file.name} has the classes in another order: they are matched by name"


def _joined(parts: list[NDArray[Any]]) -> NDArray[Any]:
    if len({part.dtype.kind for part in parts}) > 1:
        raise DataError(
            "labels are text in one file, and numbers in another", expected="one or the other"
        )
    return np.concatenate(parts)


def _read_file(path: Path, wanted: str | None) -> _Rows:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with readable(path), located(path):
        try:
            file = pq.ParquetFile(path)
            schema = file.schema_arrow
            features = features_of(schema.metadata)
            image, label = image_column(schema.names), label_column(schema, features, wanted)
            groups = range(file.metadata.num_row_groups)
            size = sum(file.metadata.row_group(group).total_byte_size for group in groups)
            check_memory(size, "the columns")
            table = file.read(columns=[image, label])
        except (pa.ArrowException, ValueError) as error:
            raise DataError(f"the Parquet file is damaged: {error}") from error
        labels, decision = _labels(table[label], label)
        decisions = (decision, *unused(schema.names, image, label))
        pictures = _pictures(table[image], image, path)
        return _Rows(pictures, labels, class_names(features, label), decisions)


def _labels(column: Any, name: str) -> tuple[NDArray[Any], str]:
    import pyarrow as pa

    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    if not (is_text or is_number) or column.null_count:
        raise DataError(
            f"column {name} is {column.type}, with {column.null_count} missing values",
            expected="an integer or a text in every row",
        )
    if is_text:
        return read_labels(np.array(column.to_pylist(), np.str_), name)
    return read_labels(column.cast(kind).to_numpy(), name)


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
