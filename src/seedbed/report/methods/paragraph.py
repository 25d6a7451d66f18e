"""The methods of a study in sentences: what was trained, how many seeds, which tests.

Citations stand as ``[@key]``, with the keys of ``references.bib``.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from seedbed.analysis.captions import when
from seedbed.analysis.entry import Entry
from seedbed.analysis.registry import analyses
from seedbed.analysis.subjects.accuracy.result import measured_on
from seedbed.display.formatters import number_range
from seedbed.display.sentence import enumerated
from seedbed.report.methods.bibliography import references
from seedbed.report.page.facts import Fact, settings

DATASETS: Final[Mapping[str, str]] = {
    "mnist": "lecun1998gradient",
    "fashion-mnist": "xiao2017fashion",
    "kmnist": "clanuwat2018kmnist",
    "emnist": "cohen2017emnist",
    "cifar10": "krizhevsky2009cifar",
    "cifar100": "krizhevsky2009cifar",
    "digits": "alpaydin1998digits",
    **dict.fromkeys(
        (
            "pathmnist",
            "dermamnist",
            "octmnist",
            "pneumoniamnist",
            "retinamnist",
            "breastmnist",
            "bloodmnist",
            "tissuemnist",
            "organamnist",
            "organcmnist",
            "organsmnist",
        ),
        "yang2023medmnist",
    ),
}
"""Name -> key."""
NETWORKS: Final[Mapping[str, str]] = {
    "lenet5": "lecun1998gradient",
    "resnet8": "he2016resnet",
    "vit": "dosovitskiy2021vit",
    "vit-774k": "dosovitskiy2021vit",
    "vit-lite": "dosovitskiy2021vit",
}
SETTINGS: Final[Mapping[tuple[str, str], str]] = {
    ("recipe.optimizer", "adam"): "kingma2015adam",
    ("recipe.optimizer", "adamw"): "loshchilov2019adamw",
    ("recipe.schedule", "one-cycle"): "smith2017superconvergence",
    ("recipe.schedule", "cosine"): "loshchilov2017sgdr",
    ("recipe.loss.name", "mae"): "ghosh2017robust",
    ("recipe.loss.name", "brier"): "brier1950verification",
    ("recipe.loss.name", "generalized-cross-entropy"): "zhang2018gce",
    ("recipe.loss.name", "symmetric-cross-entropy"): "wang2019sce",
    ("recipe.loss.name", "active-passive"): "ma2020normalized",
    ("recipe.loss.name", "active-negative"): "ye2023negative",
    ("recipe.loss.name", "joint-asymmetric"): "wang2025joint",
    ("recipe.loss.name", "soft-bootstrapping"): "reed2014bootstrapping",
    ("recipe.loss.name", "hard-bootstrapping"): "reed2014bootstrapping",
    ("recipe.robust.method", "forward"): "patrini2017making",
    ("recipe.robust.method", "backward"): "patrini2017making",
    ("recipe.robust.method", "early-learning"): "liu2020early",
    ("recipe.robust.method", "small-loss"): "han2018coteaching",
    ("recipe.robust.method", "co-teaching"): "han2018coteaching",
    ("recipe.robust.method", "co-teaching-plus"): "yu2019disagreement",
    ("recipe.robust.method", "jocor"): "wei2020jocor",
    ("noise.kind", "human"): "wei2022cifarn",
}
"""A setting and its value -> key."""
ACTIVE: Final[Mapping[str, tuple[str, str]]] = {
    "network.dropout": ("network: dropout", "srivastava2014dropout"),
    "recipe.label_smoothing": ("label smoothing", "szegedy2016inception"),
    "recipe.ema_decay": ("ema decay", "polyak1992averaging"),
    "recipe.mixup": ("mixup", "zhang2018mixup"),
    "recipe.augmentation.elastic_alpha": ("augmentation: elastic alpha", "simard2003practices"),
    "recipe.augmentation.erasing": ("augmentation: erasing", "zhong2020erasing"),
}
"""A setting that is not 0 -> its name in words, and the key."""
MAIN: Final[Mapping[str, str]] = {
    "train size": "training images",
    "network: activation": "activation",
    "network: dropout": "dropout",
    **{
        name: name
        for name in (
            "loss",
            "method",
            "optimizer",
            "learning rate",
            "momentum",
            "weight decay",
            "l1 penalty",
            "l2 penalty",
            "batch size",
            "epochs",
            "schedule",
            "label smoothing",
            "ema decay",
            "augmentation: shift",
            "augmentation: crop",
            "augmentation: rotation",
            "augmentation: scale",
            "augmentation: flip",
            "augmentation: elastic alpha",
            "augmentation: elastic sigma",
            "augmentation: erasing",
            "class weights",
            "mixup",
            "label noise",
            "noise rate",
        )
    },
}
"""Settings that a paper names where all configurations share them, and what it calls them."""
_CITATION: Final = re.compile(r" \[@([\w:-]+)\]")


def methods(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Return the paragraphs, with citations; empty for external predictions."""
    headers = [entry.header for entry in entries]
    if not all(header.provenance for header in headers if header.n) or not headers[0].settings:
        return ()
    return (
        " ".join(_trained(entries)),
        " ".join(_recipe(entries)),
        " ".join(_statistics(entries)),
    )


def keys(paragraphs: Sequence[str]) -> list[str]:
    """Return the keys of all citations, each once, in their order."""
    return list(dict.fromkeys(key for text in paragraphs for key in _CITATION.findall(text)))


def cited(text: str, cite: Callable[[str], str], write: Callable[[str], str] = str) -> str:
    """Return a text with its citations.

    Args:
        text: With ``[@key]``.
        cite: How a key is cited, with the space before it.
        write: How the words between citations are written.
    """
    words, *others = _CITATION.split(text)
    pairs = zip(others[::2], others[1::2], strict=True)
    return write(words) + "".join(cite(key) + write(after) for key, after in pairs)


def by_author(key: str) -> str:
    """Return the citation of a key in parentheses."""
    return f" ({references()[key].cited})"


def _trained(entries: Sequence[Entry]) -> Iterator[str]:
    headers = [entry.header for entry in entries]
    networks = dict.fromkeys(header.network or header.label for header in headers)
    named = [_with(name, NETWORKS.get(name)) for name in networks]
    data = {
        header.provenance.dataset.fingerprint: header.provenance
        for header in headers
        if header.provenance
    }
    described = []
    for provenance in data.values():
        dataset = provenance.dataset
        height, width, _ = dataset.image_shape
        described.append(
            f"{_with(dataset.name, DATASETS.get(dataset.name))} ({dataset.train_size:,} training "
            f"and {dataset.test_images:,} test images of {width} × {height} pixels)"
        )
    yield f"We trained {enumerated(named)} on {enumerated(described)}."
    modified = [of.dataset for of in data.values() if of.dataset.modified]
    for dataset in modified:
        yield f"{dataset.name} differs from the published dataset: {dataset.modified}."
    used = {
        of.learned_images for header in headers if (of := header.provenance) and of.learned_images
    }
    if used and min(used) < min(of.dataset.train_size for of in data.values()):
        yield f"Each run learned from {number_range(used)} of the training images."


def _recipe(entries: Sequence[Entry]) -> Iterator[str]:
    known, works = settings(entries), _cited_settings(entries)
    if known is None:
        return
    # How many images runs learn from is said above.
    named = MAIN.keys() - {"train size"}
    shown = [fact for fact in known.same if fact.name in named and fact.text != "standard"]
    fixed = [_setting(fact, works) for fact in shown]
    if fixed:
        yield f"Training: {', '.join(fixed)}."
    if differing := with_several_values(known.varied):
        differ = "; ".join(_setting(fact, works) for fact in differing)
        yield f"The configurations differ in {differ}."


def with_several_values(varied: Sequence[Fact]) -> list[Fact]:
    """Return the settings with more than one value; the others some configurations do not have.

    How often runs are evaluated changes no weight.
    """
    trained = [fact for fact in varied if fact.name != "evaluate every"]
    return [fact for fact in trained if "; " in fact.text] or trained


def _setting(fact: Fact, works: Mapping[str, str]) -> str:
    """Return a setting with its values, each with what it cites."""
    values = [_with(value, works.get(value)) for value in fact.text.split("; ")]
    name = _with(MAIN.get(fact.name, fact.name), works.get(fact.name))
    return f"{name} {enumerated(values)}"


def _cited_settings(entries: Sequence[Entry]) -> dict[str, str]:
    """Return the keys of values, and of names of settings that are not 0."""
    found: dict[str, str] = {}
    for entry in entries:
        for name, value in _flat(entry).items():
            if isinstance(value, str) and (name, value) in SETTINGS:
                found[value] = SETTINGS[name, value]
            if name in ACTIVE and value:
                found[ACTIVE[name][0]] = ACTIVE[name][1]
            if name == "network.name":
                found |= {value: NETWORKS[value]} if value in NETWORKS else {}
    return found


def _flat(entry: Entry) -> dict[str, Any]:
    from seedbed.study.spec.configuration import flat

    tables = entry.header.configuration
    return flat({part: tables[part] for part in ("noise", "network", "recipe") if part in tables})


def _statistics(entries: Sequence[Entry]) -> Iterator[str]:
    counts = {entry.header.n for entry in entries if entry.header.n}
    runs = "1 run" if counts == {1} else f"{number_range(counts)} runs" if counts else "no run"
    varied = enumerated(
        list(dict.fromkeys(name for e in entries for name in e.header.varied))
        or ["all random streams"]
    )
    yield (
        f"Every configuration was trained in {runs} that differ in the seeds of {varied} "
        "[@bouthillier2021variance]."
    )
    yield f"We report {measured_on(entries)} {when(entries)}; no epoch was chosen on test images."
    yield (
        "A spread (±) is the sample standard deviation over runs. Intervals are 95% t-intervals of "
        "the mean over seeds; those for new images add the variance over test images "
        "[@brennan2001generalizability]."
    )
    for analysis in analyses():
        if analysis.methods is not None:
            yield from analysis.methods(entries)
    engines = {
        f"Seedbed {of.versions.get('seedbed', '')} ({of.engine.name} engine, {of.engine.device})"
        for entry in entries
        if (of := entry.header.provenance)
    }
    yield f"All runs were trained with {enumerated(sorted(engines))}."


def _with(name: str, key: str | None) -> str:
    return f"{name} [@{key}]" if key else name
