"""What a study found, in sentences: the answer that opens a page."""

from collections.abc import Sequence

from seedbed.analysis.entry import Entry
from seedbed.analysis.registry import analyses
from seedbed.analysis.representatives import by_test_set


def answer(entries: Sequence[Entry], *, of_study: bool = True) -> tuple[str, ...]:
    """Return sentences about the entries of a summary: test set by test set, topic by topic.

    Names of configurations and classes are the user's, so the sentences must be escaped.

    Args:
        entries: All, or some that are shown in detail.
        of_study: Whether there are sentences of analyses that are about the study as a whole.
    """
    test_sets = by_test_set(entries)
    sentences = [
        sentence
        for group in test_sets
        for analysis in analyses()
        if analysis.sentences is not None and analysis.opens_page
        if of_study or not analysis.of_study
        for sentence in analysis.sentences(group)
    ]
    if of_study and len(test_sets) > 1:
        sentences.append("Accuracies on different test images are not compared with each other.")
    return tuple(sentences)
