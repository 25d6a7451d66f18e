"""Usual names of columns and arrays, and what they tell."""

import re
from collections.abc import Mapping
from typing import Final

from seedbed.analysis.prediction_files.kinds import GivenKind

LABEL: Final = ("label", "labels")
"""Names of the true classes that need no other reason."""

LABEL_TOO: Final = frozenset(
    [
        "y_true",
        "true",
        "truth",
        "target",
        "targets",
        "gt",
        "gt_label",
        "ground_truth",
        "groundtruth",
        "true_label",
        "true_labels",
        "true_class",
        "actual",
        "y",
        "class",
        "category",
        "label_id",
    ]
)
"""Names of the true classes in files of other tools."""

PREDICTED: Final = frozenset(
    [
        "pred",
        "preds",
        "prediction",
        "predictions",
        "predicted",
        "predicted_label",
        "predicted_labels",
        "predicted_class",
        "pred_label",
        "pred_class",
        "pred_idx",
        "pred_id",
        "y_pred",
        "y_hat",
        "yhat",
        "argmax",
        "top1",
        "output_class",
    ]
)
"""Names of the predicted classes."""

MEASURES: Final = frozenset(
    [
        "loss",
        "losses",
        "confidence",
        "conf",
        "entropy",
        "margin",
        "correct",
        "is_correct",
        "right",
        "hit",
        "error",
        "weight",
        "sample_weight",
        "uncertainty",
        "max_prob",
        "max_probability",
        "nll",
        "time",
        "time_ms",
        "seconds",
        "duration",
        "temperature",
        "class_name",
        "class_id",
    ]
)
"""Names of what is known of an image besides the scores of its classes."""

ROWS: Final = frozenset(
    [
        "index",
        "idx",
        "id",
        "ids",
        "row",
        "row_id",
        "rowid",
        "sample",
        "sample_id",
        "image_id",
        "img_id",
        "number",
        "no",
        "nr",
        "uid",
        "key",
        "fold",
        "split",
        "subset",
        "part",
        "epoch",
        "seed",
        "run",
        "batch",
        "batch_idx",
        "step",
        "model",
        "rank",
        "worker",
        "group",
    ]
)
"""Names of what numbers rows, or tells where they come from."""

IMAGE: Final = frozenset(
    [
        "image",
        "images",
        "img",
        "file",
        "files",
        "filename",
        "filenames",
        "file_name",
        "file_names",
        "path",
        "paths",
        "filepath",
        "file_path",
        "image_path",
        "image_name",
        "image_names",
        "image_file",
        "image_id",
        "img_id",
        "name",
        "names",
        "id",
        "ids",
        "uid",
        "key",
        "sample",
        "sample_id",
    ]
)
"""Names of what identifies an image, if it is text."""

SCORES: Final[Mapping[str, GivenKind | None]] = {
    "logits": "logits",
    "probabilities": "probabilities",
    "probs": "probabilities",
    "scores": None,
    "logit": "logits",
    "probability": "probabilities",
    "prob": "probabilities",
    "proba": "probabilities",
    "softmax": "probabilities",
    "y_prob": "probabilities",
    "y_proba": "probabilities",
    "score": None,
    "outputs": None,
    "output": None,
    "y_score": None,
    "y_scores": None,
    "preds": None,
    "predictions": None,
    "y_pred": None,
    "pred": None,
    "p": "probabilities",
}
"""Names of scores of all classes in one array, or of the one probability of two classes; of
several in a file the first is used."""

AFFIX: Final = (
    r"logits?|probability|probabilities|proba|probs?|p|scores?|softmax|outputs?|out|class"
)
"""What may stand before or after the name of a class."""

PREFIXED: Final = re.compile(rf"({AFFIX}|pred|prediction|y|c)[\s_.:=-]+(.+)", re.IGNORECASE)
SUFFIXED: Final = re.compile(rf"(.+)[\s_.:=-]+({AFFIX})", re.IGNORECASE)
NUMBERED: Final = re.compile(rf"({AFFIX}|y|c)(\d+)", re.IGNORECASE)


def word(name: str) -> str:
    """Return a name as it stands in these lists: lower case, with underscores."""
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())
    text = re.sub(r"[\s.-]+", "_", text).lower().strip("_")
    return "index" if re.fullmatch(r"(unnamed:?_?[\d_]*)?", text) else text


def affixed(name: str) -> tuple[str, str] | None:
    """Return the affix of a column's name, in lower case, and the name of its class."""
    if match := PREFIXED.fullmatch(name) or NUMBERED.fullmatch(name):
        return match[1].lower(), match[2]
    if match := SUFFIXED.fullmatch(name):
        return match[2].lower(), match[1]
    return None


def kind_by_name(name: str) -> GivenKind | None:
    """Return the kind of scores that an affix, or the name of an array, tells."""
    name = word(name)
    return SCORES.get(name) or SCORES.get(f"{name}s")
