"""Damage of every kind to every file of a study: no traceback, no silent figure, no blocked study.

After each one, ``table`` shows the figures of the whole study, or others with a line on standard
error that says why. Only a damaged ``study.toml`` may keep it from showing any. ``verify`` doubts,
and ``run`` repairs: after it, the table is that of the whole study, and there is no doubt.

``SEEDBED_DAMAGES=20`` repeats it with 20 times as many draws.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from damage import DAMAGES, FOLDER_DAMAGES, files_of, runs_of
from seedbed.analysis.inquiries.asking import complete, wanted
from seedbed.analysis.summary.study import refresh_summary
from seedbed.cli.exit import INTERNAL
from seedbed.cli.main import main
from seedbed.engines.native.engine import NativeEngine
from seedbed.study.spec.study import StudySpec
from small import run_small, small_study

DRAWS: Final = int(os.environ.get("SEEDBED_DAMAGES", "1"))
SETTINGS: Final = (
    "noise.kind=symmetric",
    "noise.rate=0.3",
    "recipe.validation_size=15",
    'keep_logits=["train","validation","test"]',
)
Command = Callable[..., tuple[int, str, str]]


@dataclass(frozen=True)
class Whole:
    """A study without damage, and its table."""

    folder: Path
    spec: StudySpec
    table: str


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command, which must not fail inside; return its status and what it has printed."""

    def run(*words: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main(list(map(str, words)))
        output = capsys.readouterr()
        assert status != INTERNAL, output.err
        assert "Traceback" not in output.err
        return status, output.out, output.err

    return run


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, StudySpec]:
    folder = tmp_path_factory.mktemp("whole")
    spec = small_study(folder / "data", epochs=2, settings=SETTINGS)
    store = run_small(spec, folder / "study", NativeEngine())
    complete(store, wanted(store.read_study()))
    refresh_summary(store.folder)
    return store.folder, spec


@pytest.fixture
def whole(study: tuple[Path, StudySpec], command: Command) -> Whole:
    folder, spec = study
    status, shown, told = command("table", folder)
    assert (status, told) == (0, "")
    assert command("verify", folder)[0] == 0
    return Whole(folder, spec, shown)


def check_repair(whole: Whole, folder: Path, what: str, command: Command) -> None:
    """Check that `run` makes the study whole: the driver, and then the questions to weights."""
    store = run_small(whole.spec, folder, NativeEngine())
    complete(store, wanted(store.read_study()))
    status, shown, told = command("table", folder)
    assert (status, shown) == (0, whole.table), f"{what}: {told}"
    status, found, _ = command("verify", folder)
    assert status == 0, f"{what}: {found}"


def damaged(whole: Whole, folder: Path, kind: str) -> Iterator[tuple[str, str, Path]]:
    """Yield a text about each damage of a kind, the name of the file, and the damaged copy."""
    generator = np.random.Generator(np.random.Philox(sorted(DAMAGES).index(kind)))
    damage, times = DAMAGES[kind]
    for number, (original, following) in enumerate(files_of(whole.folder)):
        if "another run" in kind and original == following:
            continue
        for time in range(times * DRAWS):
            copy = folder / f"{number}-{time}"
            shutil.copytree(whole.folder, copy)
            target, other = (
                copy / file.relative_to(whole.folder) for file in (original, following)
            )
            damage(target, other, generator)
            yield f"{target.relative_to(copy)} {kind} ({time})", target.name, copy
            shutil.rmtree(copy)


@pytest.mark.parametrize("kind", DAMAGES)
def test_damage_to_files(whole: Whole, tmp_path: Path, command: Command, kind: str) -> None:
    repaired = set()
    for what, name, folder in damaged(whole, tmp_path, kind):
        status, found, _ = command("verify", folder)
        harmless = kind == "deleted" and name == "summary.json"  # it may not be made yet
        assert (status == 0) == harmless, f"{what}: {found}"
        status, shown, told = command("table", folder)
        assert status == 0 or name == "study.toml", f"{what}: blocked: {told}"
        assert told or shown == whole.table, f"{what}: silent"
        if name not in repaired:  # once a file; training takes longer than all else
            check_repair(whole, folder, what, command)
            repaired.add(name)


@pytest.mark.parametrize("kind", FOLDER_DAMAGES)
def test_damage_to_folders(whole: Whole, tmp_path: Path, command: Command, kind: str) -> None:
    for number in range(3):
        folder = tmp_path / str(number)
        shutil.copytree(whole.folder, folder)
        runs = runs_of(folder)
        FOLDER_DAMAGES[kind](runs[number], runs[(number + 1) % 3])
        status, shown, told = command("table", folder)
        assert status == 0, told
        assert (
            told or shown == whole.table or "no longer lists" in shown or "Not finished" in shown
        ), shown
        command("verify", folder)
        run_small(whole.spec, folder, NativeEngine())
        status, after, told = command("table", folder)
        assert (status, after.splitlines()[:12]) == (0, whole.table.splitlines()[:12])
        assert command("verify", folder)[0] == 0


def test_every_run_damaged_is_one_line(whole: Whole, tmp_path: Path, command: Command) -> None:
    folder = shutil.copytree(whole.folder, tmp_path / "study")
    for run in runs_of(folder):
        (run / "run.json").write_bytes(b"")
    for words in (["table"], ["report"], ["figures"], ["compare", whole.folder]):
        status, _, told = command(words[0], folder, *words[1:])
        assert status == 2, words
        assert told.count("\n") == 1
    assert command("verify", folder)[0] == 1
    check_repair(whole, folder, "run.json", command)


@pytest.mark.parametrize("kind", ["a digit changed", "a folder instead", "deleted", "cut off"])
@pytest.mark.parametrize("name", ["run.json", "predictions.npz", "features.npz", "summary.json"])
def test_every_command_goes_on_with_the_rest(
    whole: Whole, tmp_path: Path, command: Command, kind: str, name: str
) -> None:
    folder = shutil.copytree(whole.folder, tmp_path / "study")
    run, _, last = runs_of(folder)
    target = folder / name if name == "summary.json" else run / name
    damage, _ = DAMAGES[kind]
    damage(target, target, np.random.Generator(np.random.Philox(5)))
    image = tmp_path / "image.png"
    _write_image(image)
    for words in (
        ["report", folder],
        ["figures", folder, "confusion"],
        ["compare", folder, whole.folder, "--out", tmp_path / "compare.html"],
        ["predict", last, image],
        ["plan", folder / "study.toml", "--out", folder],
    ):
        status, _, told = command(*words)
        if words[0] == "compare" and status == 2:
            assert "is a copy of" in told  # the summary was made again, and is that of the whole
        else:
            assert status == 0, (words, told)
    status, _, told = command("predict", run, image)
    assert status == (2 if name in ("run.json", "predictions.npz") else 0)


def _write_image(file: Path) -> None:
    from PIL import Image

    Image.fromarray(np.zeros((8, 8), np.uint8)).save(file)
