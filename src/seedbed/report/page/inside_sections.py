"""The sections of a page about the inside of networks: feature space, and what they look at."""

from collections.abc import Sequence

from seedbed.analysis.entry import Entry
from seedbed.report.contents.features import features
from seedbed.report.page.inside import Inside
from seedbed.report.page.parts import Section, made

_FEATURES = (
    "Features are what the last layer of a network sees of an image. Here they are in three "
    "dimensions, the principal components: images of a class lie together where the network has "
    "learned to tell it from the others."
)
_LOOKS = (
    "Pictures made of the weights of one run of each network, and of what its attention does with "
    "test images. They show what a network can use, not why it decides."
)


def inside_sections(entries: Sequence[Entry], inside: Inside) -> tuple[Section, ...]:
    """Return the sections for which there is something to show."""
    found = []
    if any(each["feature_space"] for each in entries):
        found.append(
            Section(
                "features",
                "Feature space",
                _FEATURES,
                "features",
                reports=made([each for each in entries if each["feature_space"]], features),
                collapse="Clusters and classes of all configurations",
            )
        )
    if inside.looks:
        several = len(inside.looks) > 1
        title = "What the networks look at" if several else "What the network looks at"
        found.append(Section("looks", title, _LOOKS, "looks"))
    return tuple(found)
