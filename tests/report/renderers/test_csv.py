"""CSV as users of pandas and polars read it: one kind of row a file, numbers as numbers."""

from collections.abc import Sequence
from io import StringIO

import pandas as pd
import polars as pl
import pytest

from made_answers import LOW, made_noisy
from made_networks import made_robustness
from seedbed.analysis.entry import Entry
from seedbed.analysis.registry import relate_all, tables
from seedbed.display.table import Report
from seedbed.report.renderers import csv
from seedbed.report.setup import SETUP

KEYS = {
    "claims": ("claim",),
    "accuracy": ("configuration",),
    "checkpoints": ("configuration", "checkpoint"),
    "effects": ("dataset", "setting", "value"),
    "variance": ("configuration", "source"),
    "class-averages": ("configuration",),
    "comparisons": ("a", "b"),
    "comparisons-over-blocks": ("a", "b", "over"),
    "training-size": ("configuration",),
    "robustness": ("configuration", "kind", "strength"),
    "noise-response": ("method", "noise"),
    "fall-differences": ("a", "b", "noise"),
    "noise": ("configuration",),
    "confusion": ("configuration", "true", "predicted"),
    "pairs": ("configuration", "true", "predicted"),
    "per-class": ("configuration", "class"),
    "misclassified": ("configuration", "index"),
    "auc": ("configuration",),
    "calibration": ("configuration",),
    "features": ("configuration",),
    "cost": ("configuration",),
    "dataset": ("dataset",),
    "settings": ("setting",),
    "layers": ("network", "image_shape", "layer"),
}
"""The columns that say of what a row is: no two rows agree in all of them."""
TEXT = {
    *("configuration", "id", "dataset", "checkpoint", "class", "true", "predicted", "name"),
    *("hash", "split", "a", "b", "over", "note", "notes", "setting", "value", "values", "source"),
    *("kind", "unit", "method", "noise", "claim", "outcome", "network", "layer"),
    *("image_shape", "output_shape", "varies"),
}
"""Columns that hold no numbers; the images of pairs are names."""


@pytest.fixture(scope="module")
def entries() -> Sequence[Entry]:
    """Two methods at three levels of label noise, of which everything is known."""
    component = {"source": "order", "degrees_of_freedom": 2, "mean_square": 0.1, "variance": 0.1}
    variance = {
        "of": "test accuracy",
        "variance": 0.1,
        "components": [
            component | {"interval": (0.0, 0.2), "share": 1.0, "share_interval": (0.0, 1.0)}
        ],
        "streams": [{"stream": "order", "seeds": (0, 1, 2)}],
        "runs": 3,
        "left_out": 0,
    }
    claim = {"claim": "a > b", "effect": 0.02, "interval": (0.01, 0.03), "margin": 0.0, "n": 7}
    network = {"network": {"name": "lenet5"}}
    first, *others = relate_all(
        [
            made_noisy(
                f"noise.rate={rate}, loss={loss}",
                rate,
                [each - fall * rate for each in LOW],
                loss=loss,
                robustness=made_robustness(0.5),
                variance=variance,
            )
            for loss, fall in (("cross-entropy", 30), ("gce", 10))
            for rate in (0.0, 0.2, 0.4)
        ]
    )
    first = first.replace(claims=[claim | {"outcome": "held"}])
    return [
        entry.replace(configuration=entry["configuration"] | network) for entry in (first, *others)
    ]


def report_of(name: str, entries: Sequence[Entry]) -> Report:
    report = SETUP[name](entries) if name in SETUP else tables()[name].make(entries)
    assert report is not None
    return report


def test_every_table_is_read_here() -> None:
    assert set(KEYS) == {*tables(), *SETUP}


@pytest.mark.parametrize("name", KEYS)
def test_a_file_has_one_kind_of_row_and_numbers_are_numbers(
    name: str, entries: Sequence[Entry]
) -> None:
    text = csv.render(report_of(name, entries))
    of_pandas, of_polars = pd.read_csv(StringIO(text)), pl.read_csv(StringIO(text))
    assert list(of_pandas.columns) == of_polars.columns
    assert len(of_pandas) == len(of_polars) > 0
    assert not of_pandas.duplicated(list(KEYS[name])).any()
    assert of_polars.select(pl.struct(KEYS[name]).n_unique()).item() == len(of_polars)
    texts = TEXT | ({"images"} if name == "pairs" else set())
    for column in set(of_pandas.columns) - texts:
        assert pd.api.types.is_numeric_dtype(of_pandas[column]), column
        assert of_polars[column].dtype.is_numeric() or not of_polars[column].count(), column


def test_tables_of_configurations_can_be_merged(entries: Sequence[Entry]) -> None:
    accuracy, noise = (
        pd.read_csv(StringIO(csv.render(report_of(name, entries)))) for name in ("accuracy", "cost")
    )
    merged = accuracy.merge(noise, on=["configuration", "id", "dataset", "checkpoint", "n"])
    assert merged["configuration"].tolist() == [entry.header.label for entry in entries]
    assert merged["test_accuracy"].tolist() == [entry["test_accuracy"]["mean"] for entry in entries]
