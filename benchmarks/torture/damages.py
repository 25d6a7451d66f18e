"""Damaged files of finished studies, with every command behind.

No command may end with a traceback, and no figure may change in silence: a table is the one of the
sound study, or a line says what is wrong. Afterwards ``run`` must finish the study, with the same
table.
"""

import json
import re
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.torture.kills import HUNG, reference
from benchmarks.torture.mutate import mutated
from benchmarks.torture.studies import command
from benchmarks.torture.trials import Outcome, call, generator, scratch

TABLES: Final = ("", "confusion", "noise", "per-class", "cost", "checkpoints")
OTHERS: Final = ("report", "figures", "compare", "plan", "predict", "export", "claims", "verify")
VERDICTS: Final = ("claims", "verify")
"""Commands whose status 1 is an answer."""
WARNED: Final = re.compile(r"damaged|changed|left out|set aside|missing|cannot be read|recomputed")
"""What a command says of a study that is not sound."""
LAWFUL: Final = (0, 1, 2)


@dataclass(frozen=True)
class _Sound:
    """A finished study of a kind, and what its tables say."""

    kind: str
    folder: Path
    """Where it is while it is damaged; its path is in its files."""
    kept: Path
    """Where it is copied from."""
    files: tuple[Path, ...]
    tables: dict[str, Any]

    @classmethod
    def make(cls, kind: str, folder: Path) -> "_Sound":
        """Train a study of a kind in a folder."""
        sound = reference(kind, folder).folder / "sound"
        tables = {name: call(lambda: command(*_table(sound, name)), HUNG) for name in TABLES}  # noqa: B023
        files = tuple(
            file
            for file in sorted((sound / "out").rglob("*"))
            if file.is_file() and ".lock" not in str(file)
        )
        kept = folder / "kept"
        shutil.move(sound, kept)
        return cls(kind, sound, kept, files, tables)


def damages(count: int, seed: int, of: Sequence[str]) -> Outcome:
    """Damage so many files, each of a sound study of one of some kinds."""
    outcome, started = Outcome("damages"), time.monotonic()
    with scratch() as folder:
        studies = [_Sound.make(kind, folder / kind) for kind in of]
        for number in range(count):
            draw, known = generator("damage", seed, number), studies[number % len(studies)]
            shutil.copytree(known.kept, known.folder, symlinks=True)
            file = known.files[int(draw.integers(len(known.files)))]
            kind = _damage(file, known.files, draw)
            where = f"{known.kind}, {kind} {file.relative_to(known.folder)}"
            changed = kind != "removed" and _differs(file, known)
            for what in _consequences(known.folder, known.tables, draw, outcome, changed):
                outcome.fail(f"damage, seed {seed}, number {number} ({where}): {what}")
            outcome.trials += 1
            outcome.count(kind)
            shutil.rmtree(known.folder)
            if (number + 1) % 100 == 0:
                outcome.seconds = time.monotonic() - started
                print(outcome.line(), flush=True)
    outcome.seconds = time.monotonic() - started
    return outcome


def _consequences(
    folder: Path,
    tables: dict[str, Any],
    draw: np.random.Generator,
    outcome: Outcome,
    changed: bool,
) -> list[str]:
    """Run commands on a damaged study, and return what is wrong.

    Args:
        folder: Of the study.
        tables: Of the sound study.
        draw: Chooses the commands.
        outcome: Counts what happens.
        changed: Whether a file that is still there has other contents.
    """
    wrong = []
    table = TABLES[int(draw.integers(len(TABLES)))]
    other = OTHERS[int(draw.integers(len(OTHERS)))]
    commands = [_table(folder, table), _other(folder, other)]
    if other == "verify":  # before the table, which repairs the summary
        commands.reverse()
    for words in commands:
        result = call(lambda: command(*words), HUNG)  # noqa: B023
        wrong += _lawless(words, result)
        if words[0] == "verify":
            outcome.count(f"verify ended with status {result.get('status')}")
            if changed and result.get("status") != 1:
                wrong.append(f"verify has no doubt: {result.get('out', '')[-500:]}")
        if words[0] == "table" and result.get("status") == 0:
            same = result["out"] == tables[table]["out"]
            said = WARNED.search(result["out"] + result["err"]) is not None
            outcome.count("tables as before" if same else "tables that changed")
            if not same and not said:
                wrong.append(f"the table {table or 'accuracy'} changed in silence")
    run = ("run", folder / "study.toml", "--out", folder / "out", "--threads", "1", "--quiet")
    result = call(lambda: command(*run), HUNG)
    wrong += _lawless(run, result)
    if result.get("status") != 0:
        wrong.append(f"run is blocked: {result.get('err', '')[-500:]}")
        return wrong
    result = call(lambda: command(*_table(folder, "")), HUNG)
    if result.get("status") != 0 or _accuracies(result["out"]) != _accuracies(tables[""]["out"]):
        wrong.append(f"the table after run is another one: {result.get('err', '')[-300:]}")
    return wrong


def _differs(file: Path, known: _Sound) -> bool:
    """Return whether a damaged file has other contents than that of the sound study."""
    sound = known.kept / file.relative_to(known.folder)
    return not file.is_file() or file.read_bytes() != sound.read_bytes()


def _lawless(words: Any, result: dict[str, Any]) -> list[str]:
    """Return what no command may do, whatever it is given."""
    if "error" in result:
        return [f"{words[0]}: {result['error'][-1500:]}"]
    if result["status"] not in LAWFUL or "Traceback" in result["err"]:
        return [f"{words[0]} ended with status {result['status']}: {result['err'][-500:]}"]
    lines = result["err"].splitlines()
    if result["status"] == 1 and words[0] in VERDICTS:
        return [] if result["out"] else [f"{words[0]} gave no reason"]
    if result["status"] and not ("error: " in lines[-1] and all(map(_is_notice, lines))):
        return [f"{words[0]} ended with {result['err'][-500:]!r}"]
    return []


def _is_notice(line: str) -> bool:
    return line.startswith("seedbed: ")


def _accuracies(text: str) -> list[str]:
    """Return the figures of a table, without lines about what was repaired."""
    return re.findall(r"\d+\.\d+", text)


def _table(folder: Path, name: str) -> tuple[Any, ...]:
    return ("table", folder / "out", *([name] if name else []))


def _other(folder: Path, name: str) -> tuple[Any, ...]:
    out = folder / "out"
    runs = sorted((out / "runs").iterdir()) if (out / "runs").is_dir() else []
    if name in ("predict", "export"):
        if not runs:
            return ("report", out)
        if name == "predict":
            return (name, runs[0], folder / "images.npz")
        return (name, out, runs[0].name, "--to", "torch", "--out", folder / "exported")
    if name == "plan":
        return (name, folder / "study.toml", "--out", out)
    return (name, out, out) if name == "compare" else (name, out)


def _damage(file: Path, files: Sequence[Path], draw: np.random.Generator) -> str:
    """Damage a file in one of many ways, and return which."""
    data = file.read_bytes()
    kind = str(
        draw.choice(["bits", "truncated", "emptied", "removed", "a folder", "another", "edited"])
    )
    if kind == "edited" and file.suffix in (".json", ".jsonl", ".toml"):
        file.write_bytes(_edited(data, draw))
    elif kind in ("bits", "edited"):
        file.write_bytes(mutated(data, draw))
        kind = "bits"
    elif kind == "truncated":
        file.write_bytes(data[: int(draw.integers(len(data) + 1))])
    elif kind == "emptied":
        file.write_bytes(b"")
    elif kind == "another":
        file.write_bytes(files[int(draw.integers(len(files)))].read_bytes())
    else:
        file.unlink()
        if kind == "a folder":
            file.mkdir()
    return kind


def _edited(data: bytes, draw: np.random.Generator) -> bytes:
    """Change one value of a text, so that it is still valid."""
    values = list(re.finditer(rb"-?\d+\.?\d*|true|false|null|\"[^\"]*\"", data))
    if not values:
        return data + b"\n"
    value = values[int(draw.integers(len(values)))]
    old = value[0]
    if old[:1] == b'"':
        new = json.dumps(old[1:-1].decode("utf-8", "replace")[::-1] + "x").encode()
    elif old in (b"true", b"false", b"null"):
        new = b"false" if old == b"true" else b"true"
    else:
        at = int(draw.integers(len(old)))
        new = old[:at] + (b"%d" % draw.integers(1, 10)) + old[at + 1 :]
    return data[: value.start()] + new + data[value.end() :]
