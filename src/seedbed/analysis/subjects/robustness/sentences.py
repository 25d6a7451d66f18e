"""Which network is most accurate on corrupted images."""

from collections.abc import Iterator, Sequence

from seedbed.analysis.entry import Entry
from seedbed.analysis.representatives import Representative, first_test_set, representatives
from seedbed.analysis.subjects.robustness.result import (
    CorruptionAccuracy,
    Robustness,
    corrupted,
)
from seedbed.display.formatters import percent
from seedbed.display.sentence import enumerated, quoted


def sentences(entries: Sequence[Entry]) -> Iterator[str]:
    """Say which network is most accurate under the strongest corruption of each kind."""
    networks = [of for of in representatives(entries) if of.entry.view(Robustness)]
    if not networks:
        return
    # The strongest of a kind comes last.
    strongest = {of.kind: of for of in corrupted(networks[0].entry).corruptions}
    uncorrupted = [
        f"{percent(corrupted(network.entry).uncorrupted.accuracy.mean)} ({quoted(network.name)})"
        for network in networks
    ]
    parts = [_strongest(corruption, networks) for corruption in strongest.values()]
    yield (
        f"Accuracy on the uncorrupted images is {enumerated(uncorrupted)}. Under the strongest "
        f"corruptions: {'; '.join(parts)}. These are means over the runs; the differences were not "
        "tested."
    )
    yield from first_test_set(entries, networks[0].entry)


def _strongest(corruption: CorruptionAccuracy, networks: Sequence[Representative]) -> str:
    means = [_mean(network, corruption) for network in networks]
    order = sorted(range(len(networks)), key=lambda place: -means[place])
    best, worst = order[0], order[-1]
    return (
        f"{corruption.kind} of {corruption.strength:g} {corruption.unit}: "
        f"{quoted(networks[best].name)} is most accurate, {percent(means[best])} "
        f"({quoted(networks[worst].name)} {percent(means[worst])}"
        f"{', the least' if len(networks) > 2 else ''})"
    )


def _mean(network: Representative, corruption: CorruptionAccuracy) -> float:
    of_kind = corrupted(network.entry).of_kind(corruption.kind)
    same = next(of for of in of_kind if of.strength == corruption.strength)
    return same.accuracy.mean or 0.0
