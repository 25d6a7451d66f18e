"""Contrasts of accuracies: trends, falls, and differences of falls."""
