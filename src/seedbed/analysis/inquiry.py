"""Asking stored weights what predictions do not tell; the answers are kept with the runs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Inquiry:
    """A question to the stored weights of finished runs."""

    file: str
    """In the folder of a run, holding its answer and the hash of the weights that gave it."""
