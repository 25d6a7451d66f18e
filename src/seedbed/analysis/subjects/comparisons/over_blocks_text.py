"""What sentences and tables say of effects over all blocks."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from seedbed.analysis.aggregate import Interval
from seedbed.analysis.captions import title
from seedbed.analysis.entry import Entry
from seedbed.analysis.statistics.comparison import LEVEL, Comparison, EffectOverBlocks
from seedbed.analysis.subjects.comparisons.evidence import correction, power_in_words
from seedbed.analysis.subjects.comparisons.result import comparisons_of, over_blocks_of
from seedbed.analysis.subjects.noise_response.result import responses_of
from seedbed.display.formatters import p_text, signed_points
from seedbed.display.sentence import enumerated, points, quoted, signed_interval
from seedbed.display.table import Row, Table

OVER_ALL: Final = "differences in test accuracy over all blocks"
MOST_NAMED: Final = 3
"""Effects with a sentence; the table has all of them."""


def sentences_over_blocks(entries: Sequence[Entry]) -> Iterator[str]:
    """Say what holds over all blocks, and whether it depends on the block."""
    effects = over_blocks_of(entries)
    if not effects:
        return
    found = _best_first([effect for effect in effects if effect.p_adjusted < LEVEL])
    for effect in found[:MOST_NAMED]:
        yield _difference(effect)
    if len(found) > MOST_NAMED:
        yield f"The table has {len(found) - MOST_NAMED} more of these averages."
    if not found:
        first = effects[0]
        which = "no difference is significant"
        if len(effects) == 1:
            which = f"{quoted(first.a)} and {quoted(first.b)} do not differ significantly"
        p_values = ", ".join(filter(None, (f"p ≥ {LEVEL}", correction(first))))
        blocks = {_averaged(effect) for effect in effects}
        averaged = blocks.pop() if len(blocks) == 1 else "Averaged over blocks"
        yield (
            f"{averaged}, {which} ({p_values}); that is not evidence of equality. "
            f"{power_in_words(effects)}".rstrip()
        )


def _best_first(found: Sequence[EffectOverBlocks]) -> list[EffectOverBlocks]:
    """Return effects in the order of their better level: what the most others are worse than first.

    Of one level, the smallest difference comes first, since the larger ones follow from it.
    """
    wins: dict[str, int] = Counter()
    gains: dict[str, float] = defaultdict(float)
    for effect in found:
        better, worse = _better_and_worse(effect)
        wins[better] += 1
        wins[worse] -= 1
        gains[better] += abs(effect.difference)

    def place(effect: EffectOverBlocks) -> tuple[float, float, str, float]:
        better, _ = _better_and_worse(effect)
        return -wins[better], -gains[better], better, abs(effect.difference)

    return sorted(found, key=place)


def _better_and_worse(effect: EffectOverBlocks) -> tuple[str, str]:
    return (effect.a, effect.b) if effect.difference > 0 else (effect.b, effect.a)


def table_over_blocks(entries: Sequence[Entry]) -> Table | None:
    """Return a row for each effect over all blocks; ``None`` where there is none."""
    effects = over_blocks_of(entries)
    if not effects:
        return None
    return Table(
        title(entries, OVER_ALL),
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
            "blocks, and of no others. n: seeds that all blocks share. Interaction: whether the "
            "difference is the same in all blocks (F-test for repeated measures with Greenhouse "
            "and Geisser's correction); it is tested where the difference is significant, so its p "
            "is at least that.",
            *correction_notes(entries, effects),
        ),
        text=(0, 1),
    )


def correction_notes(
    entries: Sequence[Entry], comparisons: Sequence[Comparison | EffectOverBlocks]
) -> list[str]:
    """Say over what p-values and intervals are corrected together, and how they share the level."""
    tests = comparisons[0].comparisons
    if tests == 1:
        return []
    note = f"Corrected p-values and intervals are Bonferroni's over {tests} tests"
    note += ": together they hold with 95%."
    if tests > sum(comparison.p_value is not None for comparison in comparisons_of(entries)):
        groups = ["effects over all blocks"] if over_blocks_of(entries) else []
        groups.append("comparisons within blocks" if groups else "comparisons")
        groups += ["responses to label noise"] if responses_of(entries) else []
        shared = enumerated(groups)
        note += f" The level of 5% is shared in equal parts by {shared} (Holm 1979)."
    return [note]


def _averaged(effect: EffectOverBlocks) -> str:
    return f"Averaged over {effect.blocks} blocks that differ in {effect.over}"


def _difference(effect: EffectOverBlocks) -> str:
    (first, second), interval = _better_and_worse(effect), effect.interval
    if effect.difference < 0:
        interval = Interval(-interval.high, -interval.low)
    corrected = " ".join(filter(None, (f"p = {p_text(effect.p_adjusted)}", correction(effect))))
    p_value = f"(interaction: p = {p_text(effect.p_interaction)})"
    depends = (
        f"The difference depends on the {effect.over} {p_value}, so it need not hold in every block"
        if effect.p_interaction < LEVEL
        else f"That it depends on the {effect.over} is not shown {p_value}"
    )
    return (
        f"{_averaged(effect)}, {quoted(first)} is {points(effect.difference)} better than "
        f"{quoted(second)} (95% interval {signed_interval(interval)}; {corrected}). {depends}."
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
