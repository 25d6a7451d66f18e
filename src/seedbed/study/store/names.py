"""Names of the files in the folder of a study."""

from typing import Final

SUMMARY: Final = "summary.json"
THUMBNAILS: Final = "thumbnails.zip"
CLAIMS: Final = "claims.json"
WEIGHTS: Final = "weights.safetensors"
"""Of a run."""
REPORT: Final = "report.html"
RUNNING: Final = "running"
"""In place of the results' hash, in the page of a study that is still running."""
