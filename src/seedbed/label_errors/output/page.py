"""The page of an audit, ``audit.html``: one file that runs no script and loads nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import numpy as np
from markupsafe import Markup

from seedbed.core.files import make_way, write_atomically
from seedbed.display.escape import without_folders
from seedbed.display.formatters import percent
from seedbed.display.table import Table
from seedbed.label_errors.output.chart import as_address, fdr_chart
from seedbed.label_errors.output.pairs import class_pairs, hardly_told_apart, same_look
from seedbed.label_errors.output.table import probability, report, sentences
from seedbed.label_errors.result import LabelAudit, Row
from seedbed.report.page.assets import environment, styles
from seedbed.report.page.policy import policy
from seedbed.report.pictures.sprite import DatasetTiles, Sprite, make_sprite
from seedbed.report.renderers.html import html_table

PAGE: Final = "audit.html"
MOST: Final = 300
"""Images of the ranking."""
MOST_PAIRS: Final = 20
MOST_IN_PAIR: Final = 24
MOST_ALIKE: Final = 50


@dataclass(frozen=True)
class Tile:
    """An image on the page."""

    row: Row
    style: str
    """The class of its style; empty if it does not fit on the page."""


def write_page(audit: LabelAudit, folder: Path) -> Path:
    """Write the page.

    Raises:
        StoreError: If it cannot be written.
    """
    file = folder / PAGE
    make_way(file)
    write_atomically(file, page(audit).encode(errors="replace"))
    return file


def page(audit: LabelAudit) -> str:
    """Return the page."""
    ranked = audit.rows(MOST)
    pairs = class_pairs(audit)
    groups = [(pair, pair.rows[:MOST_IN_PAIR]) for pair in pairs[:MOST_PAIRS]]
    alike = same_look(audit)
    shown = [
        *ranked,
        *(row for _, rows in groups for row in rows),
        *(row for pair in (alike or [])[:MOST_ALIKE] for row in pair),
    ]
    rules, classes = _sprites(audit, shown)

    def tiles(rows: Iterable[Row]) -> list[Tile]:
        return [Tile(row, classes.get((row.split.name, row.index), "")) for row in rows]

    style = Markup("\n").join((styles(), rules))
    return (
        environment()
        .get_template("audit.html.jinja")
        .render(
            version=metadata.version("seedbed"),
            dataset=without_folders(audit.dataset),
            names=audit.class_names,
            sentences=list(sentences(audit)),
            probability=partial(probability, audit),
            labels=len(audit.order),
            finds=audit.finds.count,
            ranked=tiles(ranked),
            pairs=[
                {"pair": pair, "tiles": tiles(rows), "share": percent(_share(pair))}
                for pair, rows in groups
            ],
            more_pairs=max(len(pairs) - MOST_PAIRS, 0),
            alike=None if alike is None else [tiles(pair) for pair in alike[:MOST_ALIKE]],
            more_alike=max(len(alike or []) - MOST_ALIKE, 0),
            confused=[(i, j, percent(rate)) for i, j, rate in hardly_told_apart(audit)],
            matrix=html_table(_matrix(audit)),
            truth=[html_table(table) for table in report(audit, 0).tables[1:]],
            charts=[
                (of.split, as_address(drawing))
                for of in audit.truth
                if (drawing := fdr_chart(of, audit.finds.fdr)) is not None
            ],
            style=style,
            policy=policy([], [style]),
        )
    )


def _share(pair: Any) -> float:
    return float(pair.expected_wrong / max(pair.labels, 1))


def _matrix(audit: LabelAudit) -> Table:
    """Return T with the names of classes, or only its largest entries if there are many."""
    names, matrix = audit.class_names, audit.matrix
    low, high = audit.splits[0].intervals.matrix
    off = np.where(np.eye(len(names), dtype=bool), 0, matrix)
    order = np.argsort(-off, axis=None, kind="stable")[:15]
    places = [divmod(int(place), len(names)) for place in order]
    return Table(
        "How often an image of one class has the label of another (largest entries of the "
        "transition matrix of the training labels)",
        ("class", "label", "probability", "95% interval"),
        (
            tuple(
                (
                    names[i],
                    names[j],
                    percent(float(matrix[i, j])),
                    f"{percent(float(low[i, j]))} to {percent(float(high[i, j]))}",
                )
                for i, j in places
                if off[i, j] > 0
            ),
        ),
        text=(0, 1),
    )


def _sprites(audit: LabelAudit, rows: Sequence[Row]) -> tuple[Markup, dict[tuple[str, int], str]]:
    """Return style rules that show each image, and the class of each."""
    rules: list[Markup] = []
    classes: dict[tuple[str, int], str] = {}
    for number, of in enumerate(audit.splits):
        wanted = list(dict.fromkeys(row.index for row in rows if row.split is of))
        sprite = make_sprite(wanted, DatasetTiles(of.predictions.images))
        if sprite is None:
            continue
        rules.append(_rule(f"tile-{number}", sprite))
        for index in sprite.places:
            name = f"at-{number}-{index}"
            x, y = sprite.position(index) or (0, 0)
            scale = _scale(sprite)
            rules.append(
                Markup(".{} {{ background-position: {}px {}px; }}").format(
                    name, -x * scale, -y * scale
                )
            )
            classes[of.name, index] = f"tile tile-{number} {name}"
    return Markup("\n").join(rules), classes


def _scale(sprite: Sprite) -> int:
    """Return by how much small images are enlarged."""
    return max(64 // max(sprite.tile_width, sprite.tile_height), 1)


def _rule(name: str, sprite: Sprite) -> Markup:
    scale = _scale(sprite)
    width, height = sprite.size
    rule = Markup(
        ".{} {{ width: {}px; height: {}px; "
        "background-image: url({}); background-size: {}px {}px; }}"
    )
    return rule.format(
        name,
        sprite.tile_width * scale,
        sprite.tile_height * scale,
        Markup(sprite.data_url),  # noqa: S704 - Base64
        width * scale,
        height * scale,
    )
