"""Which configurations are on the Pareto front."""

from made_entries import made_entries
from made_networks import made_size
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.cost.sentences import sentences
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
