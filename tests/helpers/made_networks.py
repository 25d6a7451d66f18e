"""Entries of studies that compare networks, made up for tests: no training, no files."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from made_entries import made_entry
from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.entry import Entry, fields_of
from seedbed.analysis.intervals import with_intervals
from seedbed.analysis.registry import relate_all
from seedbed.analysis.subjects.robustness.answers import QUESTIONS, RobustnessAnswers
from seedbed.analysis.subjects.robustness.compute import robustness

VIT = {"name": "vit", "patch_size": 7, "embed_dim": 16, "depth": 1, "num_heads": 2, "mlp_dim": 16}
NETWORKS: Mapping[str, Mapping[str, Any]] = {"lenet5": {"name": "lenet5"}, "vit": VIT}


def made_size(network: str, size: int, runs: Sequence[float], **changes: Any) -> Entry:
    """Return a configuration that learned from so many images, with these test accuracies."""
    label = f"network={network}, train_size={size}"
    found = made_entry(label, runs=3)
    spread = with_intervals(Accuracies.of(tuple(runs)), 1000)
    table = dict(NETWORKS.get(network, {"name": network}))
    settings = {f"network.{name}": value for name, value in table.items()}
    found |= {
        "n": len(runs),
        "seeds": list(range(len(runs))),
        "configuration": {"recipe": {"epochs": 2, "train_size": size}, "network": table},
        "settings": {"recipe.epochs": 2, "recipe.train_size": size, **settings},
        "network": network,
        "test_accuracy": fields_of(spread),
        "provenance": {**found["provenance"], "learned_images": size},
    }
    return found | changes


def made_sizes(**networks: Mapping[int, Sequence[float]]) -> list[Entry]:
    """Return a study: of each network, the test accuracies by the number of training images."""
    return relate_all(
        [
            made_size(network, size, runs)
            for network, sizes in networks.items()
            for size, runs in sizes.items()
        ]
    )


def made_robustness(falls: float, runs: int = 3, start: float = 0.9) -> dict[str, Any]:
    """Return what is known of corrupted images: the accuracy falls by so much a strength."""
    found = []
    for seed in range(runs):
        known = RobustnessAnswers(weights_sha256="abc")
        for kind, strength in sorted(QUESTIONS):
            accuracy = max(start - falls * strength / 100 - 0.01 * seed, 0.0)
            known = known.with_answer(kind, strength, accuracy, 200)
        found.append((seed, known))
    result = robustness(found)
    assert result is not None
    return dict(msgspec.to_builtins(result.robustness))
