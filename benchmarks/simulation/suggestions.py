"""How often a study of equal configurations suggests that they differ.

Everything that a reader sees of a difference is searched: the sentences that open a page, every
interval of a difference and the color of its mark, P(A > B), trimmed comparisons, effects over
blocks and their interactions, responses to label noise, the bold rows of tables, and the answers to
declared claims. P-values that are not corrected stand beside corrected ones, and are not searched.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np

from benchmarks.simulation.entries import entry
from benchmarks.simulation.worlds import (
    Answers,
    Floats,
    World,
    accuracies,
    answers_of_equals,
    draws_images,
)
from seedbed.analysis.aggregate import Interval
from seedbed.analysis.answer import answer
from seedbed.analysis.entry import DeclaredClaim, Entry
from seedbed.analysis.registry import relate_all
from seedbed.analysis.statistics.comparison import LEVEL
from seedbed.analysis.subjects.claims.result import claims_of
from seedbed.analysis.subjects.comparisons.chart import SIGNIFICANT, significance
from seedbed.analysis.subjects.comparisons.result import comparisons_of, over_blocks_of
from seedbed.analysis.subjects.comparisons.winners import winners
from seedbed.analysis.subjects.noise_response.result import differences_of, responses_of

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
    # A cost is known, and what it buys is denied.
    "none that costs more is significantly better than",
    # The unit of a trend, and that several do not differ.
    "for 10 points more noise",
    "do not differ significantly",
)


@dataclass(frozen=True)
class Design:
    """A study of equal configurations: every method at every level of noise on every dataset."""

    methods: int
    rates: tuple[float, ...] = ()
    datasets: int = 1

    @property
    def size(self) -> int:
        """The number of configurations."""
        return self.methods * max(len(self.rates), 1) * self.datasets

    def __str__(self) -> str:
        parts = [f"{self.methods} configuration{'s' * (self.methods > 1)}"]
        if self.rates:
            parts.append(f"{len(self.rates)} levels of noise")
        if self.datasets > 1:
            parts.append(f"{self.datasets} datasets")
        return " × ".join(parts)

    def entries(self, drawn: Floats, answers: Answers | None, world: World) -> Iterator[Entry]:
        """Yield the entries of the study.

        Args:
            drawn: The accuracies: at least as many configurations × n.
            answers: bool, configurations × n × N.
            world: Where they are.
        """
        names = [f"dataset {number}" for number in range(self.datasets)]
        datasets = names if self.datasets > 1 else ["invented"]
        points = product(datasets, range(self.methods), self.rates or (None,))
        for place, (dataset, method, rate) in enumerate(points):
            of = None if answers is None else answers[place]
            yield entry(str(method), drawn[place], world, answers=of, rate=rate, dataset=dataset)


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
        name, trimmed = f"{comparison.a} − {comparison.b}", comparison.trimmed
        new, better = comparison.new_images, comparison.probability_interval
        if significance(comparison) == SIGNIFICANT or _leaves_out(comparison.interval):
            yield name
        if new is not None and _leaves_out(new.interval):
            yield f"{name}, new images"
        if _leaves_out(better, 0.5):
            yield f"{name}, P(A > B)"
        if trimmed is not None and (_leaves_out(trimmed.interval) or trimmed.p_adjusted < LEVEL):
            yield f"{name}, trimmed"
    for effect in over_blocks_of(entries):
        name = f"{effect.a} − {effect.b}, over {effect.over}"
        if _leaves_out(effect.interval) or effect.p_adjusted < LEVEL:
            yield name
        if effect.p_interaction < LEVEL:
            yield f"{name}, interaction"
    contrasts = [each.difference for each in differences_of(entries)]
    for response in responses_of(entries):
        contrasts += response.trend, response.fall
    for contrast in contrasts:
        if contrast.sign or _leaves_out(contrast.interval_new_images):
            yield "a response to label noise"
    for place in winners(entries):
        yield f"{entries[place].header.label}, bold"
    for claim in claims_of(entries):
        if claim.outcome != "open":
            yield f"{claim.claim}: {claim.outcome}"


def suggesting(
    world: World,
    designs: Sequence[Design],
    runs: Sequence[int],
    pairing: float,
    studies: int,
    generator: np.random.Generator,
) -> Mapping[tuple[Design, int], int]:
    """Return in how many studies of equal configurations anything suggests a difference.

    Args:
        world: Where studies are.
        designs: Of studies; the first configurations of the same ones.
        runs: Numbers of runs of each; the first so many of the same ones.
        pairing: The share of the variance of seeds that configurations have in common, 0 to 1.
        studies: How many are invented.
        generator: What is drawn with.
    """
    counts: Counter[tuple[Design, int]] = Counter()
    most = max(design.size for design in designs)
    for _ in range(studies):
        answers = None
        if draws_images(world):
            answers = answers_of_equals(world, most, max(runs), pairing, generator)
            drawn = answers.mean(axis=2)
        else:
            drawn = accuracies(world, most, max(runs), pairing, generator)
        for design, n in product(designs, runs):
            of = None if answers is None else answers[:, :n]
            entries = list(design.entries(drawn[:, :n], of, world))
            counts[design, n] += any(suggestions(relate_all(entries)))
    return {(design, n): counts[design, n] for design in designs for n in runs}


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


def _leaves_out(interval: Interval | None, value: float = 0.0) -> bool:
    return interval is not None and not interval.low <= value <= interval.high
