"""Which configurations cost more and are better."""

import numpy as np

from made_entries import made_entries
from made_networks import made_size
from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.entry import Entry, fields_of
from seedbed.analysis.registry import relate_all
from seedbed.analysis.statistics.resampling import weights
from seedbed.analysis.subjects.accuracy.result import accuracy_of
from seedbed.analysis.subjects.cost.sentences import sentences
from seedbed.analysis.subjects.cost.stability import times_on_front
from sentences import Sentence

NEAR = (0.0, 0.001, -0.001)
"""How much runs differ."""


def networks(**costs: tuple[float, dict[str, float]]) -> list[Entry]:
    """Return a study of networks: name -> mean accuracy and costs."""
    found = []
    for place, (name, (accuracy, cost)) in enumerate(costs.items()):
        runs = [accuracy + each * (1 + place) for each in NEAR]
        entry = made_size(name, 100, runs, label=name, settings={"network.name": name})
        entry["cost"] = {**entry["cost"], **cost}
        found.append(entry)
    return relate_all(found)


def test_costs_with_the_same_steps_share_a_sentence(sentence: Sentence) -> None:
    entries = networks(
        small=(0.8, {"parameters": 10, "multiply_adds": 50, "seconds": 1.0}),
        large=(0.9, {"parameters": 99, "multiply_adds": 90, "seconds": 0.5}),
        poor=(0.7, {"parameters": 50, "multiply_adds": 60, "seconds": 2.0}),
    )
    shared, alone = found = list(sentences(entries))
    assert "parameters and multiply-adds" in shared
    assert "“large” costs more than “small” and is significantly better" in shared
    assert "training time" in alone
    assert "none that costs more is significantly better than “large”" in alone
    sentence("\n".join(found))


def test_what_costs_more_counts_only_if_the_comparison_finds_it_better() -> None:
    def three(near: float) -> list[Entry]:
        return networks(
            cheap=(0.8, {"parameters": 10}),
            near=(near, {"parameters": 20}),
            best=(0.9, {"parameters": 30}),
        )

    (found,) = sentences(three(0.8005))
    assert "“best” costs more than “cheap”" in found
    assert "near" not in found
    (found,) = sentences(three(0.85))
    assert "each of “cheap”, “near” and “best”" in found
    untested = [entry.replace(comparisons=[]) for entry in networks(a=(0.8, {}), b=(0.9, {}))]
    assert list(sentences(untested)) == []


def test_of_equal_costs_the_better_one_is_the_cheapest() -> None:
    found = networks(
        poor=(0.7, {"parameters": 10}),
        good=(0.8, {"parameters": 10}),
        dear=(0.75, {"parameters": 20}),
    )
    assert list(sentences(found)) == [
        "By parameters, none that costs more is significantly better than “good”."
    ]


def test_a_front_of_means_changes_with_resampled_runs() -> None:
    entries = networks(
        cheap=(0.80, {"parameters": 10}),
        near=(0.80, {"parameters": 20}),
        best=(0.90, {"parameters": 30}),
    )
    for entry, runs in zip(
        entries, ((0.79, 0.8, 0.81), (0.78, 0.8, 0.83), (0.9, 0.9, 0.9)), strict=True
    ):
        entry["test_accuracy"] = fields_of(Accuracies.of(runs))
    times = times_on_front(entries, "parameters")
    assert times is not None
    runs_of = [np.array(accuracy_of(entry).test_accuracy.runs, np.float64) for entry in entries]
    means = np.stack([weights(3) @ runs for runs in runs_of])
    assert times == {0: 100, 1: int((means[1] > means[0]).sum()), 2: 100}
    assert 0 < times[1] < 100
    assert times_on_front([made_size("one", 100, (0.8, 0.9))], "parameters") is None


def test_costs_that_are_the_same_have_no_sentence() -> None:
    assert list(sentences(made_entries("a", "b"))) == []
    assert list(sentences(made_entries("a", "b", cost=None))) == []
