"""Layers that summarize pixels."""
