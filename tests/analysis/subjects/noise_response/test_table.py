"""The tables of the response to label noise, and what a page shows of it."""

import pytest

from made_answers import HIGH, LOW, made_noisy
from seedbed.analysis.registry import analyses, relate_all
from seedbed.analysis.subjects.noise_response.result import corrected_over, responses_of
from seedbed.analysis.subjects.noise_response.table import (
    fall_differences_table,
    noise_response_table,
)
from tables import lines_of


def test_trends_falls_and_their_differences() -> None:
    entries = relate_all(
        [
            made_noisy(
                f"noise.rate={rate}, loss={loss}", rate, [x - f * rate for x in LOW], loss=loss
            )
            for loss, f in (("cross-entropy", 30), ("gce", 10))
            for rate in (0.0, 0.2, 0.4)
        ]
    )
    report = noise_response_table(entries)
    (of_methods,), (differences,) = (table.groups for table in report.tables)
    assert [row[0] for row in of_methods] == ["loss=cross-entropy", "loss=gce"]
    assert [row[3] for row in of_methods] == ["-3.00", "-1.00"]
    assert [row[6] for row in of_methods] == ["+12.00", "+4.00"]
    assert differences[0][:2] == ("loss=cross-entropy", "loss=gce")
    assert differences[0][4] == "+8.00"
    _, line = lines_of(report)
    assert (line["method"], line["lowest"], line["highest"]) == ("loss=gce", "0.0", "0.4")
    assert float(line["trend"]) == pytest.approx(-0.01)
    assert float(line["fall"]) == pytest.approx(0.04)
    report = fall_differences_table(entries)
    assert report.tables[0].groups[0] == differences
    (line,) = lines_of(report)
    assert (line["a"], line["b"]) == differences[0][:2]
    assert 0 < float(line["low"]) < float(line["difference"]) == pytest.approx(0.08)
    # Two trends, two falls, one difference; three comparisons, and one effect over all levels.
    assert corrected_over(entries) == 5 + 3 + 1
    assert entries[0]["noise_response_weight"] == pytest.approx(1 / 3 / 5)


@pytest.mark.parametrize("kind", ["matrix", "human"])
def test_noise_without_a_rate_is_followed_by_its_observed_rate(kind: str) -> None:
    entries = relate_all(
        [
            made_noisy("clean", 0.0, HIGH, kind="none"),
            made_noisy("some", 0.1, [x - 1 for x in HIGH], kind=kind),
            made_noisy("much", 0.4, [x - 4 for x in HIGH], kind=kind),
        ]
    )
    (response,) = responses_of(entries)
    assert response.levels == (0.0, 0.1, 0.4)
    assert response.trend.mean == pytest.approx(-0.01)
    assert response.method == "lenet5"
    shown = [
        analysis.name
        for analysis in analyses()
        if analysis.topic == "noise"
        for part in analysis.parts or ()
        if part.applies and part.applies(entries)
    ]
    assert shown == ["noise-response", "noise"]


def test_without_two_levels_there_is_no_response() -> None:
    entries = relate_all([made_noisy("a", 0.4, LOW)])
    assert responses_of(entries) == []
    assert noise_response_table(entries).tables[0].groups == ((),)
