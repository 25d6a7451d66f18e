"""Accuracies as dots: the numbers of the summary, and nothing of what did not finish."""

import re

import pytest

from drawn import numbers, parameters, rows, said, subtitle, svg
from made_entries import TEST, made_entries, made_entry
from seedbed.analysis.subjects.accuracy.chart import chart as accuracy


def test_every_number_is_that_of_the_summary() -> None:
    entries = made_entries("a", "b")
    chart = accuracy(entries)
    runs = rows(chart, "run")
    assert [row["configuration"] for row in runs] == ["a"] * 3 + ["b"] * 3
    assert numbers(runs, "accuracy") == pytest.approx([*TEST, *TEST])
    means = rows(chart, "mean")
    interval = entries[0]["test_accuracy"]["interval"]
    assert numbers(means, "mean") == pytest.approx([entries[0]["test_accuracy"]["mean"]] * 2)
    assert numbers(means, "low") == pytest.approx([interval[0]] * 2)
    assert numbers(means, "high") == pytest.approx([interval[1]] * 2)
    assert means[0]["spread"] == "99.16 ± 0.16%"
    assert means[0]["n"] == "3"


def test_the_subtitle_says_n_and_what_the_bar_is() -> None:
    assert subtitle(accuracy(made_entries("a", "b"))) == (
        "n = 3 runs. Dots: runs; line: mean; bar: 95% interval of the mean. "
        "mnist, after the last epoch (2)."
    )
    assert "n = 1 run." in subtitle(accuracy([made_entry(runs=1)]))
    assert "bar: 95% Wilson interval over the test images" in subtitle(
        accuracy([made_entry(runs=1)])
    )
    mixed = [made_entry("a", runs=1), made_entry("b")]
    assert "n = 1 to 3 runs" in subtitle(accuracy(mixed))
    assert "Wilson interval over the test images of a single run" in subtitle(accuracy(mixed))


def test_what_has_no_finished_run_is_left_out() -> None:
    chart = accuracy([made_entry("a"), made_entry("none", runs=0)])
    assert {row["configuration"] for row in rows(chart, "mean")} == {"a"}
    assert accuracy([made_entry(runs=0)]) is None


def test_a_page_chooses_what_is_shown() -> None:
    chart = accuracy(made_entries("first", "second"))
    assert parameters(chart)["shown"] is None
    both = said(svg(chart))
    assert "first" in both
    assert "second" in both
    one = said(svg(chart, shown=["second"]))
    assert "configuration: first" not in one
    assert "configuration: second" in one
    assert "configuration" not in said(svg(chart, shown=[]))


def test_no_interval_leaves_what_an_accuracy_can_be() -> None:
    entry = made_entry()
    entry["test_accuracy"]["interval"] = [-0.2, 1.3]
    axis = re.search(
        r"test accuracy \(%\)' for a linear scale with values from (\S+) to (\S+)",
        said(svg(accuracy([entry]))),
    )
    assert axis
    assert (float(axis[1]), float(axis[2])) == (0, 1)


def test_long_labels_go_on_in_further_lines() -> None:
    label = "learning_rate=0.001, batch_size=32, epochs=5, weight_decay=0.0005"
    picture = svg(accuracy([made_entry(label), made_entry("x" * 300)]))
    assert ">learning_rate=0.001,<" in picture
    assert ">batch_size=32, epochs=5,<" in picture
    assert ">weight_decay=0.0005<" in picture
    assert "x" * 300 in said(picture)  # the tooltip is whole
    assert f">{'x' * 300}<" not in picture
