"""Tables as JSON, for programs."""

import json

from seedbed.display.table import Report


def render(report: Report) -> str:
    """Return a list with an object for each configuration; accuracies are fractions."""
    return json.dumps(report.data, indent=2) + "\n"
