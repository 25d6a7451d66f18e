"""What a study asks: which settings are compared, and within which blocks.

Configurations are compared where they differ in the factor of interest and in nothing else, so that
no test is spent on a difference that nobody asked about. Each block of configurations that agree in
everything else is compared in itself; the tests of all blocks are corrected together.

A study file names the factor (``compare = "recipe.ema_decay"``). Otherwise it is guessed: noise,
dataset and training size are what a study varies to see whether an answer holds, so they are blocks
where anything else varies too. Where only the noise varies, every level is compared with the
lowest.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.result import lacks_test, measured
from seedbed.analysis.subjects.noise.levels import level
from seedbed.core.errors import StudyError
from seedbed.display.sentence import enumerated, quoted
from seedbed.study.asked import Point, belongs, compare_problem, differing, level_of, varying
from seedbed.study.spec.labels import short_name
from seedbed.study.spec.selection import Condition

NOISE: Final = "noise"
DATASET: Final = "dataset"
BLOCKS: Final = {
    NOISE: "label noise",
    "recipe.train_size": "number of training images",
    DATASET: "dataset",
}
"""What is guessed to be a block, and what sentences call it."""


CORRECTIONS: Final = "dataset.corrections"
"""Corrected labels, which are tested on the same labels as given ones: a way of training."""
HELD_OUT: Final = ("recipe.folds", "recipe.validation_size")
"""The settings that decide which images a run holds out."""


@dataclass(frozen=True)
class Question:
    """Which settings are compared.

    Args:
        factor: The dotted name of a setting, or of a table of settings such as ``network``; empty
            for everything but the blocks.
        blocks: The names of settings, or of tables of them; empty for everything but the factor.
        with_lowest: Whether each level of label noise is compared with the lowest only.
        along: The names of settings that go with the values of the factor, such as the momentum of
            one optimizer and the betas of another: they differ with it, and in no other way.
        baseline: The condition of the level that every other one is compared with, or without a
            factor, of the configuration; empty if all are compared with each other.
    """

    factor: str
    blocks: tuple[str, ...] = ()
    with_lowest: bool = False
    along: tuple[str, ...] = ()
    baseline: str = ""


def asked_in_words(
    entries: Sequence[Entry], baseline: str | None = None, factor: str | None = None
) -> str | None:
    """Return what is compared, in a sentence; ``None`` where all are compared with each other."""
    if baseline is not None:
        return f"Each configuration is compared with {baseline}."
    question = question_of(entries, factor)
    if question is None:
        return None
    if not question.factor:
        same = enumerated([BLOCKS[block] for block in question.blocks])
        if not question.baseline:
            return f"Configurations with the same {same} are compared."
        label = next(each.header.label for each in entries if is_baseline(each, question))
        having = f" with the same {same}" if same else ""
        return f"Configurations{having} are compared with {quoted(label)}."
    if question.with_lowest:
        return "Each level of label noise is compared with the lowest, all else equal."
    others = f" with {question.baseline}" if question.baseline else ""
    along = f" but what goes with them: {enumerated(question.along)}" if question.along else ""
    return f"The values of {question.factor} are compared{others}, all else equal{along}."


def question_of(entries: Sequence[Entry], factor: str | None = None) -> Question | None:
    """Return what these entries ask; ``None`` if all of them are to be compared with each other.

    Args:
        entries: Of a summary.
        factor: What to compare; by default what the study file says, or else what varies.

    Raises:
        StudyError: If no setting of that name differs between the entries.
    """
    points, baseline = points_of(entries), ""
    if factor is None and entries:
        study = entries[0].header.study
        factor, baseline = study.compare, study.baseline or ""
        # Where it was not selected, the others are compared with each other.
        if baseline and not any(map(Condition.parse("baseline", baseline).holds, points)):
            baseline = ""
    if factor is not None:
        if problem := compare_problem(factor, points):
            raise StudyError(problem, where="compare")
        question = Question(factor, along=tuple(_along(entries, factor)), baseline=baseline)
        compared = [list(map(_settings, block)) for block in blocks_of(entries, question)]
        used = {name for settings in compared for name in differing(settings)}
        return replace(question, along=tuple(name for name in question.along if name in used))
    names = varying(points)
    # Only what differs on the same test images is compared; datasets are blocks in any case.
    several = len({entry.header.test_fingerprint for entry in entries}) > 1
    blocks = tuple(
        block
        for block in BLOCKS
        if any(_in_block(name, block) for name in names) or (several and block == DATASET)
    )
    if baseline:
        return Question("", blocks, baseline=baseline)
    if not all(any(_in_block(name, block) for block in blocks) for name in names):
        return Question("", blocks) if blocks else None
    noisy = names and all(belongs(name, NOISE) for name in names)
    return Question(NOISE, with_lowest=True) if noisy else None


def _along(entries: Sequence[Entry], factor: str) -> Iterator[str]:
    """Yield the settings that go with the values of a factor.

    Each has one value wherever the factor has one, and is not there at all for some of its values,
    or differs by default only, so that labels do not name it.
    """
    settings = list(map(_settings, entries))
    levels: dict[str, list[Mapping[str, Any]]] = {}
    for of in settings:
        levels.setdefault(level_of(of, factor), []).append(of)
    named = {part.partition("=")[0] for e in entries for part in e.header.label.split(", ")}
    by_default = len({entry.header.variant for entry in entries}) == 1
    for name in differing(settings):
        if belongs(name, factor) or belongs(name, DATASET) or belongs(name, NOISE):
            continue
        if any(len(differing([{name: of.get(name)} for of in group])) for group in levels.values()):
            continue
        lacking = any(name not in of for of in settings)
        if lacking or (by_default and not named & {name, short_name(name)}):
            yield name


def is_baseline(entry: Entry, question: Question) -> bool:
    """Return whether an entry has the level that every other one is compared with."""
    if not question.baseline:
        return False
    (point,) = points_of([entry])
    return Condition.parse("baseline", question.baseline).holds(point)


def points_of(entries: Sequence[Entry]) -> list[Point[Entry]]:
    """Return entries by what tells them apart."""
    return [
        Point(entry, _settings(entry), entry.header.variant, entry.header.test_fingerprint)
        for entry in entries
    ]


def blocks_of(entries: Sequence[Entry], question: Question | None) -> Iterator[list[Entry]]:
    """Yield the configurations of each block; those compared with the lowest level begin with it.

    Configurations with different test images are never in one block.
    """
    blocks: dict[str, list[Entry]] = {}
    for entry in entries:
        if measured(entry) is not None:
            blocks.setdefault(_block(entry, question), []).append(entry)
    for block in blocks.values():
        yield sorted(block, key=level) if question and question.with_lowest else block


def level_key(entry: Entry, question: Question) -> str:
    """Return what tells the levels of the factor apart: all settings that are not the block's."""
    settings = _settings(entry)
    return json.dumps(
        {name: settings[name] for name in settings if not _of_block(name, question)}, sort_keys=True
    )


def blocks_in_words(entries: Sequence[Entry], question: Question) -> str:
    """Return what differs from block to block: ``"label noise"``, or the names of settings."""
    names = [name for name in differing(list(map(_settings, entries))) if _of_block(name, question)]
    words = [
        next((BLOCKS[block] for block in BLOCKS if belongs(name, block)), name) for name in names
    ]
    return enumerated(list(dict.fromkeys(words)))


def _of_block(name: str, question: Question) -> bool:
    if question.factor:
        return not belongs(name, question.factor) and name not in question.along
    return any(_in_block(name, block) for block in question.blocks)


def _in_block(name: str, block: str) -> bool:
    return belongs(name, block) and name != CORRECTIONS


def _block(entry: Entry, question: Question | None) -> str:
    same: dict[str, Any] = {"test": entry.header.test_fingerprint}
    settings = _settings(entry)
    if lacks_test(entry):  # accuracies are of the images that runs hold out
        same["held out"] = [settings.get(name) for name in HELD_OUT]
    rest = (
        {}
        if question is None
        else {name: settings[name] for name in settings if _of_block(name, question)}
    )
    return json.dumps({**same, **rest}, sort_keys=True)


def _settings(entry: Entry) -> Mapping[str, Any]:
    return entry.header.settings or {}
