"""The table of confused pairs."""

from made_entries import made_entries, made_entry
from seedbed.analysis.subjects.pairs.table import pairs_table
from tables import lines_of, text_of


def test_pairs_name_classes_and_images() -> None:
    entry = made_entry()
    pair = entry["top_pairs"][0]
    text = text_of(pairs_table([entry]))
    image = pair["images"][0]
    assert f"{image['index']} ({image['probability']:.2f}, {image['n_wrong']} of 3)" in text
    assert f"{entry['merged_pairs'][0]['classes'][0]} and" in text
    lines = lines_of(pairs_table([entry]))
    assert len(lines) == len(entry["top_pairs"])
    assert lines[0]["true"] == pair["true"]
    assert float(lines[0]["rate"]) == pair["rate"]


def test_pairs_of_several_configurations_are_the_first_three_of_each() -> None:
    text = text_of(pairs_table(made_entries("one", "other")))
    assert text.count("\none ") == 1
    assert len([line for line in text.splitlines() if " of 3)" in line]) == 6
