"""Many independent random streams, and the seed of each.

Every random choice of a run comes from a stream that has a name (what it decides) and a position
(the epoch, where there is one). A stream is a counter-based Philox generator (Salmon et al. 2011,
"Parallel random numbers: as easy as 1, 2, 3") keyed by ``(seed, name, position)``. So any stream
can be held fixed while another varies, and a run that is resumed at epoch 7 draws what it would
have drawn without the interruption.
"""

from typing import Any, Final

import numpy as np
from pydantic import Field, model_validator

from seedbed.core.settings import Settings

STREAMS: Final = (
    "initialization",
    "order",
    "augmentation",
    "noise",
    "split",
    "dropout",
    "drop-path",
    "corruptions",
    "fold",
    "resampling",
    "tuning",
    "mixup",
    "erasing",
    "elastic",
)
"""The names, in an order that must never change: the position in this tuple is part of the key. A
new one is added at the end."""


def _as_run() -> Any:
    return Field(default_factory=lambda chosen: chosen["run"], ge=0)


class Seeds(Settings):
    """The seeds of a run, one for each thing that is random; each is 0 or more.

    They are all equal to ``run`` unless told otherwise, as in ``Seeds(run=5, noise=0)``. Seeds that
    are equal in every stream are those of that run: if all streams are listed,
    ``Seeds(run=0, initialization=3, order=3, ...)`` is ``Seeds(run=3)``.
    """

    run: int = Field(default=0, ge=0)
    """What the others are where nothing else is said; nothing is drawn from it directly."""
    initialization: int = _as_run()
    """The initial weights."""
    order: int = _as_run()
    """The order of the training images in every epoch."""
    augmentation: int = _as_run()
    """How each image is shifted, turned, scaled, mirrored and distorted."""
    dropout: int = _as_run()
    """Which features dropout drops, and which branches stochastic depth does."""
    noise: int = _as_run()
    """Which labels are wrong."""
    subset: int = _as_run()
    """Which images are learned from, where ``recipe.train_size`` asks for a part of them."""
    validation: int = _as_run()
    """Which images are held out by ``recipe.validation_size``."""
    fold: int = _as_run()
    """Which fold is held out by ``recipe.folds``, of which partition: see
    :func:`seedbed.training.splits.fold_of`."""

    @model_validator(mode="before")
    @classmethod
    def _is_one_run(cls, values: Any) -> Any:
        """Give runs that draw the same numbers the same name."""
        streams = cls.model_fields.keys() - {"run"}
        if isinstance(values, dict) and streams <= values.keys():
            seeds = [values[name] for name in streams]
            if all(seed == seeds[0] for seed in seeds):
                return {**values, "run": seeds[0]}
        return values

    @property
    def key(self) -> int | str:
        """A name that no other seeds have: ``0``, or ``"0-noise3"`` where a stream differs."""
        others = [f"{name}{seed}" for name, seed in self if seed != self.run]
        return "-".join([str(self.run), *others]) if others else self.run

    def to_dict(self) -> dict[str, int]:
        """Return the seed of the run and of every stream by name."""
        values: dict[str, Any] = self.model_dump()
        return values


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


class RandomBytes:
    """The bytes of a stream, the same however many are drawn at once.

    Args:
        seed: The run's seed, 0 or more.
        name: One of :data:`STREAMS`.
        position: Where in the stream to start, for example the epoch; 0 or more.
    """

    def __init__(self, seed: int, name: str, position: int = 0) -> None:
        self._generator = stream(seed, name, position)
        self._left = b""  # drawn, but not yet used

    def next(self, count: int) -> bytes:
        """Return the next ``count`` bytes."""
        # The generator makes words of four bytes.
        drawn = self._left + self._generator.bytes(max(count - len(self._left) + 3, 0) // 4 * 4)
        self._left = drawn[count:]
        return drawn[:count]
