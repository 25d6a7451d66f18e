"""Testing declared claims over the seeds of a study.

Every seed gives one number: the difference, or the linear trend, averaged over all settings that
the claim does not name. Its mean over seeds has Student's interval, at a level that Bonferroni's
correction leaves to each claim. An equality holds if the interval at twice that level lies within
the margin (two one-sided tests).

A claim that declares looks is tested at the first so many seeds of each look that is there, in the
order of the study, at the level that the look has (:mod:`seedbed.analysis.statistics.looks`); the
first look that decides it is the last. So seeds that are added between two looks change nothing.

Source:
    Schuirmann, A comparison of the two one-sided tests procedure and the power approach, Journal of
    Pharmacokinetics and Biopharmaceutics 15, 1987.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from seedbed.analysis.aggregate import Aggregate, Interval
from seedbed.analysis.entry import DeclaredClaim, Entry
from seedbed.analysis.statistics.comparison import LEVEL
from seedbed.analysis.statistics.crossed import levels_of
from seedbed.analysis.statistics.paired import difference_interval, standard_error
from seedbed.analysis.subjects.accuracy.result import accuracy_of
from seedbed.analysis.subjects.claims.look import look_notes, looks_until
from seedbed.analysis.subjects.claims.result import AnsweredClaim, Outcome
from seedbed.analysis.subjects.comparisons.question import points_of
from seedbed.core.errors import StudyError
from seedbed.study.asked import crossed_problem, pairs, trends

Effects = Mapping[int | str, float]
"""The effect of each seed."""


def tested_claims(entries: Sequence[Entry]) -> tuple[AnsweredClaim, ...]:
    """Return what became of the claims of a study, in their order."""
    claims = entries[0].header.study.claims
    return tuple(_tested(claim, entries, len(claims)) for claim in claims)


def _tested(claim: DeclaredClaim, entries: Sequence[Entry], claims: int) -> AnsweredClaim:
    problem = ""
    effects: Effects = {}
    try:
        blocks = list(_effects(claim, entries))
    except StudyError as error:
        # The study file can answer every claim, so what is missing then has not been trained.
        waiting = any(entry.header.unfinished for entry in entries if not entry.header.n)
        problem = "no run of its configurations has finished yet" if waiting else str(error)
        blocks = []
    if blocks:
        seeds = [seed for seed in blocks[0] if all(seed in block for block in blocks)]
        effects = {seed: float(np.mean([block[seed] for block in blocks])) for seed in seeds}
    if claim.looks and not problem and (problem := crossed_problem(_crossed(entries))):
        effects = {}
    level = LEVEL * (2 if claim.equal else 1) / claims
    images = entries[0].header.test_images or 0
    margin = (claim.within if claim.equal else claim.by) or 0.0
    for look in looks_until(claim.looks, len(effects), level):
        tested = dict(list(effects.items())[: look.n])
        aggregate = Aggregate.of(tested.values())
        spread = standard_error(list(tested.values()), images, levels_of(tested))
        interval = difference_interval(
            aggregate.mean,
            spread.standard_error if spread else None,
            spread.degrees_of_freedom if spread else None,
            look.level,
        )
        outcome = _outcome(claim, interval, margin)
        if outcome != "open":
            break
    notes = [problem] if problem else []
    if not problem:
        notes += look_notes(claim.looks, look, len(effects), decided=outcome != "open")
    if not problem and interval is None and not claim.looks:
        notes.append("two seeds or more are needed of every configuration of the claim")
    if claim.ended:
        notes.append(f"declared after {claim.ended} runs had ended: exploratory")
    if not claim.looks and claim.seeds and claim.seeds < len(effects):
        notes.append(
            f"declared for {claim.seeds} seeds: adding seeds after a look makes false claims more "
            "likely; declared looks allow it"
        )
    return AnsweredClaim(
        claim=claim.claim,
        effect=aggregate.mean,
        interval=interval,
        margin=margin,
        n=aggregate.n,
        outcome=outcome,
        look=look.number,
        spent=look.spent,
        notes=tuple(notes),
    )


def _crossed(entries: Sequence[Entry]) -> tuple[str, ...]:
    return next((entry.header.varied for entry in entries if entry.header.is_crossed), ())


def _outcome(claim: DeclaredClaim, interval: Interval | None, margin: float) -> Outcome:
    if interval is None:
        return "open"
    if claim.equal:
        if -margin < interval.low and interval.high < margin:
            return "held"
        return "refuted" if interval.low > margin or interval.high < -margin else "open"
    # "At least 0.5" includes 0.5, but "better" does not include equal.
    if interval.low >= margin > 0 or interval.low > margin:
        return "held"
    return "refuted" if interval.high < margin else "open"


def _effects(claim: DeclaredClaim, entries: Sequence[Entry]) -> Iterator[Effects]:
    """Yield the effect of each seed, block by block."""
    points = points_of([entry for entry in entries if entry.header.n])
    if claim.better or claim.equal:
        for pair in pairs(claim, points):
            a, b = (_runs(claim, entry) for entry in pair)
            yield {seed: a[seed] - b[seed] for seed in a if seed in b}
        return
    sign = 1 if claim.rises_with else -1
    for block in trends(claim, points):
        # Ranks, because settings such as learning rates are spread over orders of magnitude.
        ranks = np.argsort(np.argsort([value for value, _ in block])).astype(np.float64)
        centered = ranks - ranks.mean()
        weights = sign * centered / np.square(centered).sum() * (ranks.max() - ranks.min())
        runs = [_runs(claim, entry) for _, entry in block]
        seeds = [seed for seed in runs[0] if all(seed in of for of in runs)]
        yield {seed: float(np.dot(weights, [of[seed] for of in runs])) for seed in seeds}


def _runs(claim: DeclaredClaim, entry: Entry) -> Effects:
    accuracy = accuracy_of(entry)
    of = accuracy.train_accuracy if claim.of == "training accuracy" else accuracy.test_accuracy
    runs = zip(entry.header.seeds, of.runs, strict=True)
    return {seed: value for seed, value in runs if value is not None}
