"""Controlled studies of image classifiers: many seeds, error bars, and the images behind them."""
