"""Intervals and tests over runs that share their seeds."""
