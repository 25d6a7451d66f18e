"""What runs get wrong, against counting image by image; and the table of it."""

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from made_entries import made_entries, made_entry
from made_predictions import made
from seedbed.analysis.material import Material
from seedbed.analysis.registry import compute_all
from seedbed.analysis.subjects.image_errors import (
    MOST_SHOWN,
    image_errors,
    misclassified,
    misclassified_table,
)
from seedbed.core.errors import DataError
from seedbed.data.images import ImageIdentities
from seedbed.report.renderers.formats import FORMATS
from sentences import Sentence
from tables import lines_of, text_of


@pytest.mark.parametrize("count", [1, 2, 5])
def test_every_image_that_a_run_gets_wrong_is_there_with_what_most_runs_say(count: int) -> None:
    runs = [made(200, 4, seed=seed) for seed in range(count)]
    expected: list[tuple[object, ...]] = []
    for index, true in enumerate(runs[0].labels.tolist()):
        said = [int(run.predicted[index]) for run in runs]
        wrong = Counter(each for each in said if each != true)
        if wrong:
            most = min(wrong, key=lambda each: (-wrong[each], each))
            chosen = [
                run.probabilities[index, most] for run in runs if run.predicted[index] == most
            ]
            probability = float(np.mean(chosen).round(6))
            expected.append((index, true, most, sum(wrong.values()), pytest.approx(probability)))
    errors = image_errors(runs)
    assert errors.probability is not None
    columns = (errors.index, errors.true, errors.predicted, errors.n_wrong, errors.probability)
    found: list[tuple[object, ...]] = list(zip(*columns, strict=True))
    assert found == expected
    assert errors.name is None
    assert errors.hash is None


def test_without_runs_there_is_nothing_to_say() -> None:
    with pytest.raises(DataError) as error:
        image_errors([])
    assert error.value.expected == "the predictions of at least one"


def test_names_and_hashes_stand_beside_each_index_of_an_entry() -> None:
    runs = [made(60, 3, seed=seed) for seed in range(3)]
    names = np.array([f"cat, dog/{number}.png" for number in range(60)])
    images = ImageIdentities(names, np.array([f"{number:032x}" for number in range(60)]))
    computed = compute_all(Material([replace(run, images=images) for run in runs], ["a"] * 3))
    errors = computed["image_errors"]
    assert errors["name"] == names[errors["index"]].tolist()
    assert errors["hash"] == images.hashes[errors["index"]].tolist()
    shown = [
        *computed["hard_examples"]["examples"],
        *(image for pair in computed["top_pairs"] for image in pair["images"]),
        *(image for pair in computed["merged_pairs"] for image in pair["images"]),
    ]
    for image in shown:
        assert image["name"] == names[image["index"]]
        assert image["hash"] == images.hashes[image["index"]]
    for cell in computed["confused_images"]:
        assert cell["name"] == names[cell["index"]].tolist()


def test_the_table_has_every_misclassified_image_the_hardest_first(sentence: Sentence) -> None:
    runs = [made(60, 3, seed=seed) for seed in range(3)]
    errors = image_errors(runs)
    names = [f"dogs, and cats/{index}.png" for index in errors.index]
    entry = made_entry()
    entry["image_errors"] |= {"name": names, "hash": [f"{i:032x}" for i in errors.index]}
    report = misclassified_table([entry])
    lines = lines_of(report)
    assert sorted(int(line["index"]) for line in lines) == list(errors.index)
    assert [int(line["n_wrong"]) for line in lines] == sorted(errors.n_wrong, reverse=True)
    for line in lines:
        assert line["name"] == f"dogs, and cats/{line['index']}.png"
        assert (line["split"], line["n"]) == ("test", "3")
        assert line["true"] == runs[0].class_names[runs[0].labels[int(line["index"])]]
    found = json.loads(FORMATS["json"](report))[0]["misclassified"]
    assert [image["name"] for image in found] == [line["name"] for line in lines]
    assert len(lines) > MOST_SHOWN
    text = text_of(report)
    assert text.count(".png") == MOST_SHOWN
    assert f"{len(lines) - MOST_SHOWN} more" in text
    sentence(text)


def test_images_without_names_go_by_their_index() -> None:
    entries = made_entries("a", "b")
    first = misclassified(entries[0])[0]
    assert first.name is None
    assert f"image {first.index} " in text_of(misclassified_table(entries))
    lines = lines_of(misclassified_table(entries))
    assert {line["configuration"] for line in lines} == {"a", "b"}
    assert lines[0]["name"] == ""


def test_without_a_finished_run_there_is_no_image() -> None:
    unfinished = made_entry(runs=0, image_errors=None)
    assert misclassified_table([unfinished]).lines == ()
    assert "0 of 0 test images" in text_of(misclassified_table([unfinished]))
