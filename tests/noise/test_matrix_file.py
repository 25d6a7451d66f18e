"""Files with a transition matrix, as NumPy, pandas and spreadsheets write them."""

import errno
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seedbed.core.errors import StudyError
from seedbed.noise.matrix_file import by_name, read_matrix
from seedbed.noise.spec import NoiseSpec
from seedbed.noise.transition import check_transition
from sentences import Sentence

GOOD = np.array([[0.7, 0.2, 0.1], [0.0, 1.0, 0.0], [0.05, 0.15, 0.8]])
NAMES = ("dog", "cat", "owl, barn")


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, ">f8"])
def test_an_npy_file(tmp_path: Path, order: Any, dtype: Any) -> None:
    np.save(tmp_path / "t.npy", np.array(GOOD, dtype, order=order))
    read = read_matrix(tmp_path / "t.npy")
    assert read.classes is None
    np.testing.assert_allclose(read.matrix, GOOD, rtol=1e-6)


@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n"])
def test_a_csv_file(tmp_path: Path, start: str, end: str) -> None:
    path = tmp_path / "t.csv"
    text = start + end.join(", ".join(map(str, row)) for row in GOOD.tolist()) + end
    path.write_bytes(text.encode())
    np.testing.assert_array_equal(read_matrix(path).matrix, GOOD)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "not a table of numbers"),
        (b"cat,dog\n0.5,0.5\n0.5,x\n", "not a CSV file"),
        (b"1,0\n1\n", "not a table of numbers"),
        (b"1,0\n0,nan\n", "nan in row 1, column 1"),
        (b"1,0\n0.2,0.7\n", "row 1 "),
        (b"PK\x03\x04\xff\xfe", "not text"),
        (b'"' + b"9" * 200_000, "not a CSV file"),
        (b"\x93NUMPY", "not a valid NPY file"),
        (b"\x93NUMPY\x01\x00\x10\x00{'descr': 'nothing'}", "not a valid NPY file"),
        (b"1\n" * 200_000, "10002×1"),
    ],
)
def test_an_invalid_file_is_rejected(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(StudyError) as error:
        check_transition(read_matrix(path).matrix, 2)
    assert error.value.where.startswith(str(path))
    assert what in error.value.what
    assert "\n" not in str(error.value)


def test_an_npy_file_with_a_false_header_or_objects_is_rejected(
    tmp_path: Path, sentence: Sentence
) -> None:
    path = tmp_path / "t.npy"
    np.save(path, np.eye(3))
    whole = path.read_bytes()
    for damaged in (whole.replace(b"(3, 3)", b"(9**9,"), whole[:-8]):
        path.write_bytes(damaged)
        with pytest.raises(StudyError) as error:
            read_matrix(path)
        assert error.value.where == str(path)
        assert error.value.what.startswith("is not a valid NPY file")
    np.save(path, np.array([["a", 1]], object))
    with pytest.raises(StudyError) as error:
        read_matrix(path)
    assert error.value.where == str(path)
    sentence(error.value)


def test_a_file_that_cannot_be_opened_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "t.csv").touch(mode=0)
    for path, number in (
        (tmp_path / "none.csv", errno.ENOENT),
        (tmp_path, errno.EISDIR),
        *([(tmp_path / "t.csv", errno.EACCES)] if os.geteuid() else []),
    ):
        with pytest.raises(StudyError) as error:
            read_matrix(path)
        assert error.value.where == str(path)
        assert error.value.what.endswith(os.strerror(number))


def written(
    columns: Any,
    rows: Any,
    separator: str,
    *,
    decimal: str = ".",
    percent: str = "",
    corner: str = "",
) -> str:
    """Return a CSV file with the names and separators that are asked for."""
    matrix = GOOD * 100 if percent else GOOD
    quote = '"' if separator != " " else ""
    lines = []
    if columns:
        names = [f"{quote}{name}{quote}" for name in columns]
        lines.append(separator.join([corner, *names] if rows else names))
    for number, row in enumerate(matrix.tolist()):
        cells = [f"{value:.10g}{percent}".replace(".", decimal) for value in row]
        lines.append(separator.join([f"{quote}{rows[number]}{quote}", *cells] if rows else cells))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("corner", ["", "clean", "clean\\noisy"])
@pytest.mark.parametrize("percent", ["", "%"])
@pytest.mark.parametrize(
    ("separator", "decimal"), [(",", "."), (";", "."), (";", ","), ("\t", ",")]
)
@pytest.mark.parametrize("names", [NAMES, ("0", "1", "2"), ("7", "8", "9")])
@pytest.mark.parametrize("named", ["neither", "columns", "rows", "both"])
def test_names_separators_and_decimals(
    tmp_path: Path,
    named: str,
    names: tuple[str, ...],
    separator: str,
    decimal: str,
    percent: str,
    corner: str,
) -> None:
    columns = names if named in ("columns", "both") else None
    rows = names if named in ("rows", "both") else None
    text = written(columns, rows, separator, decimal=decimal, percent=percent, corner=corner)
    path = tmp_path / "t.csv"
    for contents in (text.encode(), b"sep=" + separator.encode() + b"\n" + text.encode()):
        path.write_bytes(contents)
        read = read_matrix(path)
        np.testing.assert_allclose(read.matrix, GOOD, atol=1e-12)
        assert read.classes == (None if named == "neither" else names)


def test_what_numpy_writes(tmp_path: Path) -> None:
    for options in ({}, {"delimiter": ","}, {"delimiter": ";"}, {"fmt": "%.3f"}):
        np.savetxt(tmp_path / "t.csv", GOOD, **options)
        np.testing.assert_allclose(read_matrix(tmp_path / "t.csv").matrix, GOOD)


PANDAS: dict[str, tuple[str, tuple[str, ...]]] = {
    "to_csv": (
        ',dog,cat,"owl, barn"\ndog,0.7,0.2,0.1\ncat,0.0,1.0,0.0\n"owl, barn",0.05,0.15,0.8\n',
        NAMES,
    ),
    "to_csv, rows in another order": (
        ',dog,cat,"owl, barn"\n"owl, barn",0.05,0.15,0.8\ncat,0.0,1.0,0.0\ndog,0.7,0.2,0.1\n',
        NAMES,
    ),
    "crosstab, normalized": (
        "clean,dog,cat,owl\ndog,0.7,0.2,0.1\ncat,0.0,1.0,0.0\nowl,0.05,0.15,0.8\n",
        ("dog", "cat", "owl"),
    ),
    "without names": (
        ",0,1,2\n0,0.7,0.2,0.1\n1,0.0,1.0,0.0\n2,0.05,0.15,0.8\n",
        ("0", "1", "2"),
    ),
    "to_string": (
        "      dog   cat  owl\ndog  0.70  0.20  0.1\ncat  0.00  1.00  0.0\nowl  0.05  0.15  0.8\n",
        ("dog", "cat", "owl"),
    ),
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(("text", "classes"), PANDAS.values(), ids=PANDAS)
def test_what_pandas_writes(
    tmp_path: Path, text: str, classes: tuple[str, ...], encoding: str
) -> None:
    (tmp_path / "t.csv").write_text(text, encoding=encoding)
    read = read_matrix(tmp_path / "t.csv")
    assert read.classes == classes
    np.testing.assert_allclose(read.matrix, GOOD)


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1], [1, 0, 2]])
def test_classes_are_matched_by_name(tmp_path: Path, order: list[int]) -> None:
    path = tmp_path / "t.csv"
    path.write_text(written(NAMES, NAMES, ","), encoding="utf-8")
    spec = NoiseSpec(kind="matrix", matrix="t.csv").resolved(tmp_path)
    assert spec.classes == NAMES
    assert NoiseSpec(**spec.model_dump()) == spec
    matrix = spec.transition([NAMES[index] for index in order])
    assert matrix is not None
    np.testing.assert_allclose(matrix, GOOD[np.ix_(order, order)])


def test_names_of_other_classes_are_rejected(sentence: Sentence) -> None:
    spec = NoiseSpec(kind="matrix", matrix=GOOD.tolist(), classes=("cat", "dog", "cow"))
    with pytest.raises(StudyError) as error:
        spec.transition(["cat", "dog", "owl"])
    assert error.value.where == "noise.classes"
    assert "'cow'" in error.value.what
    sentence(error.value)


def test_numbers_are_positions_or_names_but_never_guessed(sentence: Sentence) -> None:
    numbers = ["2", "0", "1"]
    expected = GOOD[np.ix_([1, 2, 0], [1, 2, 0])]
    np.testing.assert_array_equal(by_name(GOOD, numbers, ["a", "b", "c"], "x"), expected)
    np.testing.assert_array_equal(by_name(GOOD, numbers, ["0", "1", "2"], "x"), expected)
    lexicographic = sorted(map(str, range(11)))
    with pytest.raises(StudyError) as error:
        by_name(np.eye(11), [str(number) for number in range(11)], lexicographic, "noise.classes")
    sentence(error.value)


@pytest.mark.parametrize(
    ("columns", "rows"), [(("a", "b", "c"), ("a", "b", "d")), (("a", "b", "a"), None)]
)
def test_names_that_do_not_fit_are_rejected(
    tmp_path: Path, columns: Any, rows: Any, sentence: Sentence
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(written(columns, rows, ","), encoding="utf-8")
    with pytest.raises(StudyError) as error:
        read_matrix(path)
    assert error.value.where == str(path)
    sentence(error.value)


def test_the_file_and_the_setting_must_agree(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(written(NAMES, None, ","), encoding="utf-8")
    with pytest.raises(StudyError) as error:
        NoiseSpec(kind="matrix", matrix="t.csv", classes=NAMES[::-1]).resolved(tmp_path)
    assert error.value.where == "noise.classes"
