"""The part of the page of results on where the spread over runs comes from, from stored summaries.

``make variance`` trains these studies, which takes ten minutes on two cores, and ``python -m
benchmarks.reports`` writes what they found into ``docs/results.md``.
"""

from collections.abc import Mapping
from typing import Final

from benchmarks.sections import Section, Summaries
from seedbed.analysis.subjects.accuracy.result import accuracy_of
from seedbed.analysis.subjects.variance.sentences import sentences
from seedbed.analysis.subjects.variance.table import variance_table
from seedbed.display.formatters import percent_interval, percent_spread
from seedbed.report.renderers import markdown

VARIANCE_STUDIES: Final[Mapping[str, str]] = {
    "variance": "LeNet-5 on MNIST",
    "cifar10-variance": "LeNet-5 on CIFAR-10",
}
"""Name of a study -> its heading."""

OTHERS: Final = (
    "Bouthillier et al. (2021, MLSys) varied the sources of randomness of five tasks: the sampling "
    "of the data, the initial weights and the choice of hyperparameters move results markedly. "
    "Jordan (2023, arXiv 2304.01910) finds on CIFAR-10 that the spread comes from the sensitivity "
    "of training to any change at the start, and hardly from one source such as the order of the "
    "data or augmentation. Here the images of training and test are held fixed, so the sampling of "
    "the data has no part. Of the other streams the initial weights have the largest estimated "
    "share of the variance of accuracy, with wide intervals: three or four seeds of a stream tell "
    "little about its spread. In single images, four fifths or more of the variance belong to no "
    "stream: which images a run gets wrong depends on the combination of all seeds, as Jordan "
    "describes it."
)
"""Beside what the studies of others found. It states what the stored summaries show."""


def variance_section() -> Section:
    """Return the section on where the spread comes from."""
    return Section("Where the spread comes from", tuple(VARIANCE_STUDIES), variance_blocks)


def variance_blocks(summaries: Summaries) -> list[str]:
    """Return headings, sentences and tables as Markdown, of summaries by the name of a study."""
    blocks = []
    for name, title in VARIANCE_STUDIES.items():
        (entry,) = summaries[name]
        accuracy = accuracy_of(entry).test_accuracy
        blocks += [
            f"### {title}",
            f"Test accuracy {percent_spread(accuracy)} over {entry.header.n} runs that cross the "
            f"seeds of {len(entry.header.varied)} streams; 95% interval of the mean over seeds "
            f"{percent_interval(accuracy.interval)}.",
            *sentences(summaries[name]),
            markdown.render(variance_table(summaries[name])).strip(),
        ]
    return [*blocks, "### Beside other studies", OTHERS]
