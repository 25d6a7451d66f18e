"""Frames of a study: a row a run, an epoch, a prediction or an image."""
