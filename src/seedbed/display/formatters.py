"""How tables say numbers, and what they are about. Takes the entries of a summary."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

Entry = dict[str, Any]

NONE: Final = "–"
"""Shown for what there is not."""

SAME: Final = ("configuration", "label", "dataset", "checkpoint", "n")
"""The first columns of CSV files."""

Numbers = Mapping[str, Any]
"""``mean`` and ``std`` of a number over the runs, as summaries hold them."""


def same_values(entry: Entry) -> tuple[Any, ...]:
    """Return the values of :data:`SAME`."""
    return (entry["id"], entry["label"], entry["dataset"], entry["checkpoint"], entry["n"])


def identity(entry: Entry) -> dict[str, Any]:
    """Return what every object of a JSON table says of its configuration."""
    return {key: entry[key] for key in ("id", "label", "dataset", "modified", "checkpoint", "n")}


def percent(fraction: float | None, digits: int = 2) -> str:
    """Return ``"99.12 %"``, or a dash for what there is not."""
    return NONE if fraction is None else f"{100 * fraction:.{digits}f} %"


def percent_spread(numbers: Numbers | None, digits: int = 2) -> str:
    """Return ``"99.12 ± 0.05 %"``, or ``"99.12 %"`` of a single run."""
    if numbers is None or numbers["std"] is None:
        return percent(numbers["mean"] if numbers else None, digits)
    return f"{100 * numbers['mean']:.{digits}f} ± {100 * numbers['std']:.{digits}f} %"


def spread(numbers: Numbers | None, digits: int = 4) -> str:
    """Return ``"0.9512 ± 0.0007"``, or ``"0.9512"`` of a single run."""
    if numbers is None or numbers["mean"] is None:
        return NONE
    deviation = "" if numbers["std"] is None else f" ± {numbers['std']:.{digits}f}"
    return f"{numbers['mean']:.{digits}f}{deviation}"


def percent_interval(interval: Mapping[str, float] | None) -> str:
    """Return ``"98.97 to 99.31 %"``."""
    if interval is None:
        return NONE
    return f"{100 * interval['low']:.2f} to {100 * interval['high']:.2f} %"


def number(value: float | None, digits: int = 0) -> str:
    """Return ``"61,706"``."""
    return NONE if value is None else f"{value:,.{digits}f}"


def title(entries: Sequence[Entry], what: str) -> str:
    """Return a caption: what is shown of which configurations, on which data, after which epoch.

    Of a dataset that is not the published one it says how it is altered.
    """
    on = ", ".join(dict.fromkeys(each["dataset"] for each in entries))
    if len(entries) == 1:
        (entry,) = entries
        of = _name(entry)
    else:
        of = f"{entries[0]['study']['name']} ({len(entries)} configurations)"
    return f"{of} on {on}, {what} {when(entries)}"


def rule_column(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Return the header of a column of epoch rules, where the caption cannot say them."""
    return ("epoch rule",) if _mixed(entries) else ()


def rule_cell(entry: Entry, entries: Sequence[Entry]) -> tuple[str, ...]:
    """Return the cell of :func:`rule_column`."""
    return (entry["checkpoint"] or NONE,) if _mixed(entries) else ()


def rows_sum_to(total: int, names: Sequence[str], matrix: Sequence[Sequence[float]]) -> str:
    """Say what the rows of a matrix sum to: not those of classes of which there is no image."""
    empty = [name for name, row in zip(names, matrix, strict=True) if not any(row)]
    if not empty:
        return f"each row sums to {total}"
    if len(empty) == 1:
        return f"each row sums to {total}, but that of {empty[0]} is 0: it has no image"
    which = _shortened(empty)
    return f"each row sums to {total}, but those of {which} are 0: they have no image"


def notes_of(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Name the runs that count in nothing, and those that count but should perhaps not."""
    notes = []
    for each in entries:
        of = f"{each['label']}: " if len(entries) > 1 else ""
        notes += [
            f"{of}Seed {run['seed']} diverged in epoch {run['epoch']} and counts in none of these."
            for run in each["diverged"]
        ]
        if each["unfinished"]:
            notes.append(f"{of}Not finished: {_listed('seed', each['unfinished'])}.")
        notes += [f"{of}{warning}" for warning in each["warnings"]]
    return tuple(notes)


def noise_notes(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Say against which labels training accuracy is, where some of them are wrong."""
    noisy = [each for each in entries if each["noise"] and each["noise"]["kind"] != "none"]
    if not noisy:
        return ()
    where = "" if len(noisy) == len(entries) else "Where there is label noise, "
    said = "training accuracy is against the noisy labels; those of test images are clean."
    return (where + said if where else said.capitalize(),)


def sample_notes(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Say where training accuracy is of some of the training images only.

    It is measured on all of them after the last epoch, before that on a sample as large as the test
    split; so it is where an epoch rule keeps an earlier epoch.
    """
    early, runs, sizes = 0, 0, set()
    for each in entries:
        runs += len(each["selected_epochs"])
        origin = each["provenance"] or {"learned_images": None}
        images, sample = origin["learned_images"], each["test_images"]
        before = sum(epoch < each["epochs"] for epoch in each["selected_epochs"])
        if before and not (images is not None and images <= sample):
            early += before
            sizes.add((sample, images))
    if not early:
        return ()
    (sample, images), *others = sizes
    size = "" if others or images is None else f": {sample:,} of {images:,} images"
    of = f"{early} of {runs} runs" if runs > 1 else "this run"
    return (
        f"In {of} the kept epoch is not the last: training accuracy is then that of a sample as "
        f"large as the test split{size}. After the last epoch it is that of all training images.",
    )


def study_notes(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Return what is to be said of the folder as a whole."""
    study = entries[0]["study"]
    notes = list(study["damaged"])
    if study["other_runs"]:
        are = "run is" if study["other_runs"] == 1 else "runs are"
        notes.append(
            f"{study['other_runs']} other {are} kept in this folder, "
            "of settings or seeds that its study.toml does not name now."
        )
    return tuple(notes)


def flattened(tables: Iterable[Iterable[Any]]) -> tuple[Any, ...]:
    """Return the lines of several configurations as one tuple."""
    return tuple(line for lines in tables for line in lines)


def _name(entry: Entry) -> str:
    network, label = entry["network"], entry["label"]
    return f"{label}: {network}" if network not in (None, label) else str(label)


def _mixed(entries: Sequence[Entry]) -> bool:
    return len({each["checkpoint"] for each in entries}) > 1


def when(entries: Sequence[Entry]) -> str:
    """Return after which epoch the numbers were taken, as in ``"after the last epoch (20)"``."""
    rule = entries[0]["checkpoint"]
    if _mixed(entries):
        return "after the epoch that each rule keeps"
    if rule is None:
        return "after an epoch that was chosen elsewhere"
    all_epochs = {each["epochs"] for each in entries}
    epochs = str(*all_epochs) if len(all_epochs) == 1 else ""
    if rule == "last":
        return "after the last epoch" + (f" ({epochs})" if epochs else "")
    return "after the epoch that is best on validation images" + (
        f" (of {epochs})" if epochs else ""
    )


def _listed(what: str, numbers: Sequence[int]) -> str:
    return f"{what}{'s' if len(numbers) > 1 else ''} {_shortened(numbers)}"


def _shortened(items: Sequence[object]) -> str:
    more = f" and {len(items) - 20} more" if len(items) > 20 else ""
    return ", ".join(map(str, items[:20])) + more
