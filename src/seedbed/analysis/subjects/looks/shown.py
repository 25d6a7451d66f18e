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
    headers = [entry.header for entry in entries]
    trained = [
        (place, each.settings) for place, each in enumerate(headers) if each.n and each.settings
    ]
    places = [place for place, _ in trained]
    representing = representative_places([settings for _, settings in trained])
    return tuple(places[number] for number in representing[:MOST_NETWORKS]) or tuple(places[:1])
