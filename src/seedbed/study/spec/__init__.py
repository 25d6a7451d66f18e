"""The specification of a study: its file, its grid and its configurations."""
