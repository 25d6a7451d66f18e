"""How tables are written: a file a format, each with ``render(report) -> str``."""
