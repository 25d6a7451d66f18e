"""The subjects of evaluation: a file or a folder each, which ends with its ``ANALYSIS``."""
