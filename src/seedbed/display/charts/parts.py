"""What several charts have in common: axes, legends, tooltips, and what a page can set."""

import json
import textwrap
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final

import altair as alt

from seedbed.display.charts.style import MOST_IN_LEGEND, Drawing, looks

SHOWN: Final = "shown === null || indexof(shown, datum.configuration) >= 0"
"""Which data a chart of several configurations draws; see :func:`shown`."""

LINE: Final = 24
"""Characters of a configuration's label beside an axis, before it goes on in another line."""
MOST_LINES: Final = 4

_LEGEND_LINES: Final = (
    "split(trim(replace(datum.label, regexp('(.{1,44})(?: |$)|(.{44})', 'g'), '$1$2\\n')), '\\n')"
)
"""Expression for a name in a legend as lines, which a phone and a column of a paper have room for:
broken between words where it can be."""


def shown() -> alt.Parameter:
    """Return the parameter by which a page switches configurations on and off.

    Its value is a list of labels; null stands for all of them.
    """
    return alt.param(name="shown", value=None)


def layered(*charts: alt.Chart, height: int) -> Drawing:
    """Return charts on one pair of axes."""
    return with_parameters(alt.layer(*charts, height=height))


def with_parameters(chart: alt.LayerChart | alt.FacetChart, *parameters: alt.Parameter) -> Drawing:
    """Return layers with these parameters, of which a page can set the values."""
    layers = chart.add_params(*parameters) if parameters else chart
    assert isinstance(layers, alt.LayerChart)  # Altair's types allow facets here
    return layers


def line_looks(names: Sequence[str], legend: alt.Legend | None) -> tuple[alt.Color, alt.StrokeDash]:
    """Return colors and dashes of lines that are no configurations, in the field ``series``."""
    chosen = looks(names).values()
    colors = alt.Scale(domain=list(names), range=[look.color for look in chosen])
    dashes = alt.Scale(domain=list(names), range=[list(look.dash) for look in chosen])
    return (
        alt.Color("series:N", scale=colors, legend=legend),
        alt.StrokeDash("series:N", scale=dashes, legend=legend),
    )


def nearest_point(*fields: str) -> alt.Parameter:
    """Return the selection of what is nearest to the pointer, called ``hover``; none elsewhere."""
    return alt.selection_point(
        name="hover",
        fields=list(fields),
        on="pointerover",
        clear="pointerout",
        nearest=True,
        empty=False,
    )


def nearest_tooltip(texts: Mapping[str, str]) -> alt.ExprRef:
    """Return the tooltip of a mark that has :func:`nearest_point`.

    The cell around a point shows it too, and there ``datum`` is the mark, of which the datum is the
    point's. Vega-Lite 6.4 forgets that for texts (its pull request 9707).

    Args:
        texts: Title -> expression.

    """
    items = ", ".join(f"{json.dumps(title)}: {text}" for title, text in texts.items())
    return alt.ExprRef(f"{{{items}}}".replace("datum.", "(datum.datum || datum)."))


def spoken(texts: Mapping[str, str]) -> str:
    """Return an expression for what a screen reader says of a mark: the same as its tooltip."""
    return " + '; ' + ".join(
        f"{json.dumps(f'{title}: ')} + {text}" for title, text in texts.items()
    )


def percent_axis(title: str, **settings: Any) -> alt.Axis:
    """Return an axis of fractions that shows percentages."""
    return alt.Axis(
        title=f"{title} (%)", labelExpr="format(datum.value * 100, '~g')", tickCount=6, **settings
    )


def heading(text: str, subtitle: str) -> alt.TitleParams:
    """Return the title of a chart, and below it what its marks mean."""
    return alt.TitleParams(text=text, subtitle=subtitle)


def isolated(name: str) -> str:
    """Return a name that does not turn round the numbers that stand after it.

    Between left-to-right marks, a name in Arabic or Hebrew is read from right to left, and what
    stands around it is not.
    """
    turns = any(unicodedata.bidirectional(each) in ("R", "AL", "AN") for each in name)
    return f"\N{LEFT-TO-RIGHT MARK}{name}\N{LEFT-TO-RIGHT MARK}" if turns else name


def in_lines(name: str) -> list[str]:
    """Return a label as lines of an axis, broken between its settings where it can be."""
    *first, last = name.split(", ")
    lines: list[str] = []
    for part in [*(f"{each}," for each in first), last]:
        if lines and len(lines[-1]) + 1 + len(part) <= LINE:
            lines[-1] += f" {part}"
        else:
            lines += textwrap.wrap(part, LINE) or [part]
    if len(lines) > MOST_LINES:
        lines[MOST_LINES - 1 :] = [f"{lines[MOST_LINES - 1][: LINE - 1]}…"]
    return lines


def row_axis(lines: str, **settings: Any) -> alt.Axis:
    """Return an axis of rows whose labels may have several lines.

    Args:
        lines: The expression of a label: a text or a list of lines.
        settings: Of the axis.

    """
    # Vega puts the first line where the only one would be.
    offset = {
        "condition": [
            {"test": f"isArray({lines}) && length({lines}) === {number}", "value": 6 - 6 * number}
            for number in range(2, 2 * MOST_LINES + 1)  # of two labels
        ],
        "value": 0,
    }
    return alt.Axis(
        labelExpr=lines, labelOffset=offset, ticks=False, domain=False, grid=False, **settings
    )


def row_height(lines: int) -> int:
    """Return how high a row is, in pixels, whose label has so many lines."""
    return max(12 + 10 * lines, 13 * lines)


def shares(low: str, high: str) -> dict[str, str]:
    """Return the calculation of the ends of a band, of expressions for fractions.

    There is no accuracy below 0 or above 1, however large a deviation is.
    """
    return {"low": f"max(0, {low})", "high": f"min(1, {high})"}


def line_legend(names: Sequence[str]) -> alt.Legend:
    """Return a legend of lines below a chart; long names take several lines."""
    return alt.Legend(
        title=None,
        orient="bottom",
        columns=1 if max(map(len, names)) > LINE else 2,
        symbolType="stroke",
        symbolSize=280,
        labelExpr=_LEGEND_LINES,
    )


def legend_of(names: Sequence[str]) -> alt.Legend | None:
    """Return a legend of lines; ``None`` where there is one line, or there are too many."""
    return line_legend(names) if 1 < len(names) <= MOST_IN_LEGEND else None
