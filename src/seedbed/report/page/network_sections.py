"""The section that compares the networks of a study: what they reach, and at what cost."""

from collections.abc import Sequence
from typing import Any, Final

from seedbed.analysis.base import Analysis
from seedbed.analysis.entry import Entry
from seedbed.analysis.representatives import representatives
from seedbed.analysis.subjects import cost, only_right, training_size
from seedbed.analysis.subjects.cost.table import cost_table
from seedbed.analysis.subjects.only_right.images import right_in_one
from seedbed.analysis.subjects.training_size.table import training_size_table
from seedbed.evaluation import robustness_sentences
from seedbed.report.contents.robustness import robustness
from seedbed.report.page.parts import Block, Section, drawn, made

COST: Final = ("parameters", "multiply-adds", "training-time", "weight-file")
SIZE: Final = ("training-size",)
ROBUSTNESS: Final = (
    "robustness-shift",
    "robustness-rotation",
    "robustness-noise",
    "robustness-blur",
)


def networks_section(entries: Sequence[Entry]) -> Section | None:
    """Return the section, or ``None`` where there are not two networks to compare."""
    if not representatives(entries):
        return None
    blocks = [
        Block(
            "networks-cost",
            "Accuracy and cost",
            _said(cost.ANALYSIS, entries),
            drawn(entries, *COST),
            made(entries, cost_table),
            collapse="Cost of all",
        )
    ]
    sizes = drawn(entries, *SIZE)
    if sizes:
        blocks.append(
            Block(
                "networks-size",
                "Accuracy and training images",
                _said(training_size.ANALYSIS, entries),
                sizes,
                made(entries, training_size_table),
                collapse="All numbers of training images",
            )
        )
    altered = drawn(entries, *ROBUSTNESS)
    if altered:
        blocks.append(
            Block(
                "networks-robustness",
                "Altered test images",
                tuple(robustness_sentences.sentences(entries)),
                altered,
                made(entries, robustness),
                collapse="All corruptions",
            )
        )
    found = right_in_one(entries)
    blocks.append(
        Block(
            "only-right",
            "Right in one network only",
            _said(only_right.ANALYSIS, entries),
            filled=any(each.images for each in found),
        )
    )
    return Section(
        "networks",
        "Which network, and what it costs",
        template="blocks",
        blocks=tuple(blocks),
        parts=tuple((each.id, each.title) for each in blocks),
    )


def _said(analysis: Analysis[Any], entries: Sequence[Entry]) -> tuple[str, ...]:
    return tuple(analysis.sentences(entries)) if analysis.sentences else ()
