"""How often a study of equal configurations suggests that they differ.

Everything that a reader sees of a comparison is searched: the sentences that open a page, the
intervals of the table of comparisons and the colors of its chart, and the answers to declared
claims. Tables mark nothing: no best value is bold.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from benchmarks.simulation.worlds import Floats, World, accuracies
from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.answer import answer
from seedbed.analysis.entry import DeclaredClaim, Entry, Header, StudyHeader, fields_of
from seedbed.analysis.intervals import with_intervals
from seedbed.analysis.registry import fields, relate_all
from seedbed.analysis.subjects.accuracy.collapsed import collapsed_runs
from seedbed.analysis.subjects.accuracy.result import Accuracy
from seedbed.analysis.subjects.claims.result import claims_of
from seedbed.analysis.subjects.comparisons.chart import SIGNIFICANT, significance
from seedbed.analysis.subjects.comparisons.result import comparisons_of
from seedbed.analysis.summary_file import FORMAT

WORDS: Final = re.compile(
    r"\b(best|better|worse|worst|high(er|est)|low(er|est)|more|less|rises?|falls?|gains?|loses?|"
    r"largest|larger|small(er|est)|ahead|behind|beats?|outperforms?|significantly|held|refuted)\b"
)
"""What a sentence about configurations that do not differ must not say of them."""
ALLOWED: Final = (
    # One run and its siblings, not two configurations.
    "learned far less than the other runs",
    # How many were compared, and why not all.
    "Of more than 10 configurations",
)


def suggestions(entries: Sequence[Entry]) -> Iterator[str]:
    """Yield everything that suggests a difference between the configurations of a study."""
    labels = "|".join(re.escape(entry.header.label) for entry in entries)
    for sentence in answer(entries):
        said = re.sub(labels, "", sentence)
        for allowed in ALLOWED:
            said = said.replace(allowed, "")
        if WORDS.search(said):
            yield sentence
    for comparison in comparisons_of(entries):
        interval = comparison.interval
        if significance(comparison) == SIGNIFICANT or (
            interval is not None and not interval.low <= 0 <= interval.high
        ):
            yield f"{comparison.a} − {comparison.b}"
    for claim in claims_of(entries):
        if claim.outcome != "open":
            yield f"{claim.claim}: {claim.outcome}"


def suggesting(
    world: World,
    configurations: Sequence[int],
    runs: Sequence[int],
    pairing: float,
    studies: int,
    generator: np.random.Generator,
) -> dict[tuple[int, int], int]:
    """Return in how many studies of equal configurations anything suggests a difference.

    Args:
        world: Where studies are.
        configurations: Numbers of them; the first so many of the same ones.
        runs: Numbers of runs of each; the first so many of the same ones.
        pairing: The share of the variance of seeds that configurations have in common, 0 to 1.
        studies: How many are invented.
        generator: What is drawn with.

    Returns:
        Number of configurations and runs -> studies.
    """
    counts: Counter[tuple[int, int]] = Counter()
    for _ in range(studies):
        drawn = accuracies(world, max(configurations), max(runs), pairing, generator)
        for n in runs:
            entries = [entry(str(place), of[:n], world) for place, of in enumerate(drawn)]
            for count in configurations:
                counts[count, n] += any(suggestions(relate_all(entries[:count])))
    return {(count, n): counts[count, n] for count in configurations for n in runs}


def suggesting_at_looks(
    world: World, looks: Sequence[int], studies: int, generator: np.random.Generator
) -> int:
    """Return in how many studies a claim of a difference that is none is held or refuted.

    Seeds are added from look to look. A claim is answered by the first look that decides it, so the
    answer after the last one tells whether any did.
    """
    claim = DeclaredClaim(
        claim="0 differs from 1",
        better=("learning_rate=0",),
        than=("learning_rate=1",),
        looks=tuple(looks),
    )
    decided = 0
    for _ in range(studies):
        drawn = accuracies(world, 2, looks[-1], 0.6, generator)
        entries = [entry(str(place), of, world, claims=(claim,)) for place, of in enumerate(drawn)]
        (answered,) = claims_of(relate_all(entries))
        decided += answered.outcome != "open"
    return decided


def entry(label: str, runs: Floats, world: World, **study: Any) -> Entry:
    """Return the entry of a configuration with these accuracies."""
    seeds = tuple(range(len(runs)))
    test = Accuracies.of(runs.tolist())
    collapsed = collapsed_runs(seeds, test.runs, world.images)
    without = None
    if collapsed:
        out = {run.seed for run in collapsed}
        kept = Accuracies.of(value for seed, value in enumerate(test.runs) if seed not in out)
        without = with_intervals(kept, world.images)
    else:
        test = with_intervals(test, world.images)
    header = Header(
        format=FORMAT,
        source_hash=None,
        study=StudyHeader("invented", 0, (), **study),
        id=label,
        label=f"learning_rate={label}",
        variant=None,
        configuration={},
        settings={"recipe.learning_rate": int(label)},
        network="lenet5",
        dataset="invented",
        modified=None,
        test_fingerprint="invented",
        test_images=world.images,
        class_names=("0", "1"),
        n=len(seeds),
        seeds=seeds,
        diverged=(),
        unfinished=(),
        checkpoint="last",
        epochs=1,
        selected_epochs=(1,) * len(seeds),
        warnings=(),
        provenance=None,
    )
    accuracy = Accuracy(
        train_accuracy=test, test_accuracy=test, collapsed=collapsed, without_collapsed=without
    )
    return Entry({**_NOTHING, **fields_of(header), **fields_of(accuracy)})


_NOTHING: Final[Mapping[str, Any]] = dict.fromkeys(fields())
