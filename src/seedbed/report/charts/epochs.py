"""Bridge for charts that are no part of an analysis yet; goes with the last of them."""

from seedbed.display.charts.epochs import *  # noqa: F403
