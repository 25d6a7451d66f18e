"""Stores what is trained: epochs while a run is in progress, and its end."""
