"""What all scripts of a page know: the configurations, their classes, and where images lie.

Classes go by their number, configurations by their place.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from markupsafe import Markup

from seedbed.analysis.chart_captions import label, labels
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.result import accuracy_of
from seedbed.analysis.subjects.image_errors import images_by_index
from seedbed.display.charts.style import looks
from seedbed.display.escape import printable, without_folders
from seedbed.report.page.short_labels import ShortLabels
from seedbed.report.pictures.named_images import Pictures, named_images
from seedbed.report.pictures.sprite import Sprite
from seedbed.report.terms import TERMS

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


def page_data(
    entries: Sequence[Entry],
    pictures: Pictures,
    chosen: Mapping[str, int | None],
    short: ShortLabels,
) -> dict[str, Any]:
    """Return what all scripts read; those of a part also read the data of the part.

    Args:
        entries: All configurations, in the order of the page.
        pictures: The images that may be shown.
        chosen: The configuration that each section begins with, by its id.
        short: How configurations are called.
    """
    sets = list(dict.fromkeys(each.header.test_fingerprint for each in entries if each.header.n))
    look_of = looks(labels(entries))
    return {
        "configurations": [
            {
                "label": short(label(entry)),
                "n": entry.header.n,
                "color": look_of[label(entry)].color,
                "dash": list(look_of[label(entry)].dash),
                "accuracy": accuracy_of(entry).test_accuracy.mean,
                "set": sets.index(entry.header.test_fingerprint) if entry.header.n else None,
            }
            for entry in entries
        ],
        "sets": [_test_set(key, entries, pictures) for key in sets],
        "chosen": dict(chosen),
        "full": short.full,
        "terms": [
            [term, pattern.removeprefix("(?m)"), meaning] for term, pattern, meaning in TERMS
        ],
    }


def sprite_style(pictures: Pictures) -> Markup:
    """Return the CSS rules that show a tile of each sprite: ``.sprite-0`` and so on."""
    rule = Markup(".sprite-{} {{ background-image: url({}); }}")
    return Markup("\n").join(
        rule.format(number, Markup(sprite.data_url))  # noqa: S704 - Base64
        for number, sprite in enumerate(pictures.sprites.values())
    )


def _test_set(key: str, entries: Sequence[Entry], pictures: Pictures) -> dict[str, Any]:
    header = next(
        entry.header for entry in entries if entry.header.test_fingerprint == key and entry.header.n
    )
    sprite = pictures.sprites.get(key)
    of_set = [entry for entry in entries if entry.header.test_fingerprint == key]
    images = images_by_index(of_set)
    shown = [images[index] for index in named_images(of_set) if index in images]
    return {
        "classes": list(map(printable, header.class_names or ())),
        "missing": printable(without_folders(pictures.missing[key]))
        if key in pictures.missing
        else None,
        "names": {image.index: printable(image.name) for image in shown if image.name},
        "links": dict(pictures.links.get(key, {})),
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
