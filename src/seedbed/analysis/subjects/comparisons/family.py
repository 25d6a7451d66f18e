"""The family of tests that a study shows as its answer, and what each has of the level of 5%.

All of them together find a difference in at most 5% of studies without one, so the blocks of a
study (levels of label noise, datasets) are no families of their own. The level is shared by up to
three groups in equal parts: effects over all blocks, which answer the question of the study;
comparisons within blocks; and responses to label noise. Within a group every test has the same
weight. So an effect over all blocks is not the harder to find the more blocks there are.

The interaction of an effect with the blocks is tested at the level of the effect, where that is
found, and takes no share: where there is an effect and no interaction, there is a difference in
every block, so no test within a block can err in its place.

Source:
    Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of
    Statistics 6, 1979, section 4: Bonferroni's correction with weights that sum to 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.comparisons.pairing import (
    can_be_tested,
    paired_entries,
    paired_over_blocks,
)
from seedbed.analysis.subjects.comparisons.question import question_of
from seedbed.analysis.subjects.noise_response.series import contrasts
from seedbed.analysis.subjects.training_size.series import pairs_by_size


@dataclass(frozen=True)
class Family:
    """How many tests of each group there are.

    Args:
        effects: Over all blocks.
        comparisons: Of two configurations of a block. Where levels of label noise are compared with
            the lowest, the responses are among them.
        responses: Trends, falls and differences of falls under label noise.
    """

    effects: int
    comparisons: int
    responses: int

    @property
    def tests(self) -> int:
        """All of them."""
        return self.effects + self.comparisons + self.responses

    @property
    def of_effects(self) -> float:
        """The share of the level that an effect over all blocks has."""
        return self._share(self.effects)

    @property
    def of_comparisons(self) -> float:
        """The share of the level that a comparison within a block has."""
        return self._share(self.comparisons)

    @property
    def of_responses(self) -> float:
        """The share of the level that a response to label noise has."""
        return self._share(self.responses) if self.responses else self.of_comparisons

    def _share(self, tests: int) -> float:
        groups = sum(count > 0 for count in (self.effects, self.comparisons, self.responses))
        return 1 / (max(groups, 1) * max(tests, 1))


def family_of(
    entries: Sequence[Entry], factor: str | None = None, *, planned: bool = False
) -> Family:
    """Return the family of tests of a study.

    Args:
        entries: Of a summary.
        factor: What is compared; see :func:`.question_of`.
        planned: Whether comparisons count that lack the seeds for a test.

    Raises:
        StudyError: If ``factor`` does not vary.
    """
    compared = [pair for block in paired_entries(entries, factor) for pair in block]
    labels = [{a.header.label, b.header.label} for a, b in compared]
    # Networks are compared at each number of images; mostly these are comparisons within blocks.
    compared += [
        (a, b)
        for _, _, _, a, b in pairs_by_size(entries)
        if {a.header.label, b.header.label} not in labels
    ]
    comparisons = sum(planned or can_be_tested(a, b) for a, b in compared)
    question = question_of(entries, factor)
    if question is not None and question.with_lowest:
        # The fall from the lowest level to another one is a comparison: that is one test.
        return Family(0, comparisons + sum(of not in labels for of in contrasts(entries)), 0)
    effects = paired_over_blocks(entries, factor, planned=planned)
    # Elsewhere a fall may be a comparison, too, but has another weight: that is a test of its own.
    return Family(len(effects), comparisons, sum(1 for _ in contrasts(entries)))
