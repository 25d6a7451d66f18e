"""How numbers are shown."""

import pytest

from seedbed.analysis.aggregate import Aggregate, Interval
from seedbed.display.formatters import percent, percent_interval, percent_spread, shortened, spread


@pytest.mark.parametrize(
    ("fraction", "shown"),
    [(0.99124, "99.12%"), (1.0, "100.00%"), (0.0005, "0.05%"), (0.0, "0.00%"), (None, "–")],
)
def test_accuracies_are_shown_in_percent(fraction: float | None, shown: str) -> None:
    assert percent(fraction) == shown


def test_a_spread_has_its_deviation_where_there_is_one() -> None:
    assert percent_spread(Aggregate(0.9912, 0.0005, 3)) == "99.12 ± 0.05%"
    assert percent_spread(Aggregate(0.9912, None, 1)) == "99.12%"
    assert percent_spread(Aggregate(None, None, 0)) == percent_spread(None) == "–"
    assert spread(Aggregate(0.95123, 0.0007, 3)) == "0.9512 ± 0.0007"
    assert spread(Aggregate(0.95123, None, 1)) == "0.9512"
    assert spread(None) == "–"


def test_an_interval() -> None:
    assert percent_interval(Interval(0.98, 0.991)) == "98.00 to 99.10%"
    assert percent_interval(None) == "–"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("cat/1.png", "cat/1.png"), ("0123456789", "0123456789"), ("a23456789bz", "a234…789bz")],
)
def test_long_names_lose_their_middle(name: str, shown: str) -> None:
    assert shortened(name, 10) == shown
    assert len(shown) <= 10
