"""Predictions in Parquet: columns of numbers, of text, or of lists of numbers."""

from collections import Counter
from collections.abc import Collection
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.prediction_files.readers.table import Table, to_lists
from seedbed.core.errors import DataError, MissingExtra
from seedbed.data.readers.bounded import readable


def read_parquet(path: Path, ignore: Collection[str] = ()) -> Table:
    """Return the columns of a Parquet file, without those to ignore.

    Raises:
        DataError: If the file cannot be read.
        MissingExtra: If pyarrow is not installed.

    """
    if find_spec("pyarrow") is None:
        raise MissingExtra("parquet", f"reading {path}")
    import pyarrow as pa
    from pyarrow import parquet

    with readable(path):
        try:
            schema = parquet.read_schema(path)
            names = [str(name) for name in schema.names]
            for name, count in Counter(names).items():
                if count > 1:
                    raise DataError(f"two columns have the name {name!r}")
            unread = {name: "--ignore" for name in names if name in ignore}
            for field in schema:
                if field.name not in unread and not _readable(field.type):
                    unread[field.name] = f"of the type {field.type}"[:60]
            table = parquet.read_table(path, columns=[n for n in names if n not in unread])
            columns = {name: _column(table.column(name), name) for name in table.column_names}
        except pa.ArrowException as error:
            raise DataError(f"cannot be read: {error}") from error
    return Table("Parquet", columns, unread=unread)


def _readable(kind: Any) -> bool:
    import pyarrow.types as is_

    if is_.is_list(kind) or is_.is_large_list(kind) or is_.is_fixed_size_list(kind):
        return _is_number(kind.value_type)
    if is_.is_dictionary(kind):
        kind = kind.value_type
    return _is_number(kind) or is_.is_string(kind) or is_.is_large_string(kind)


def _is_number(kind: Any) -> bool:
    import pyarrow.types as is_

    return bool(
        is_.is_integer(kind) or is_.is_floating(kind) or is_.is_boolean(kind) or is_.is_null(kind)
    )


def _column(column: Any, name: str) -> NDArray[Any]:
    import pyarrow.types as is_

    if _is_number(column.type):
        if column.null_count or is_.is_null(column.type):
            values = column.to_pylist()
            return np.array([np.nan if value is None else float(value) for value in values])
        numbers: NDArray[Any] = column.to_numpy()
        return numbers.astype(np.int64) if numbers.dtype == bool else numbers
    values = column.to_pylist()
    if values and isinstance(values[0], list):
        lengths = {len(value) if value is not None else 0 for value in values}
        if len(lengths) > 1:
            raise DataError(
                f"column {name!r} holds lists of {min(lengths)} to {max(lengths)} numbers",
                expected="one number for each class in every row",
            )
        rows = np.array(values, np.float64)
        return rows[:, 0] if rows.shape[1] == 1 else rows
    texts = ["" if value is None else str(value).strip() for value in values]
    lists = to_lists(texts[:1], name)
    return np.array(texts, np.str_) if lists is None else np.asarray(to_lists(texts, name))
