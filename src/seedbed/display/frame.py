"""Tables of data: named columns that pandas, polars and whatever reads Arrow take as they are."""

import json
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import MissingExtra, StudyError
from seedbed.core.suggestions import unknown
from seedbed.display.escape import printable

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

MOST_SHOWN: Final = 10
"""Rows that are shown of a frame."""
WIDEST: Final = 24
"""Characters that are shown of a text."""


class Frame:
    """A table of named columns, all of the same length.

    ``pandas.DataFrame(frame)`` and ``polars.DataFrame(frame)`` have the same columns and rows;
    other libraries read it through Arrow (``__arrow_c_stream__``). Iterating yields rows as dicts.

    A column of numbers or truth values is an array of int64, float64 or bool; what is missing of
    it is NaN, and makes whole numbers float64. Any other column holds text, with ``None`` for what
    is missing. pandas shows both as NaN, polars as null.

    Args:
        columns: Values by the name of their column. Arrays are taken as they are; other values that
            are of several kinds become text.

    Raises:
        ValueError: If the columns differ in length.
    """

    def __init__(self, columns: Mapping[str, Iterable[Any]]) -> None:
        self._columns = {name: _column(values) for name, values in columns.items()}
        if len({len(values) for values in self._columns.values()}) > 1:
            raise ValueError("the columns differ in length")

    @classmethod
    def of_rows(cls, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> "Frame":
        """Return a frame of rows, each as long as there are columns."""
        names = list(columns)
        values = list(zip(*rows, strict=True)) or [()] * len(names)
        return cls(dict(zip(names, values, strict=True)))

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(self._columns)

    def __len__(self) -> int:
        return len(next(iter(self._columns.values()), ()))

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return a column, as a read-only array.

        Raises:
            StudyError: If there is no such column.
        """
        if name not in self._columns:
            raise StudyError(unknown("column", name, self._columns))
        return self._columns[name]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for row in zip(*(values.tolist() for values in self._columns.values()), strict=True):
            yield dict(zip(self._columns, row, strict=True))

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield every row as a tuple of numbers, texts and truth values; missing is ``None``."""
        return zip(*map(_values, self._columns.values()), strict=True)

    def to_pandas(self) -> "pd.DataFrame":
        """Return the same table as a ``pandas.DataFrame``; pandas must be installed."""
        import pandas as pd

        return pd.DataFrame(dict(self._columns))

    def to_polars(self) -> "pl.DataFrame":
        """Return the same table as a ``polars.DataFrame``; polars must be installed."""
        import polars as pl

        series = [
            pl.Series(name, values.tolist(), dtype=pl.String)
            if values.dtype == object
            else pl.Series(name, values, nan_to_null=True)
            for name, values in self._columns.items()
        ]
        return pl.DataFrame(series)

    def to_arrow(self) -> "pa.Table":
        """Return the same table as a ``pyarrow.Table``.

        Raises:
            MissingExtra: If pyarrow is not installed.
        """
        if find_spec("pyarrow") is None:
            raise MissingExtra("parquet", "an Arrow table")
        import pyarrow as pa

        return pa.table(
            {
                name: pa.array(
                    values, pa.string() if values.dtype == object else None, from_pandas=True
                )
                for name, values in self._columns.items()
            }
        )

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return an Arrow stream, made by pyarrow or polars, whichever is installed."""
        with_pyarrow = find_spec("pyarrow") is not None or find_spec("polars") is None
        table: Any = self.to_arrow() if with_pyarrow else self.to_polars()
        return table.__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        cells = [self.columns]
        cells += [tuple(map(_shown, row)) for row, _ in zip(self.rows(), range(MOST_SHOWN))]  # noqa: B905
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        text = [values.dtype == object for values in self._columns.values()]
        lines = [
            "  ".join(
                cell.ljust(width) if left else cell.rjust(width)
                for cell, width, left in zip(row, widths, text, strict=True)
            ).rstrip()
            for row in cells
        ]
        more = len(self) - MOST_SHOWN
        lines += [f"... {more:,} more rows"] if more > 0 else []
        return "\n".join([*lines, f"[{len(self):,} rows × {len(self.columns)} columns]"])


def _column(values: Iterable[Any]) -> NDArray[Any]:
    array = values.view() if isinstance(values, np.ndarray) else _array(list(values))
    array.flags.writeable = False
    return array


def _array(values: list[Any]) -> NDArray[Any]:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool} and None not in values:
        return np.array(values, np.bool_)
    if kinds <= {int, float}:
        whole = kinds == {int} and None not in values
        numbers = [np.nan if value is None else value for value in values]
        return np.array(numbers, np.int64 if whole else np.float64)
    array = np.empty(len(values), object)
    array[:] = [value if value is None else _as_text(value) for value in values]
    return array


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _values(column: NDArray[Any]) -> list[Any]:
    values: list[Any] = column.tolist()
    if column.dtype.kind == "f":
        return [None if value != value else value for value in values]
    return values


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    text = f"{value:.6g}" if isinstance(value, float) else printable(str(value))
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"
