"""The page of a folder: what is read for it, and where it is written."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from seedbed.analysis.entry import Entry
from seedbed.analysis.part import PageMaterial
from seedbed.core.files import write_atomically
from seedbed.core.seal import BLANK, sealed
from seedbed.data.images import DatasetSplits
from seedbed.report.page.details import MOST, chosen
from seedbed.report.page.page import Progress, page
from seedbed.report.page.public import brief, public
from seedbed.report.pictures.named_images import (
    FoundImages,
    Pictures,
    find_test_images,
    make_pictures,
    shown_thumbnails,
)
from seedbed.report.pictures.thumbnails import keep_thumbnails
from seedbed.study.store.names import REPORT, RUNNING, SUMMARY
from seedbed.study.store.study import StudyStore

MOST_BYTES: Final = 10_000_000
"""Of a page; a larger one shows fewer configurations in detail."""
SEAL: Final = 250
"""Bytes that a checksum and what the page is of may take."""


@dataclass(frozen=True)
class Written:
    """A page that has been written."""

    file: Path
    without: tuple[str, ...]
    """Why it does not show the images of some test sets, a line each."""
    kept: tuple[str, ...] = ()
    """Why it shows those of others only as far as earlier pages have shown them, a line each."""


def write_report(
    folder: Path,
    entries: Sequence[Entry],
    *,
    out: Path | None = None,
    known: Mapping[str, DatasetSplits] | None = None,
    data_root: Path | None = None,
    name: str | None = None,
    progress: Progress | None = None,
    refresh: int | None = None,
) -> Written:
    """Write the page of a study, or of external predictions.

    Args:
        folder: What ``seedbed run`` or ``seedbed evaluate --out`` has written.
        entries: Of its summary.
        out: The file; ``report.html`` in the folder by default.
        known: Datasets that are in memory, by fingerprint.
        data_root: Where published datasets are looked for first.
        name: Of the study; by default that in the entries.
        progress: Of a study that is still running.
        refresh: Seconds after which the page reloads itself, while the study is running.

    Raises:
        StoreError: If the page or its pictures cannot be written, or ``study.toml`` not be read.

    """
    file = out or folder / REPORT
    images = FoundImages()
    if entries:
        detailed = [entries[place] for place in chosen(entries, MOST).places]
        images = find_test_images(folder, detailed, known=known, data_root=data_root)
    data, pictures = bounded(
        entries,
        [folder] * len(entries),
        images,
        file,
        name=name,
        study_file=StudyStore(folder).study_text(),
        progress=progress,
        refresh=refresh,
    )
    data = _sealed(data, entries, running=progress is not None)
    write_atomically(file, data, "choose another file with --out")
    if (folder / SUMMARY).is_file() and os.access(folder, os.W_OK):
        keep_thumbnails(folder, shown_thumbnails(images, pictures))
    return Written(file, tuple(pictures.missing.values()), tuple(pictures.kept.values()))


def bounded(
    entries: Sequence[Entry],
    folders: Sequence[Path],
    images: FoundImages,
    file: Path,
    *,
    name: str | None = None,
    study_file: str | None = None,
    progress: Progress | None = None,
    refresh: int | None = None,
) -> tuple[bytes, Pictures]:
    """Return a page that is no larger than 10 MB, and its pictures.

    Args:
        entries: All configurations.
        folders: Of the study of each entry.
        images: Of the configurations that are shown in detail.
        file: Where the page will be; see :func:`.make_pictures`.
        name: As for :func:`.page`, and so are the others.
        study_file: The ``study.toml``.
        progress: Of a study that is still running.
        refresh: Seconds after which the page reloads itself.
    """
    of_study, study = chosen(entries, MOST), list[Entry]()
    while True:
        shown = public([entries[place] for place in of_study.places])
        if len(shown) < len(entries) and not study:
            study = brief(entries)
        pictures = make_pictures(shown, images, file)
        contents = page(
            PageMaterial(
                shown, [folders[place] for place in of_study.places], images.pixels, study
            ),
            pictures,
            name=name,
            study_file=study_file,
            progress=progress,
            refresh=refresh,
            scope=of_study.scope,
        )
        data = contents.encode(errors="replace")  # a name may hold a lone surrogate
        if len(data) + SEAL <= MOST_BYTES or len(shown) <= 1:
            return data, pictures
        of_study = chosen(entries, len(shown) // 2)


def _sealed(data: bytes, entries: Sequence[Entry], *, running: bool) -> bytes:
    """Return a page that says of which results it is, and carries a checksum of itself."""
    results = next((entry["source_hash"] for entry in entries), None) or "external"
    stamp = f"<!-- checksum {BLANK}, results {RUNNING if running else results} -->\n"
    head, start, rest = data.partition(b"<html")
    return sealed(b"".join((head, stamp.encode(), start, rest)))
