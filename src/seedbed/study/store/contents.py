"""The contents of the files of a run: arrays as NPZ and safetensors."""

import hashlib
import json
import zipfile
from collections.abc import Sequence
from io import BytesIO

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from seedbed.noise.labels import NoisyLabels
from seedbed.study.store.record import history_lines
from seedbed.training.engine import Arrays, EpochRecord
from seedbed.training.splits import Split


def weights_contents(weights: Arrays) -> bytes:
    """Return the contents of the file of weights."""
    contents: bytes = safetensors.numpy.save(_contiguous(weights))
    return contents


def images_contents(name: str, split: Split) -> bytes:
    """Return what logits are of, as an NPZ file: labels, names and hashes of images.

    Args:
        name: Of the split.
        split: Its N images.
    """
    images = split.identities
    arrays = {"labels": split.labels, "names": images.names, "hashes": images.hashes}
    if name != "test":  # which has all images of the dataset's split, in order
        arrays["indices"] = split.indices
    file = BytesIO()
    # Text has four bytes per character, and can be compressed.
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for key, array in arrays.items():
            with archive.open(f"{key}.npy", "w") as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
    return file.getvalue()


def predictions_contents(images: bytes, logits: NDArray[np.float32]) -> bytes:
    """Return logits with what they are of, as an NPZ file.

    Args:
        images: The :func:`images_contents` of N images.
        logits: N×K.
    """
    file = BytesIO()
    file.write(images)
    with (
        zipfile.ZipFile(file, "a", zipfile.ZIP_STORED) as archive,
        archive.open("logits.npy", "w") as member,
    ):
        np.lib.format.write_array(member, logits, allow_pickle=False)
    return file.getvalue()


def labels_contents(labels: NoisyLabels) -> bytes:
    """Return clean and noisy labels as an NPZ file."""
    file = BytesIO()
    small = np.min_scalar_type(labels.classes - 1)
    np.savez_compressed(file, clean=labels.clean.astype(small), noisy=labels.noisy.astype(small))
    return file.getvalue()


def checkpoint_contents(run_id: str, history: Sequence[EpochRecord], arrays: Arrays) -> bytes:
    """Return the state of a run after its history, with both and their digest."""
    text = history_lines(history).decode()
    contiguous = _contiguous(arrays)
    metadata = {"history": text, "sha256": checkpoint_digest(run_id, text, contiguous)}
    contents: bytes = safetensors.numpy.save(contiguous, metadata=metadata)
    return contents


def checkpoint_digest(run_id: str, history: str, arrays: Arrays) -> str:
    """Return a hash of the contents of a checkpoint and of the id of its run."""
    digest = hashlib.sha256(json.dumps([run_id, history]).encode())
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(json.dumps([name, array.dtype.str, array.shape]).encode())
        digest.update(array.data)
    return digest.hexdigest()


def _contiguous(arrays: Arrays) -> dict[str, NDArray[np.float32]]:
    """Return the arrays in C order, which safetensors requires."""
    return {name: np.require(array, requirements="C") for name, array in arrays.items()}
