"""The table of confusion matrices."""

import numpy as np
import pytest

from made_entries import CLASSES, made_entry
from seedbed.analysis.subjects.confusion.table import confusion_table
from tables import lines_of, text_of


def test_confusion_matrices_sum_to_100_and_keep_the_counts() -> None:
    entry = made_entry()
    report = confusion_table([entry])
    rows = [line.split() for line in text_of(report).splitlines() if line[:2] in ("a ", "b ", "c ")]
    assert len(rows) == CLASSES
    for row in rows:
        assert sum(float(cell.partition("±")[0]) for cell in row[1:]) == pytest.approx(100, abs=0.2)
    lines = lines_of(report)
    counts = [int(line["count"]) for line in lines]
    assert counts == np.ravel(np.sum(entry["confusion_counts"], axis=0)).tolist()
    for column, key in (("rate", "confusion"), ("rate_std", "confusion_std")):
        assert [float(line[column]) for line in lines] == np.ravel(entry[key]).tolist()
    assert report.data[0]["confusion"] == entry["confusion"]
    assert "±" not in text_of(confusion_table([made_entry(runs=1)]))


def test_a_configuration_without_a_matrix_is_named() -> None:
    empty = made_entry("empty", runs=0, diverged=[{"seed": 0, "epoch": 1}], confusion=None)
    text = text_of(confusion_table([empty]))
    assert (
        "empty: no run has finished, so there is no confusion matrix. Seed 0 diverged in epoch 1"
        in text
    )
