"""What the scripts of a page know: matrices, the images behind them, and where these lie.

Classes go by their number, configurations by their place; only what is not 0 is carried along.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from markupsafe import Markup

from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.only_right.images import OnlyRightNetwork, right_in_one
from seedbed.display.charts.style import looks
from seedbed.display.escape import printable
from seedbed.report.pictures.named_images import MOST_ONLY_RIGHT, Pictures, Sprite

_UNSAFE: Final = str.maketrans(
    {
        character: f"\\u{ord(character):04x}"
        # What could end the element or a line, and what turns text around.
        for character in "<>&\u2028\u2029"
        "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    }
)


def as_script(value: Any) -> Markup:
    """Return a value as the contents of a ``<script type="application/json">``."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(text.translate(_UNSAFE))  # noqa: S704 - what could end the script is escaped


def page_data(entries: Sequence[Entry], pictures: Pictures, best: int | None) -> dict[str, Any]:
    """Return what the scripts read.

    Args:
        entries: All configurations, in the order of the page.
        pictures: The images that may be shown.
        best: The configuration to begin with.

    """
    sets = list(dict.fromkeys(each["test_fingerprint"] for each in entries if each["confusion"]))
    noisy = {
        place: each["noise"]["rate"]
        for place, each in enumerate(entries)
        if each["n"] and each["noise"]
    }
    found = looks([printable(each["label"]) for each in entries])
    return {
        "configurations": [
            {
                "label": printable(each["label"]),
                "n": each["n"],
                "color": found[printable(each["label"])].color,
                "dash": list(found[printable(each["label"])].dash),
                "accuracy": each["test_accuracy"]["mean"],
                **(_evaluated(each, sets) if each["confusion"] else {"set": None}),
            }
            for each in entries
        ],
        "sets": [_test_set(key, entries, pictures) for key in sets],
        "onlyRight": [_only_right(each, sets) for each in right_in_one(entries)],
        "best": best,
        "noisiest": max(noisy, key=lambda place: noisy[place], default=None),
    }


def sprite_style(pictures: Pictures) -> Markup:
    """Return the CSS rules that show a tile of each sprite: ``.sprite-0`` and so on."""
    return Markup("\n").join(
        Markup(".sprite-{} {{ background-image: url({}); }}").format(number, Markup(each.data_url))  # noqa: S704
        for number, each in enumerate(pictures.sprites.values())
    )


def _test_set(key: str, entries: Sequence[Entry], pictures: Pictures) -> dict[str, Any]:
    entry = next(each for each in entries if each["test_fingerprint"] == key and each["confusion"])
    sprite = pictures.sprites.get(key)
    return {
        "classes": list(map(printable, entry["class_names"])),
        "support": [each["support"] for each in entry["per_class"]],
        "missing": printable(pictures.missing[key]) if key in pictures.missing else None,
        "sprite": sprite and _sprite(sprite, list(pictures.sprites).index(key)),
    }


def _sprite(sprite: Sprite, number: int) -> dict[str, Any]:
    return {
        "number": number,
        "columns": sprite.columns,
        "rows": sprite.rows,
        "width": sprite.tile_width,
        "height": sprite.tile_height,
        "indices": sorted(sprite.places, key=lambda index: sprite.places[index]),
        "leftOut": sprite.left_out,
    }


def _evaluated(entry: Entry, sets: Sequence[str]) -> dict[str, Any]:
    numbers = {name: number for number, name in enumerate(entry["class_names"])}
    return {
        "set": sets.index(entry["test_fingerprint"]),
        **_matrix(entry),
        "images": {
            f"{numbers[each['true']]},{numbers[each['predicted']]}": [
                each["index"],
                _rounded(each["probability"]),
                each["n_wrong"],
            ]
            for each in entry["confused_images"] or ()
        },
        "pairs": [_pair(each, numbers) for each in entry["top_pairs"]],
        "hard": [_hard(each, numbers) for each in entry["hard_examples"]["examples"]],
        "wrongIn": entry["hard_examples"]["images_by_n_wrong"],
    }


def _matrix(entry: Entry) -> dict[str, list[Any]]:
    """Return the cells that are not 0: number (row · K + column), images of all runs, deviation."""
    classes = len(entry["class_names"])
    runs, stds = entry["confusion_counts"], entry["confusion_std"]
    cells, counts, deviations = [], [], []
    for true in range(classes):
        totals = [sum(column) for column in zip(*(run[true] for run in runs), strict=True)]
        for predicted, total in enumerate(totals):
            if total:
                cells.append(true * classes + predicted)
                counts.append(total)
                deviations.append(round(stds[true][predicted], 5) if stds else None)
    return {"cells": cells, "counts": counts, "deviations": deviations if stds else []}


def _pair(pair: Mapping[str, Any], numbers: Mapping[str, int]) -> dict[str, Any]:
    images = pair["images"]
    return {
        "true": numbers[pair["true"]],
        "predicted": numbers[pair["predicted"]],
        "rate": pair["rate"],
        "images": [
            [each["index"] for each in images],
            _rounded([each["probability"] for each in images]),
            [each["n_wrong"] for each in images],
        ],
    }


def _hard(sample: Mapping[str, Any], numbers: Mapping[str, int]) -> list[Any]:
    return [
        sample["index"],
        numbers[sample["true"]],
        numbers[sample["predicted"]],
        round(sample["probability"], 4),
        sample["n_wrong"],
    ]


def _only_right(found: OnlyRightNetwork, sets: Sequence[str]) -> dict[str, Any]:
    network = found.network
    return {
        "name": printable(network.name),
        "n": network.entry["n"],
        "set": sets.index(network.entry["test_fingerprint"]),
        "others": [{"name": printable(each.name), "n": each.entry["n"]} for each in found.others],
        "total": len(found.images),
        "images": [
            [each.index, each.true, each.right_in, each.others]
            for each in found.images[:MOST_ONLY_RIGHT]
        ],
    }


def _rounded(values: Sequence[float]) -> list[float]:
    return [round(each, 4) for each in values]
