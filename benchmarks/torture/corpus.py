"""Sound inputs for every reader, from which mutated ones are made, and how each is read.

A reader's :class:`Target` writes an input into a folder and reads it as users' files are read.
Formats with a container (ZIP, gzip, chunks with checksums) are mutated inside as well as outside,
so that mutations reach what is behind the checksums.
"""

import gzip
import io
import json
import pickle
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.torture.mutate import mutated, mutated_text
from seedbed.core.errors import DataError
from seedbed.core.seal import sealed


@dataclass(frozen=True)
class Target:
    """A reader under attack."""

    read: Callable[[Path, bytes], object]
    """Writes an input into an empty folder and reads it."""
    inputs: tuple[bytes, ...]
    """Sound ones."""
    mutate: Callable[[bytes, np.random.Generator], bytes]
    many: bool = False
    """Whether it is asked for 100,000 inputs rather than 20,000."""


def targets() -> Mapping[str, Target]:
    """Return the readers by name."""
    return {
        "idx": Target(_read_idx, _idx(), _packed, many=True),
        "csv": Target(_read_csv, _csv(), mutated_text, many=True),
        "toml": Target(_read_toml, _toml(), mutated_text, many=True),
        "json": Target(_read_json, _json(), _sealed, many=True),
        "npz": Target(_read_npz, _npz(), _zipped),
        "predictions": Target(_read_predictions, _predictions(), _zipped),
        "parquet": Target(_read_parquet, _parquet(), mutated),
        "pictures": Target(_read_picture, _pictures(), _picture),
        "tar": Target(_read_tar, _tars(), _packed),
        "pickle": Target(_read_pickle, _pickles(), mutated),
        "matrix": Target(_read_matrix, _matrices(), mutated_text),
        "safetensors": Target(_read_checkpoint, _checkpoints(), mutated),
    }


# Reading


def _read_idx(folder: Path, data: bytes) -> object:
    from seedbed.data.readers.path import read_path

    names = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte")
    tests = ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
    sound = _idx()
    for name, contents in zip((*names, *tests), (sound[0], sound[1]) * 2, strict=True):
        (folder / name).write_bytes(contents)
    which = names[1] if data[:4] == sound[1][:4] else names[0]
    (folder / which).write_bytes(data)
    return read_path(folder)


def _read_csv(folder: Path, data: bytes) -> object:
    from seedbed.analysis.prediction_files.read import read_predictions

    (folder / "p.csv").write_bytes(data)
    return read_predictions(folder / "p.csv")


def _read_toml(folder: Path, data: bytes) -> object:
    from seedbed.study.spec.reader import load_study

    (folder / "s.toml").write_bytes(data)
    return load_study(str(folder / "s.toml")).to_toml()


def _read_json(folder: Path, data: bytes) -> object:
    from seedbed.analysis.summary_file import read_summary
    from seedbed.study.store.run import DamagedRunError, RunStore

    if b'"entries"' in data:
        (folder / "summary.json").write_bytes(data)
        return read_summary(folder)
    run = folder / _run_id()
    run.mkdir(exist_ok=True)
    (run / "run.json").write_bytes(data)
    try:
        return RunStore(run).load()
    except DamagedRunError as error:  # what the callers of load() expect
        raise DataError(str(error)) from None


def _read_npz(folder: Path, data: bytes) -> object:
    from seedbed.data.readers.path import read_path

    (folder / "d.npz").write_bytes(data)
    return read_path(folder / "d.npz")


def _read_predictions(folder: Path, data: bytes) -> object:
    from seedbed.analysis.prediction_files.read import read_predictions

    (folder / "p.npz").write_bytes(data)
    return read_predictions(folder / "p.npz")


def _read_parquet(folder: Path, data: bytes) -> object:
    from seedbed.data.readers.path import read_path

    (folder / "d.parquet").write_bytes(data)
    return read_path(folder / "d.parquet")


def _read_picture(folder: Path, data: bytes) -> object:
    from seedbed.data.readers.decoding import ImageRules
    from seedbed.data.readers.path import read_path

    for number, name in enumerate("ab"):
        (folder / name).mkdir(exist_ok=True)
        for image in range(2):
            (folder / name / f"{image}.png").write_bytes(_pictures()[number])
    (folder / "a" / "0.png").write_bytes(data)
    return read_path(folder, ImageRules(resize=8))


def _read_tar(folder: Path, data: bytes) -> object:
    from seedbed.data.readers.path import read_path

    (folder / "c.tar.gz").write_bytes(data)
    return read_path(folder / "c.tar.gz")


def _read_pickle(_: Path, data: bytes) -> object:
    from seedbed.data.readers.pickled import read_pickle

    return read_pickle(data)


def _read_matrix(folder: Path, data: bytes) -> object:
    from seedbed.noise.matrix_file import read_matrix

    (folder / "t.csv").write_bytes(data)
    return read_matrix(folder / "t.csv")


def _read_checkpoint(folder: Path, data: bytes) -> object:
    from seedbed.study.store.run import DamagedRunError, RunStore

    run = folder / _run_id()
    run.mkdir(exist_ok=True)
    (run / "run.json").write_bytes(_running())
    (run / "checkpoint.safetensors").write_bytes(data)
    try:
        return RunStore(run).load()
    except DamagedRunError as error:
        raise DataError(str(error)) from None


# Sound inputs


def _idx() -> tuple[bytes, ...]:
    images = bytes((0, 0, 8, 3)) + struct.pack(">3I", 6, 4, 4) + bytes(range(96))
    labels = bytes((0, 0, 8, 1)) + struct.pack(">I", 6) + bytes((0, 1, 2, 0, 1, 2))
    return images, labels, gzip.compress(images, 1, mtime=0)


def _csv() -> tuple[bytes, ...]:
    return (
        b"label,cat,dog,bird\ncat,0.9,0.05,0.05\ndog,0.1,0.8,0.1\nbird,0.2,0.3,0.5\n",
        b'\xef\xbb\xbflabel;"logit_a";logit_b\n0;-1.5;2\n1;3e-2;"4"\n',
        b"labels\tscore_0\tscore_1\r\n0\t1\t2\r\n1\t0.5\t0.25\r\n",
    )


def _toml() -> tuple[bytes, ...]:
    return (
        b'name = "a"\ndataset = "digits"\nnetwork = "lenet5"\nseeds = 3\n[recipe]\nepochs = 2\n'
        b'optimizer = "sgd"\nlearning_rate = [0.1, 0.2]\nschedule = "one-cycle"\n'
        b"batch_size = 32\n[noise]\nkind = 'symmetric'\nrate = [0.2, 0.4]\n",
        b'name = "b"\ndataset = { name = "mnist", resize = 16 }\n'
        b'network = { name = "vit", patch_size = 4, embed_dim = 32, depth = 2, num_heads = 4 }\n'
        b"seeds = { run = 5, noise = 0 }\n[recipe]\nepochs = 3\n"
        b"loss = { name = 'generalized-cross-entropy', q = 0.7 }\n"
        b"[recipe.augmentation]\nrotation = 10\n"
        b"[[variants]]\nname = 'x'\nrecipe.momentum = 0.5\n"
        b"[[variants]]\nname = 'y'\nnetwork = { depth = 3 }\n",
    )


def _json() -> tuple[bytes, ...]:
    return (_running(), _summary())


def _running() -> bytes:
    from datetime import UTC, datetime

    from seedbed.engines.native.engine import NativeEngine
    from seedbed.study.loaded import LoadedStudy
    from seedbed.study.plan import plan_runs
    from seedbed.study.spec.reader import parse_study
    from seedbed.study.store.record import new_record

    if "record" not in _MADE:
        spec = parse_study(_toml()[0].decode(), "a.toml")
        study = LoadedStudy.load(spec)
        run = plan_runs(study.spec)[0]
        record = new_record(run, study.task(run), NativeEngine())
        fixed = record.model_copy(update={"started": datetime(2026, 1, 1, tzinfo=UTC)})
        _MADE["record"] = fixed.to_json()
    return bytes(_MADE["record"])


def _summary() -> bytes:
    from seedbed.analysis.prediction_files.groups import find_groups
    from seedbed.analysis.summary.external import evaluate
    from seedbed.analysis.summary_file import write_summary

    if "summary" not in _MADE:
        import tempfile

        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "p.csv").write_bytes(_csv()[0])
            write_summary(folder, evaluate(find_groups([folder / "p.csv"])))
            _MADE["summary"] = (folder / "summary.json").read_bytes()
    return bytes(_MADE["summary"])


_MADE: Final[dict[str, Any]] = {}


def _npz() -> tuple[bytes, ...]:
    images = np.arange(6 * 4 * 4, dtype=np.uint8).reshape(6, 4, 4)
    labels = np.array([0, 1, 2, 0, 1, 2])
    names = np.array(["cat", "dog", "bird"])
    keras: dict[str, Any] = {
        "x_train": images,
        "y_train": labels,
        "x_test": images,
        "y_test": labels,
    }
    return (
        _saved(images=images, labels=labels, class_names=names),
        _saved(**keras),
        _saved(compressed=True, images=images[..., None], labels=labels[:, None]),
    )


def _predictions() -> tuple[bytes, ...]:
    labels, names = np.array([0, 1, 2, 0]), np.array(["cat", "dog", "bird"])
    logits = np.arange(12, dtype=np.float32).reshape(4, 3)
    return (
        _saved(labels=labels, logits=logits, class_names=names),
        _saved(labels=names[labels], probabilities=np.full((4, 3), 1 / 3), class_names=names),
        _saved(compressed=True, labels=labels, scores=logits.astype(np.float64)),
    )


def _saved(*, compressed: bool = False, **arrays: Any) -> bytes:
    file = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(file, **arrays)
    return file.getvalue()


def _parquet() -> tuple[bytes, ...]:
    import pyarrow as pa
    from pyarrow import parquet

    pictures = [{"bytes": _pictures()[n % 2], "path": f"{n}.png"} for n in range(4)]
    table = pa.table({"image": pictures, "label": [0, 1, 0, 1]})
    made = []
    for compression in ("none", "snappy"):
        file = io.BytesIO()
        parquet.write_table(table, file, compression=compression)
        made.append(file.getvalue())
    return tuple(made)


def _pictures() -> tuple[bytes, ...]:
    from PIL import Image

    pixels = np.arange(8 * 8 * 3, dtype=np.uint8).reshape(8, 8, 3)
    made = []
    for kind, mode in (
        ("PNG", "L"),
        ("PNG", "RGB"),
        ("JPEG", "RGB"),
        ("GIF", "P"),
        ("BMP", "RGB"),
        ("WEBP", "RGB"),
        ("TIFF", "RGB"),
        ("PPM", "RGB"),
    ):
        file = io.BytesIO()
        Image.fromarray(pixels).convert(mode).save(file, kind)
        made.append(file.getvalue())
    return tuple(made)


def _tars() -> tuple[bytes, ...]:
    record = bytes((1,)) + bytes(range(256)) * 12
    binary = dict.fromkeys([f"data_batch_{n}.bin" for n in range(1, 6)], record * 2)
    binary |= {"test_batch.bin": record, "batches.meta.txt": b"a\nb\n"}
    batch = _pickles()[0]
    python = dict.fromkeys([*(f"data_batch_{n}" for n in range(1, 6)), "test_batch"], batch)
    python["batches.meta"] = _pickles()[1]
    return tuple(gzip.compress(_tar(files), 1, mtime=0) for files in (binary, python))


def _tar(files: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(f"cifar/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return file.getvalue()


def _pickles() -> tuple[bytes, ...]:
    data = np.arange(2 * 3072).astype(np.uint8).reshape(2, 3072)
    batch = {b"data": data, b"labels": [0, 1], b"filenames": [b"a.png", b"b.png"]}
    meta = {b"label_names": [b"cat", b"dog"]}
    return (*(pickle.dumps(each, 2) for each in (batch, meta)), pickle.dumps(batch, 4))


def _matrices() -> tuple[bytes, ...]:
    file = io.BytesIO()
    np.save(file, np.full((3, 3), 1 / 3))
    return b"0.8,0.1,0.1\n0,1,0\n0.25,0.25,0.5\n", file.getvalue()


def _checkpoints() -> tuple[bytes, ...]:
    from seedbed.study.store.contents import checkpoint_contents
    from seedbed.training.engine import EpochRecord

    arrays = {"network/weights": np.arange(20, dtype=np.float32)}
    epoch = EpochRecord(
        epoch=1, learning_rate=0.1, running_loss=1.0, running_accuracy=0.5, seconds=1.0
    )
    return (checkpoint_contents(_run_id(), (epoch,), arrays),)


def _run_id() -> str:
    name: str = json.loads(_running())["id"]
    return name


# Mutating inside of containers


def _sealed(data: bytes, draw: np.random.Generator) -> bytes:
    """Mutate a text, and more often than not seal it again, as somebody would who meant it."""
    made = mutated_text(data, draw)
    if draw.random() < 0.3:
        return made
    try:
        return sealed(made)
    except ValueError:  # the checksum was hit
        return made


def _packed(data: bytes, draw: np.random.Generator) -> bytes:
    """Mutate gzip data inside or outside."""
    if data[:2] == b"\x1f\x8b" and draw.random() < 0.8:
        return gzip.compress(mutated(gzip.decompress(data), draw), 1, mtime=0)
    return mutated(data, draw)


def _zipped(data: bytes, draw: np.random.Generator) -> bytes:
    """Mutate a member of a ZIP archive, or the archive."""
    if draw.random() < 0.3:
        return mutated(data, draw)
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        members = old.infolist()
        chosen = int(draw.integers(len(members)))
        for number, member in enumerate(members):
            contents = old.read(member)
            if number == chosen:
                contents = mutated(contents, draw)
            if number != chosen or draw.random() < 0.9:
                new.writestr(member.filename, contents, member.compress_type)
    return file.getvalue()


def _picture(data: bytes, draw: np.random.Generator) -> bytes:
    """Mutate a chunk of a PNG and correct its checksum, or mutate the file."""
    if data[:4] != b"\x89PNG" or draw.random() < 0.3:
        return mutated(data, draw)
    made, at, chunks = data[:8], 8, []
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        chunks.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + size]))
        at += 12 + size
    chosen = int(draw.integers(len(chunks)))
    for number, (name, contents) in enumerate(chunks):
        inside = contents
        if number == chosen:
            if name == b"IDAT" and draw.random() < 0.7:
                inside = zlib.compress(mutated(zlib.decompress(contents), draw))
            else:
                inside = mutated(contents, draw)
        body = name + inside
        made += len(inside).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    return made
