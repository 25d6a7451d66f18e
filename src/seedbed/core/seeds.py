"""One seed, many independent random streams.

Every random choice of a run comes from a stream that has a name (what it decides) and a position
(the epoch, where there is one). A stream is a counter-based Philox generator (Salmon et al. 2011,
"Parallel random numbers: as easy as 1, 2, 3") keyed by ``(seed, name, position)``. So any stream
can be held fixed while another varies, and a run that is resumed at epoch 7 draws what it would
have drawn without the interruption.
"""

from typing import Final

import numpy as np

STREAMS: Final = (
    "initialization",
    "order",
    "augmentation",
    "noise",
    "split",
    "dropout",
    "drop-path",
    "corruptions",
)
"""The names, in an order that must never change: the position in this tuple is part of the key."""


def stream(seed: int, name: str, position: int = 0) -> np.random.Generator:
    """Return a generator that depends on nothing but its arguments.

    Args:
        seed: The run's seed, 0 or more.
        name: One of :data:`STREAMS`.
        position: Where in the stream to start, for example the epoch; 0 or more.

    Raises:
        ValueError: If ``name`` is not a stream, or a number is negative.
    """
    if name not in STREAMS:
        raise ValueError(f"unknown stream {name!r}; expected one of {', '.join(STREAMS)}")
    sequence = np.random.SeedSequence(entropy=seed, spawn_key=(STREAMS.index(name), position))
    return np.random.Generator(np.random.Philox(sequence))
