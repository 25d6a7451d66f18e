"""What tables and charts say of the configurations that they show: captions and notes."""

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from seedbed.analysis.entry import Entry, Header
from seedbed.display.seed_names import seeds_of
from seedbed.display.sentence import enumerated
from seedbed.study.spec.labels import TOLD

SAME: Final = ("configuration", "id", "dataset", "checkpoint", "n")
"""The first columns of CSV files; the configuration goes by its label, as in frames."""

MOST_LISTED: Final = 20
"""Seeds or classes that a note names."""


def same_values(entry: Entry) -> tuple[Any, ...]:
    """Return the values of :data:`SAME`."""
    header = entry.header
    return (header.label, header.id, header.dataset, header.checkpoint, header.n)


def identity(entry: Entry) -> dict[str, Any]:
    """Return what every object of a JSON table says of its configuration."""
    header = entry.header
    return {
        "id": header.id,
        "label": header.label,
        "dataset": header.dataset,
        "modified": header.modified,
        "checkpoint": header.checkpoint,
        "n": header.n,
    }


def title(entries: Sequence[Entry], what: str) -> str:
    """Return a caption: what is shown, after which epoch, of which configurations and data.

    The title of a dataset that differs from the published one says how.
    """
    headers = [entry.header for entry in entries]
    datasets = ", ".join(dict.fromkeys(header.dataset for header in headers))
    first = headers[0]
    if len(headers) > 1:
        of = f"{first.study.name} ({len(headers)} configurations)"
    elif first.network in (None, first.label):
        of = first.label
    else:
        of = f"{first.label} ({first.network})"
    return f"{what[0].upper()}{what[1:]} {when(entries)}: {of} on {datasets}"


def when(entries: Sequence[Entry]) -> str:
    """Return after which epoch the numbers were taken, as in ``"after the last epoch (20)"``."""
    checkpoint = entries[0].header.checkpoint
    if _mixed(entries):
        return "at the checkpoint of each configuration"
    if checkpoint is None:
        return "at an unknown epoch"
    every = {entry.header.epochs for entry in entries}
    epochs = str(*every) if len(every) == 1 else ""
    if checkpoint == "last":
        return "after the last epoch" + (f" ({epochs})" if epochs else "")
    return "at the best epoch on validation images" + (f" (of {epochs})" if epochs else "")


def rule_column(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Return the header of a column of checkpoints, where the caption cannot name them."""
    return ("checkpoint",) if _mixed(entries) else ()


def rows_sum_to(total: int, names: Sequence[str], matrix: Sequence[Sequence[float]]) -> str:
    """Return what the rows of a matrix sum to, except those of classes without images."""
    empty = [name for name, row in zip(names, matrix, strict=True) if not any(row)]
    if not empty:
        return f"each row sums to {total}"
    have = "has" if len(empty) == 1 else "have"
    return f"each row sums to {total}, except {_shortened(empty)}, which {have} no images"


def notes_of(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Return the runs that are left out, and the warnings about those that are not."""
    return tuple(_notes(entries))


def _notes(entries: Sequence[Entry]) -> Iterator[str]:
    for header in (entry.header for entry in entries):
        of = f"{header.label}: " if len(entries) > 1 else ""
        for run in header.diverged:
            name = header.run_name(run.seed)
            name = name[0].upper() + name[1:]
            because = f": {run.reason}" if run.reason else ""
            yield f"{of}{name} diverged in epoch {run.epoch} and is excluded{because}."
        if header.unfinished:
            yield f"{of}Not finished: {unfinished_in_words(header)}."
        yield from (f"{of}{warning}" for warning in header.warnings)
    labels = [entry.header.label for entry in entries]
    for told, what in _TOLD.items():
        if any(TOLD[told] in label for label in labels):
            yield f"{TOLD[told].strip()}: the method is given {what} of the label noise."


_TOLD: Final = {"rate": "the rate", "transition": "the transition matrix"}


def seed_notes(entries: Sequence[Entry]) -> Iterator[str]:
    """Say what intervals and tests are for where streams have seeds of their own."""
    for varied in dict.fromkeys(entry.header.varied for entry in entries if entry.header.varied):
        streams = enumerated(["all other streams" if name == "run" else name for name in varied])
        if len(varied) > 1:
            yield (
                f"Runs cross the seeds of {streams}, so they are not independent of each other: "
                "intervals and tests add the spread over each stream (Satterthwaite's degrees of "
                "freedom)."
            )
        elif varied != ("run",):
            yield (
                f"Runs differ in {streams} alone: intervals and tests are for the seeds that all "
                "other streams are held at."
            )
    for header in (entry.header for entry in entries):
        if header.is_crossed and (lacking := _missing(header)):
            yield (
                f"{f'{header.label}: ' if len(entries) > 1 else ''}{lacking} of "
                f"{header.n + lacking} combinations of seeds are missing: intervals and tests use "
                "a part of the runs that has all combinations of its seeds."
            )


def look_notes(entries: Sequence[Entry]) -> Iterator[str]:
    """Say that seeds were added after results had been shown, which tests do not correct for."""
    looks = dict.fromkeys(look for entry in entries for look in entry.header.study.looks)
    if looks:
        yield (
            f"Seeds were added after the results of {enumerated([*map(str, looks)])} seeds had "
            "been shown. Testing again after each look finds differences among equals more often "
            "than p-values and intervals say; claims with declared looks allow for it."
        )


def _missing(header: Header) -> int:
    """Return how many combinations of seeds have no finished run."""
    if not header.n:
        return 0
    levels = [seeds_of(seed, header.varied) for seed in header.seeds]
    return math.prod(len(set(of)) for of in zip(*levels, strict=True)) - len(set(levels))


def unfinished_in_words(header: Header) -> str:
    """Return which runs have not finished, of many only the first."""
    if header.varied:
        return _shortened([header.run_name(seed) for seed in header.unfinished], "; ")
    return f"seed{'s' if len(header.unfinished) > 1 else ''} {_shortened(header.unfinished)}"


def why_untested(entry: Entry) -> str:
    """Return why a configuration with finished runs has no test logits."""
    if not entry.header.test_images:
        return "the dataset has no test split"
    if entry.header.readings:
        return "the files have predicted classes only"
    return "keep_logits in study.toml left test out"


def logits_notes(entries: Sequence[Entry], result: type[msgspec.Struct]) -> tuple[str, ...]:
    """Return of which configurations a result that needs test logits is missing, and why."""
    lacking: dict[str, list[str]] = {}
    for entry in entries:
        if entry.header.n and entry.view(result) is None:
            lacking.setdefault(why_untested(entry), []).append(entry.header.label)
    return tuple(
        ("" if len(labels) == len(entries) else f"{_shortened(labels)}: ")
        + f"needs test logits, but {why}."
        for why, labels in lacking.items()
    )


def is_noisy(entry: Entry) -> bool:
    """Return whether the training labels of a configuration are noisy."""
    settings = entry.header.settings or {}
    return settings.get("noise.kind", "none") != "none" and settings.get("noise.rate") != 0


def noise_notes(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Return which labels training accuracy is measured against, where some are noisy."""
    noisy = list(map(is_noisy, entries))
    if not any(noisy):
        return ()
    where = "" if all(noisy) else "With label noise, "
    note = "training accuracy is measured against the noisy labels; test labels are clean."
    return (where + note if where else note.capitalize(),)


def sample_notes(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Return where training accuracy is that of a subset of the training images.

    After the last epoch it is measured on all of them, before that on a subset as large as the test
    split, or as the validation split where there is no test split. So it is that of a subset where
    the checkpoint is of an earlier epoch.
    """
    early, runs, sizes, split = 0, 0, set(), "test"
    for header in (entry.header for entry in entries):
        runs += len(header.selected_epochs)
        images = header.provenance.learned_images if header.provenance else None
        subset = header.test_images or 0
        if not subset and header.provenance:
            split, subset = "validation", header.provenance.validation_size or 0
            if not subset:
                continue  # measured on all images
        before = sum(epoch < (header.epochs or 0) for epoch in header.selected_epochs)
        if before and (images is None or images > subset):
            early += before
            sizes.add((subset, images))
    if not early:
        return ()
    (subset, images), *others = sizes
    size = "" if others or images is None else f" ({subset:,} of {images:,} images)"
    of = f"{early} of {runs} runs" if runs > 1 else "this run"
    return (
        f"In {of}, the selected epoch is not the last: training accuracy is measured on a subset "
        f"as large as the {split} split{size}. After the last epoch it is measured on all training "
        "images.",
    )


def study_notes(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Return what readers must know of the study's folder: damaged runs, and those of no use."""
    study = entries[0].header.study
    if not study.other_runs:
        return study.damaged
    runs = "run" if study.other_runs == 1 else "runs"
    return (
        *study.damaged,
        f"The folder also holds {study.other_runs} {runs} that study.toml no longer lists.",
    )


def in_words(setting: str) -> str:
    """Return what people call a setting, given its dotted or short name."""
    name = setting.removeprefix("recipe.").removeprefix("network.")
    words = {
        "noise.kind": "label noise",
        "noise": "label noise",
        "noise.rate": "noise rate",
        "name": "network",
        "train_size": "training images",
    }
    return words.get(name) or name.replace("_", " ").replace(".", ": ")


def _mixed(entries: Sequence[Entry]) -> bool:
    return len({entry.header.checkpoint for entry in entries}) > 1


def _shortened(items: Sequence[object], separator: str = ", ") -> str:
    more = f" and {len(items) - MOST_LISTED} more" if len(items) > MOST_LISTED else ""
    return separator.join(map(str, items[:MOST_LISTED])) + more
