"""Test accuracy by the settings of a grid: marginal means, and charts of one or two settings.

Tables, charts and shares of the variance all take what varies, its levels and their means from
:mod:`seedbed.analysis.subjects.settings.factors`.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from seedbed.analysis.base import Analysis, ChartView, TableView
from seedbed.analysis.entry import Entry
from seedbed.analysis.part import PagePart
from seedbed.analysis.subjects.settings.factors import factors_of, grid_factors
from seedbed.analysis.subjects.settings.table import effects_table

if TYPE_CHECKING:
    from seedbed.display.charts.style import Drawing

MANY: Final = 20
"""With more configurations, a page leads with effects of settings: they tell more than rows."""


def _effects(entries: Sequence[Entry]) -> "Drawing | None":
    from seedbed.analysis.subjects.settings.charts import effects_chart

    return effects_chart(entries)


def _settings(entries: Sequence[Entry]) -> list[str]:
    from seedbed.analysis.subjects.settings.charts import settings_of

    return settings_of(entries)


def _setting(entries: Sequence[Entry], name: str) -> "Drawing | None":
    from seedbed.analysis.subjects.settings.charts import setting_chart

    return setting_chart(entries, name)


def _pairs(entries: Sequence[Entry]) -> list[str]:
    from seedbed.analysis.subjects.settings.charts import pairs_of

    return pairs_of(entries)


def _pair(entries: Sequence[Entry], name: str) -> "Drawing | None":
    from seedbed.analysis.subjects.settings.charts import two_settings_chart

    return two_settings_chart(entries, name)


def _several(entries: Sequence[Entry]) -> bool:
    return len(_settings(entries)) > 1


def _is_large(entries: Sequence[Entry]) -> bool:
    return len(entries) > MANY and bool(factors_of(entries))


def _is_grid(entries: Sequence[Entry]) -> bool:
    """Whether means over the levels of a setting can be compared."""
    return bool(grid_factors(entries))


def _first_look(entries: Sequence[Entry]) -> Sequence[Entry]:
    return entries if _is_large(entries) else ()


ANALYSIS = Analysis[Any](
    "settings",
    topic="results",
    tables={
        "effects": TableView(
            "Effects of settings", effects_table, first_look=_first_look, in_documents=_is_grid
        )
    },
    charts={
        "accuracy-by-setting": ChartView(
            "Test accuracy by one setting",
            "Test accuracy against each setting that a grid varies, a line for each combination of "
            "the others: mean and a band of ± 1 standard deviation, or all lines and their mean "
            "where there are many.",
            _setting,
            drawn_for=_settings,
        ),
        "accuracy-by-two-settings": ChartView(
            "Test accuracy by two settings",
            "A heat map of mean test accuracy for each two settings that a grid varies.",
            _pair,
            drawn_for=_pairs,
        ),
        "setting-effects": ChartView(
            "Test accuracy by setting",
            "A row for each value of each setting that a grid varies: the mean test accuracy of "
            "every configuration with this value, and the mean of these.",
            _effects,
        ),
    },
    parts=(
        PagePart(
            name="effects", title="Effects of settings", charts=(), applies=_is_large, of_study=True
        ),
        PagePart(
            name="settings",
            tables=(),
            charts=("setting-effects", "accuracy-by-two-settings"),
            applies=_several,
            half=True,
            of_study=True,
            rank=10,
        ),
    ),
    rank=5,
)
