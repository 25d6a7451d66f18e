"""The table of what a network makes of images."""

import numpy as np

from seedbed.data.images import ImageIdentities
from seedbed.report.predicted import predicted
from seedbed.report.renderers import csv, markdown, text

PROBABILITIES = np.array([[0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.1, 0.1]], np.float32)
NAMES = ("ant", "bee", "<b>cat</b>", "dog")


def identities(*names: str) -> ImageIdentities:
    return ImageIdentities(np.array(names), np.array([f"hash of {name}" for name in names]))


def test_people_see_the_three_most_probable_first_comes_first() -> None:
    lines = text.render(predicted(identities("a.png", "b.png"), PROBABILITIES, NAMES)).splitlines()
    assert lines[0] == "2 images"
    assert lines[-2].split() == ["a.png", "dog", "40.0%", "<b>cat</b>", "30.0%", "bee", "20.0%"]
    assert lines[-1].split()[:3] == ["b.png", "ant", "70.0%"]


def test_programs_see_them_all() -> None:
    report = predicted(identities("a.png", "b.png"), PROBABILITIES, NAMES)
    assert (
        csv.render(report).splitlines()[0]
        == "name,hash,predicted,prob_ant,prob_bee,prob_<b>cat</b>,prob_dog"
    )
    assert report.data[0]["predicted"] == "dog"
    assert (report.data[1]["name"], report.data[1]["hash"]) == ("b.png", "hash of b.png")
    assert report.data[1]["probabilities"]["ant"] == np.float32(0.7)


def test_two_classes_are_shown_as_two_and_names_are_escaped() -> None:
    report = predicted(identities("a|b.png"), PROBABILITIES[:1, 2:], NAMES[2:])
    assert len(report.tables[0].header) == 3
    assert "a\\|b.png" in markdown.render(report)
