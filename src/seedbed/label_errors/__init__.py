"""The audit of labels: which are wrong, how many are, and how well that is known."""
