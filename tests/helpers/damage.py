"""Every way to damage a file of a study, as functions, and every file of a study to damage."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

Damage = Callable[[Path, Path, np.random.Generator], None]
"""Takes a file, the same file of another run, or itself, and what chances are drawn from."""


def _flip(file: Path, _other: Path, generator: np.random.Generator) -> None:
    contents = bytearray(file.read_bytes())
    contents[generator.integers(len(contents))] ^= 1 << int(generator.integers(8))
    file.write_bytes(contents)


def _cut(file: Path, _other: Path, generator: np.random.Generator) -> None:
    contents = file.read_bytes()
    file.write_bytes(contents[: generator.integers(1, len(contents))])


def _digit(file: Path, _other: Path, generator: np.random.Generator) -> None:
    """Change a digit of a number; of a file without text, any byte that is one."""
    contents = bytearray(file.read_bytes())
    places = [match.start() for match in re.finditer(rb"[0-9]", contents)]
    place = places[generator.integers(len(places))]
    contents[place] = b"0123456789"[(contents[place] - 48 + generator.integers(1, 10)) % 10]
    file.write_bytes(contents)


def _folder(file: Path, _other: Path, generator: np.random.Generator) -> None:
    file.unlink()
    file.mkdir()
    if generator.random() < 0.5:
        (file / "inside").touch()


def _link(file: Path, _other: Path, generator: np.random.Generator) -> None:
    file.unlink()
    file.symlink_to("nowhere" if generator.random() < 0.5 else file.name)


def _other_text(file: Path, _other: Path, generator: np.random.Generator) -> None:
    texts = (
        b"null",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"format": 99}',
        b"\xff\xfe\x00",
        b"\x00" * 99,
    )
    file.write_bytes(texts[generator.integers(len(texts))])


def _noise(file: Path, _other: Path, generator: np.random.Generator) -> None:
    file.write_bytes(generator.bytes(file.stat().st_size))


def _emptied(file: Path, _other: Path, _generator: np.random.Generator) -> None:
    file.write_bytes(b"")


def _longer(file: Path, _other: Path, generator: np.random.Generator) -> None:
    file.write_bytes(file.read_bytes() + generator.bytes(7))


def _swapped(file: Path, other: Path, _generator: np.random.Generator) -> None:
    contents = file.read_bytes()
    file.write_bytes(other.read_bytes())
    other.write_bytes(contents)


DAMAGES: dict[str, tuple[Damage, int]] = {
    "a bit flipped": (_flip, 3),
    "cut off": (_cut, 1),
    "a digit changed": (_digit, 3),
    "emptied": (_emptied, 1),
    "deleted": (lambda file, *_: file.unlink(), 1),
    "a folder instead": (_folder, 1),
    "a broken link instead": (_link, 1),
    "another text": (_other_text, 2),
    "random bytes": (_noise, 1),
    "longer": (_longer, 1),
    "swapped with that of another run": (_swapped, 1),
}
"""What is done to a file -> how, and how often with other chances."""


def files_of(study: Path) -> Iterator[tuple[Path, Path]]:
    """Yield the files of a study and of its first run, each with that of the next run."""
    for name in ("study.toml", "summary.json"):
        yield study / name, study / name
    run, following, *_ = runs_of(study)
    for file in sorted(run.iterdir()):
        yield file, following / file.name


def runs_of(study: Path) -> list[Path]:
    return sorted((study / "runs").iterdir())


def _gone(run: Path, _other: Path) -> None:
    shutil.rmtree(run)


def _file_instead(run: Path, _other: Path) -> None:
    shutil.rmtree(run)
    run.touch()


def _link_instead(run: Path, other: Path) -> None:
    shutil.rmtree(run)
    run.symlink_to(other)


def _names_swapped(run: Path, other: Path) -> None:
    away = run.rename(run.with_name("away"))
    other.rename(run)
    away.rename(other)


FOLDER_DAMAGES: dict[str, Callable[[Path, Path], object]] = {
    "deleted": _gone,
    "a file instead": _file_instead,
    "a link to another run instead": _link_instead,
    "names swapped": _names_swapped,
    "an unknown folder beside it": lambda run, _: run.with_name("notes").mkdir(),
    "an unknown file beside it": lambda run, _: run.with_name("notes.txt").touch(),
    "a copy beside it": lambda run, _: shutil.copytree(run, run.with_name("copy")),
    "a folder with a record that is none": lambda run, _: (
        run.with_name("other") / "run.json"
    ).mkdir(parents=True),
}
