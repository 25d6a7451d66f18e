"""Bridge for charts that are no part of an analysis yet; goes with the last of them."""

from seedbed.analysis.chart_captions import *  # noqa: F403
from seedbed.display.charts.parts import *  # noqa: F403
