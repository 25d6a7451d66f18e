"""Confusion matrices: their numbers, and many classes."""

import numpy as np
import pytest

from drawn import Row, parameters, rows, said, subtitle, svg
from made_entries import made_entry
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.confusion.chart import chart as confusion
from seedbed.display.charts.matrix import MOST, most_confused
from seedbed.display.charts.style import Drawing


def matrix(chart: Drawing | None) -> dict[tuple[int, int], Row]:
    return {(int(row["row"]), int(row["column"])): row for row in rows(chart, "rate")}


def of_classes(count: int) -> Entry:
    """Return an entry of so many classes, some of which are confused."""
    generator = np.random.default_rng(0)
    counts = generator.integers(0, 3, (2, count, count)) + 50 * np.eye(count, dtype=int)
    rates = counts / counts.sum(axis=2, keepdims=True)
    return made_entry(
        class_names=[f"class {number}" for number in range(count)],
        confusion=rates.mean(axis=0).tolist(),
        confusion_std=rates.std(axis=0, ddof=1).tolist(),
        confusion_counts=counts.tolist(),
    )


def test_cells_are_those_of_the_summary() -> None:
    entry = made_entry()
    cells = matrix(confusion([entry]))
    for (row, column), cell in cells.items():
        assert float(cell["rate"]) == pytest.approx(entry["confusion"][row][column], rel=1e-6)
        counts = [run[row][column] for run in entry["confusion_counts"]]
        assert float(cell["images"]) == pytest.approx(np.mean(counts), abs=0.051)
    assert len(cells) == 9
    beside = [float(cell["rate"]) for (row, column), cell in cells.items() if row != column]
    assert parameters(confusion([entry]))["highest"] == pytest.approx(max(beside))


def test_a_cell_says_its_classes_and_spread() -> None:
    entry = made_entry(class_names=["<b>", "\"&'", "三"])
    cell = matrix(confusion([entry]))[0, 1]
    assert "±" in cell["spread"]
    assert cell["n"] == "3"
    picture = svg(confusion([entry]))
    assert "true class: &lt;b&gt;; predicted class: &quot;&amp;'; " in said(picture)
    assert "<b>" not in picture
    assert ">&lt;b&gt;</text>" in picture
    assert ">三</text>" in picture


def test_classes_of_one_name_are_not_mixed() -> None:
    picture = svg(confusion([made_entry(class_names=["same", "same", "other"])]))
    assert picture.count(">same</text>") == 4


def test_a_perfect_matrix_is_drawn() -> None:
    eye = np.eye(3).tolist()
    picture = svg(confusion([made_entry(confusion=eye, confusion_std=None)]))
    assert "NaN" not in picture
    assert picture.count(">100</text>") == 3 + 1  # and in the legend


def test_of_many_classes_the_most_confused_are_shown() -> None:
    entry = of_classes(200)
    chart = confusion([entry])
    shown = {row for row, _ in matrix(chart)}
    assert len(shown) == MOST
    errors = np.array(entry["confusion"])
    np.fill_diagonal(errors, 0)
    each = errors.sum(axis=0) + errors.sum(axis=1)
    assert min(each[list(shown)]) >= max(each[[k for k in range(200) if k not in shown]])
    assert "The 30 most confused of 200 classes." in subtitle(chart)
    picture = svg(chart)
    assert all(f">class {number}</text>" in picture for number in shown)


def test_the_most_confused_keep_their_order() -> None:
    assert most_confused([[1, 0, 0], [0, 0.5, 0.5], [0.1, 0, 0.9]], most=2) == [1, 2]
    assert most_confused(np.eye(3).tolist(), most=3) == [0, 1, 2]


@pytest.mark.parametrize("names", [["only"], None])
def test_one_class_or_none_has_no_matrix(names: list[str] | None) -> None:
    assert confusion([made_entry(confusion=[[1.0]] if names else None, class_names=names)]) is None
