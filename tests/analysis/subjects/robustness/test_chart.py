"""Accuracy on corrupted images: a line for each network, a chart for each kind."""

import pytest

from drawn import numbers, rows, specification, subtitle, svg
from made_networks import made_robustness, made_size, made_sizes
from seedbed.analysis.subjects.robustness.chart import AXES, TITLES, robustness_chart

RUNS = (0.5, 0.6, 0.7)


@pytest.mark.parametrize("kind", AXES)
def test_accuracy_on_corrupted_images(kind: str) -> None:
    entries = [
        made_size("lenet5", 100, RUNS, robustness=made_robustness(0.9)),
        made_size("vit", 100, RUNS, robustness=made_robustness(0.2)),
        made_size("mine", 100, RUNS),
    ]
    chart = robustness_chart(kind, entries)
    found = rows(chart, "mean")
    assert list(dict.fromkeys(row["series"] for row in found)) == ["lenet5", "vit"]
    strengths = numbers(found[:5], "x")
    assert strengths[0] == 0
    assert strengths == sorted(strengths)
    lines = [each for each in entries[0]["robustness"]["corruptions"] if each["kind"] == kind]
    assert numbers(found[1:5], "mean") == pytest.approx(
        [each["accuracy"]["mean"] for each in lines]
    )
    assert TITLES[kind] in str(specification(chart)["title"]["text"])
    assert "200 test images" in subtitle(chart)
    assert svg(chart)


def test_all_kinds_have_one_scale() -> None:
    entries = [
        made_size("lenet5", 100, RUNS, robustness=made_robustness(0.9)),
        made_size("vit", 100, RUNS, robustness=made_robustness(0.2, runs=1)),
    ]
    domains = [
        specification(robustness_chart(kind, entries))["layer"][0]["encoding"]["y"]["scale"][
            "domain"
        ]
        for kind in AXES
    ]
    assert all(each == domains[0] for each in domains)
    low, high = domains[0]
    assert 0 <= low < high <= 1


def test_without_answers_nothing_is_drawn() -> None:
    assert robustness_chart("shift", made_sizes(lenet5={9: RUNS}, vit={9: RUNS})) is None
