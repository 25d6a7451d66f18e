"""Normalization layers: values of mean 0 and variance 1, then scaled and shifted by weights."""
