"""Accuracy against noise: which configurations make a line, and its numbers."""

import pytest

from drawn import numbers, rows, said, specification, subtitle, svg
from made_entries import made_entry
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.noise_response.chart import response_chart


def noisy(
    label: str, kind: str, rate: float | None, *, observed: float | None = None, loss: str = "ce"
) -> Entry:
    found = made_entry(label)
    settings = {"kind": kind} | ({"rate": rate} if rate is not None else {})
    found["configuration"] = {"recipe": {"loss": loss}, "noise": settings}
    found["noise"] = {
        **found["noise"],
        "kind": kind,
        "rate": rate,
        "observed_rate": rate if observed is None else observed,
        "settings": settings,
    }
    return found


def series(entries: list[Entry]) -> dict[str, list[float | None]]:
    found: dict[str, list[float | None]] = {}
    for row in rows(response_chart(entries), "mean"):
        found.setdefault(row["series"], []).append(float(row["rate"]))
    return found


def test_a_line_for_each_kind_of_noise_that_begins_without_any() -> None:
    entries = [
        noisy("noise=pair, rate=0.4", "pair", 0.4),
        noisy("noise=symmetric, rate=0", "symmetric", 0.0),
        noisy("noise=symmetric, rate=0.5", "symmetric", 0.5),
        noisy("noise=pair, rate=0.2", "pair", 0.2),
    ]
    assert series(entries) == {"noise=pair": [0, 0.2, 0.4], "noise=symmetric": [0, 0.5]}


def test_other_settings_make_other_lines() -> None:
    entries = [
        noisy(f"loss={loss}, rate={rate}", kind, rate, loss=loss)
        for loss in ("ce", "gce")
        for kind, rate in (("none", 0.0), ("symmetric", 0.2), ("symmetric", 0.4))
    ]
    assert series(entries) == {"loss=ce": [0, 0.2, 0.4], "loss=gce": [0, 0.2, 0.4]}


def test_noise_without_a_rate_stands_at_what_was_drawn() -> None:
    entries = [
        noisy("labels=aggregate", "human", None, observed=0.09),
        noisy("labels=worst", "human", None, observed=0.4),
    ]
    assert series(entries) == {"human label noise": [0.09, 0.4]}


def test_values_are_those_of_the_summary() -> None:
    entries = [noisy("rate=0", "symmetric", 0.0), noisy("rate=0.2", "symmetric", 0.2)]
    chart = response_chart(entries)
    means = rows(chart, "mean")
    for key in ("mean", "std"):
        assert numbers(means, key) == pytest.approx(
            [each["test_accuracy"][key] for each in entries]
        )
    runs = [value for each in entries for value in each["test_accuracy"]["runs"]]
    assert numbers(rows(chart, "accuracy"), "accuracy") == pytest.approx(runs)
    assert "n = 3 runs" in subtitle(chart)
    assert "± 1 standard deviation" in subtitle(chart)
    assert specification(chart)["layer"][0]["encoding"]["color"]["legend"] is None


def test_a_page_chooses_configurations() -> None:
    entries = [noisy(f"rate={rate}", "symmetric", rate) for rate in (0.0, 0.2, 0.4)]
    picture = said(svg(response_chart(entries), shown=["rate=0.0", "rate=0.4"]))
    assert "configuration: rate=0.4" in picture
    assert "configuration: rate=0.2" not in picture


def test_without_two_rates_there_is_no_chart() -> None:
    assert response_chart([made_entry("a"), made_entry("b")]) is None
    assert response_chart([noisy("a", "symmetric", 0.2), noisy("b", "pair", 0.2)]) is None
    assert (
        response_chart([made_entry(noise=None, configuration={"files": []}, settings=None)]) is None
    )
