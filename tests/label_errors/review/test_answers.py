"""The answers of reviewers, what they come to, and how far reviewers agree."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from made_reviews import CLASSES, made_gallery
from seedbed.core.errors import StoreError, StudyError, StudyInUse
from seedbed.data.images import DatasetSplits, ImageDataset
from seedbed.data.label_corrections import corrected
from seedbed.label_errors.finds import Finds
from seedbed.label_errors.review.agreement import agreement, cohens_kappa
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
from seedbed.label_errors.review.corrections import verdicts, write_corrections
from seedbed.label_errors.review.review import Review, only_here

DATA = ImageDataset(
    np.arange(6 * 4, dtype=np.uint8).reshape(6, 2, 2, 1),
    np.array([0, 1, 0, 1, 0, 1]),
    ("cat", "=dog"),
    np.array(["a", "b", "=c", "d", "<e>", "f\udcff"]),
)
KEYS = [
    ImageKey("train", name, image)
    for name, image in zip(DATA.names.tolist(), DATA.hashes.tolist(), strict=True)
]
GIVEN = {key: DATA.class_names[label] for key, label in zip(KEYS, DATA.labels, strict=True)}


def answers(reviewer: str, *labels: str | None) -> Answers:
    given = [
        Answer(key, label, f"2026-11-30T10:00:0{number}+00:00")
        for number, (key, label) in enumerate(zip(KEYS, labels, strict=False))
    ]
    return Answers(reviewer, "f", tuple(given))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    first, second = answers("anna", "cat", None, "=dog"), answers("Ben B.", *["cat"] * 6)
    for of in (first, second):
        write_answers(of, tmp_path)
    assert read_all(tmp_path, "f") == [second, first]
    assert read_answers(tmp_path, "nobody", "f") == Answers("nobody", "f")


def test_of_several_answers_the_last_counts_and_can_be_undone() -> None:
    of = answers("anna", "cat").plus(Answer(KEYS[0], None, "later"))
    assert of.current[KEYS[0]].label is None
    assert of.undone().current[KEYS[0]].label == "cat"
    assert of.undone().undone().current == {}


def test_a_file_that_was_changed_or_is_of_other_labels_is_refused(tmp_path: Path) -> None:
    write_answers(answers("anna", "cat"), tmp_path)
    with pytest.raises(StoreError):
        read_answers(tmp_path, "anna", "another")
    file = answers_file(tmp_path, "anna")
    file.write_bytes(file.read_bytes().replace(b'"cat"', b'"dog"'))
    with pytest.raises(StoreError) as error:
        read_answers(tmp_path, "anna", "f")
    assert error.value.where == str(file)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", "a\\b", ".a", "a" * 41, "a\n", " a"]
)
def test_a_reviewer_is_no_path(name: str) -> None:
    with pytest.raises(StudyError) as error:
        check_reviewer(name)
    assert error.value.where == "reviewer"


def test_one_reviewer_has_one_review_at_a_time(tmp_path: Path) -> None:
    with only_here(tmp_path, "anna"):
        with pytest.raises(StudyInUse), only_here(tmp_path, "anna"):
            pass
        with only_here(tmp_path, "ben"):
            pass


def test_only_what_nobody_contradicts_is_corrected(tmp_path: Path) -> None:
    anna = answers("anna", "=dog", "cat", "=dog", "=dog", None, "cat")
    ben = answers("ben", "=dog", "=dog", None, "=dog", None)
    found = verdicts([anna, ben], GIVEN)
    assert (found.kept, found.unsure, found.contradicted) == (1, 1, 1)
    when = "2026-11-30T10:00:00+00:00"
    assert found.corrected[KEYS[0]] == ("=dog", "anna, ben", when)
    assert list(found.corrected) == [KEYS[0], KEYS[2], KEYS[5]]
    file = tmp_path / "corrections.csv"
    write_corrections(file, found, GIVEN)
    lines = file.read_text("utf-8").splitlines()
    assert lines[0] == "name,hash,old,new,who,when"
    assert lines[2].startswith("'=c,")
    repaired = corrected(DatasetSplits("x", {"train": DATA}), file)
    assert repaired.train.labels.tolist() == [1, 1, 1, 1, 0, 0]


def test_kappa_is_that_of_scikit_learn() -> None:
    random = np.random.default_rng(0)
    first = random.integers(0, 3, 200)
    second = np.where(random.random(200) < 0.3, random.integers(0, 3, 200), first)
    ours = cohens_kappa(list(zip(first.tolist(), second.tolist(), strict=True)))
    assert ours == pytest.approx(cohen_kappa_score(first, second))
    assert cohens_kappa([]) is None
    assert cohens_kappa([(1, 1), (1, 1)]) is None


def reviewed(folder: Path, reviewer: str, *labels: int | None) -> Review:
    """Let a reviewer answer about the first of four finds."""
    gallery = made_gallery()
    audit = replace(gallery.audit, finds=Finds(0.1, 4, 0.5, 3.6))
    review = Review(replace(gallery, audit=audit), folder, reviewer, "f")
    for number, label in zip(review.gallery.reviewed, labels, strict=False):
        review.answer(number, label)
    return review


def test_a_find_that_reviewers_contradict_is_neither_wrong_nor_right(
    tmp_path: Path,
) -> None:
    gallery = made_gallery()
    given = [gallery.row(number).given for number in gallery.reviewed[:4]]
    other = [(label + 1) % len(CLASSES) for label in given]
    # Contradicted, wrong by both, wrong by anna, right.
    reviewed(tmp_path, "anna", given[0], other[1], other[2], given[3])
    lines = list(reviewed(tmp_path, "ben", other[0], other[1], None, given[3]).finish())
    assert lines[0].startswith("2 labels corrected, 1 kept, 0 unsure, 1 contradicted")
    assert lines[1] == "Of 3 finds that were looked at, 2 are wrong"


def test_a_damaged_file_of_another_reviewer_is_refused_before_the_review(tmp_path: Path) -> None:
    damaged = answers_file(tmp_path, "ben")
    damaged.parent.mkdir()
    damaged.write_bytes(b"{}")
    with pytest.raises(StoreError) as error:
        Review(made_gallery(), tmp_path, "anna", "f")
    assert error.value.where == str(damaged)
    assert error.value.hint


def test_an_answer_is_kept_where_the_corrections_cannot_be_made(tmp_path: Path) -> None:
    review = reviewed(tmp_path, "anna", 0)
    damaged = answers_file(tmp_path, "ben")
    damaged.write_bytes(b"{}")
    number = review.gallery.reviewed[1]
    review.answer(number, 1)
    assert [answer.label for answer in read_answers(tmp_path, "anna", "f").given] == list(
        CLASSES[:2]
    )
    assert review.undo() == {"number": number, "answers": []}
    with pytest.raises(StoreError) as error:
        list(review.finish())
    assert error.value.where == str(damaged)


def test_agreement_is_about_images_that_both_have_seen() -> None:
    of = agreement(answers("anna", "cat", None, "cat", "cat"), answers("ben", "cat", None, "=dog"))
    assert (of.images, of.same) == (3, 2)
