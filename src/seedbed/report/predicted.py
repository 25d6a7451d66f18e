"""The predictions of a network for images, as a table."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seedbed.data.images import ImageIdentities
from seedbed.display.sentence import counted
from seedbed.display.table import Report, Table

MOST: int = 3
"""Classes of an image that people are shown."""


def predicted(
    images: ImageIdentities,
    probabilities: NDArray[np.float32],
    class_names: Sequence[str],
    runs: int = 1,
) -> Report:
    """Return the most probable classes of each image for people, and all of them for programs.

    Args:
        images: N of them.
        probabilities: N×K.
        class_names: K of them.
        runs: Of which the probabilities are the mean.
    """
    names, hashes = images.names.tolist(), images.hashes.tolist()
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :MOST]
    rows = tuple(
        (
            name,
            *(f"{class_names[place]} {100 * values[place]:.1f}%" for place in places),
        )
        for name, values, places in zip(names, probabilities, order, strict=True)
    )
    shown = order.shape[1]
    header = ("image", "predicted", "second", "third")[: shown + 1]
    best = [class_names[places[0]] for places in order]
    lines = tuple(
        (name, content_hash, top, *map(float, values))
        for name, content_hash, top, values in zip(names, hashes, best, probabilities, strict=True)
    )
    data = [
        {
            "name": name,
            "hash": content_hash,
            "predicted": top,
            "probabilities": dict(zip(class_names, map(float, values), strict=True)),
        }
        for name, content_hash, top, values in zip(names, hashes, best, probabilities, strict=True)
    ]
    mean = f", mean probabilities of {runs} runs" if runs > 1 else ""
    caption = f"{counted(len(names), 'image')}{mean}"
    table = Table(caption, header, (rows,), text=tuple(range(shown + 1)))
    # A class may be called "hash".
    columns = ("name", "hash", "predicted", *(f"prob_{name}" for name in class_names))
    return Report((table,), columns, lines, data)
