"""The section that compares the networks of a study: what they reach, and at what cost."""

from collections.abc import Sequence
from typing import Final

from seedbed.analysis.entry import Entry
from seedbed.evaluation.only_right import right_in_one
from seedbed.evaluation.standing import standing
from seedbed.report.answer import networks as words
from seedbed.report.answer.data_need import data_need
from seedbed.report.contents.cost import cost
from seedbed.report.contents.robustness import robustness
from seedbed.report.contents.training_size import training_size
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
    if not standing(entries):
        return None
    finished = [each for each in entries if each["n"]]
    blocks = [
        Block(
            "networks-cost",
            "Accuracy and cost",
            tuple(words.front(entries)),
            drawn(entries, *COST),
            made(entries, cost),
            collapse="Cost of all",
        )
    ]
    sizes = drawn(entries, *SIZE)
    if sizes:
        blocks.append(
            Block(
                "networks-size",
                "Accuracy and training images",
                tuple(data_need(finished)),
                sizes,
                made(entries, training_size),
                collapse="All numbers of training images",
            )
        )
    altered = drawn(entries, *ROBUSTNESS)
    if altered:
        blocks.append(
            Block(
                "networks-robustness",
                "Altered test images",
                tuple(words.robustness(entries)),
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
            tuple(words.only_right(entries, found)),
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
