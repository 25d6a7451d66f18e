"""Entries of a summary, made up for tests of the tables: no training, no files."""

from typing import Any

import numpy as np

from made_predictions import made
from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.entry import Entry, fields_of
from seedbed.analysis.intervals import with_intervals
from seedbed.analysis.material import Material
from seedbed.analysis.registry import compute_all, relate_all
from seedbed.analysis.summary_file import FORMAT

TRAIN, TEST = (0.9991, 0.9985, 0.99932), (0.9918, 0.99, 0.9931)
CLASSES = 3


def made_entry(label: str = "lenet5", *, runs: int = 3, **changes: Any) -> Entry:
    """Return an entry with the accuracies above; whatever else a test wants replaces its keys."""
    train = with_intervals(Accuracies.of(TRAIN[:runs]), 1000)
    test = with_intervals(Accuracies.of(TEST[:runs]), 1000)
    predictions = [made(60, CLASSES, seed=seed) for seed in range(runs)]
    computed = compute_all(Material(predictions, [str(seed) for seed in range(len(predictions))]))
    if computed["image_errors"]:
        computed["image_errors"]["wrong_by_run"] = []  # The accuracies above are of other answers.
    identity = np.eye(CLASSES).tolist()
    nothing = {"mean": None, "std": None, "n": 0}
    return Entry(
        {
            **computed,
            "format": FORMAT,
            "source_hash": None,
            "study": {
                "name": "mine",
                "other_runs": 0,
                "damaged": [],
                "compare": None,
                "claims": [],
                "collapsed": [],
            },
            "id": f"{label}-1234567890",
            "runs_hash": None,
            "label": label,
            "variant": None,
            "configuration": {"recipe": {"epochs": 2}, "network": {"name": "lenet5"}},
            "settings": {"recipe.epochs": 2, "network.name": "lenet5"},
            "network": "lenet5",
            "dataset": "mnist",
            "modified": None,
            "test_images": 1000 if runs else None,
            "class_names": list(predictions[0].class_names) if runs else None,
            "test_fingerprint": "mnist's",
            "n": runs,
            "seeds": list(range(runs)),
            "diverged": [],
            "unfinished": [],
            "varied": [],
            "checkpoint": "last",
            "epochs": 2,
            "selected_epochs": [2] * runs,
            "warnings": [],
            "train_accuracy": fields_of(train),
            "test_accuracy": fields_of(test),
            "checkpoints": {
                "last": {"test_accuracy": fields_of(test), "epochs": [2] * runs},
                "best-on-validation": None,
                "best-on-test": {
                    "test_accuracy": fields_of(
                        Accuracies.of(tuple(each + 0.002 for each in TEST[:runs]))
                    ),
                    "epochs": [1] * runs,
                },
            },
            "noise": {
                "kind": "none",
                "rate": 0.0,
                "observed_rate": 0.0,
                "observed_rate_std": None,
                "observed_rates": [],
                "matrix": identity,
                "transition": identity,
                "settings": {"kind": "none"},
                "clean_train_accuracy": nothing,
                "memorized": nothing,
                "recovered": nothing,
            },
            "cost": {
                "parameters": 61706,
                "multiply_adds": 416520,
                "weight_bytes": 246824,
                "weight_file_bytes": 247464,
                "seconds": 12.345,
                "seconds_std": 0.5,
                "seconds_total": 37.035,
                "epochs": 2,
            },
            "robustness": None,
            "feature_space": {
                "seeds": [0, 1, 2],
                "adjusted_rand": _spread(0.81, 0.8, 0.84),
                "mutual_information": _spread(0.86, 0.85, 0.88),
                "explained": [0.4, 0.2, 0.125],
                "images": 60,
                "starts": [10, 14, 20],
                "agreeing": [3, 3, 1],
                "start_std": 0.0312,
            },
            "curves": {
                "epoch": [1, 2],
                "learning_rate": [[0.05, 0.01]] * runs,
                "train_loss": [[0.4, 0.1]] * runs,
                "train_accuracy": [[0.9, each] for each in train.runs],
                "test_loss": [[0.3, 0.2]] * runs,
                "test_accuracy": [[0.9, each] for each in test.runs],
            }
            if runs
            else None,
            "provenance": {
                "dataset": {
                    "name": "mnist",
                    "title": "mnist",
                    "fingerprint": "mnist's",
                    "modified": None,
                    "source": "data/mnist",
                    "image_shape": [28, 28, 1],
                    "train_size": 60000,
                    "test_images": 10000,
                },
                "learned_images": 60000,
                "validation_size": 0,
                "engine": {
                    "name": "native",
                    "instructions": "avx2",
                    "device": "cpu",
                    "deterministic": True,
                    "canonical": True,
                },
                "machine": {"processor": "a processor", "cores": 2, "platform": "Linux"},
                "machines": 1,
                "versions": {"seedbed": "0.1.0", "python": "3.11.7", "numpy": "2.4.6"},
                "started": "2026-01-02T03:04:05+00:00",
                "finished": "2026-01-02T03:05:05+00:00",
            },
            "readings": [],
            "comparisons": [],
            "compared": None,
            "over_blocks": [],
            "claims": [],
            "collapsed": [],
            "by_size": [],
            "noise_responses": [],
            "fall_differences": [],
            "noise_response_tests": 0,
            "noise_response_weight": 1.0,
            **changes,
        }
    )


def _spread(*runs: float) -> dict[str, Any]:
    found = Accuracies.of(runs)
    return {"mean": found.mean, "std": found.std, "n": found.n, "runs": list(runs)}


def made_entries(*labels: str, **changes: Any) -> list[Entry]:
    """Return the entries of a study of so many configurations, compared with each other."""
    return relate_all([made_entry(label, **changes) for label in labels])
