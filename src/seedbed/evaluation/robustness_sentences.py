"""Which network is most accurate on corrupted images; goes into the robustness analysis."""

from collections.abc import Iterator, Sequence
from typing import Any

from seedbed.analysis.entry import Entry
from seedbed.analysis.representatives import Representative, first_test_set, representatives
from seedbed.display.formatters import percent
from seedbed.display.sentence import enumerated, quoted


def sentences(entries: Sequence[Entry]) -> Iterator[str]:
    """Say which network is most accurate under the strongest corruption of each kind."""
    networks = [each for each in representatives(entries) if each.entry["robustness"]]
    if not networks:
        return
    strongest: dict[str, Any] = {}
    for line in networks[0].entry["robustness"]["corruptions"]:
        strongest[line["kind"]] = line  # The strongest comes last.
    clean = [
        f"{percent(each.entry['robustness']['unaltered']['accuracy']['mean'])} "
        f"({quoted(each.name)})"
        for each in networks
    ]
    parts = [_strongest(kind, line, networks) for kind, line in strongest.items()]
    yield (
        f"Accuracy on the uncorrupted images is {enumerated(clean)}. Under the strongest "
        f"corruptions: {'; '.join(parts)}. These are means over the runs; they were not tested."
    )
    yield from first_test_set(entries, networks[0].entry)


def _strongest(kind: str, line: dict[str, Any], networks: Sequence[Representative]) -> str:
    means = [_mean(each, kind, line["strength"]) for each in networks]
    order = sorted(range(len(networks)), key=lambda place: -means[place])
    best, worst = order[0], order[-1]
    return (
        f"{kind} of {line['strength']:g} {line['unit']}: {quoted(networks[best].name)} is most "
        f"accurate, {percent(means[best])} ({quoted(networks[worst].name)} {percent(means[worst])}"
        f"{', the least' if len(networks) > 2 else ''})"
    )


def _mean(network: Representative, kind: str, strength: float) -> float:
    lines = network.entry["robustness"]["corruptions"]
    found: float = next(
        each["accuracy"]["mean"]
        for each in lines
        if (each["kind"], each["strength"]) == (kind, strength)
    )
    return found
