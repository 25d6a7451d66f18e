"""What all analyses add to an entry: its keys, that all of it is JSON, and that it is quick."""

import json
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import pytest

from made_predictions import CASES, from_probabilities, made, made_runs
from seedbed.analysis.entry import Header
from seedbed.analysis.material import Material
from seedbed.analysis.predictions import Predictions
from seedbed.analysis.registry import analyses, charts, compute_all, tables
from seedbed.analysis.subjects.confusion.matrices import confusion_matrices


def everything(runs: Sequence[Predictions]) -> dict[str, Any]:
    """Return what all analyses find in the predictions of runs."""
    material = Material(runs, [f"run {number}" for number in range(len(runs))])
    return compute_all(material)


def test_keys() -> None:
    runs = made_runs(3)
    result = everything(runs)
    assert result["test_accuracy"].keys() == {
        "mean",
        "std",
        "best",
        "runs",
        "interval",
        "interval_new_images",
    }
    assert result["confusion"] == confusion_matrices(runs).mean.tolist()
    for pair in result["top_pairs"]:
        assert pair.keys() == {"true", "predicted", "rate", "images", "in_top"}
        assert {pair["true"], pair["predicted"]} <= set("abcde")
        for image in pair["images"]:
            assert image.keys() == {"index", "name", "hash", "probability", "n_wrong"}
    assert {"macro", "weighted", "per_class"} <= result["auc"].keys()
    assert all({"mean", "std"} <= each.keys() for each in result["auc"].values())
    assert {"ece", "brier"} <= result["calibration"].keys()
    assert [each["class"] for each in result["per_class"]] == list("abcde")
    assert sum(result["hard_examples"]["images_by_n_wrong"]) == 400
    assert result["hard_examples"]["examples"][0]["true"] in "abcde"


@pytest.mark.parametrize("case", CASES)
def test_all_of_it_is_json(case: str) -> None:
    run = CASES[case]()
    for runs in ([run], [run, run]):
        result = everything(runs)
        assert json.loads(json.dumps(result, allow_nan=False)) == result


def test_of_a_single_run() -> None:
    result = everything([made(100)])
    assert result["confusion_std"] is None
    assert result["test_accuracy"]["std"] is None
    assert result["auc"]["macro"]["std"] is None
    low, high = result["test_accuracy"]["interval_new_images"]
    assert low < result["test_accuracy"]["mean"] < high


def test_a_single_class() -> None:
    result = everything([from_probabilities(np.ones((4, 1)), np.zeros(4, np.int64))])
    assert result["test_accuracy"]["mean"] == 1
    assert result["auc"]["macro"]["mean"] is None
    assert result["confusion"] == [[1.0]]


def test_without_runs_every_field_is_there() -> None:
    nothing = compute_all(Material([], []))
    assert nothing.keys() == everything(made_runs(1)).keys()
    assert nothing["confusion"] is None


def test_no_two_analyses_share_a_field_or_a_name() -> None:
    fields = [
        field.encode_name
        for analysis in analyses()
        if analysis.result
        for field in msgspec.structs.fields(analysis.result)
    ]
    header = [field.encode_name for field in msgspec.structs.fields(Header)]
    assert len({*fields, *header}) == len(fields) + len(header)
    names = [analysis.name for analysis in analyses()]
    assert len(set(names)) == len(names)
    assert len(tables()) == sum(len(analysis.tables) for analysis in analyses())
    assert len(charts()) == sum(len(analysis.charts) for analysis in analyses())


def test_five_runs_on_ten_thousand_images_are_quick_and_small() -> None:
    # Forty such configurations are to take 10 s and 2 GiB; the time here is the processor's, and
    # allows for a machine that is busy with other things.
    runs = made_runs(5, 10_000, 10, skill=5)
    tracemalloc.start()
    size = len(json.dumps(everything(runs)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50 * 2**20
    assert size < 200_000
    runs = made_runs(5, 10_000, 10, skill=5)
    start = time.process_time()
    everything(runs)
    assert time.process_time() - start < 1


def test_listing_the_analyses_imports_nothing_heavy() -> None:
    program = (
        "import sys; from seedbed.analysis.registry import charts, tables; assert tables();"
        "assert charts(); print(*{'altair', 'numpy', 'pydantic', 'scipy'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
