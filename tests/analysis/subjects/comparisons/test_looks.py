"""Adding seeds after results have been shown marks the comparisons of a study."""

import dataclasses
from pathlib import Path

import pytest

from seedbed.analysis.captions import look_notes
from seedbed.analysis.subjects.comparisons.sentences import sentences
from seedbed.analysis.subjects.comparisons.table import comparisons_table
from seedbed.analysis.summary.study import refresh_summary
from seedbed.study.spec.study import StudySpec
from seedbed.study.store.claims import read_declarations
from small import run_small, small_study


def with_seeds(spec: StudySpec, n: int) -> StudySpec:
    return dataclasses.replace(spec, seeds=spec.seeds[:n])


@pytest.fixture
def spec(tmp_path: Path) -> StudySpec:
    settings = ["recipe.learning_rate=[0.0001, 0.1]"]
    return small_study(tmp_path / "data", seeds="5", settings=settings)


def test_seeds_that_are_added_after_a_look_mark_comparisons(
    spec: StudySpec, tmp_path: Path
) -> None:
    store = run_small(with_seeds(spec, 3), tmp_path / "study")
    before = refresh_summary(store.folder)
    assert not list(look_notes(before))
    run_small(with_seeds(spec, 4), store.folder)
    refresh_summary(store.folder)
    run_small(spec, store.folder)
    entries = refresh_summary(store.folder)
    assert entries[0].header.study.looks == (3, 4)
    (note,) = look_notes(entries)
    assert "3 and 4 seeds" in note
    assert note in list(sentences(entries))
    assert note in comparisons_table(entries).tables[0].notes
    # Fewer seeds are no chance to find more.
    run_small(with_seeds(spec, 2), store.folder)
    assert read_declarations(store.folder).looks == (3, 4)


@pytest.mark.parametrize(("first", "shown"), [(1, True), (3, False)])
def test_nothing_is_marked_before_anything_was_tested(
    spec: StudySpec, tmp_path: Path, first: int, shown: bool
) -> None:
    store = run_small(with_seeds(spec, first), tmp_path / "study")
    if shown:
        refresh_summary(store.folder)
    run_small(spec, store.folder)
    assert not (store.folder / "claims.json").exists()
    assert not list(look_notes(refresh_summary(store.folder)))
