"""Which configurations are on the Pareto front."""

import numpy as np

from made_entries import made_entries
from made_networks import made_size
from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.entry import Entry, fields_of
from seedbed.analysis.statistics.resampling import weights
from seedbed.analysis.subjects.accuracy.result import accuracy_of
from seedbed.analysis.subjects.cost.sentences import sentences
from seedbed.analysis.subjects.cost.stability import times_on_front
from sentences import Sentence


def networks(**costs: tuple[float, dict[str, float]]) -> list[Entry]:
    """Return a study of networks: name -> mean accuracy and costs."""
    found = []
    for name, (accuracy, cost) in costs.items():
        entry = made_size(name, 100, (accuracy,) * 3, label=name)
        entry["cost"] = {**entry["cost"], **cost}
        found.append(entry)
    return found


def test_costs_with_the_same_front_share_a_sentence(sentence: Sentence) -> None:
    entries = networks(
        small=(0.8, {"parameters": 10, "multiply_adds": 50, "seconds": 1.0}),
        large=(0.9, {"parameters": 99, "multiply_adds": 90, "seconds": 0.5}),
        poor=(0.7, {"parameters": 50, "multiply_adds": 60, "seconds": 2.0}),
    )
    shared, alone, _ = found = list(sentences(entries))
    for shown in ("parameters and multiply-adds", "“small” and “large”"):
        assert shown in shared
    for shown in ("training time", "“large”"):
        assert shown in alone
    sentence("\n".join(found))


def test_a_front_says_what_resampled_runs_would_change() -> None:
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
    (text, _) = sentences(entries)
    assert f"“near” in {times[1]}" in text
    assert times_on_front([made_size("one", 100, (0.8, 0.9))], "parameters") is None


def test_other_test_images_have_a_front_of_their_own() -> None:
    entries = networks(
        easy=(0.9, {"parameters": 10}),
        hard=(0.5, {"parameters": 20}),
        poor=(0.4, {"parameters": 30}),
    )
    for each in entries[1:]:
        each["test_fingerprint"] = "hard"
    easy, hard, *_ = sentences(entries)
    assert easy.replace("“easy”", "“hard”") == hard


def test_costs_that_are_the_same_have_no_front() -> None:
    assert list(sentences(made_entries("a", "b"))) == []
    assert list(sentences(made_entries("a", "b", cost=None))) == []
