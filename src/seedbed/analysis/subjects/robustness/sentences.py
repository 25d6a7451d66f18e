"""How accurate networks are on corrupted images."""

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
    """Say how accurate networks are under the strongest corruption of each kind."""
    networks = [of for of in representatives(entries) if of.entry.view(Robustness)]
    if not networks:
        return
    # The strongest of a kind comes last.
    strongest = {of.kind: of for of in corrupted(networks[0].entry).corruptions}
    uncorrupted = [corrupted(network.entry).uncorrupted.accuracy.mean for network in networks]
    parts = [
        f"{of.kind} of {of.strength:g} {of.unit}: "
        f"{_listed(networks, [_mean(network, of) for network in networks])}"
        for of in strongest.values()
    ]
    # In the order of the study: to rank them would say more than the means do.
    yield (
        f"Accuracy on the uncorrupted images is {_listed(networks, uncorrupted)}. Under the "
        f"strongest corruptions: {'; '.join(parts)}. These are means over the runs; the "
        "differences were not tested."
    )
    yield from first_test_set(entries, networks[0].entry)


def _listed(networks: Sequence[Representative], means: Sequence[float | None]) -> str:
    pairs = zip(networks, means, strict=True)
    return enumerated([f"{percent(mean)} ({quoted(network.name)})" for network, mean in pairs])


def _mean(network: Representative, corruption: CorruptionAccuracy) -> float:
    of_kind = corrupted(network.entry).of_kind(corruption.kind)
    same = next(of for of in of_kind if of.strength == corruption.strength)
    return same.accuracy.mean or 0.0
