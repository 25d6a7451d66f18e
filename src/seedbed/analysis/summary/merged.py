"""Several studies of the same test images as one list of entries, compared with each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from seedbed.analysis.entry import Entry, StudyHeader, fields_of
from seedbed.analysis.registry import relate_all
from seedbed.analysis.summary.study import refresh_summary
from seedbed.analysis.summary_file import read_summary
from seedbed.core.errors import DataError, StoreError, StudyError


@dataclass(frozen=True)
class Summarized:
    """A folder and its summary."""

    folder: Path
    entries: list[Entry]

    @property
    def name(self) -> str:
        """The name of the study."""
        return self.entries[0].header.study.name


def find_studies(folders: Sequence[Path]) -> list[Summarized]:
    """Return the summaries of studies that can be compared.

    Args:
        folders: Of studies, or of external predictions that were evaluated.

    Raises:
        StudyError: If there are fewer than two, or one is given twice.
        StoreError: If one holds no study, no finished run, or the summary of a newer Seedbed.
        DataError: If they are not all of the same test images.

    """
    if len(folders) < 2:
        raise StudyError(
            "there is one study: nothing to compare it with", hint="name two folders or more"
        )
    seen: dict[Path, Path] = {}
    for folder in folders:
        same = seen.setdefault(folder.resolve(), folder)
        if same is not folder:
            what = "is given twice" if str(same) == str(folder) else f"is the same folder as {same}"
            raise StudyError(what, where=str(folder), hint="name each study once")
    studies = [_summarized(folder) for folder in folders]
    for number, study in enumerate(studies):
        _check_same_test_images(study, studies[0])
        _check_not_a_copy(study, studies[:number])
    return studies


def merge_studies(studies: Sequence[Summarized]) -> list[Entry]:
    """Return the entries of all studies, compared anew, with labels that tell them apart.

    The new label of a configuration is its study and its label, or its study alone where the study
    has one configuration with the name of its network. Studies with the same name go by their
    folders.
    """
    names = _names(studies)
    headers = [study.entries[0].header.study for study in studies]
    merged = StudyHeader(
        name=" and ".join((", ".join(names[:-1]), names[-1])),
        other_runs=sum(header.other_runs for header in headers),
        damaged=tuple(
            f"{name}: {line}"
            for name, header in zip(names, headers, strict=True)
            for line in header.damaged
        ),
        looks=tuple(sorted({look for header in headers for look in header.looks})),
    )
    return relate_all(
        [
            entry.replace(label=_label(name, entry, len(of.entries)), study=fields_of(merged))
            for name, of in zip(names, studies, strict=True)
            for entry in of.entries
        ]
    )


def _summarized(folder: Path) -> Summarized:
    entries = read_summary(folder) or refresh_summary(folder)
    if not any(entry.header.n for entry in entries):
        raise StoreError(
            "no run of this study has finished, so there is nothing to compare",
            where=str(folder),
            hint="train it with `seedbed run`",
        )
    return Summarized(folder, entries)


def _check_same_test_images(study: Summarized, first: Summarized) -> None:
    """Reject a study with other test images than the first; one study may have several sets."""
    expected = first.entries[0].header
    for header in (entry.header for entry in study.entries):
        if header.test_fingerprint != expected.test_fingerprint:
            raise DataError(
                f"{header.label!r} has other test images ({header.dataset}) than "
                f"{expected.label!r} in {first.folder} ({expected.dataset}), so their "
                "accuracies cannot be compared",
                where=str(study.folder),
                expected="one test split, with the same fingerprint",
            )


def _check_not_a_copy(study: Summarized, before: Sequence[Summarized]) -> None:
    """Reject a study whose runs are those of another, which would count each of them twice."""
    source_hash = study.entries[0].header.source_hash
    for other in before:
        if source_hash is not None and source_hash == other.entries[0].header.source_hash:
            raise StudyError(
                f"is a copy of {other.folder}", where=str(study.folder), hint="name each study once"
            )


def _names(studies: Sequence[Summarized]) -> list[str]:
    ways = (
        [study.name for study in studies],
        [study.folder.resolve().name for study in studies],
        [str(study.folder) for study in studies],
    )
    return next((names for names in ways if len(set(names)) == len(names)), ways[-1])


def _label(study: str, entry: Entry, configurations: int) -> str:
    header = entry.header
    if configurations == 1 and header.label == header.network:
        return study
    return f"{study}: {header.label}"
