"""How numbers are said."""

import pytest

from made_entries import made_entry
from seedbed.display.formatters import percent, percent_spread, spread, title


@pytest.mark.parametrize(
    ("fraction", "shown"),
    [(0.99124, "99.12 %"), (1.0, "100.00 %"), (0.0005, "0.05 %"), (0.0, "0.00 %"), (None, "–")],
)
def test_accuracies_are_shown_in_percent(fraction: float | None, shown: str) -> None:
    assert percent(fraction) == shown


def test_a_spread_has_its_deviation_where_there_is_one() -> None:
    assert percent_spread({"mean": 0.9912, "std": 0.0005}) == "99.12 ± 0.05 %"
    assert percent_spread({"mean": 0.9912, "std": None}) == "99.12 %"
    assert percent_spread({"mean": None, "std": None}) == percent_spread(None) == "–"
    assert spread({"mean": 0.95123, "std": 0.0007}) == "0.9512 ± 0.0007"
    assert spread(None) == "–"


def test_a_caption_says_what_of_which_data_and_when() -> None:
    one, other = made_entry("sgd"), made_entry("adam", dataset="digits", epochs=3)
    validated = made_entry(checkpoint="best-on-validation")
    outside = made_entry("theirs", network=None, checkpoint=None)
    assert title([one], "accuracy") == "sgd: lenet5 on mnist, accuracy after the last epoch (2)"
    assert title([one, other], "accuracy") == (
        "mine (2 configurations) on mnist, digits, accuracy after the last epoch"
    )
    assert title([validated], "AUC") == (
        "lenet5 on mnist, AUC after the epoch that is best on validation images (of 2)"
    )
    assert title([one, validated], "AUC").endswith("AUC after the epoch that each rule keeps")
    assert (
        title([outside], "AUC") == "theirs on mnist, AUC after an epoch that was chosen elsewhere"
    )
