"""Checks whether the record of a run says what its other files say.

Their hashes have been checked before. A record that was edited and sealed again passes that check;
it does not pass this one.
"""

import json
import math
from typing import Final

import numpy as np

from seedbed.core.errors import SeedbedError
from seedbed.networks.weights import check_weights
from seedbed.noise.human import label_hash
from seedbed.study.plan import PlannedRun
from seedbed.study.store.names import TRAINING_LABELS, predictions_name
from seedbed.study.store.record import CostRecord
from seedbed.study.store.run import RunStore, StoredRun
from seedbed.training.losses.cross_entropy import CrossEntropy
from seedbed.training.metrics import accuracy, mean_loss

ROUNDING: Final = 1e-9
"""Relative difference below which two numbers are equal: the last digit of a sum of exponentials
differs between processors."""


def check_run(planned: PlannedRun, stored: StoredRun, store: RunStore) -> list[str]:
    """Return what does not agree in a run that has ended, in words.

    Args:
        planned: The run as the study describes it.
        stored: The run, with its hashes verified.
        store: Its folder.
    """
    try:
        doubts = _record(planned, stored)
        if stored.record.status == "finished":
            doubts += _network(planned, stored, store)
            doubts += _predictions(planned, stored, store)
        if TRAINING_LABELS in stored.record.files:
            doubts += _labels(stored, store)
    except (SeedbedError, ValueError, KeyError, OSError) as error:
        return [str(error)]
    return doubts


def _record(planned: PlannedRun, stored: StoredRun) -> list[str]:
    record, configuration = stored.record, planned.configuration
    tables = configuration.tables
    expected: dict[str, object] = {
        **{f"configuration.{part}": tables[part] for part in ("noise", "recipe")},
        "seed": planned.seeds.key,
        "seeds": planned.seeds.to_dict(),
        "seconds": math.fsum(epoch.seconds for epoch in stored.history),
    }
    if not configuration.has_user_module:  # its path differs between machines
        expected["configuration.network"] = tables["network"]
    if record.status == "finished" and configuration.recipe.checkpoint == "last":
        expected["selected_epoch"] = configuration.recipe.epochs
    if record.status == "diverged":
        expected["diverged_epoch"] = len(stored.history) + 1
    else:
        expected["epochs in history.jsonl"] = configuration.recipe.epochs
    recorded: dict[str, object] = {
        **{f"configuration.{part}": table for part, table in record.configuration.items()},
        "seed": record.seed,
        "seeds": record.seeds,
        "seconds": record.seconds,
        "selected_epoch": record.selected_epoch,
        "diverged_epoch": record.diverged_epoch,
        "epochs in history.jsonl": len(stored.history),
    }
    expected = json.loads(json.dumps(expected))  # as a file holds them
    return [
        f"{name} is {recorded.get(name)}, expected {value}"
        for name, value in expected.items()
        if recorded.get(name) != value
    ]


def _network(planned: PlannedRun, stored: StoredRun, store: RunStore) -> list[str]:
    """Compare layers and cost; the code of a user module is not run for this."""
    record = stored.record
    if planned.configuration.has_user_module:
        return []
    network = planned.configuration.build_network(len(record.class_names))
    shape = record.dataset.image_shape
    doubts = []
    if record.layers != network.to_dict()["layers"]:
        doubts.append("layers are not those of the network")
    if record.cost != (cost := CostRecord.of(network, shape)):
        doubts.append(f"cost is {record.cost}, expected {cost}")
    if not record.pruned:
        check_weights(network, shape, store.weights())
    return doubts


def _predictions(planned: PlannedRun, stored: StoredRun, store: RunStore) -> list[str]:
    """Compare the history with what the kept logits give."""
    doubts = []
    kept, recipe = stored.kept, planned.configuration.recipe
    for split in ("train", "validation", "test"):
        if predictions_name(split) not in stored.record.files:
            continue
        if split == "train" and kept.epoch != recipe.epochs:
            continue  # measured on a sample, and kept of all images
        logits, labels = store.predictions(split)
        computed = {
            "accuracy": accuracy(logits, labels),
            "loss": mean_loss(CrossEntropy(), logits, labels),
        }
        for measure, value in computed.items():
            recorded = getattr(kept, f"{split}_{measure}")
            if recorded is None or math.isclose(
                recorded, value, rel_tol=ROUNDING, abs_tol=ROUNDING
            ):
                continue
            doubts.append(
                f"{split}_{measure} of epoch {kept.epoch} is {recorded:.6g} in history.jsonl, and "
                f"{value:.6g} computed from {predictions_name(split)}"
            )
    return doubts


def _labels(stored: StoredRun, store: RunStore) -> list[str]:
    """Compare the record of the noise with the stored labels."""
    noise = stored.record.noise
    if noise is None:
        return [f"{TRAINING_LABELS} is there, and run.json has no noise"]
    with np.load(store.folder / TRAINING_LABELS, allow_pickle=False) as arrays:
        noisy = arrays["noisy"].astype(np.int64)
    doubts = []
    if label_hash(noisy) != noise.labels_sha256:
        doubts.append(f"labels_sha256 is not that of {TRAINING_LABELS}")
    counts = np.array(noise.counts)
    rate = 1 - float(np.trace(counts)) / max(int(counts.sum()), 1)
    if not math.isclose(rate, noise.observed_rate, rel_tol=ROUNDING, abs_tol=ROUNDING):
        doubts.append(f"observed_rate is {noise.observed_rate:.6g}, and its counts give {rate:.6g}")
    return doubts
