"""Folders drawn at random: whatever is in them is read, left out with a word, or refused."""

import random
from collections import Counter
from pathlib import Path

import pytest

from photo_folders import image
from seedbed.core.errors import DataError
from seedbed.data.readers.folders.class_folders import read_image_folder

NAMES = ("train", "Testing", "val", "cat", "dog", "images", "@eaDir", "extra", "train_set", "a")
FILES = ("1.png", "2.png", "notes.txt", ".DS_Store", "photo", "labels.csv", "gone.png")


def grow(root: Path, draw: random.Random, content: bytes, depth: int = 0) -> None:
    """Fill a folder with files, broken links and folders."""
    root.mkdir(exist_ok=True)
    for name in FILES:
        if draw.random() > 0.3 + 0.1 * depth:
            continue
        if name == "gone.png":
            (root / name).symlink_to("nowhere.png")
        elif name == "labels.csv":
            if draw.random() < 0.2:
                (root / name).write_text("file,label\n1.png,x\n2.png,y\n")
        else:
            (root / name).write_bytes(b"text" if name == "notes.txt" else content)
    if depth < 3:
        for name in draw.sample(NAMES, draw.randint(0 if depth else 2, 3)):
            grow(root / name, draw, content, depth + 1)


def accounted(name: str, known: set[str]) -> bool:
    """Whether a file or a folder around it is known by name."""
    parts = name.split("/")
    around = {"/".join(parts[:length]) for length in range(1, len(parts) + 1)}
    return bool(around & known)


@pytest.mark.parametrize("layout", [None, "classes", "splits", "table"])
def test_every_file_is_read_or_left_out_or_all_are_refused(tmp_path: Path, layout: object) -> None:
    content = image(tmp_path / "one.png").read_bytes()
    outcomes = Counter[str]()
    for seed in range(40):
        root = tmp_path / f"{seed}"
        grow(root, random.Random(seed), content)
        try:
            contents = read_image_folder(root, layout=layout)  # type: ignore[arg-type]
        except DataError as error:
            outcomes["refused"] += error.where.startswith(str(root))
            continue
        outcomes[contents.reading.format] += 1
        names = [name for split in contents.splits.values() for name in split.names.tolist()]
        left_out = [
            name.rstrip("/")
            for part in contents.reading.left_out
            if not part.reason.startswith("rows of")  # these are rows, not files
            for name in part.names
        ]
        assert len(set(names)) == len(names), seed
        assert not set(names) & set(left_out), seed
        files = [path for path in root.rglob("*") if path.is_symlink() or path.is_file()]
        tables = set(contents.reading.classes_from.replace(",", "").split())
        for path in files:
            name = path.relative_to(root).as_posix()
            known = {*names, *left_out} | tables
            is_table = "more" in tables and path.name == "labels.csv"
            assert is_table or accounted(name, known), (seed, name)
        assert len(contents.train.class_names) >= 2, seed
    assert outcomes["refused"] < 40
    assert sum(outcomes.values()) == 40
