"""``corrections.csv``: what the reviewers of an audit found wrong.

An image is corrected where all who are sure give the same label, and it is not the given one. Where
they contradict each other, nothing is corrected.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from seedbed.core.files import make_way, write_atomically
from seedbed.data.label_corrections import corrections_csv
from seedbed.label_errors.review.answers import Answer, Answers, ImageKey

CORRECTIONS: Final = "corrections.csv"


@dataclass(frozen=True)
class Verdicts:
    """The answers of all reviewers, put together."""

    corrected: Mapping[ImageKey, tuple[str, str, str]]
    """Image -> the new label, who gave it, and when (the last of them)."""
    kept: int
    """Images whose given label is right."""
    unsure: int
    """Images about which nobody is sure."""
    contradicted: int
    """Images about which reviewers contradict each other."""


def verdicts(reviews: Sequence[Answers], given: Mapping[ImageKey, str]) -> Verdicts:
    """Put the answers of all reviewers together.

    Args:
        reviews: Of one dataset.
        given: The given label of every image.
    """
    by_image: dict[ImageKey, dict[str, Answer]] = {}
    for review in reviews:
        for image, answer in review.current.items():
            by_image.setdefault(image, {})[review.reviewer] = answer
    corrected: dict[ImageKey, tuple[str, str, str]] = {}
    kept = unsure = contradicted = 0
    for image, answers in by_image.items():
        sure = {who: answer for who, answer in answers.items() if answer.label is not None}
        labels = {answer.label for answer in sure.values()}
        if not sure:
            unsure += 1
        elif len(labels) > 1:
            contradicted += 1
        elif labels == {given[image]}:
            kept += 1
        else:
            when = max(answer.when for answer in sure.values())
            corrected[image] = str(labels.pop()), ", ".join(sorted(sure)), when
    return Verdicts(corrected, kept, unsure, contradicted)


def write_corrections(file: Path, found: Verdicts, given: Mapping[ImageKey, str]) -> None:
    """Write the corrections as ``dataset.corrections`` takes them.

    Raises:
        StoreError: If the file cannot be written.
    """
    make_way(file)
    rows = [
        (image.name, image.hash, given[image], *correction)
        for image, correction in found.corrected.items()
    ]
    write_atomically(file, corrections_csv(rows, ("who", "when")))
