"""The networks that were tested on corrupted images; goes into the robustness analysis."""

from collections.abc import Sequence

from seedbed.analysis.entry import Entry
from seedbed.analysis.representatives import Representative, representatives


def asked_about_altered(entries: Sequence[Entry]) -> tuple[Representative, ...]:
    """Return the networks whose accuracy on corrupted images is known.

    Where a selection has left a single network, these are its configurations.
    """
    alone = (Representative(each["label"], each) for each in entries)
    found = representatives(entries) or tuple(alone)
    return tuple(each for each in found if each.entry["robustness"])
