"""What was measured after every epoch."""

import msgspec

Runs = tuple[tuple[float | None, ...], ...]
"""A value an epoch for each run, in the order of the seeds; ``None`` where it is not finite."""


class Curves(msgspec.Struct, frozen=True, omit_defaults=True):
    """Runs over epochs; see :class:`seedbed.training.engine.EpochRecord`.

    What does not apply to any run is ``None``, and absent in the file.
    """

    epoch: tuple[int, ...]
    learning_rate: Runs | None = None
    train_loss: Runs | None = None
    train_accuracy: Runs | None = None
    validation_loss: Runs | None = None
    validation_accuracy: Runs | None = None
    test_loss: Runs | None = None
    test_accuracy: Runs | None = None
    clean_train_accuracy: Runs | None = None
    memorized: Runs | None = None
    recovered: Runs | None = None


class Training(msgspec.Struct, frozen=True):
    """How training went."""

    curves: Curves
