"""The answer of a study at a glance: one sentence, and the chart that shows it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from seedbed.analysis.answer import answer
from seedbed.analysis.entry import Entry
from seedbed.analysis.registry import charts
from seedbed.analysis.representatives import representatives
from seedbed.analysis.subjects.accuracy.result import accuracy_of
from seedbed.analysis.subjects.noise.levels import level, rate_in_words
from seedbed.analysis.subjects.noise_response.result import responses_of
from seedbed.display.formatters import percent
from seedbed.display.sentence import counted

EFFECTS: Final = "setting-effects"
MOST_WORDS: Final = 25
"""Of the sentence."""
_PARENTHESIS: Final = re.compile(r" \([^()]*\)")
_AFTER_FIRST: Final = re.compile(r";[^()]*\)")
"""What follows the first thing in parentheses."""
_SENTENCE: Final = re.compile(r"(?<=[.!?]) (?=[A-Z“])")


@dataclass(frozen=True)
class Headline:
    """What stands first."""

    sentence: str
    chart: str
    """Its name; empty where nothing can be drawn."""
    whole: bool
    """Whether the sentence says all that the first sentence of the answer does."""
    of_study: bool = False
    """Whether the chart is of all configurations, though the page shows only some in detail."""


def headline(entries: Sequence[Entry], shown: Sequence[Entry] | None = None) -> Headline:
    """Return the answer of a study, at least one entry, in one sentence with its chart.

    The chart is the response to label noise, networks by their parameters, the effects of settings,
    or the accuracy of the runs: the first of these that the study has. Where the page shows only
    some configurations in detail, the effects of settings come first.

    Args:
        entries: All configurations.
        shown: Those that are shown in detail; by default all.
    """
    first, *_ = answer(entries)
    sentence = _course(entries) or _shortened(first, entries)
    if shown is not None and len(shown) < len(entries):
        if charts()[EFFECTS].draw(entries) is not None:
            return Headline(sentence, EFFECTS, sentence == first, of_study=True)
        return Headline(sentence, _chart(shown), sentence == first)
    return Headline(sentence, _chart(entries), sentence == first)


def _chart(entries: Sequence[Entry]) -> str:
    names = ["accuracy"]
    if len(representatives(entries)) > 1:
        names.insert(0, "parameters")
    elif len(entries) > 2:
        names.insert(0, EFFECTS)
    if responses_of(entries):
        names.insert(0, "noise-response")
    return next((name for name in names if charts()[name].draw(entries) is not None), "")


def _course(entries: Sequence[Entry]) -> str:
    """Return how the accuracy of the only method goes from the least noise to the most."""
    responses = responses_of(entries)
    if len({response.method for response in responses}) != 1:
        return ""
    by_label = {entry.header.label: entry for entry in entries}
    response = max(responses, key=lambda each: max(each.levels))
    low, high = (by_label[response.configurations[end]] for end in (0, -1))
    verb = {1: "falls from", 0: "goes from", -1: "rises from"}[response.fall.sign]
    start = f"at {rate_in_words(low)} noise" if level(low) else "without noise"
    n = min(low.header.n, high.header.n)
    means = f"means of {n} runs" if n > 1 else "single runs"
    return (
        f"Test accuracy on {low.header.dataset_name} {verb} "
        f"{percent(accuracy_of(low).test_accuracy.mean)} {start} to "
        f"{percent(accuracy_of(high).test_accuracy.mean)} at {rate_in_words(high)} "
        f"{response.noise} ({means})."
    )


def _shortened(sentence: str, entries: Sequence[Entry]) -> str:
    """Return a sentence of few words: without what stands in parentheses, or the first of it."""
    brief = _AFTER_FIRST.sub(")", sentence)
    bare = _PARENTHESIS.sub("", sentence)
    first = _SENTENCE.split(bare)[0]
    for shorter in (sentence, _SENTENCE.split(sentence)[0], brief, _SENTENCE.split(brief)[0]):
        if len(shorter.split()) <= MOST_WORDS:
            return shorter
    for shorter in (bare, first, f"{first.partition(': ')[0].rstrip('.')}."):
        if len(shorter.split()) <= MOST_WORDS:
            return shorter
    headers = [entry.header for entry in entries]
    runs = counted(sum(header.n for header in headers), "run")
    return f"{counted(len(entries), 'configuration')} on {headers[0].dataset_name}, {runs}."
