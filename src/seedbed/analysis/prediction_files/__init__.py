"""Prediction files of any tool: for every test image, its label and a score for each class.

A reader for each format (`npz.py`, `text.py`, `parquet.py`) returns a table: columns by name. What
the columns are is decided once for all formats, in `columns.py` and `stray.py`; which class a label
means, in `labels.py`. :class:`~seedbed.analysis.prediction_files.reading.PredictionReading` says
what was understood.
"""
