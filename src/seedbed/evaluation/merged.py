"""Several studies of the same test images as one list of entries, compared with each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from seedbed.analysis.entry import Entry
from seedbed.analysis.registry import relate_all
from seedbed.analysis.summary_file import read_summary
from seedbed.core.errors import DataError, StoreError, StudyError
from seedbed.evaluation.study_summary import refresh_summary


@dataclass(frozen=True)
class Found:
    """A folder and the summary of what is in it."""

    folder: Path
    entries: list[Entry]

    @property
    def name(self) -> str:
        """What the study calls itself."""
        return str(self.entries[0]["study"]["name"])


def find_studies(folders: Sequence[Path]) -> list[Found]:
    """Return the summaries of studies that can be compared.

    Args:
        folders: Of studies, or of predictions from elsewhere that have been evaluated.

    Raises:
        StudyError: If there are fewer than two, or one is there twice.
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
            what = "is there twice" if str(same) == str(folder) else f"is the same folder as {same}"
            raise StudyError(what, where=str(folder), hint="name each study once")
    studies = [_found(folder) for folder in folders]
    for place, study in enumerate(studies):
        _check_same_test_images(study, studies[0])
        _check_not_a_copy(study, studies[:place])
    return studies


def join_studies(studies: Sequence[Found]) -> list[Entry]:
    """Return the entries of all studies, compared anew, with labels that tell them apart.

    A configuration is called by its study and its label; one that is alone in its study and named
    only after its network, by its study. Studies of the same name are told apart by their folders.
    """
    names = _names(studies)
    own = [each.entries[0]["study"] for each in studies]
    study = {
        "name": " and ".join((", ".join(names[:-1]), names[-1])),
        "other_runs": sum(each["other_runs"] for each in own),
        "damaged": [
            f"{name}: {line}"
            for name, each in zip(names, own, strict=True)
            for line in each["damaged"]
        ],
    }
    return relate_all(
        [
            entry.replace(label=_label(name, entry, len(each.entries)), study=study)
            for name, each in zip(names, studies, strict=True)
            for entry in each.entries
        ]
    )


def _found(folder: Path) -> Found:
    entries = read_summary(folder) or refresh_summary(folder)
    if not any(each["n"] for each in entries):
        raise StoreError(
            "no run of this study has finished, so there is nothing to compare",
            where=str(folder),
            hint="train it with `seedbed run`",
        )
    return Found(folder, entries)


def _check_same_test_images(study: Found, first: Found) -> None:
    """Refuse a study of other test images than the first; a study may also be of several."""
    expected = first.entries[0]
    for each in study.entries:
        if each["test_fingerprint"] != expected["test_fingerprint"]:
            raise DataError(
                f"{each['label']!r} has other test images ({each['dataset']}) than "
                f"{expected['label']!r} in {first.folder} ({expected['dataset']}), so their "
                "accuracies cannot be compared",
                where=str(study.folder),
                expected="one test split, with the same fingerprint",
            )


def _check_not_a_copy(study: Found, before: Sequence[Found]) -> None:
    """Refuse a study whose very runs are in another, which would count each of them twice."""
    for other in before:
        source_hash = study.entries[0]["source_hash"]
        if source_hash is not None and source_hash == other.entries[0]["source_hash"]:
            raise StudyError(
                f"is a copy of {other.folder}", where=str(study.folder), hint="name each study once"
            )


def _names(studies: Sequence[Found]) -> list[str]:
    ways = (
        [each.name for each in studies],
        [each.folder.resolve().name for each in studies],
        [str(each.folder) for each in studies],
    )
    return next((names for names in ways if len(set(names)) == len(names)), ways[-1])


def _label(study: str, entry: Entry, configurations: int) -> str:
    if configurations == 1 and entry["label"] == entry["network"]:
        return study
    return f"{study}: {entry['label']}"
