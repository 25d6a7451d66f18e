"""Prediction files of any tool: for every test image, its label and a score for each class.

Each format has a reader in `readers/`, which returns a table: columns by name. What the columns are
is decided once for all formats, in `columns.py`, `scores.py` and `stray.py`; which class a label
means, in `labels.py`; and whether scores are logits or probabilities, in `kinds.py`.
:class:`~seedbed.analysis.prediction_files.reading.PredictionReading` says what was understood.
"""
