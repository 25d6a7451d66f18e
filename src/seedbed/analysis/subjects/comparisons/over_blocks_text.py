"""What sentences and tables say of effects over all blocks."""

from collections.abc import Iterator, Sequence
from typing import Final

from seedbed.analysis.aggregate import Interval
from seedbed.analysis.captions import title
from seedbed.analysis.entry import Entry
from seedbed.analysis.statistics.comparison import LEVEL, EffectOverBlocks
from seedbed.analysis.subjects.comparisons.question import Question, blocks_in_words
from seedbed.analysis.subjects.comparisons.result import over_blocks_of
from seedbed.display.formatters import p_text, signed_points
from seedbed.display.sentence import points, quoted, signed_interval
from seedbed.display.table import Row, Table

MOST_NAMED: Final = 3
"""Effects with a sentence; the table has all of them."""


def sentences_over_blocks(
    entries: Sequence[Entry], finished: Sequence[Entry], question: Question
) -> Iterator[str]:
    """Say what holds over all blocks, and whether it depends on the block."""
    effects = over_blocks_of(entries)
    if not effects:
        return
    over = blocks_in_words(finished, question)
    found = [effect for effect in effects if effect.p_adjusted < LEVEL]
    for effect in found[:MOST_NAMED]:
        yield _difference(effect, over)
    if len(found) > MOST_NAMED:
        yield f"The table has {len(found) - MOST_NAMED} more of these averages."
    if not found:
        tests = len(effects)
        corrected = f", corrected over {tests} comparisons" if tests > 1 else ""
        which = "the difference is not" if tests == 1 else "no difference is"
        yield (
            f"Averaged over {effects[0].blocks} blocks that differ in {over}, {which} significant "
            f"(p ≥ {LEVEL}{corrected}); that is not evidence of equality."
        )


def table_over_blocks(entries: Sequence[Entry]) -> Table | None:
    """Return a row for each effect over all blocks; ``None`` where there is none."""
    effects = over_blocks_of(entries)
    if not effects:
        return None
    corrected = (
        f" Corrected p-values and intervals are Bonferroni's over {len(effects)} effects."
        if len(effects) > 1
        else ""
    )
    return Table(
        title(entries, "differences in test accuracy over all blocks"),
        (
            "A",
            "B",
            "blocks",
            "n",
            "difference A − B (percentage points)",
            "95% interval, these images",
            "p",
            "p, corrected",
            "p, interaction",
        ),
        (tuple(map(_row, effects)),),
        (
            "The mean of the differences in each block, all with the same weight: it is of these "
            f"blocks, and of no others. n: seeds that all blocks share.{corrected} Interaction: "
            "whether the difference is the same in all blocks (F-test for repeated measures with "
            "Greenhouse and Geisser's correction).",
            "Each block below is a family of its own: the more there are, the likelier one of them "
            "shows a difference by chance. The average is one test.",
        ),
        text=(0, 1),
    )


def _difference(effect: EffectOverBlocks, over: str) -> str:
    first, second, interval = effect.a, effect.b, effect.interval
    if effect.difference < 0:
        first, second, interval = second, first, Interval(-interval.high, -interval.low)
    corrected = f" corrected over {effect.comparisons} comparisons" * (effect.comparisons > 1)
    depends = (
        f"The difference depends on the {over} (interaction: p = {p_text(effect.p_interaction)}), "
        "so it need not hold in every block"
        if effect.p_interaction < LEVEL
        else f"That it depends on the {over} is not shown (interaction: p = "
        f"{p_text(effect.p_interaction)})"
    )
    return (
        f"Averaged over {effect.blocks} blocks that differ in {over}, {quoted(first)} is "
        f"{points(effect.difference)} better than {quoted(second)} (95% interval "
        f"{signed_interval(interval)}; p = {p_text(effect.p_adjusted)}{corrected}). {depends}."
    )


def _row(effect: EffectOverBlocks) -> Row:
    return (
        effect.a,
        effect.b,
        str(effect.blocks),
        str(effect.n),
        signed_points(effect.difference),
        signed_interval(effect.interval),
        p_text(effect.p_value),
        p_text(effect.p_adjusted),
        p_text(effect.p_interaction),
    )
