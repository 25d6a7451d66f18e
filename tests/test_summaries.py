"""The studies that are made up for tests look like real ones."""

from pathlib import Path

import pytest

import summaries


def test_noisy_looks_real(tmp_path: Path) -> None:
    entries = summaries.entries_of(summaries.noisy(tmp_path))

    assert [each["noise"]["rate"] for each in entries] == [0.0, 0.2, 0.4, 0.6, 0.2, 0.4]
    means = [each["test_accuracy"]["mean"] for each in entries]
    assert means[0] > means[2] > means[3] > 0.5
    assert entries[0]["test_accuracy"]["std"] > 0
    assert entries[3]["noise"]["memorized"]["mean"] > entries[1]["noise"]["memorized"]["mean"] > 0
    assert entries[0]["confused_images"]
    assert len(entries[0]["curves"]["test_accuracy"]) == 3


def test_forty_configurations(tmp_path: Path) -> None:
    entries = summaries.entries_of(summaries.many(tmp_path, seeds=2, epochs=2))
    assert len({each["label"] for each in entries}) == 40
    assert len({each["test_accuracy"]["mean"] for each in entries}) > 10


def test_names(tmp_path: Path) -> None:
    assert len(summaries.HOSTILE[2]) == 300
    entries = summaries.entries_of(summaries.hostile(tmp_path))
    assert entries[0]["class_names"] == list(summaries.HOSTILE)


@pytest.mark.parametrize(
    ("made", "runs"),
    [
        (summaries.one_class, [3]),
        (summaries.single_run, [1]),
        (summaries.diverged, [3, 0]),
        (summaries.unfinished, [1, 1]),
        (summaries.outside, [3, 3]),
    ],
)
def test_runs(tmp_path: Path, made: summaries.Study, runs: list[int]) -> None:
    assert [each["n"] for each in summaries.entries_of(made(tmp_path))] == runs
