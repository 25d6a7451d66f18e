"""What is said of the networks of a study: what nothing beats, what alters them, what one sees."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from seedbed.analysis.entry import Entry
from seedbed.display.formatters import percent
from seedbed.evaluation.only_right import OnlyRightNetwork
from seedbed.evaluation.pareto import fronts
from seedbed.evaluation.standing import Standing, standing
from seedbed.evaluation.training_size import with_most_images
from seedbed.report.answer.prose import counted, enumerated, names, quoted
from seedbed.report.answer.ranking import dataset_name

COSTS: Final = {
    "parameters": "parameters",
    "multiply_adds": "multiply-adds",
    "seconds": "training time",
    "weight_file_bytes": "weight-file size",
}


def front(entries: Sequence[Entry]) -> Iterator[str]:
    """Say which configurations nothing beats in mean accuracy and each cost."""
    finished = with_most_images([each for each in entries if each["n"] and each["cost"]])
    said: dict[tuple[str, ...], list[str]] = {}
    for key, words in COSTS.items():
        costs = [each["cost"][key] for each in finished]
        if costs and None not in costs and len(set(costs)) > 1:
            for found in fronts(finished, key):
                labels = tuple(finished[place]["label"] for place in found)
                said.setdefault(labels, []).append(words)
    same = (
        " on the same test images"
        if len({each["test_fingerprint"] for each in finished}) > 1
        else ""
    )
    for labels, costs in said.items():
        if len(labels) == 1:
            yield (
                f"By {enumerated(costs)}, none{same} has a higher mean accuracy than "
                f"{names(labels)}, or costs less."
            )
        else:
            yield (
                f"By {enumerated(costs)}, none{same} beats {names(labels)}: what has a higher mean "
                "accuracy costs more."
            )
    if said:
        yield "Whether the means differ by more than chance, the comparisons say."


def robustness(entries: Sequence[Entry]) -> Iterator[str]:
    """Say which network keeps the highest accuracy under the strongest corruptions."""
    asked = [each for each in standing(entries) if each.entry["robustness"]]
    if not asked:
        return
    kinds: dict[str, Any] = {}
    for line in asked[0].entry["robustness"]["corruptions"]:
        kinds[line["kind"]] = line  # the strongest comes last
    parts = [_strongest(kind, line, asked) for kind, line in kinds.items()]
    unaltered = [each.entry["robustness"]["unaltered"]["accuracy"]["mean"] for each in asked]
    plain = [
        f"{percent(mean)} ({quoted(each.name)})"
        for mean, each in zip(unaltered, asked, strict=True)
    ]
    yield (
        f"Of the images as they are, {enumerated(plain)} are right. Of the most altered ones, "
        f"{'; '.join(parts)}. These are means over the runs, and were not tested."
    )
    yield from _first_test_set(entries, asked[0].entry)


def _strongest(kind: str, line: dict[str, Any], asked: Sequence[Standing]) -> str:
    means = [_mean(each, kind, line["strength"]) for each in asked]
    order = sorted(range(len(asked)), key=lambda place: -means[place])
    best, worst = order[0], order[-1]
    how = f"with a {kind} of {line['strength']:g} {line['unit']}"
    if kind == "noise":
        how = f"with noise of {line['strength']:g} {line['unit']}"
    return (
        f"{how} {quoted(asked[best].name)} gets the most right, {percent(means[best])} "
        f"({quoted(asked[worst].name)} {percent(means[worst])}"
        f"{', the fewest' if len(asked) > 2 else ''})"
    )


def _mean(network: Standing, kind: str, strength: float) -> float:
    lines = network.entry["robustness"]["corruptions"]
    found: float = next(
        each["accuracy"]["mean"]
        for each in lines
        if (each["kind"], each["strength"]) == (kind, strength)
    )
    return found


def only_right(entries: Sequence[Entry], found: Sequence[OnlyRightNetwork]) -> Iterator[str]:
    """Say how many images one network of a study alone gets right."""
    if not found:
        return
    images = found[0].network.entry["test_images"]
    parts = [
        f"{counted(len(each.images), 'image')} by {quoted(each.network.name)} "
        f"({each.always:,} in every run, where every run of "
        f"{'the other' if len(each.others) == 1 else 'all others'} is wrong)"
        for each in found
    ]
    who = "the other" if len(found) == 2 else "every other"
    yield (
        f"Of {images:,} test images, most runs of one network get right what most runs of {who} "
        f"get wrong: {enumerated(parts)}. Equally good networks have such images too, by chance. "
        "Where networks have other settings too, each is taken with the most training images and "
        "the least label noise."
    )
    yield from _first_test_set(entries, found[0].network.entry)


def _first_test_set(entries: Sequence[Entry], shown: Entry) -> Iterator[str]:
    """Say whose images these are, where that is not the only test set."""
    sets = {each["test_fingerprint"] for each in entries if each["n"]}
    if len(sets) > 1:
        yield f"Of the {len(sets)} test sets, this is that of {dataset_name(shown)}, the first."
