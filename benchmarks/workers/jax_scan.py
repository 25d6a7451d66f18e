"""JAX: the same network, an epoch as one compiled ``lax.scan`` over batches."""

import time
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from benchmarks.workers.images import network_input
from benchmarks.workers.process import serve

RATE, MOMENTUM = 0.01, 0.9


def epoch(batch_size: int, steps: int) -> float:
    """Return the seconds of one epoch of 60,000 images, from ``steps`` steps of it."""
    jax, numpy = import_module("jax"), import_module("jax.numpy")
    images, labels = _arrays()
    state, train = _state(batch_size), _train(batch_size, steps)
    order = np.random.default_rng(0).permutation(len(images))[: steps * batch_size]
    places = numpy.asarray(order.reshape(steps, batch_size))
    jax.block_until_ready(train(*state, images, labels, places))  # compiles, once
    start = time.perf_counter()
    jax.block_until_ready(train(*state, images, labels, places))
    return (time.perf_counter() - start) * len(images) / (steps * batch_size)


def losses(batch_size: int, steps: int) -> list[float]:
    """Return the mean loss of the first and of the last tenth of so many steps."""
    numpy = import_module("jax.numpy")
    images, labels = _arrays()
    order = np.random.default_rng(0).permutation(len(images))[: steps * batch_size]
    places = numpy.asarray(order.reshape(steps, batch_size))
    _, found = _train(batch_size, steps)(*_state(batch_size), images, labels, places)
    part = max(steps // 10, 1)
    return [float(found[:part].mean()), float(found[-part:].mean())]


@cache
def _arrays() -> tuple[Any, Any]:
    numpy = import_module("jax.numpy")
    images, labels = network_input()
    return numpy.asarray(images), numpy.asarray(labels.astype(np.int32))


@cache
def _state(batch_size: int) -> tuple[Any, Any]:
    """Return the weights, as PyTorch draws them, and the momentum."""
    del batch_size
    jax, numpy = import_module("jax"), import_module("jax.numpy")
    shapes = {
        "conv1": ((5, 5, 1, 6), 25),
        "conv2": ((5, 5, 6, 16), 150),
        "fc1": ((400, 120), 400),
        "fc2": ((120, 84), 120),
        "fc3": ((84, 10), 84),
    }
    generator = np.random.default_rng(0)
    weights = {}
    for name, (shape, inputs) in shapes.items():
        bound = inputs**-0.5
        weights[name] = numpy.asarray(generator.uniform(-bound, bound, shape).astype(np.float32))
        bias = generator.uniform(-bound, bound, shape[-1]).astype(np.float32)
        weights[f"{name}.bias"] = numpy.asarray(bias)
    return weights, jax.tree.map(numpy.zeros_like, weights)


@cache
def _train(batch_size: int, steps: int) -> Any:
    """Return a compiled function that trains so many steps, for each batch size."""
    del batch_size, steps
    jax, numpy = import_module("jax"), import_module("jax.numpy")

    def convolution(x: Any, weights: Any, name: str, padding: str) -> Any:
        dimensions = ("NHWC", "HWIO", "NHWC")
        product = jax.lax.conv_general_dilated(
            x, weights[name], (1, 1), padding, dimension_numbers=dimensions
        )
        return product + weights[f"{name}.bias"]

    def pool(x: Any) -> Any:
        window = (1, 2, 2, 1)
        return jax.lax.reduce_window(x, -numpy.inf, jax.lax.max, window, window, "VALID")

    def loss(weights: Any, x: Any, labels: Any) -> Any:
        x = pool(jax.nn.relu(convolution(x, weights, "conv1", "SAME")))
        x = pool(jax.nn.relu(convolution(x, weights, "conv2", "VALID")))
        x = x.reshape(len(x), -1)
        for name in ("fc1", "fc2"):
            x = jax.nn.relu(x @ weights[name] + weights[f"{name}.bias"])
        x = jax.nn.log_softmax(x @ weights["fc3"] + weights["fc3.bias"])
        return -numpy.take_along_axis(x, labels[:, None], axis=1).mean()

    def train(weights: Any, momentum: Any, images: Any, labels: Any, places: Any) -> Any:
        def step(state: Any, batch: Any) -> Any:
            weights, momentum = state
            value, gradients = jax.value_and_grad(loss)(weights, images[batch], labels[batch])
            momentum = jax.tree.map(lambda m, g: MOMENTUM * m + g, momentum, gradients)
            weights = jax.tree.map(lambda w, m: w - RATE * m, weights, momentum)
            return (weights, momentum), value

        return jax.lax.scan(step, (weights, momentum), places)

    return jax.jit(train)


if __name__ == "__main__":
    serve({"epoch": epoch, "losses": losses})
