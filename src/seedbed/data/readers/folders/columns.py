"""Which column of a table names the images, which has the labels, and which the splits.

The values decide. Where they do not, the error says which setting or name of a column does.
"""

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final

from seedbed.core.errors import DataError
from seedbed.data.readers.folders.split_names import split_of

FILE, LABEL, SPLIT = "file_name", "label", "split"
"""The names of columns that decide, as in Hugging Face's ``metadata.csv``."""
LABEL_NAMES: Final = frozenset(
    ("class", "category", "class_name", "label_name", "labels", "target", "y")
)
"""Other names that say that a column has labels."""
SHOWN: Final = 5


def file_column(
    table: Mapping[str, Sequence[str]], files: Sequence[str], where: str
) -> tuple[str, list[int | None]] | None:
    """Return the column that names the images, and the image of each row.

    A value names an image by its path below the table's folder, by its file name, or by either
    without the suffix, if only one image has it.

    Args:
        table: The columns by name.
        files: The paths of the images below the table's folder.
        where: The table, for messages.

    Returns:
        ``None`` if no column names an image.

    Raises:
        DataError: If two columns name different images, or the first row names one.
    """
    keys = _keys(files)
    if any(_key(name) in keys and "." in name for name in table):
        raise DataError(
            "has no header", where=where, expected=f"a first row with names: {FILE},{LABEL}"
        )
    matched: dict[str, list[int | None]] = {}
    for name, values in table.items():
        rows = [keys.get(_key(value)) for value in values]
        if any(row is not None for row in rows):
            matched[name] = rows
    if not matched:
        return None
    counts = {name: len({*rows} - {None}) for name, rows in matched.items()}
    best = [name for name, count in counts.items() if count == max(counts.values())]
    if FILE in matched:
        best = [FILE]
    if any(matched[name] != matched[best[0]] for name in best[1:]):
        raise DataError(
            f"the columns {' and '.join(best)} name different images",
            where=where,
            expected="one column with the file names",
            hint=f"name the right one {FILE}",
        )
    return best[0], matched[best[0]]


def may_have_labels(table: Mapping[str, Sequence[str]], file: str) -> bool:
    """Whether a column, other than the one that names the images, can have the labels."""
    return any(
        name.lower() == LABEL or _may_be_labels(values)
        for name, values in table.items()
        if name != file
    )


def other_columns(
    table: Mapping[str, Sequence[str]], file: str, where: str, label: str | None = None
) -> tuple[str, str | None, list[str]]:
    """Return the column of labels, the column of splits or ``None``, and what was decided.

    Args:
        table: The columns by name.
        file: The column that names the images.
        where: The table, for messages.
        label: The column of labels, if the user gave it.

    Raises:
        DataError: If no column or several columns can have the labels, or the given one is absent.
    """
    if label is not None and label not in table:
        raise DataError(
            f"there is no column {label!r}", where=where, expected=f"one of {', '.join(table)}"
        )
    rest = [name for name in table if name != file]
    splits = [
        name
        for name in rest
        if name.lower() != LABEL
        and name != label
        and all(split_of(value) for value in table[name] if value)
    ]
    splits = [name for name in splits if "train" in map(split_of, table[name])]
    named_split = [name for name in splits if name.lower() == SPLIT]
    split = next(iter(named_split or splits), None)
    if len(splits) > 1 and not named_split:
        raise DataError(
            f"the columns {' and '.join(splits)} have names of splits",
            where=where,
            hint=f"name the right one {SPLIT}",
        )
    if label is not None:
        return label, split, []
    label, decisions = _label_column({name: table[name] for name in rest if name != split}, where)
    return label, split, decisions


def _label_column(columns: Mapping[str, Sequence[str]], where: str) -> tuple[str, list[str]]:
    plausible = [name for name, values in columns.items() if _may_be_labels(values)]
    named = [name for name in columns if name.lower() == LABEL]
    also = [name for name in plausible if name.lower() in LABEL_NAMES and name not in named]
    candidates = [*named, *also] if named or also else plausible
    if not candidates:
        raise DataError(
            f"no column has labels (there are {', '.join(columns) or 'no others'})",
            where=where,
            expected="a column with two or more values, each of several images",
            hint=f"name it {LABEL}",
        )
    if len(candidates) > 1 and _same_classes([columns[name] for name in candidates]):
        # Numbers and names of the same classes: names are what people want to read.
        texts = [name for name in candidates if not all(map(_is_number, columns[name]))]
        chosen = (texts or candidates)[0]
        return chosen, [f"the columns {', '.join(candidates)} have the same classes"]
    if len(candidates) > 1:
        readings = [f"{name} ({_values(columns[name])})" for name in candidates[:SHOWN]]
        raise DataError(
            f"the labels may be in {' or in '.join(readings)}",
            where=where,
            expected="one column with the labels",
            hint=f'choose it in the dataset: label_column = "{candidates[0]}"',
        )
    unused = [name for name in plausible if name != candidates[0]]
    decisions = [f"columns that are not used: {', '.join(unused)}"] if unused else []
    return candidates[0], decisions


def _may_be_labels(values: Sequence[str]) -> bool:
    """Whether values can be classes: two or more, and on average on two or more images each."""
    counts = Counter(value for value in values if value)
    return len(counts) >= 2 and 2 * len(counts) <= counts.total()


def _same_classes(columns: Sequence[Sequence[str]]) -> bool:
    """Whether all columns tell the same images apart."""
    pairs = set(zip(*columns, strict=True))
    return all(len(set(column)) == len(pairs) for column in columns)


def _values(values: Sequence[str]) -> str:
    names = sorted(set(values) - {""})
    return ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")


def _is_number(value: str) -> bool:
    return not value or value.removeprefix("-").replace(".", "", 1).isdecimal()


def _key(value: str) -> str:
    path = unicodedata.normalize("NFC", value).replace("\\", "/")
    return path.removeprefix("./")


def _keys(files: Sequence[str]) -> dict[str, int]:
    """Return the image of each way to write its name; ways that fit several images are left out."""
    keys: dict[str, int] = {}
    paths = [PurePosixPath(_key(file)) for file in files]
    for written in (
        [str(path) for path in paths],
        [path.name for path in paths],
        [str(path.with_suffix("")) for path in paths],
        [path.stem for path in paths],
    ):
        counts = Counter(written)
        for index, key in enumerate(written):
            if counts[key] == 1:
                keys.setdefault(key, index)
    return keys
