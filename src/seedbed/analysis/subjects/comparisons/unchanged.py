"""When an entry can change and leave all that relates other configurations as it is."""

from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.result import accuracy_of
from seedbed.analysis.subjects.comparisons.result import Comparisons


def stays_in_its_block(old: Entry, new: Entry) -> bool:
    """Return whether a study is one block, and a configuration is in it as it was.

    A study says in words what is compared, unless neither label noise, nor the number of training
    images, nor the dataset vary, and it does not name a setting to compare. Then there are no
    blocks to tell apart and no series over them, as long as both entries have test accuracies of
    the same images.

    Args:
        old: Of the summary, with its relations.
        new: What takes its place.
    """
    known = old.view(Comparisons)
    return (
        known is not None
        and known.compared is None
        and accuracy_of(old).test_accuracy.mean is not None
        and accuracy_of(new).test_accuracy.mean is not None
        and old.header.test_fingerprint == new.header.test_fingerprint
    )
