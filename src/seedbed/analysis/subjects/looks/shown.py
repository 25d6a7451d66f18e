"""Which networks a page looks into: their pictures, and their features in space."""

from collections.abc import Sequence
from typing import Final

from seedbed.analysis.entry import Entry
from seedbed.analysis.representatives import representative_places

MOST_NETWORKS: Final = 6


def shown_networks(entries: Sequence[Entry]) -> tuple[int, ...]:
    """Return the places of the entries that represent the networks of a page, at most six.

    Where there is a single network, it is the first configuration with a finished run.
    """
    trained = [place for place, each in enumerate(entries) if each["n"] and each["settings"]]
    stand = representative_places([entries[place]["settings"] for place in trained])
    return tuple(trained[each] for each in stand[:MOST_NETWORKS]) or tuple(trained[:1])
