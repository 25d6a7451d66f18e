"""Whether convolutional networks need less data, as far as the tests support an answer.

The claim is about networks at every number of training images: a CNN that is better than a Vision
Transformer with few images, and worse with many, needs less data. One that is better with any
number may simply be the better network. A difference with many images that is not significant
supports neither, because it may still be there (Gelman and Stern 2006, "The difference between
'significant' and 'not significant' is not itself statistically significant"). The sentences say
nothing but what paired tests, corrected with all tests of the study, call significant.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, Literal

from seedbed.analysis.entry import Entry
from seedbed.analysis.statistics.comparison import LEVEL, Comparison, Verdict
from seedbed.analysis.subjects.accuracy.result import accuracy_of
from seedbed.analysis.subjects.comparisons.evidence import correction
from seedbed.analysis.subjects.training_size.result import SizeComparison, SizeComparisons
from seedbed.analysis.subjects.training_size.series import Series, series_of_networks
from seedbed.display.formatters import percent
from seedbed.display.sentence import enumerated, points, quoted
from seedbed.networks.layers import Conv2d, TransformerBlock
from seedbed.networks.zoo import ZOO

if TYPE_CHECKING:
    from seedbed.networks.network import Network

MOST_PAIRS: Final = 3
"""Pairs of a CNN and a transformer that get a sentence; the table has all of them."""

NOTICEABLE: Final = 0.01
"""Smaller differences of training accuracy, as fractions, get no sentence."""

Family = Literal["CNN", "transformer"]

_CLAUSES: Final[dict[Verdict, str]] = {
    "better": "is significantly better with {}",
    "worse": "is significantly worse with {}",
    "not significant": "does not differ significantly with {}",
    "not tested": "shares too few seeds with it with {}",
}


def sentences(entries: Sequence[Entry]) -> Iterator[str]:
    """Say for each CNN and each Vision Transformer what the tests support.

    Args:
        entries: Of one test set.

    """
    series = series_of_networks(entries)
    families = {line.name: family(line.entries[0]) for line in series}
    by_pair: dict[tuple[str, str], list[tuple[int, Comparison]]] = {}
    for comparison in _comparisons(entries):
        kinds = (families.get(comparison.a), families.get(comparison.b))
        if kinds == ("CNN", "transformer"):
            by_pair.setdefault((comparison.a, comparison.b), []).append(
                (comparison.train_size, comparison)
            )
        elif kinds == ("transformer", "CNN"):
            by_pair.setdefault((comparison.b, comparison.a), []).append(
                (comparison.train_size, comparison.swapped())
            )
    comparable = [tested for tested in by_pair.values() if len(tested) > 1]
    for number, tested in enumerate(comparable[:MOST_PAIRS]):
        question = "" if number else "Do CNNs need less data? "
        yield question + _sentence(tested, entries[0].header.dataset_name)
    compared = {name for pair, tested in by_pair.items() if len(tested) > 1 for name in pair}
    yield from _too_few_steps([line for line in series if line.name in compared])


def family(entry: Entry) -> Family | None:
    """Return the family of a network; ``None`` if it has neither kind of layer, or is not known."""
    settings = dict((entry.header.configuration or {}).get("network") or {})
    builder = ZOO.get(settings.pop("name", ""))
    if builder is None:
        return None
    network: Network = builder(len(entry.header.class_names or ()), **settings)
    if any(isinstance(layer, TransformerBlock) for layer in network.layers):
        return "transformer"
    return "CNN" if any(isinstance(layer, Conv2d) for layer in network.layers) else None


def _comparisons(entries: Sequence[Entry]) -> Iterator[SizeComparison]:
    for entry in entries:
        result = entry.view(SizeComparisons)
        yield from result.by_size if result else ()


def _sentence(tested: Sequence[tuple[int, Comparison]], dataset: str) -> str:
    (few, first), (many, last) = tested[0], tested[-1]
    lead = (
        f"On {dataset} with {few:,} training images, the mean accuracy of {quoted(first.a)} is "
        f"{_difference(first)} that of {quoted(first.b)}; with {many:,}, it is {_difference(last)}"
    )
    verdicts = [comparison.verdict for _, comparison in tested]
    if set(verdicts) <= {"not tested"}:
        return f"{lead}. A test needs two seeds in common, so the question remains open."
    clauses = [
        _CLAUSES[verdict].format(
            enumerated(
                [f"{size:,}" for size, comparison in tested if comparison.verdict == verdict]
            )
        )
        for verdict in dict.fromkeys(verdicts)
    ]
    level = " ".join(filter(None, (f"p < {LEVEL}", correction(first))))
    return f"{lead}. {quoted(first.a)} {enumerated(clauses)} ({level}). {_conclusion(verdicts)}"


def _too_few_steps(networks: Sequence[Series]) -> Iterator[str]:
    """Say where few images, which are easier to memorize, were fitted less well than many."""
    for line in networks:
        (few, first), *_, (many, last) = line.sizes.items()
        of_few, of_many = (accuracy_of(entry).train_accuracy for entry in (first, last))
        fitted = [of_few.mean or 0.0, of_many.mean or 0.0]
        # Two 95% intervals that do not meet: that is rarer than a test at 5% allows.
        apart = of_few.interval and of_many.interval and of_few.interval.high < of_many.interval.low
        if apart and fitted[1] - fitted[0] > NOTICEABLE:
            yield (
                f"{quoted(line.name)} fits {few:,} training images less well than {many:,} "
                f"(training accuracy {percent(fitted[0])} and {percent(fitted[1])}). The same "
                "number of epochs means fewer steps there, so it may lack steps, not images."
            )


def _difference(comparison: Comparison) -> str:
    difference = comparison.difference or 0.0
    return f"{points(difference)} {'below' if difference < 0 else 'above'}"


def _conclusion(verdicts: Sequence[Verdict]) -> str:
    """Return what follows from verdicts in the order of the numbers of images."""
    if verdicts[0] == "better":
        if verdicts[-1] == "worse":
            return "Here the claim holds."
        if all(verdict == "better" for verdict in verdicts):
            return "It may need less data, or be better with any number of images."
        return (
            "Here it is better with few images. That it is no better with many is not established: "
            "a difference that is not significant may still be there."
        )
    if verdicts[0] == "worse":
        return "Here the claim does not hold."
    return "Here the claim is not established."
