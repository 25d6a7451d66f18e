"""What may have been meant by a path that is no study, or no run."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from seedbed.core.errors import SeedbedError, StoreError
from seedbed.core.parsing import parse_toml
from seedbed.core.suggestions import nearest, plain
from seedbed.core.text import decoded

MOST: Final = 5
"""Studies or runs that a message names."""
RESULTS: Final = Path("studies")
"""The default parent of the folders of results."""


def no_study(folder: Path) -> StoreError:
    """Return the error for a path that is not the folder of a study, with the study that it means.

    Args:
        folder: The path as the user named it: perhaps a study file, a part of a study, or the name
            of a study elsewhere.
    """
    if folder.is_file() and folder.suffix == ".toml" and folder.name != "study.toml":
        results = RESULTS / _name(folder)
        trained = _is_study(results)
        return StoreError(
            "is a study file, not the results of a study",
            where=str(folder),
            hint=f"did you mean {str(results)!r}?" if trained else f"run: seedbed run {folder}",
        )
    studies = _studies(folder)
    meant = [parent for parent in folder.absolute().parents[:3] if _is_study(parent)]
    named = [str(study) for study in studies if plain(study.name) == plain(folder.name)]
    names = {study.name: str(study) for study in studies}
    similar = [names[name] for name in nearest(folder.name, names)]
    suggested = [_shown(parent) for parent in meant[:1]] or named[:1] or similar[:1]
    known = f", such as {_listed(map(str, studies))}" if studies and not suggested else ""
    return StoreError(
        "there is no study here",
        where=str(folder),
        expected=f"a folder written by `seedbed run`, with a study.toml{known}",
        hint=f"did you mean {suggested[0]!r}?" if suggested else "",
    )


def no_run(folder: Path) -> StoreError:
    """Return the error for a path that is not the folder of a run, with the runs that it may mean.

    Args:
        folder: The path as the user named it: perhaps a study, or a file of a run.
    """
    within = [parent for parent in folder.absolute().parents[:1] if _is_run(parent)]
    runs = _runs(folder) or _runs(folder.parent)
    names = {run.name: str(run) for run in runs}
    similar = [names[name] for name in nearest(folder.name, names)]
    elsewhere = [study / "runs" / folder.name for study in _studies(folder)]
    within += [run for run in elsewhere if _is_run(run)]
    suggested = [_shown(parent) for parent in within] or similar[:1]
    hint = f"did you mean {suggested[0]!r}?" if suggested else ""
    if runs and _is_study(folder):
        hint = "to use all of them together: --all-runs"
    example = "such as studies/mnist/runs/lenet5-3f9a0c12de-seed0"
    return StoreError(
        "there is no run here",
        where=str(folder),
        expected=f"the folder of a run: {_listed(names.values())}"
        if runs
        else f"the folder of a run, {example}",
        hint=hint,
    )


def _name(file: Path) -> str:
    """Return the name of the study in a study file, or that of the file."""
    try:
        name = parse_toml(decoded(file.read_bytes(), str(file))).get("name")
    except (OSError, ValueError, SeedbedError):
        name = None
    return name if isinstance(name, str) and name.isprintable() else file.stem


def _is_study(folder: Path) -> bool:
    return (folder / "study.toml").is_file()


def _is_run(folder: Path) -> bool:
    return (folder / "run.json").is_file()


def _studies(folder: Path) -> list[Path]:
    """Return the studies below a folder, beside it and in the current one."""
    places = [folder, folder / RESULTS, folder.parent, RESULTS, Path()]
    files = [file for place in places for file in sorted(place.glob("*/study.toml"))]
    return list(dict.fromkeys(file.parent for file in files))


def _runs(folder: Path) -> list[Path]:
    """Return the runs of a study, of the folder of its runs or of one of its runs."""
    for pattern in ("runs/*/run.json", "*/run.json"):
        if files := sorted(folder.glob(pattern)):
            return [file.parent for file in files if ".damaged-" not in file.parent.name]
    return []


def _shown(path: Path) -> str:
    """Return a path as short as the user would write it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _listed(names: Iterable[str]) -> str:
    listed = list(names)
    if len(listed) > MOST:
        return f"{', '.join(listed[:MOST])} or {len(listed) - MOST} more"
    return " or ".join(filter(None, (", ".join(listed[:-1]), listed[-1])))
