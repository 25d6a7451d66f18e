"""Layers that bring values to mean 0 and variance 1, and then scale and shift them."""
