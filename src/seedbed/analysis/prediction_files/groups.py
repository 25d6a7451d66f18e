"""Which files are runs of one configuration: those whose names differ in a seed only."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from seedbed.analysis.prediction_files.read import READERS
from seedbed.core.errors import DataError
from seedbed.study.store.names import PREDICTIONS

TOGETHER: Final = "predictions"
"""The label of a configuration that has no name of its own."""

SAID: Final = re.compile(
    r"(?:(?<=[\W_])|^)(?:seed|run|trial|repeat|repetition|rep)[\s_=-]*(\d+)(?=$|[\W_])",
    re.IGNORECASE,
)
"""A number that is called a seed or a run."""

LAST: Final = re.compile(r"(?:(?<=[\W_])|^)(\d+)$")
"""A number at the end of a name."""

RULE: Final = (
    "files whose names differ only in a seed (seed0, run_1, or numbers from 0 or 1 at their end) "
    "are runs of one configuration"
)


@dataclass(frozen=True)
class Group:
    """The files of one configuration.

    Args:
        label: Of the configuration.
        files: One a run, by its seed, or by the name of the run where none has a seed.
    """

    label: str
    files: dict[int | str, Path]


@dataclass(frozen=True)
class Groups:
    """The configurations, and by which rule files were put together."""

    groups: tuple[Group, ...]
    rule: str


def find_groups(paths: Sequence[Path]) -> Groups:
    """Return the configurations that files and folders hold.

    Files of the same names in several folders are runs of a configuration for each folder. Other
    files are runs of one configuration if their names, or the folders below a common one, differ
    only in a seed; and a configuration each if none does.

    Raises:
        DataError: If a folder holds no predictions, two runs have the same name, or a file is there
            twice.

    """
    for path in paths:
        if paths.count(path) > 1:
            raise DataError("is given twice", where=str(path), expected="a file for each run")
    folders = {path: _files(path) for path in paths if path.is_dir()}
    single = [path for path in paths if not path.is_dir()]
    groups = []
    rules = []
    if single:
        found, rule = _by_seed({_parts(path): path for path in single}, TOGETHER)
        groups += found
        rules.append(rule)
    paired = _paired_by_name(folders)
    for folder, files in folders.items():
        label = folder.resolve().name
        if paired:
            groups.append(Group(label, {file.stem: file for file in files.values()}))
            rules.append("each folder is a configuration, and files of the same name are a pair")
        else:
            found, rule = _by_seed(files, label)
            groups += found
            rules.append(rule)
    for label, count in Counter(group.label for group in groups).items():
        if count > 1:
            raise DataError(f"two configurations have the label {label!r}", hint="rename a folder")
    return Groups(tuple(groups), "; ".join(dict.fromkeys(filter(None, rules))))


def _files(folder: Path) -> dict[tuple[str, ...], Path]:
    """Return the prediction files below a folder, by their path below it without the suffix."""
    files = {}
    for path in sorted(folder.rglob("*")):
        stored = path.parent / "run.json"
        if path.suffix.lower() not in READERS or not path.is_file():
            continue
        if any(
            part.startswith(".") or part == "__MACOSX" for part in path.relative_to(folder).parts
        ):
            continue  # of the system or an editor
        if stored.is_file() and path.name != PREDICTIONS:
            continue  # other arrays of a stored run
        below = path.relative_to(folder).with_suffix("").parts
        if below in files:
            raise DataError(f"two files have the name {'/'.join(below)!r}", where=str(folder))
        files[below] = path
    if not files:
        raise DataError(
            "holds no predictions", where=str(folder), expected=f"files: {', '.join(READERS)}"
        )
    return files


def _paired_by_name(folders: Mapping[Path, Mapping[tuple[str, ...], Path]]) -> bool:
    """Whether several folders have files of the same names, without a seed in them."""
    if len(folders) < 2:
        return False
    flat = all(len(parts) == 1 for files in folders.values() for parts in files)
    names = [{parts[0] for parts in files} for files in folders.values() if files]
    seeded = all(_split((name,)).seed is not None for several in names for name in several)
    return flat and not seeded and bool(set.intersection(*names))


def _parts(path: Path) -> tuple[str, ...]:
    parts = path.with_suffix("").parts
    return tuple(part for part in parts if part not in (path.anchor, "..", "."))


@dataclass(frozen=True)
class _Name:
    """A path that may have a seed in it.

    Args:
        base: The parts of the path without the seed.
        seed: The number, if there is one.
        said: Whether it is called a seed.
    """

    base: tuple[str, ...]
    seed: int | None = None
    said: bool = False


def _by_seed(files: Mapping[tuple[str, ...], Path], whole: str) -> tuple[list[Group], str]:
    """Return files grouped by what their names say besides the seed, and the rule if one is used.

    Args:
        files: By the parts of their paths.
        whole: The label where names say nothing else.
    """
    names = {parts: _split(parts) for parts in files}
    seeds: dict[tuple[str, ...], list[int]] = {}
    for name in names.values():
        if name.seed is not None:
            seeds.setdefault(name.base, []).append(name.seed)
    said = {name.base for name in names.values() if name.said}
    runs = {base for base, of in seeds.items() if base in said or _is_counted(of, seeds)}
    members: dict[tuple[str, ...], dict[int | str, Path]] = {}
    for parts, path in files.items():
        name = names[parts]
        if name.seed is None or name.base not in runs:
            members[parts] = {"/".join(parts[-1:]): path}
            continue
        group = members.setdefault(name.base, {})
        if name.seed in group:
            raise DataError(
                f"is seed {name.seed} of {''.join(name.base[-1:]) or whole!r}, as is "
                f"{group[name.seed]}",
                where=str(path),
                expected="one file for each seed",
            )
        group[name.seed] = path
    groups = [
        Group(label, dict(sorted(of.items(), key=lambda item: str(item[0]).zfill(20))))
        for label, of in zip(_labels(list(members), whole), members.values(), strict=True)
    ]
    if len(files) == 1:
        return groups, ""
    return groups, RULE if runs else f"{RULE}; none here does, so each is a configuration"


def _split(parts: tuple[str, ...]) -> _Name:
    """Return a path as its seed and the rest: the last number that is called one, or ends it."""
    said = [(number, match) for number, part in enumerate(parts) for match in SAID.finditer(part)]
    last = [(len(parts) - 1, match) for match in LAST.finditer(parts[-1])]
    for number, match in said[-1:] or last:
        around = (parts[number][: match.start()], parts[number][match.end() :])
        rest = "-".join(filter(None, (text.strip(" _.=-") for text in around)))
        base = (*parts[:number], rest, *parts[number + 1 :])
        return _Name(tuple(filter(None, base)), int(match[1]), bool(said))
    return _Name(parts)


def _is_counted(numbers: Sequence[int], of_others: Mapping[tuple[str, ...], Sequence[int]]) -> bool:
    """Whether numbers that nothing calls seeds count runs: those of resnet-18 and -50 do not."""
    first, *others = sorted(numbers)
    counted = first <= 1 and others == list(range(first + 1, first + 1 + len(others)))
    same = sum(sorted(other) == [first, *others] for other in of_others.values())
    return counted or (bool(others) and same > 1)


def _labels(bases: Sequence[tuple[str, ...]], whole: str) -> list[str]:
    """Return a label for each path: its parts that not all have."""
    if len(bases) == 1 and whole == TOGETHER:
        return [bases[0][-1] if bases[0] else whole]
    common = set.intersection(*map(set, bases)) if len(bases) > 1 else set(bases[0])
    return ["/".join(part for part in base if part not in common) or whole for base in bases]
