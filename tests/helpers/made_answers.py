"""Entries with given accuracies and noise, and the answer that they give, for tests."""

from collections.abc import Sequence
from typing import Any

from made_entries import made_entry
from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.answer import answer
from seedbed.analysis.entry import Entry, fields_of
from seedbed.analysis.intervals import with_intervals
from seedbed.analysis.registry import relate_all
from seedbed.analysis.subjects.accuracy.collapsed import collapsed_runs

Numbers = Sequence[float]


def made_accuracies(
    label: str, test: Numbers, train: Numbers | None = None, **changes: Any
) -> Entry:
    """Return an entry of runs with these accuracies, in percent; seeds count from 0."""
    of_test = Accuracies.of(tuple(each / 100 for each in test))
    of_train = Accuracies.of(tuple(each / 100 for each in (test if train is None else train)))
    collapsed = collapsed_runs(range(len(test)), of_train.runs, 1000)
    seeds = {run.seed for run in collapsed}
    kept = Accuracies.of(each for seed, each in enumerate(of_test.runs) if seed not in seeds)
    accuracies = {
        "test_accuracy": fields_of(of_test if collapsed else with_intervals(of_test, 1000)),
        "collapse_interval": [0.01, 0.9] if collapsed else None,
        "without_collapsed": fields_of(with_intervals(kept, 1000)) if collapsed else None,
        "train_accuracy": fields_of(of_train),
    }
    pairs = [
        {"true": "cat", "predicted": "dog", "rate": 0.125, "images": []},
        {"true": "dog", "predicted": "cat", "rate": 0.1, "images": []},
        {"true": "cat", "predicted": "cow", "rate": 0.05, "images": []},
    ]
    n_wrong = [900, *[0] * (len(test) - 1), 100]
    found = {
        "n": len(test),
        "seeds": list(range(len(test))),
        "top_pairs": pairs if test else None,
        "shared_top_pairs": None,
        "hard_examples": {"images_by_n_wrong": n_wrong, "examples": []} if test else None,
        "collapsed": [fields_of(run) for run in collapsed],
        **accuracies,
    }
    return made_entry(label, runs=min(len(test), 3)) | found | changes


def answer_text(*entries: Entry) -> str:
    """Return the answer of a study with these entries, a sentence a line."""
    return "\n".join(answer(relate_all(entries)))


def made_noisy(
    label: str,
    rate: float,
    test: Numbers,
    *,
    kind: str = "symmetric",
    loss: str = "cross-entropy",
    **changes: Any,
) -> Entry:
    settings = {"kind": kind, "rate": rate} if kind in ("symmetric", "pair") else {"kind": kind}
    noise = made_entry()["noise"] | {
        "kind": kind,
        "rate": settings.get("rate"),
        "observed_rate": rate,
        "settings": settings,
        "memorized": {"mean": 0.05, "std": 0.01, "n": 5},
        "recovered": {"mean": 0.9, "std": 0.01, "n": 5},
    }
    configuration = {"noise": settings, "recipe": {"loss": loss}}
    flat = {f"noise.{name}": value for name, value in settings.items()} | {"recipe.loss": loss}
    train = [(1 - rate) * each for each in test]
    changes = {"noise": noise, "configuration": configuration, "settings": flat} | changes
    return made_accuracies(label, test, train, **changes)


LOW = (98.0, 98.1, 98.2, 98.3, 98.4, 98.5, 98.6)
HIGH = tuple(each + 1 + 0.01 * place for place, each in enumerate(LOW))
MIXED = tuple(each + 0.3 * (-1) ** place for place, each in enumerate(LOW))
