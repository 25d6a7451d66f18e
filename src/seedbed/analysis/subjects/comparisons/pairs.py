"""How the configurations of a study compare that are paired with each other."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Literal

import msgspec

from seedbed.analysis.entry import Entry
from seedbed.analysis.statistics.comparison import Comparison
from seedbed.analysis.statistics.crossed.resampled import Resampling
from seedbed.analysis.statistics.equivalence import within_margin
from seedbed.analysis.statistics.paired import ROUNDING, compare, correct_together
from seedbed.analysis.statistics.trimmed import LEAST_PAIRS, trimmed_comparison
from seedbed.analysis.subjects.accuracy.result import accuracy_of, lacks_test, measured
from seedbed.analysis.subjects.comparisons.family import Family, family_of
from seedbed.analysis.subjects.comparisons.pairing import (
    Pair,
    can_be_tested,
    paired_entries,
    runs_by_seed,
)
from seedbed.analysis.subjects.comparisons.question import HELD_OUT
from seedbed.analysis.subjects.comparisons.result import MOST_IN_PAIRS, Comparisons
from seedbed.analysis.subjects.image_errors import correct_by_seed
from seedbed.core.errors import DataError, StudyError
from seedbed.core.suggestions import unknown


def compare_entries(
    entries: Sequence[Entry],
    baseline: str | None = None,
    factor: str | None = None,
    margin: float | None = None,
    family: Family | None = None,
) -> tuple[Comparison, ...]:
    """Compare the test accuracies of configurations, with one correction over all blocks.

    Args:
        entries: Of a summary.
        baseline: The label of the configuration that all others are compared with, as B.
        factor: The setting that is compared; see :func:`question_of`. With a baseline, all entries
            are one block, whatever they differ in.
        margin: Differences up to this fraction count as none; by default what the study file says.
        family: Of tests, if it is known; with a baseline, these comparisons are one.

    Raises:
        StudyError: If no configuration has the label ``baseline``, or ``factor`` does not vary.
        DataError: If a configuration has different test images than the baseline.

    """
    if margin is None:
        margin = next((entry.header.study.margin for entry in entries), None)
    if baseline is None:
        pairs = [pair for block in paired_entries(entries, factor) for pair in block]
        family = family or family_of(entries, factor)
    else:
        pairs = list(_with_baseline(entries, baseline))
        family = Family(0, sum(can_be_tested(a, b) for a, b in pairs), 0)
    return within_margin(_compared(pairs, family), margin)


def compare_changed(
    entries: Sequence[Entry], before: Mapping[int, Entry]
) -> dict[int, Comparisons] | None:
    """Compare some entries that have changed, where every configuration is compared with one.

    Args:
        entries: Of a summary, in one block.
        before: Place -> the entry that was there. It stayed in its block.

    Returns:
        ``None`` where comparisons of other entries change, too: where one of these is the one that
        all are compared with, or the number of tests has changed.
    """
    if len(entries) <= MOST_IN_PAIRS:
        return None
    margin = entries[0].header.study.margin
    (b,) = islice((entry for entry in entries if entry.header.n), 1)
    found = {}
    for place, old in before.items():
        known, a = old.view(Comparisons), entries[place]
        if known is None or len(known.comparisons) != 1 or a is b:
            return None
        (comparison,) = known.comparisons
        if comparison.b != b.header.label or can_be_tested(old, b) != can_be_tested(a, b):
            return None
        family = Family(0, comparison.comparisons, 0)
        found[place] = Comparisons(within_margin(_compared([(a, b)], family), margin))
    return found


def compare_pair(a: Entry, b: Entry) -> Comparison:
    """Compare two configurations by their own labels; nothing is corrected yet."""
    labels = (a.header.label, b.header.label)
    if lacks_test(a):
        images = a.header.provenance.validation_size if a.header.provenance else None
        of_a, of_b = runs_by_seed(a), runs_by_seed(b)
        return compare(*labels, of_a, of_b, images=images, resampling=_resampling(a))
    return compare(
        *labels,
        runs_by_seed(a),
        runs_by_seed(b),
        images=a.header.test_images,
        answers=(correct_by_seed(a), correct_by_seed(b)),
    )


def _resampling(entry: Entry) -> Resampling | None:
    """Return how the runs of an entry hold out images; ``None`` of a split of the dataset."""
    settings, provenance = entry.header.settings or {}, entry.header.provenance
    if not any(settings.get(name) for name in HELD_OUT):
        return None
    if provenance is None or not provenance.learned_images or not provenance.validation_size:
        return None
    stream: Literal["fold", "validation"] = "fold" if settings.get(HELD_OUT[0]) else "validation"
    return Resampling(stream, provenance.learned_images, provenance.validation_size)


def _compared(pairs: Sequence[Pair], family: Family) -> tuple[Comparison, ...]:
    compared = []
    for a, b in pairs:
        comparison = compare_pair(a, b)
        collapsed = accuracy_of(a).collapsed or accuracy_of(b).collapsed
        trimmed = collapsed and _independent(comparison) and comparison.n >= LEAST_PAIRS
        # A trimmed comparison is a second test of the same difference: each has half of the share.
        weight = family.of_comparisons / (2 if trimmed else 1)
        (comparison,) = correct_together([comparison], family.tests, weight)
        compared.append(_with_trimmed(comparison, a, b) if trimmed else comparison)
    return tuple(compared)


def _independent(comparison: Comparison) -> bool:
    """Whether the pairs are independent of each other, as trimming assumes."""
    return comparison.overlap is None and comparison.degrees_of_freedom == comparison.n - 1


def _with_trimmed(comparison: Comparison, a: Entry, b: Entry) -> Comparison:
    of_a, of_b = runs_by_seed(a), runs_by_seed(b)
    differences = [of_a[seed] - of_b[seed] for seed in of_a if seed in of_b]
    least = ROUNDING / (a.header.test_images or math.inf)
    trimmed = trimmed_comparison(differences, least, comparison.weight)
    return msgspec.structs.replace(comparison, trimmed=trimmed)


def _comparable(entry: Entry) -> object:
    """Return what two entries must share to be compared; ``None`` without any accuracy."""
    settings = entry.header.settings or {}
    held_out = [settings.get(name) for name in HELD_OUT] if lacks_test(entry) else []
    return None if measured(entry) is None else held_out


def _with_baseline(entries: Sequence[Entry], baseline: str) -> Iterator[Pair]:
    labels = [entry.header.label for entry in entries]
    if baseline not in labels:
        raise StudyError(unknown("configuration", baseline, labels), where="--baseline")
    b = entries[labels.index(baseline)]
    for a in entries:
        if a.header.test_fingerprint != b.header.test_fingerprint:
            raise DataError(
                f"{a.header.label!r} and {baseline!r} have different test images, so their "
                "accuracies cannot be compared",
                expected="one test split, with the same fingerprint",
            )
        if a is not b and _comparable(a) == _comparable(b) is not None:
            yield a, b
