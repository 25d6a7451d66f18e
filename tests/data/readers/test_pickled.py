"""The pickle interpreter agrees with :mod:`pickle` on data, and calls nothing."""

import datetime
import pickle
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seedbed.core.errors import DataError
from seedbed.data.readers.pickled import read_pickle
from sentences import Sentence

BATCH = {
    "data": np.arange(24, dtype=np.uint8).reshape(2, 12),
    "labels": [6, 9, 300, 70_000, -1, 2**40],
    "filenames": [b"a.png", b"b\xff.png"],
    "batch_label": "testing batch 1 of 1",
    b"label_names": ["airplane", None, True, False],
}


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4])
def test_it_agrees_with_pickle(protocol: int) -> None:
    data = pickle.dumps(BATCH, protocol)
    result, expected = read_pickle(data), pickle.loads(data)
    assert result.keys() == expected.keys()
    np.testing.assert_array_equal(result.pop("data"), expected.pop("data"))
    assert result == expected


@pytest.mark.parametrize("kind", ["<u1", "<i8", ">i4", "<u2"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_of_integers_agree(kind: str, order: Any) -> None:
    array = np.asarray(np.arange(12).reshape(3, 4).astype(kind), order=order)
    result = read_pickle(pickle.dumps(array, 2))
    np.testing.assert_array_equal(result, array)
    assert result.dtype == array.dtype


def python2_batch(values: np.ndarray[Any, np.dtype[np.uint8]], labels: list[int]) -> bytes:
    """Return a pickle as written by Python 2: protocol 2, with text as byte strings."""

    def text(value: bytes) -> bytes:
        return b"U" + bytes([len(value)]) + value

    raw = values.tobytes()
    return b"".join(
        [
            b"\x80\x02}q\x01(",
            text(b"data") + b"q\x02",
            b"cnumpy.core.multiarray\n_reconstruct\nq\x03cnumpy\nndarray\nq\x04K\x00\x85",
            text(b"b") + b"\x87Rq\x05",
            b"(K\x01M"
            + struct.pack("<H", values.shape[0])
            + b"M"
            + struct.pack("<H", values.shape[1]),
            b"\x86cnumpy\ndtype\nq\x06" + text(b"u1") + b"K\x00K\x01\x87Rq\x07",
            b"(K\x03" + text(b"|") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb",
            b"I00\nT" + struct.pack("<i", len(raw)) + raw + b"tb",
            text(b"labels") + b"]q\x08(" + b"".join(b"K" + bytes([n]) for n in labels) + b"e",
            b"u.",
        ]
    )


def test_a_pickle_of_python_2_agrees() -> None:
    values = np.arange(256, dtype=np.uint8).repeat(24).reshape(2, 3072)
    data = python2_batch(values, [3, 8])
    expected = pickle.loads(data, encoding="latin1")
    result = read_pickle(data)
    np.testing.assert_array_equal(result["data"], expected["data"])
    np.testing.assert_array_equal(result["data"], values)
    assert result["labels"] == expected["labels"] == [3, 8]


class Evil:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_nothing_that_a_pickle_names_is_called(tmp_path: Path, protocol: int) -> None:
    with pytest.raises(DataError) as error:
        read_pickle(pickle.dumps({"data": Evil(tmp_path / "run")}, protocol))
    assert error.value.hint.startswith("do not trust this file")
    assert not (tmp_path / "run").exists()


OTHER_TYPES: dict[str, tuple[object, str]] = {
    "date": (datetime.date(2020, 1, 1), "datetime.date"),
    "objects": (np.array([None, "x"], dtype=object), "dtype"),
    "floats": (np.array([1.5]), "dtype"),
    "float": (1.5, "BINFLOAT"),
    "set": ({1, 2}, "__builtin__.set"),
}


@pytest.mark.parametrize(("value", "name"), OTHER_TYPES.values(), ids=OTHER_TYPES)
def test_other_types_are_rejected(value: object, name: str) -> None:
    with pytest.raises(DataError) as error:
        read_pickle(pickle.dumps(value, 2))
    assert f" {name}" in error.value.what


@pytest.mark.parametrize("kind", ["date", "floats", "float"])
def test_the_error_for_another_type(kind: str, sentence: Sentence) -> None:
    with pytest.raises(DataError) as error:
        read_pickle(pickle.dumps(OTHER_TYPES[kind][0], 2))
    sentence(error.value)


def test_an_array_with_a_false_size_is_rejected(sentence: Sentence) -> None:
    data = pickle.dumps(np.zeros((2, 3), np.uint8), 2)
    with pytest.raises(DataError) as error:
        read_pickle(data.replace(b"K\x02K\x03\x86", b"K\xffK\xff\x86"))
    assert isinstance(error.value.__cause__, ValueError)
    sentence(error.value)


DEEP = b"N" + b"\x85" * 100_000  # a tuple in a tuple in a tuple, ...
WIDE = b"N" + b"q\x00h\x00\x86" * 60  # a pair of twice the same pair of twice the same pair, ...


@pytest.mark.parametrize("nested", [DEEP, WIDE], ids=["deep", "wide"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"\x80\x02cnumpy\ndtype\n", b"R."),  # a type from it
        (b"\x80\x04", b"N\x93."),  # a name of it
        (
            b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00U\x01b\x87R"
            b"(K\x01",
            b"\x85cnumpy\ndtype\nU\x02u1\x85R\x89U\x00tb.",  # the shape of an array
        ),
    ],
    ids=["type", "name", "shape"],
)
def test_endless_nesting_is_rejected_at_once(nested: bytes, before: bytes, after: bytes) -> None:
    with pytest.raises(DataError):
        read_pickle(before + nested + after)


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\x02cnumpy\nndarray\n.",
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R.",
    ],
    ids=["class", "array without value"],
)
def test_a_pickle_without_data_is_rejected(data: bytes, sentence: Sentence) -> None:
    with pytest.raises(DataError) as error:
        read_pickle(data)
    sentence(error.value)


def test_a_damaged_pickle_gives_data_or_a_data_error() -> None:
    generator = np.random.default_rng(0)
    whole = pickle.dumps(BATCH, 2)
    rejected = 0
    for _ in range(2000):
        data = bytearray(whole[: generator.integers(1, len(whole) + 1)])
        for position in generator.integers(0, len(data), 2):
            data[position] = generator.integers(0, 256)
        try:
            read_pickle(bytes(data))
        except DataError:
            rejected += 1
    assert rejected > 1000
