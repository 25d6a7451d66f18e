"""Diagrams of networks: blocks as high as their images, as wide as they have channels."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from seedbed.analysis.entry import Entry
from seedbed.analysis.representatives import network_names
from seedbed.analysis.subjects.diagram.steps import Step, steps_of
from seedbed.analysis.subjects.looks.shown import shown_networks
from seedbed.display.charts.style import COLORS, GRAY
from seedbed.display.pictures.drawing import INK, LEADING, MUTED, PADDING, SMALL, Canvas, Picture
from seedbed.display.typeface import in_lines
from seedbed.networks.network import Network
from seedbed.networks.shapes import times
from seedbed.networks.zoo import ZOO
from seedbed.study.spec.configuration import build_network

HIGHEST: Final = 62.0
LOWEST: Final = 7.0
"""Pixels of the height of a block."""
COLUMN: Final = 46.0
"""Pixels that a block has at least, with what is written above and below it."""
MOST_SHEETS: Final = 5
"""Feature maps that a block shows behind each other."""
_SHIFT: Final = 2.4


@dataclass(frozen=True)
class Diagram:
    """A :class:`~seedbed.display.pictures.drawing.Picture` of a network."""

    title: str
    subtitle: str
    steps: Sequence[Step]
    of: str = ""

    def svg(self, centimeters: float, *, title: bool = True) -> str:
        """Return the diagram as SVG."""
        canvas = Canvas(centimeters)
        if title:
            canvas.heading(self.title, self.subtitle)
        inner = canvas.width - 2 * PADDING
        fits = max(int(inner // COLUMN), 1)
        lines = math.ceil(len(self.steps) / fits)
        columns = math.ceil(len(self.steps) / lines)
        width = min(inner / columns, 2.2 * COLUMN)
        largest = max(max(step.shape[1:]) for step in self.steps if len(step.shape) > 1)
        for start in range(0, len(self.steps), columns):
            _draw_line(canvas, self.steps, range(len(self.steps))[start:][:columns], width, largest)
        return canvas.svg()


def diagrams(entries: Sequence[Entry]) -> list[Picture]:
    """Return a diagram of each network of a study whose layers are known."""
    places = shown_networks(entries)
    names = network_names([entries[place].header.label for place in places])
    made: list[Picture] = []
    for place, name in zip(places, names, strict=True):
        network = _network(entries[place])
        provenance = entries[place].header.provenance
        if network is None or provenance is None:
            continue
        shape = provenance.dataset.image_shape
        parameters = sum(map(math.prod, network.parameters(shape).values()))
        of = name if len(places) > 1 else ""
        made.append(
            Diagram(
                f"Network: {of or network.name}",
                f"{parameters:,} parameters, {network.multiply_adds(shape):,} multiply-adds per "
                "image. Below each block: the shape of one image behind it "
                "(channels × height × width, or values).",
                steps_of(network.layers, shape),
                of,
            )
        )
    return made


def _network(entry: Entry) -> Network | None:
    """Return the network of a configuration; ``None`` if only a PyTorch module knows its layers."""
    settings = entry.header.configuration.get("network")
    if settings is None or settings.get("name") not in ZOO:
        return None
    return build_network(settings, len(entry.header.class_names or ()))


def _draw_line(
    canvas: Canvas, steps: Sequence[Step], places: Sequence[int], width: float, largest: int
) -> None:
    captions = [_caption(steps[place], width - 4) for place in places]
    above = max(map(len, captions)) * SMALL * LEADING + (8 if _skips(steps, places) else 0)
    middle = canvas.height + above + 6 + HIGHEST / 2
    for column, (place, lines) in enumerate(zip(places, captions, strict=True)):
        step, center = steps[place], PADDING + (column + 0.5) * width
        half = _half_width(step, width)
        for number, line in enumerate(lines):
            y = canvas.height + above - (len(lines) - 1 - number) * SMALL * LEADING - 2
            y -= 8 if _skips(steps, places) else 0
            canvas.text(center, y, line, anchor="middle")
        if place:
            before = _half_width(steps[place - 1], width) - width / 2 if column else -2
            start, end = center - width / 2 + before + 2, center - half - 2
            canvas.path(f"M{start:.1f} {middle:.1f}H{end:.1f}", stroke_width=0.8)
            canvas.path(
                f"M{end - 3:.1f} {middle - 2:.1f}L{end:.1f} {middle:.1f}L{end - 3:.1f} "
                f"{middle + 2:.1f}",
                stroke_width=0.8,
            )
        if step.skips:
            _arc(canvas, center - width / 2, center + half + 5, middle)
        _block(canvas, step, center, middle, half, largest, place)
        y = middle + HIGHEST / 2 + SMALL * LEADING + 5
        canvas.text(center, y, times(step.shape), size=SMALL, anchor="middle", color=MUTED)
    canvas.height = middle + HIGHEST / 2 + 2 * SMALL * LEADING + 5


def _caption(step: Step, width: float) -> list[str]:
    lines = [line for text in step.lines for line in in_lines(text, width, SMALL, 3)]
    return [*lines, f"× {step.times}"] if step.times > 1 else lines


def _skips(steps: Sequence[Step], places: Sequence[int]) -> bool:
    return any(steps[place].skips for place in places)


def _arc(canvas: Canvas, left: float, right: float, middle: float) -> None:
    """Draw the shortcut of a residual step, over its block."""
    top = middle - HIGHEST / 2 - 5
    canvas.path(
        f"M{left:.1f} {middle:.1f}V{top + 4:.1f}Q{left:.1f} {top:.1f} {left + 4:.1f} {top:.1f}"
        f"H{right - 4:.1f}Q{right:.1f} {top:.1f} {right:.1f} {top + 4:.1f}V{middle:.1f}",
        stroke=COLORS[1],
    )


def _half_width(step: Step, width: float) -> float:
    """Return half the width of a block: wider with more channels, on a logarithmic scale."""
    depth = step.shape[0] if len(step.shape) != 2 else step.shape[1]
    share = min(math.log2(1 + depth) / 10, 1)
    return (3 + 0.3 * width * share) if len(step.shape) > 1 else 3.5


def _block(
    canvas: Canvas,
    step: Step,
    center: float,
    middle: float,
    half: float,
    largest: int,
    place: int,
) -> None:
    color = COLORS[0] if place else GRAY
    if len(step.shape) == 1:
        share = min(math.log2(1 + step.shape[0]) / 10, 1)
        height = max(HIGHEST * share, LOWEST)
        sheets = 1
    else:
        side = step.shape[1] if len(step.shape) == 3 else step.shape[0]
        height = max(HIGHEST * math.sqrt(side / max(largest, side)), LOWEST)
        sheets = min(step.shape[0], MOST_SHEETS) if len(step.shape) == 3 else 1
    width = 2 * half - _SHIFT * (sheets - 1)
    height -= _SHIFT * (sheets - 1)
    for sheet in range(sheets):
        shift = _SHIFT * (sheet - (sheets - 1) / 2)
        canvas.rectangle(
            center - width / 2 + shift,
            middle - height / 2 + shift,
            max(width, 4.0),
            max(height, LOWEST / 2),
            fill="#ffffff",
        )
        canvas.rectangle(
            center - width / 2 + shift,
            middle - height / 2 + shift,
            max(width, 4.0),
            max(height, LOWEST / 2),
            rx=1,
            fill=color,
            fill_opacity=0.22,
            stroke=color,
            stroke_width=0.7,
        )
    if step.skips:
        x = center + half + 5
        canvas.rectangle(x - 4, middle - 4, 8.0, 8.0, rx=4, fill="#ffffff", stroke=COLORS[1])
        canvas.text(x, middle + 3, "+", weight=700, color=INK, anchor="middle")
