"""CSV as spreadsheets, data frames and scripts write it: the same numbers, to the last digit."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from made_predictions import made
from seedbed.analysis.prediction_files.layout import Layout
from seedbed.analysis.prediction_files.read import PredictionFile, read_predictions
from seedbed.core.errors import DataError
from sentences import Sentence

NAMES = ("cat", "dög", "owl")
RUN = made(80, 3)
SCORES = RUN.scores.astype(np.float64)
HEADER = ["label", *NAMES]
ROWS = [
    [NAMES[label], *map(repr, row)] for label, row in zip(RUN.labels, SCORES.tolist(), strict=True)
]


def text(delimiter: str = ",", *, comma: bool = False, quoted: bool = False) -> str:
    rows = [[cell.replace(".", ",") if comma else cell for cell in row] for row in ROWS]
    if quoted:
        rows = [[f'"{cell}"' for cell in row] for row in rows]
    return "".join(f"{delimiter.join(row)}\n" for row in [HEADER, *rows])


def assert_is_the_run(file: PredictionFile) -> None:
    assert file.predictions.class_names == NAMES
    np.testing.assert_array_equal(file.predictions.scores, SCORES)
    np.testing.assert_array_equal(file.predictions.labels, RUN.labels)


WRITTEN: dict[str, bytes] = {
    "commas": text().encode(),
    "semicolons": text(";").encode(),
    "tabs": text("\t").encode(),
    "bars": text("|").encode(),
    "case 14: decimal commas": text(";", comma=True).encode(),
    "decimal commas and tabs": text("\t", comma=True).encode(),
    "decimal commas in quotes": text(comma=True, quoted=True).encode(),
    "quoted": text(quoted=True).encode(),
    "quoted, semicolons": text(";", quoted=True).encode(),
    "Excel's first line": ("sep=;\r\n" + text(";", comma=True)).encode(),
    "Excel's first line, commas": ("sep=,\n" + text()).encode(),
    "Excel's first line, quoted": ('"sep=;"\n' + text(";")).encode(),
    "UTF-8 with a mark": text().encode("utf-8-sig"),
    "UTF-16": text("\t").encode("utf-16"),
    "UTF-16, little end first": b"\xff\xfe" + text(";", comma=True).encode("utf-16-le"),
    "UTF-16, big end first": b"\xfe\xff" + text().encode("utf-16-be"),
    "UTF-16 without a mark": text().encode("utf-16-le"),
    "Windows": text().replace("\n", "\r\n").encode(),
    "empty lines": ("\n" + text() + "\n\n").encode(),
    "a line of delimiters": (text() + ",,,\n").encode(),
    "no last line end": text().rstrip("\n").encode(),
    "spaces": text(", ").encode(),
}


@pytest.mark.parametrize("written", WRITTEN)
def test_writings(tmp_path: Path, written: str) -> None:
    path = tmp_path / ("run.tsv" if "tabs" in written else "run.csv")
    path.write_bytes(WRITTEN[written])
    file = read_predictions(path)
    assert_is_the_run(file)
    assert ("decimal commas" in file.reading.format) == (
        b"0,1" in WRITTEN[written].replace(b"\0", b"")
    )
    assert ("UTF-16" in file.reading.format) == ("UTF-16" in written)


LISTS: dict[str, Any] = {
    "Python": lambda row: str(row),
    "NumPy": lambda row: "[" + " ".join(map(repr, row)) + "]",
    "NumPy, several lines": lambda row: "[" + "\n ".join(map(repr, row)) + "]",
    "PyTorch": lambda row: f"tensor({row})",
    "spaces": lambda row: " ".join(map(repr, row)),
    "semicolons": lambda row: ";".join(map(repr, row)),
    "tuple": lambda row: str(tuple(row)),
}


@pytest.mark.parametrize("written", LISTS)
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_column_of_lists(tmp_path: Path, written: str, suffix: str) -> None:
    lists = [LISTS[written](row) for row in SCORES.tolist()]
    labels = [row[0] for row in ROWS]
    path = tmp_path / f"run.{suffix}"
    if suffix == "csv":
        lines = [f'{label},"{cell}"' for label, cell in zip(labels, lists, strict=True)]
        path.write_text("\n".join(["label,scores", *lines]), encoding="utf-8")
    else:
        parquet.write_table(pa.table({"label": labels, "scores": lists}), path)
    assert_is_the_run(read_predictions(path, Layout(class_names=NAMES)))


@pytest.mark.parametrize("lists", ["list", "fixed"])
def test_a_column_of_lists_in_parquet(tmp_path: Path, lists: str) -> None:
    of = pa.list_(pa.float64(), 3 if lists == "fixed" else -1)
    images = [{"bytes": b"png", "path": "a.png"}] * len(RUN)
    columns = {
        "image": pa.array(images),
        "label": pa.array([row[0] for row in ROWS]).dictionary_encode(),
        "probs": pa.array(RUN.probabilities.tolist(), of),
    }
    parquet.write_table(pa.table(columns), tmp_path / "run.parquet")
    file = read_predictions(tmp_path / "run.parquet", Layout(class_names=NAMES))
    assert file.predictions.kind == "probabilities"
    np.testing.assert_array_equal(file.predictions.predicted, RUN.predicted)
    assert "image" in file.reading.left_out


def test_lists_of_unlike_length(tmp_path: Path, sentence: Sentence) -> None:
    path = tmp_path / "run.csv"
    path.write_text('label,probs\n0,"[0.5, 0.5]"\n1,"[0.5, 0.3, 0.2]"\n', encoding="utf-8")
    with pytest.raises(DataError) as error:
        read_predictions(path)
    sentence(error.value)


def test_commas_that_may_separate_thousands(tmp_path: Path, sentence: Sentence) -> None:
    path = tmp_path / "run.csv"
    path.write_text('label,a,b\n0,"1,250",0.5\n1,"1,500",2.5\n', encoding="utf-8")
    with pytest.raises(DataError) as error:
        read_predictions(path)
    sentence(error.value)


@pytest.mark.parametrize("row", [5, 2500])
def test_one_cell_of_text(tmp_path: Path, row: int) -> None:
    lines = ["label,a,b", *(f"{number % 2},0.5,{number}.5" for number in range(3000))]
    lines[row + 1] = "0,0.5,#REF!"
    path = tmp_path / "run.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(DataError) as error:
        read_predictions(path)
    assert "'#REF!'" in error.value.what
    assert f"image {row}" in error.value.what


def test_other_encodings_are_refused(tmp_path: Path, sentence: Sentence) -> None:
    path = tmp_path / "run.csv"
    path.write_bytes(text().encode("latin-1"))
    with pytest.raises(DataError) as error:
        read_predictions(path)
    assert error.value.where == str(path)
    sentence(error.value)


def test_thousands_of_classes(tmp_path: Path) -> None:
    run = np.random.Generator(np.random.Philox(0)).normal(size=(30, 4000)).round(3)
    names = [f"n{number:05d}" for number in range(4000)]
    labels = [names[row.argmax()] for row in run]
    lines = [
        f"{label},{','.join(map(str, row))}"
        for label, row in zip(labels, run.tolist(), strict=True)
    ]
    path = tmp_path / "run.csv"
    path.write_text("\n".join([f"label,{','.join(names)}", *lines]), encoding="utf-8")
    file = read_predictions(path)
    assert file.predictions.accuracy == 1
    assert all(len(line) < 300 for _, line in file.reading.lines())
