"""Names of the files in the folder of a study."""

from typing import Final

SUMMARY: Final = "summary.json"
THUMBNAILS: Final = "thumbnails.zip"
CLAIMS: Final = "claims.json"
RECORD: Final = "run.json"
"""Of a run, as the following ones."""
HISTORY: Final = "history.jsonl"
PREDICTIONS: Final = "predictions.npz"
TRAINING_LABELS: Final = "training_labels.npz"
WEIGHTS: Final = "weights.safetensors"
CHECKPOINT: Final = "checkpoint.safetensors"
"""Of a run that has not ended."""
REPORT: Final = "report.html"
RUNNING: Final = "running"
"""In place of the results' hash, in the page of a study that is still running."""
RUN_FILES: Final = (
    "run.",
    "history.",
    "predictions",
    "weights.",
    "training_labels.",
    "checkpoint.",
)
"""Starts of the names of files that only the holder of the run's lock writes. All others hold
answers of the weights, which only the holder of the study's lock writes."""


def predictions_name(split: str) -> str:
    """Return the name of the file with the predictions for a split."""
    return PREDICTIONS if split == "test" else f"predictions-{split}.npz"
