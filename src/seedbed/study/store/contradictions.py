"""Whether the files of a finished run agree with each other.

Their hashes may be right and yet they may be of different runs, for example if a tool has put them
together.
"""

from collections.abc import Sequence
from io import BytesIO

import numpy as np

from seedbed.data.readers.arrays import DAMAGED, MALFORMED
from seedbed.study.store.record import RunRecord
from seedbed.training.engine import EpochRecord
from seedbed.training.metrics import accuracy


def contradiction(
    record: RunRecord, history: Sequence[EpochRecord], predictions: bytes | None
) -> str:
    """Return how the files of an ended run contradict each other, or an empty string.

    Args:
        record: Of the run.
        history: All of its epochs.
        predictions: The contents of ``predictions.npz``; ``None`` if the run has kept none.
    """
    if record.status != "finished":
        return ""
    epoch = record.selected_epoch or len(history)
    if not 1 <= epoch <= len(history):
        return f"history.jsonl has {len(history)} epochs, and run.json selects epoch {epoch}"
    if predictions is None:
        return ""
    try:
        with np.load(BytesIO(predictions), allow_pickle=False) as arrays:
            logits, labels = arrays["logits"], arrays["labels"]
    except (*DAMAGED, *MALFORMED):
        return "predictions.npz cannot be read"
    classes = len(record.class_names)
    if logits.shape != (len(labels), classes) or not np.isfinite(logits).all():
        return f"predictions.npz does not hold logits of {classes} classes for {len(labels)} images"
    recorded, computed = history[epoch - 1].test_accuracy, accuracy(logits, labels)
    if recorded is not None and abs(computed - recorded) * len(labels) >= 0.5:  # half an image
        return (
            f"predictions.npz has an accuracy of {computed:.2%}, and history.jsonl one of "
            f"{recorded:.2%}"
        )
    return ""
