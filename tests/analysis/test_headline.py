"""The sentence and the chart that open a page."""

from itertools import product
from pathlib import Path

import pytest

import summaries
from made_entries import made_entries, made_entry
from made_networks import made_sizes
from seedbed.analysis.answer import answer
from seedbed.analysis.answer.headline import MOST_WORDS, headline
from seedbed.analysis.entry import Entry

RUNS = (0.5, 0.6, 0.7)


def grid() -> list[Entry]:
    return [
        made_entry(f"rate={rate}, size={size}")
        | {"settings": {"recipe.learning_rate": rate, "recipe.batch_size": size}}
        for rate, size in product((0.1, 0.01), (32, 128))
    ]


@pytest.mark.parametrize(
    ("entries", "chart"),
    [
        ([made_entry()], "accuracy"),
        (made_entries("a", "b"), "accuracy"),
        (grid(), "setting-effects"),
        (made_sizes(lenet5={100: RUNS, 900: RUNS}, vit={100: RUNS, 900: RUNS}), "accuracy"),
    ],
)
def test_the_chart_is_the_one_that_shows_the_answer(entries: list[Entry], chart: str) -> None:
    found = headline(entries)
    assert found.chart == chart
    assert len(found.sentence.split()) <= MOST_WORDS
    assert found.sentence.endswith(".")
    assert found.sentence.count("(") == found.sentence.count(")")
    assert found.whole == (found.sentence == answer(entries)[0])


def test_a_study_of_noise_opens_with_where_accuracy_goes(tmp_path: Path) -> None:
    entries = summaries.entries_of(summaries.noisy(tmp_path))
    found = headline(entries)
    assert found.chart == "noise-response"
    means = {entry.header.label: entry["test_accuracy"]["mean"] for entry in entries}
    response = next(
        r for entry in entries for r in entry["noise_responses"] if len(r["levels"]) == 4
    )
    for label in (response["configurations"][0], response["configurations"][-1]):
        assert f"{100 * means[label]:.2f}%" in found.sentence
    # "Falls" is said only where the interval leaves out 0.
    assert ("falls from" in found.sentence) == (response["fall"]["interval"][0] > 0)


def test_a_long_answer_is_cut_where_a_sentence_ends() -> None:
    entries = made_entries(*("a very long name of a configuration " * 2 + str(n) for n in range(2)))
    found = headline(entries)
    assert len(found.sentence.split()) <= MOST_WORDS
    assert not found.whole
