"""Readers of predictions, a file a format: each returns a table, and decides nothing about it."""
