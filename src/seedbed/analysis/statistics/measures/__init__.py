"""Measures that are no means over images, and their intervals."""
