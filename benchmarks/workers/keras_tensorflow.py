"""Keras on TensorFlow: the same network, trained by ``Model.fit`` with its default settings."""

import os
import time
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.workers.images import network_input
from benchmarks.workers.process import serve

_WARM_UP = 5


def epoch(batch_size: int, steps: int) -> float:
    """Return the seconds of one epoch of 60,000 images, from ``steps`` steps of it."""
    images, labels = _arrays()
    count = (_WARM_UP + steps) * batch_size
    start = 0.0

    def begin(batch: int, logs: object) -> None:
        del logs
        # fit() prepares for a while; that belongs to an epoch once, not to each step.
        nonlocal start
        if batch == _WARM_UP:
            start = time.perf_counter()

    watch = import_module("keras").callbacks.LambdaCallback(on_train_batch_begin=begin)
    _model(batch_size).fit(
        images[:count], labels[:count], batch_size=batch_size, verbose=0, callbacks=[watch]
    )
    return (time.perf_counter() - start) * len(images) / (steps * batch_size)


@cache
def _arrays() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    return network_input()


@cache
def _model(batch_size: int) -> Any:
    """Return a compiled model for each batch size."""
    del batch_size
    # Imported by name: its types, where there are any, are not ours to check.
    keras = import_module("keras")
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(6, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(16, 5, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(120, activation="relu"),
            layers.Dense(84, activation="relu"),
            layers.Dense(10),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.SGD(0.01, momentum=0.9),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    return model


if __name__ == "__main__":
    # Before the import: the backend, no graphics card, and no remarks about either.
    os.environ |= {"KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "-1"}
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3"}
    threads = int(os.environ["OMP_NUM_THREADS"])
    threading = import_module("tensorflow").config.threading
    threading.set_intra_op_parallelism_threads(threads)
    threading.set_inter_op_parallelism_threads(threads)
    serve({"epoch": epoch})
