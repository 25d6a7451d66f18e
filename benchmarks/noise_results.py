"""The part of the page of results on methods for noisy labels, from the stored summaries.

``examples/noisy-labels-tuned.toml`` was written by ``seedbed tune examples/noisy-labels.toml``;
``make noisy-labels`` trains it. ``make human-labels`` trains ``examples/human-labels.toml``.
"""

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Final

from benchmarks.measured import table
from benchmarks.sections import Section, Summaries, said
from seedbed.analysis.aggregate import Interval
from seedbed.analysis.answer import answer
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.collapsed import collapsed_notes
from seedbed.analysis.subjects.accuracy.result import accuracy_of
from seedbed.analysis.subjects.comparisons.result import comparisons_of
from seedbed.display.escape import markdown as escaped
from seedbed.display.formatters import NONE, percent_spread, signed_points
from seedbed.display.sentence import signed_interval

NOISY_STUDY: Final = "noisy-labels-tuned"
HUMAN_STUDY: Final = "human-labels"
PLAIN: Final = "cross-entropy"
PUBLISHED: Final = {
    ("mnist", "symmetric 50%"): 91.68,
    ("mnist", "pair 45%"): 87.58,
    ("cifar10", "symmetric 50%"): 74.49,
    ("cifar10", "pair 45%"): 72.85,
}
"""Test accuracies of co-teaching in the table of its authors' repository, in percent."""
TWO_NETWORKS: Final = "co-teaching"
HEADER: Final = (
    "dataset",
    "noise",
    "method",
    "n",
    "test accuracy, %",
    "gain over cross-entropy, points",
    "95% interval",
)


def noise_section() -> Section:
    """Return the section on methods for noisy labels."""
    return Section("Methods for noisy labels", (NOISY_STUDY,), _blocks)


def human_section() -> Section:
    """Return the section on labels that people gave."""
    option = "--set noise.labels=PATH/cifar10n-human-labels.npz"
    return Section("Labels that people gave", (HUMAN_STUDY,), _human_blocks, option)


def _human_blocks(summaries: Summaries) -> list[str]:
    entries = summaries[HUMAN_STUDY]
    return [
        "The training labels are `worse_label` of CIFAR-10N (Wei et al. 2022), of which 40% are "
        "wrong. People confuse classes that look alike, and their errors depend on the image, "
        "which no transition matrix describes. All methods are told nothing about the noise and "
        "have the same recipe. Accuracies are those of clean test labels after the last epoch.",
        *said(entries),
        _accuracies(entries),
    ]


def _blocks(summaries: Summaries) -> list[str]:
    entries = summaries[NOISY_STUDY]
    return [
        "Every method has the learning rate that `seedbed tune` chose for it on MNIST with "
        "symmetric noise of 50%, by accuracy on noisy held-out labels, on two other seeds; all "
        "else is the same. Accuracies are those of clean test labels after the last epoch. "
        "Intervals are corrected over all tests of the study. *[told T]*, *[told the rate]*: the "
        "method is told what nobody knows in practice. What each method takes: "
        "[benchmarks/results/methods.md](../benchmarks/results/methods.md).",
        "What the page says first, and of runs that collapsed:",
        "\n".join(
            f"- {escaped(line)}" for line in (*_averages(entries), *collapsed_notes(entries))
        ),
        _accuracies(entries),
        *_published(entries),
    ]


def _averages(entries: Sequence[Entry]) -> Iterator[str]:
    """Yield the sentences on effects over all blocks, with which the page begins."""
    return takewhile(lambda line: line.startswith("Averaged over"), answer(entries))


def _accuracies(entries: Sequence[Entry]) -> str:
    gains = _gains(entries)
    plain = [_where(entry) for entry in entries if entry.header.variant == PLAIN]
    rows = [
        (
            *_where(entry),
            entry.header.label.partition(", dataset=")[0],
            str(entry.header.n),
            percent_spread(accuracy_of(entry).test_accuracy),
            *gains.get(entry.header.label, (NONE, NONE)),
        )
        for entry in sorted(entries, key=lambda each: plain.index(_where(each)))
    ]
    return table(HEADER, rows)


def _published(entries: Sequence[Entry]) -> list[str]:
    """Return what the authors of co-teaching report beside ours, where there is the same noise."""
    ours = {
        _where(entry): percent_spread(accuracy_of(entry).test_accuracy)
        for entry in entries
        if entry.header.variant == TWO_NETWORKS
    }
    rows = [
        (*where, f"{theirs:.2f}", ours[where])
        for where, theirs in PUBLISHED.items()
        if where in ours
    ]
    if not rows:
        return []
    return [
        "Co-teaching as its authors report it (Han et al. 2018, the table of github.com/bhanML/"
        "Co-teaching), with the same kind of noise, drawn once for all runs: a network of nine "
        "convolutions, Adam, 200 epochs, no augmentation. Both are told the rate.",
        table(("dataset", "noise", "authors, %", "here, %"), rows),
    ]


def _gains(entries: Sequence[Entry]) -> dict[str, tuple[str, str]]:
    """Return the gain of each configuration over cross-entropy, and its interval, by label."""
    plain = {entry.header.label for entry in entries if entry.header.variant == PLAIN}
    gains = {}
    for found in comparisons_of(entries):
        if found.difference is None or found.interval is None or not plain & {found.a, found.b}:
            continue
        low, high = found.interval.low, found.interval.high
        if found.a in plain:
            of, gain, interval = found.b, 0 - found.difference, Interval(0 - high, 0 - low)
        else:
            of, gain, interval = found.a, found.difference, found.interval
        gains[of] = (signed_points(gain), signed_interval(interval))
    return gains


def _where(entry: Entry) -> tuple[str, str]:
    kind, rate = entry["noise"]["kind"], entry["noise"]["rate"]
    name = entry.header.dataset.partition(" (")[0]  # without that it is a copy, which is said above
    return name, f"{kind} {100 * rate:g}%" if rate else kind
