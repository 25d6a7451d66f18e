"""Which networks a study compares, and which configuration stands for each of them.

Works on flat settings (:attr:`seedbed.study.spec.configuration.Configuration.settings`), which the
entries of a summary have too.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

Settings = Mapping[str, Any]

ALL: Final = math.inf
"""Training images, where a recipe does not say how many."""


def network_of(settings: Settings) -> str:
    """Return what identifies a network: its name and all of its arguments."""
    own = {name: value for name, value in settings.items() if name.startswith("network.")}
    return json.dumps(own, sort_keys=True)


def contenders(settings: Sequence[Settings]) -> tuple[int, ...]:
    """Return the places of the configurations that stand for their networks, one a network.

    It is the one that learns from the most images, of these the one with the least label noise, of
    these the first: nothing is chosen by how well it did. A study of a single network has none, for
    there is nothing to compare.
    """
    best: dict[str, int] = {}
    for place, each in enumerate(settings):
        network = network_of(each)
        if network not in best or _rank(each) < _rank(settings[best[network]]):
            best[network] = place
    return tuple(sorted(best.values())) if len(best) > 1 else ()


def network_names(labels: Sequence[str]) -> list[str]:
    """Return what networks are called, given the labels of the configurations that stand for them.

    How many images they learn from is left out, and that a network is a network; but where two
    would then be called the same, all keep their labels.
    """
    names = [_NETWORK.sub(r"\1", _SIZE.sub("", each)).strip(", ") for each in labels]
    return names if all(names) and len(set(names)) == len(names) else list(labels)


_SIZE: Final = re.compile(r"(^|: |, )train_size=[^,]*")
_NETWORK: Final = re.compile(r"(^|: |, )network=")


def _rank(settings: Settings) -> tuple[float, float]:
    images = settings.get("recipe.train_size")
    kind = settings.get("noise.kind", "none")
    rate = 0.0 if kind == "none" else settings.get("noise.rate")
    return (-ALL if images is None else -images, 1.0 if rate is None else rate)
