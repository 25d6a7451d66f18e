"""Reviews of images that no network has seen, served as ``seedbed audit --review`` does it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import numpy as np

from seedbed.data.images import ImageDataset
from seedbed.label_errors.predictions import Part, gather
from seedbed.label_errors.result import audit_predictions
from seedbed.label_errors.review.gallery import Gallery
from seedbed.label_errors.review.review import Review
from seedbed.label_errors.review.server import ReviewServer

CLASSES = ("<img src=x onerror=alert(1)>", "dog", "=bird")


def made_gallery(images: int = 40, classes: tuple[str, ...] = CLASSES) -> Gallery:
    """Return a gallery of noise, with names in HTML."""
    random = np.random.default_rng(0)
    count = len(classes)
    pixels = random.integers(0, 256, (images, 8, 8, 1), dtype=np.uint8)
    labels = random.integers(0, count, images)
    names = np.array([f"<b id='x{number}'>{number}.png" for number in range(images)])
    data = ImageDataset(pixels, labels, classes, names)
    logits = random.normal(size=(images, count)).astype(np.float32)
    part = Part(0, np.arange(images), logits)
    audit = audit_predictions("<i>", (gather("train", data, labels, None, [part]),), fdr=0.1)
    return Gallery(audit, random.normal(size=(images, 5)).astype(np.float32))


@contextmanager
def served(gallery: Gallery, folder: Path, reviewer: str = "anna") -> Iterator[ReviewServer]:
    """Serve a review while the block runs."""
    with ReviewServer(Review(gallery, folder, reviewer, "f")) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
