"""A review in progress: the answers of one reviewer, kept after every one of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from filelock import FileLock, Timeout

from seedbed.core.errors import StoreError, StudyInUse
from seedbed.core.files import cannot_write
from seedbed.display.escape import printable, without_folders
from seedbed.label_errors.review.agreement import agreement
from seedbed.label_errors.review.answers import (
    Answer,
    Answers,
    ImageKey,
    answers_file,
    check_reviewer,
    read_all,
    read_answers,
    write_answers,
)
from seedbed.label_errors.review.corrections import (
    CORRECTIONS,
    Verdicts,
    verdicts,
    write_corrections,
)
from seedbed.label_errors.review.gallery import Gallery, class_keys


def now() -> str:
    """Return the time, UTC, in seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class Review:
    """The answers of one reviewer about the images of a gallery; may be used by several threads.

    Args:
        gallery: What is reviewed.
        folder: Of the audit, where the answers are kept.
        reviewer: A name.
        fingerprint: Of the dataset.
        clock: Returns the time of an answer.

    Raises:
        StoreError: If the answers of any reviewer cannot be read.
    """

    def __init__(
        self,
        gallery: Gallery,
        folder: Path,
        reviewer: str,
        fingerprint: str,
        clock: Callable[[], str] = now,
    ) -> None:
        self.gallery = gallery
        self.folder = folder
        self._clock = clock
        self._lock = Lock()
        self._numbers = {gallery.key(number): number for number in gallery.reviewed}
        self._answers = read_answers(folder, reviewer, fingerprint)
        read_all(folder, fingerprint)  # what is wrong with others' is told before the work

    @property
    def reviewer(self) -> str:
        """The name of the reviewer."""
        return self._answers.reviewer

    def answer(self, number: int, label: int | None) -> None:
        """Keep an answer.

        Args:
            number: Of the image.
            label: The class that is right; ``None`` for unsure.

        Raises:
            IndexError: If there is no such image or class to be reviewed.
            StoreError: If it cannot be written; then it does not count. Corrections that cannot be
                written are left to :meth:`finish`.
        """
        names = self.gallery.audit.class_names
        key = self.gallery.key(number)
        if key not in self._numbers or (label is not None and not 0 <= label < len(names)):
            raise IndexError(number)
        new = Answer(key, None if label is None else names[label], self._clock())
        with self._lock:
            self._keep(self._answers.plus(new))

    def undo(self) -> dict[str, Any]:
        """Take the last answer back.

        Returns:
            The ``number`` of the image that it was about, ``None`` if there is no answer left; and
            its ``answers`` now: a list of one, if there was one before.

        Raises:
            StoreError: See :meth:`answer`.
        """
        with self._lock:
            if not self._answers.given:
                return {"number": None, "answers": []}
            image = self._answers.given[-1].image
            self._keep(self._answers.undone())
            before = self._answers.current.get(image)
        return {
            "number": self._numbers.get(image),
            "answers": [] if before is None else [self._class(before)],
        }

    def state(self) -> dict[str, Any]:
        """Return all that the page shows, apart from images and their neighbors."""
        audit = self.gallery.audit
        with self._lock:
            current = self._answers.current
        return {
            "dataset": printable(without_folders(audit.dataset)),
            "reviewer": self.reviewer,
            "classes": [printable(name) for name in audit.class_names],
            "keys": class_keys(audit.class_names),
            "finds": audit.finds.count,
            "total": len(self.gallery),
            "labels": self.gallery.labels(),
            "answers": [
                [self._numbers[image], self._class(answer)]
                for image, answer in current.items()
                if image in self._numbers
            ],
        }

    def neighbors(self, number: int) -> list[list[Any]]:
        """Return number, name and given label of the images nearest to one."""
        rows = [(n, self.gallery.row(n)) for n in self.gallery.neighbors(number)]
        return [[n, printable(row.name), row.given] for n, row in rows]

    def finish(self) -> Iterator[str]:
        """Write ``corrections.csv``, and yield what all reviewers have found.

        Raises:
            StoreError: If a file cannot be read or written.
        """
        with self._lock:
            reviews, found = self._write_corrections()
        audit = self.gallery.audit
        finds = {self.gallery.key(n) for n in self.gallery.reviewed[: audit.finds.count]}
        labels: dict[ImageKey, set[str]] = {}
        for review in reviews:
            for image, answer in review.current.items():
                if answer.label is not None:
                    labels.setdefault(image, set()).add(answer.label)
        settled = {image for image, of in labels.items() if len(of) == 1}
        looked_at = finds & settled
        yield (
            f"{len(found.corrected):,} labels corrected, {found.kept:,} kept, {found.unsure:,} "
            f"unsure, {found.contradicted:,} contradicted"
        )
        if looked_at:
            wrong = len(looked_at & found.corrected.keys())
            yield f"Of {len(looked_at):,} finds that were looked at, {wrong:,} are wrong"
        for index, first in enumerate(reviews):
            for second in reviews[index + 1 :]:
                of = agreement(first, second)
                kappa = "" if of.kappa is None else f", Cohen's kappa {of.kappa:.2f}"
                yield (
                    f"{of.first} and {of.second} agree on {of.same:,} of the {of.images:,} images "
                    f"that both have seen{kappa}"
                )
        yield f"Answers are in {answers_file(self.folder, self.reviewer)}"
        yield f"Corrections are in {self.folder / CORRECTIONS}"

    def _class(self, answer: Answer) -> int | None:
        names = self.gallery.audit.class_names
        return None if answer.label is None else names.index(answer.label)

    def _keep(self, answers: Answers) -> None:
        write_answers(answers, self.folder)
        self._answers = answers
        with suppress(StoreError):  # the answer is kept; `finish` writes them, or says why not
            self._write_corrections()

    def _write_corrections(self) -> tuple[list[Answers], Verdicts]:
        reviews = read_all(self.folder, self._answers.fingerprint)
        found = verdicts(reviews, self.gallery.given)
        write_corrections(self.folder / CORRECTIONS, found, self.gallery.given)
        return reviews, found


@contextmanager
def only_here(folder: Path, reviewer: str) -> Iterator[None]:
    """Keep other processes from writing the answers of a reviewer while the block runs.

    Raises:
        StudyError: If the name cannot be that of a file.
        StudyInUse: If another process does.
        StoreError: If the folder cannot be written.
    """
    check_reviewer(reviewer)
    file = answers_file(folder, reviewer).with_suffix(".lock")
    lock = FileLock(file)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        raise StudyInUse(
            f"{reviewer} is reviewing in another window",
            where=str(folder),
            hint="end that one, or use another name with --reviewer",
        ) from None
    except OSError as error:
        raise cannot_write(file.parent, error) from error
    try:
        yield
    finally:
        lock.release()
