"""What a page says of how a study was made."""

from typing import Any

import pytest

from made_entries import made_entries, made_entry
from seedbed.analysis.entry import Entry
from seedbed.report.page.facts import (
    Fact,
    day,
    duration,
    glance,
    how_measured,
    origins,
    readings,
    settings,
)
from sentences import Sentence


def configured(label: str, **recipe: Any) -> Entry:
    tables = {
        "noise": {"kind": "none"},
        "network": {"name": "lenet5", "dropout": 0.0},
        "recipe": {"learning_rate": 0.1, "epochs": 2, "augmentation": {"flip": False}, **recipe},
    }
    return made_entry(label, configuration=tables)


def test_settings_are_those_that_differ_those_that_do_not_and_those_that_do_nothing() -> None:
    found = settings([configured("a"), configured("b", learning_rate=0.0)])
    assert found is not None
    assert found.varied == (Fact("learning rate", "0.1; 0"),)
    assert found.same == (
        Fact("dataset", "mnist"),
        Fact("network", "lenet5"),
        Fact("epochs", "2"),
    )
    assert found.off == ("label noise", "network: dropout", "augmentation: flip")
    assert found.fixed == found.same
    assert [fact.name for fact in found.defaults] == list(found.off)


@pytest.mark.parametrize("schedule", ["constant", "step", "exponential", "cosine", "one-cycle"])
def test_a_choice_is_never_off(schedule: str) -> None:
    found = settings([configured("a", schedule=schedule)])
    assert found is not None
    assert Fact("schedule", schedule) in found.same
    assert found.off == ("label noise", "network: dropout", "augmentation: flip")


@pytest.mark.parametrize("value", [0, 0.0, False])
def test_an_argument_that_may_be_zero_is_never_off(value: float) -> None:
    for network in (
        {"name": "lenet5", "negative_slope": value},
        {"name": "net", "module": "nets:net", "width": value},
    ):
        found = settings([made_entry("a", configuration={"network": network, "recipe": {}})])
        assert found is not None
        assert found.off == ()


def test_a_setting_that_only_some_have_differs() -> None:
    found = settings([configured("a", momentum=0.8), configured("b")])
    assert found is not None
    assert Fact("momentum", "0.8") in found.varied


def test_a_default_that_only_some_have_is_no_choice() -> None:
    found = settings([configured("a", momentum=0.9), configured("b")])
    assert found is not None
    assert found.varied == ()
    assert Fact("momentum", "0.9") in found.defaults


@pytest.mark.parametrize(
    ("activation", "named"),
    [("relu", set()), ("leaky-relu", {"negative slope"}), ("elu", {"alpha"})],
)
def test_arguments_of_other_activation_functions_are_not_listed(
    activation: str, named: set[str]
) -> None:
    network = {"name": "lenet5", "activation": activation, "negative_slope": 0.01, "alpha": 1.0}
    found = settings([made_entry("a", configuration={"network": network, "recipe": {}})])
    assert found is not None
    names = {fact.name.removeprefix("network: ") for fact in (*found.fixed, *found.defaults)}
    assert names & {"negative slope", "alpha"} == named


def test_many_values_are_counted() -> None:
    found = settings([configured(str(each), epochs=each) for each in range(1, 13)])
    assert found is not None
    assert found.varied == (Fact("epochs", "1; 2; 3; 4; 5; 6; 7; 8 and 4 more"),)


def test_the_settings_of_external_predictions_are_unknown(sentence: Sentence) -> None:
    entries = made_entries(
        "a", "b", configuration={"files": ["a.npz"]}, checkpoint=None, provenance=None
    )
    assert settings(entries) is None
    assert origins(entries) == ()
    assert day(entries) is None
    sentence(how_measured(entries))
    assert "runs each" in [fact.name for fact in glance(entries)]


@pytest.mark.parametrize(
    ("files", "shown"),
    [
        (["/home/me/run.csv"], "run.csv"),
        (["run.csv"], "run.csv"),
        (["/home/me/a/0.csv", "/home/me/b/0.csv"], "a/0.csv; b/0.csv"),
        (["out/a/0.csv", "out/a/1.csv"], "0.csv; 1.csv"),
        (["/x/0.csv", "y/0.csv"], "0.csv; y/0.csv"),
    ],
)
def test_files_are_named_below_the_folder_that_they_share(files: list[str], shown: str) -> None:
    read = [{"files": files, "lines": [["labels", "column 'label'"]]}]
    found = readings(made_entries("a", provenance=None, readings=read))
    assert found == (Fact("Files", shown), Fact("Labels", "column 'label'"))
    assert readings(made_entries("a")) == ()


def test_the_size_of_a_study_at_a_glance() -> None:
    entries = made_entries("a", "b")
    entries[1] |= {"diverged": [{"seed": 3, "epoch": 1}], "unfinished": [4]}
    found = {fact.name: fact.text for fact in glance(entries)}
    assert found["configurations"] == "2"
    assert found["runs"] == "7"
    assert found["seeds each"] == "3 to 5"
    assert found["classes"] == "3"


def test_of_one_configuration_nothing_is_counted_twice() -> None:
    found = [fact.name for fact in glance([made_entry()])]
    assert found == ["runs", "training images", "test images", "classes"]
    assert "spread" in how_measured([made_entry()])
    assert "spread" not in how_measured([made_entry(runs=1)])


def test_where_the_runs_come_from() -> None:
    found = {fact.name: fact.text for fact in origins(made_entries("a", "b"))}
    assert {
        "Dataset",
        "Source",
        "Fingerprint",
        "Machine",
        "Engine",
        "Versions",
        "Trained",
    } <= set(found)
    assert all(found.values())
    assert (
        found["Engine"] == "native (avx2) on cpu, reproducible bit for bit, on other processors too"
    )


def test_what_was_understood_of_the_files_is_shown() -> None:
    (entry,) = made_entries("a")
    entry["provenance"]["dataset"]["reading"] = {
        "splits": {"train": "Training/", "test": "20 % of the images"},
        "decisions": ["labels are text"],
        "left_out": [{"reason": "broken links", "n": 1200, "names": ["a.png"]}],
    }
    found = {fact.name: fact.text for fact in origins([entry])}
    assert found["Splits"] == "train: Training/; test: 20 % of the images"
    assert found["Understood"] == "labels are text"
    assert found["Left out"] == "1,200 broken links"


@pytest.mark.parametrize(
    ("device", "deterministic", "canonical", "shown"),
    [
        ("cpu", True, True, "torch on cpu, reproducible bit for bit, on other processors too"),
        ("cpu", True, False, "torch on cpu, reproducible bit for bit"),
        ("cuda:1", False, False, "torch on cuda:1, reproducible up to rounding"),
    ],
)
def test_what_the_engine_promises(
    device: str, deterministic: bool, canonical: bool, shown: str
) -> None:
    (entry,) = made_entries("a")
    entry["provenance"]["engine"] = {
        "name": "torch",
        "instructions": None,
        "device": device,
        "deterministic": deterministic,
        "canonical": canonical,
    }
    assert {fact.name: fact.text for fact in origins([entry])}["Engine"] == shown


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (226, "3 min 46 s"),
        (3600, "1 h"),
        (3661, "1 h 1 min"),
        (90000, "1 d 1 h"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text
