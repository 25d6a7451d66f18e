"""Trains runs on a Ray cluster: ``seedbed run STUDY --executor ray``."""
