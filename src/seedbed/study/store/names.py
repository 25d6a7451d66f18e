"""Names of the files in the folder of a study."""

from typing import Final

SUMMARY: Final = "summary.json"
THUMBNAILS: Final = "thumbnails.zip"
CLAIMS: Final = "claims.json"
WEIGHTS: Final = "weights.safetensors"
"""Of a run."""
REPORT: Final = "report.html"
