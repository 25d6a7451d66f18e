"""Captions and notes: which configurations, data and epoch; what is left out."""

from typing import Any

import pytest

from made_entries import made_entry
from seedbed.analysis.captions import (
    noise_notes,
    notes_of,
    rows_sum_to,
    rule_column,
    sample_notes,
    study_notes,
    title,
)
from seedbed.analysis.entry import Entry

EARLY: dict[str, Any] = {"checkpoint": "best-on-validation", "selected_epochs": [1, 2, 1]}


def learned(entry: Entry, images: int) -> Entry:
    return entry.replace(provenance={**entry["provenance"], "learned_images": images})


def test_a_caption_says_what_of_which_data_and_when() -> None:
    one, other = made_entry("sgd"), made_entry("adam", dataset="digits", epochs=3)
    assert title([one], "accuracy") == "Accuracy after the last epoch (2): sgd (lenet5) on mnist"
    assert title([one, other], "accuracy") == (
        "Accuracy after the last epoch: mine (2 configurations) on mnist, digits"
    )


def test_a_caption_names_the_checkpoint() -> None:
    validated = made_entry(checkpoint="best-on-validation")
    external = made_entry("theirs", network=None, checkpoint=None)
    whens = [title([entry], "AUC").split(": ")[0] for entry in (validated, external)]
    assert whens == ["AUC at the best epoch on validation images (of 2)", "AUC at an unknown epoch"]


def test_checkpoints_that_differ_have_a_column() -> None:
    entries = [made_entry("a"), made_entry("b", checkpoint="best-on-validation")]
    assert rule_column(entries) == ("checkpoint",)
    assert rule_column(entries[:1]) == ()


def test_rows_of_classes_without_images_are_excepted() -> None:
    assert rows_sum_to(1, "ab", [[1, 0], [0.5, 0.5]]) == "each row sums to 1"
    assert rows_sum_to(100, "ab", [[1, 0], [0, 0]]).endswith("except b, which has no images")
    assert rows_sum_to(100, "ab", [[0, 0], [0, 0]]).endswith("except a, b, which have no images")


def test_runs_that_are_left_out_are_named() -> None:
    entry = made_entry("one", diverged=[{"seed": 4, "epoch": 7}], unfinished=[5, 6])
    warned = made_entry("two", warnings=["A warning."])
    assert notes_of([entry]) == (
        "Seed 4 diverged in epoch 7 and is excluded.",
        "Not finished: seeds 5, 6.",
    )
    assert notes_of([entry, warned])[2] == "two: A warning."
    many = made_entry(unfinished=list(range(25)))
    assert notes_of([many])[0].endswith("18, 19 and 5 more.")


def test_noisy_labels_are_named_where_training_accuracy_is() -> None:
    clean, noisy = made_entry("a"), made_entry("b", settings={"noise.kind": "symmetric"})
    assert noise_notes([clean]) == noise_notes([made_entry(settings=None)]) == ()
    (alone,), (among,) = noise_notes([noisy]), noise_notes([clean, noisy])
    assert alone.startswith("Training accuracy is measured against the noisy labels")
    assert among.startswith("With label noise, training accuracy")


def test_training_accuracy_on_a_subset_is_named() -> None:
    entry = learned(made_entry(test_images=100, **EARLY), 2500)
    (note,) = sample_notes([entry])
    assert "2 of 3 runs" in note
    assert "100 of 2,500 images" in note
    (note,) = sample_notes([entry, entry.replace(test_images=50)])
    assert "4 of 6 runs" in note
    assert "2,500" not in note  # the subsets differ


@pytest.mark.parametrize("images", [100, 2500])
def test_no_subset_is_named_where_all_images_were_measured(images: int) -> None:
    last = learned(made_entry(test_images=100), images)
    early = learned(made_entry(test_images=2500, **EARLY), images)
    assert sample_notes([last, early]) == ()


def test_the_state_of_the_folder() -> None:
    study = {"name": "mine", "other_runs": 2, "damaged": ["a run is damaged"]}
    damaged, others = study_notes([made_entry(study=study)])
    assert damaged == "a run is damaged"
    assert "2 runs" in others
    assert study_notes([made_entry()]) == ()
