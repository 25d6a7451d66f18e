"""Whether convolutional networks need less data, in plain words, as far as tests allow to say.

The claim is about networks at every number of training images: a CNN that is better than a Vision
Transformer with few images, and worse with many, needs less data; one that is better with any
number may as well be the better network. One that is not told apart with many is neither, for a
difference that is not significant may still be there (Gelman and Stern 2006, "The difference
between 'significant' and 'not significant' is not itself statistically significant"). Nothing is
said but what paired tests, corrected over all numbers and pairs of networks, call significant.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, Literal

from seedbed.analysis.entry import Entry
from seedbed.display.formatters import percent
from seedbed.evaluation.statistics import LEVEL
from seedbed.evaluation.training_size import Series, series_of_networks
from seedbed.networks.layers import Conv2d, TransformerBlock
from seedbed.networks.zoo import ZOO
from seedbed.report.answer.prose import enumerated, points, quoted
from seedbed.report.answer.versus import Verdict, Versus, pairs_needed, versus_of

if TYPE_CHECKING:
    from seedbed.networks.network import Network

MOST_PAIRS: Final = 3
"""Of a CNN and a transformer that get a sentence; the table has all."""

NOTICEABLE: Final = 0.01
"""Training accuracies, as fractions, that differ by no more than this are not worth a sentence."""

Family = Literal["CNN", "transformer"]

_SAID: Final[dict[Verdict, str]] = {
    "better": "is significantly better with {}",
    "worse": "is significantly worse with {}",
    "open": "is not told apart with {}",
    "too few": "has too few runs to tell with {}",
    "untested": "shares no seed with {}",
}


def data_need(entries: Sequence[Entry]) -> Iterator[str]:
    """Say of each CNN and each Vision Transformer what is known of the claim.

    Args:
        entries: Of one test set, each with a finished run.

    """
    series = series_of_networks(entries)
    families = {each.name: family(each.entries[0]) for each in series}
    by_pair: dict[tuple[str, str], list[tuple[int, Versus]]] = {}
    for each in (each for entry in entries for each in entry["by_size"]):
        size, names = each["training_images"], (each["first"], each["second"])
        kinds = tuple(families.get(name) for name in names)
        if kinds == ("CNN", "transformer"):
            by_pair.setdefault(names, []).append((size, versus_of(each, names[1])))
        elif kinds == ("transformer", "CNN"):
            by_pair.setdefault(names[::-1], []).append((size, versus_of(each, names[0], -1)))
    told = [(*pair, tested) for pair, tested in by_pair.items() if len(tested) > 1]
    for place, (cnn, transformer, tested) in enumerate(told[:MOST_PAIRS]):
        asked = "" if place else "Do CNNs need less data? "
        yield asked + _sentence(cnn, transformer, tested)
    compared = {name for *pair, _ in told for name in pair}
    yield from _too_few_steps([each for each in series if each.name in compared])


def family(entry: Entry) -> Family | None:
    """Return of which family a network is; ``None`` where it is of neither or nobody knows."""
    settings = dict((entry["configuration"] or {}).get("network") or {})
    builder = ZOO.get(settings.pop("name", ""))
    if builder is None:
        return None
    network: Network = builder(len(entry["class_names"]), **settings)
    if any(isinstance(layer, TransformerBlock) for layer in network.layers):
        return "transformer"
    return "CNN" if any(isinstance(layer, Conv2d) for layer in network.layers) else None


def _sentence(cnn: str, transformer: str, tested: Sequence[tuple[int, Versus]]) -> str:
    (few, first), (many, last) = tested[0], tested[-1]
    lead = (
        f"With {few:,} training images the mean accuracy of {quoted(cnn)} "
        f"is {_difference(first)} that of {quoted(transformer)}, with {many:,} it is "
        f"{_difference(last)}"
    )
    verdicts = [each.verdict for _, each in tested]
    if set(verdicts) <= {"too few", "untested"}:
        fewest = min((each for _, each in tested), key=lambda each: each.n)
        return (
            f"{lead}; {fewest.n} pairs of runs cannot reach p < {LEVEL} among {fewest.family} "
            f"comparisons, whatever they show ({pairs_needed(fewest.family)} could), so the claim "
            "stays open."
        )
    clauses = [
        _SAID[verdict].format(
            enumerated([f"{s:,}" for s, each in tested if each.verdict == verdict])
        )
        for verdict in dict.fromkeys(verdicts)
    ]
    return (
        f"{lead}: {quoted(cnn)} {enumerated(clauses)} (p < {LEVEL} {first.correction}). "
        f"{_conclusion(verdicts)}"
    )


def _too_few_steps(networks: Sequence[Series]) -> Iterator[str]:
    """Say where few images were learned less well than many, which are harder to learn by heart."""
    for each in networks:
        (few, first), *_, (many, last) = each.sizes.items()
        learned = [entry["train_accuracy"]["mean"] for entry in (first, last)]
        if learned[1] - learned[0] > NOTICEABLE:
            yield (
                f"{quoted(each.name)} learned {few:,} training images less well than {many:,} "
                f"(training accuracy {percent(learned[0])} and {percent(learned[1])}): in the same "
                "number of epochs they were fewer steps, so what it lacks there may be steps, not "
                "images."
            )


def _difference(found: Versus) -> str:
    difference = found.difference or 0.0
    return f"{points(difference)} {'below' if difference < 0 else 'above'}"


def _conclusion(verdicts: Sequence[Verdict]) -> str:
    """Say what follows; the verdicts are in the order of the numbers of images."""
    if verdicts[0] == "better":
        if verdicts[-1] == "worse":
            return "So here the claim holds."
        if all(each == "better" for each in verdicts):
            return "Whether it needs less data or is better with any number, this does not tell."
        return (
            "So here it is better with few images; that it is not with many is not established, "
            "for a difference that is not significant may still be there."
        )
    if verdicts[0] == "worse":
        return "So here the claim does not hold."
    return "So here the claim is not established."
