"""The answers of one reviewer: ``review/NAME.json``, sealed, written anew after every answer.

An answer is the label that the reviewer finds right, or nothing where the reviewer is unsure. All
answers are kept in the order in which they were given; of several for one image, the last counts.
So the last answer can be undone, also after a break, and the one before it counts again.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

from seedbed.core.errors import StoreError, StudyError
from seedbed.core.files import cannot_write, make_way, write_atomically
from seedbed.core.parsing import parse_json
from seedbed.core.seal import BLANK, is_sealed, sealed

FOLDER: Final = "review"
FORMAT: Final = 1
NAME: Final = re.compile(r"\w(?:[\w .-]{0,38}\w)?")
"""Of a reviewer, and of the file."""
REVIEWER: Final = "reviewer"


@dataclass(frozen=True)
class ImageKey:
    """Which image it is, in the audited dataset."""

    split: str
    name: str
    hash: str
    """See :func:`~seedbed.data.images.content_hashes`."""


@dataclass(frozen=True)
class Answer:
    """What a reviewer says about a label."""

    image: ImageKey
    label: str | None
    """The class that is right; ``None`` for unsure."""
    when: str
    """UTC, ISO 8601, in seconds."""


@dataclass(frozen=True)
class Answers:
    """All answers of a reviewer, in the order in which they were given."""

    reviewer: str
    fingerprint: str
    """Of the dataset."""
    given: tuple[Answer, ...] = ()

    @property
    def current(self) -> Mapping[ImageKey, Answer]:
        """The answer that counts, for every image that has one."""
        return {answer.image: answer for answer in self.given}

    def plus(self, answer: Answer) -> Self:
        """Return these and another answer."""
        return type(self)(self.reviewer, self.fingerprint, (*self.given, answer))

    def undone(self) -> Self:
        """Return these without the last answer."""
        return type(self)(self.reviewer, self.fingerprint, self.given[:-1])


def check_reviewer(name: str) -> None:
    """Raise :class:`StudyError` for a name that cannot be that of a file."""
    if not NAME.fullmatch(name):
        raise StudyError(
            f"the reviewer is {name!r}",
            where="reviewer",
            expected="a name of up to 40 letters, digits, spaces, dots and hyphens",
        )


def answers_file(folder: Path, reviewer: str) -> Path:
    """Return the file of a reviewer in the folder of an audit."""
    return folder / FOLDER / f"{reviewer}.json"


def write_answers(answers: Answers, folder: Path) -> None:
    """Write the file of a reviewer.

    Raises:
        StoreError: If it cannot be written.
    """
    values = {
        "format": FORMAT,
        "checksum": BLANK,
        "reviewer": answers.reviewer,
        "fingerprint": answers.fingerprint,
        "answers": [
            {**asdict(answer.image), "label": answer.label, "when": answer.when}
            for answer in answers.given
        ],
    }
    file = answers_file(folder, answers.reviewer)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(file.parent, error) from error
    make_way(file)
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    write_atomically(file, sealed(text.encode(errors="surrogatepass")))


def read_answers(folder: Path, reviewer: str, fingerprint: str) -> Answers:
    """Return the answers of a reviewer; none if there is no file yet.

    Raises:
        StoreError: If the file is damaged, or of another dataset.
    """
    file = answers_file(folder, reviewer)
    try:
        contents = file.read_bytes()
    except FileNotFoundError:
        return Answers(reviewer, fingerprint)
    except OSError as error:
        raise StoreError(f"cannot read it: {error.strerror}", where=str(file)) from error
    if not is_sealed(contents):
        raise StoreError(
            "was changed or damaged after it was written",
            where=str(file),
            hint="restore it, or move it away to begin again",
        )
    values = parse_json(contents.decode(errors="surrogatepass"))
    if values["format"] != FORMAT or values["fingerprint"] != fingerprint:
        raise StoreError(
            "holds answers about other images or labels",
            where=str(file),
            hint="the dataset has changed; move the file away to begin again",
        )
    given = tuple(
        Answer(ImageKey(row["split"], row["name"], row["hash"]), row["label"], row["when"])
        for row in values["answers"]
    )
    return Answers(reviewer, fingerprint, given)


def read_all(folder: Path, fingerprint: str) -> list[Answers]:
    """Return the answers of all reviewers, by name.

    Raises:
        StoreError: See :func:`read_answers`.
    """
    names = sorted(file.stem for file in (folder / FOLDER).glob("*.json"))
    return [read_answers(folder, name, fingerprint) for name in names]
