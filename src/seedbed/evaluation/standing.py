"""The networks of a study, each with the entry that stands for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from seedbed.analysis.entry import Entry
from seedbed.study.representatives import contenders, network_names


@dataclass(frozen=True, eq=False)
class Standing:
    """A network, as it is compared with others."""

    name: str
    entry: Entry
    """Of the configuration that stands for it (:mod:`seedbed.study.representatives`)."""


def standing(entries: Sequence[Entry]) -> tuple[Standing, ...]:
    """Return the networks that can be compared: of one test set, each with a finished run.

    None, where there is one network only. Where a study has several test sets, they are those of
    the first.
    """
    known = [each for each in entries if each["n"] and each["settings"]]
    same = [each for each in known if each["test_fingerprint"] == known[0]["test_fingerprint"]]
    chosen = [same[place] for place in contenders([each["settings"] for each in same])]
    names = network_names([each["label"] for each in chosen])
    return tuple(Standing(name, each) for name, each in zip(names, chosen, strict=True))


def asked_about_altered(entries: Sequence[Entry]) -> tuple[Standing, ...]:
    """Return the networks of which it is known how accurate they are on altered images.

    Where a selection has left a single network, it is what is known of its configurations.
    """
    found = standing(entries) or tuple(Standing(each["label"], each) for each in entries)
    return tuple(each for each in found if each.entry["robustness"])
