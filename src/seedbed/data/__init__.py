"""Datasets: images with labels, the published ones, readers of files, splits, corruptions."""
