"""The accuracy that a recipe reaches: every run of a study, after its last epoch.

``python -m benchmarks.accuracy mnist fashion-mnist cifar10`` trains the built-in studies (or study
files) with as many seeds as they say, and reports training and test accuracy: mean, sample standard
deviation, best. Nothing is chosen by looking at the test images: no epoch, no seed, no run is left
out but one that diverged, which is counted.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.machine import describe_machine
from benchmarks.measured import table
from benchmarks.outcome import RESULTS, Outcome, finish
from seedbed import train
from seedbed.report.tables import Accuracies, percent
from seedbed.study.reader import Override, load_study


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, print and keep the result."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("studies", nargs="+", metavar="STUDY", help="built in, or a TOML file")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="settings")
    parser.add_argument("--seeds", type=int, help="how many runs (default: what the study says)")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--name", default="accuracy", help="of the files of results")
    chosen = parser.parse_args(arguments)
    settings = [*chosen.settings, *([f"seeds={chosen.seeds}"] if chosen.seeds else [])]
    machine = describe_machine()
    measured = [
        _measure(study, [Override.parse(each) for each in settings]) for study in chosen.studies
    ]
    rows = [
        (
            f"{each['study']} ({each['dataset']})",
            str(each["n"]),
            f"{percent(each['train'].mean)} ± {percent(each['train'].std)}",
            f"{percent(each['test'].mean)} ± {percent(each['test'].std)}",
            percent(each["test"].best),
            f"{each['seconds']:.0f}",
        )
        for each in measured
    ]
    header = ("study (dataset)", "n", "training accuracy", "test accuracy", "best", "seconds")
    blocks = [
        "Mean ± sample standard deviation over n runs, after the last epoch.",
        table(header, rows),
        *(
            f"{each['study']}: {each['diverged']} diverged."
            for each in measured
            if each["diverged"]
        ),
        *(f"Recipe of {each['study']}: `{each['recipe']}`" for each in measured),
    ]
    values = {
        "studies": [
            each | {split: each[split].to_dict() for split in ("train", "test")}
            for each in measured
        ]
    }
    finish(Outcome(chosen.name, "Accuracy", machine, blocks, values), chosen.results)


def _measure(source: str, settings: Sequence[Override]) -> dict[str, Any]:
    """Train a study in memory, and return what is known of it."""
    study = load_study(source, settings)
    dataset = study.dataset.load()
    start = time.perf_counter()
    network = study.build_network(len(dataset.class_names))
    runs = train(network, study.recipe, dataset, study.seeds)
    seconds = time.perf_counter() - start
    finished = [run for run in runs if run.diverged_epoch is None]
    return {
        "study": study.name,
        "dataset": dataset.title,
        "fingerprint": dataset.fingerprint,
        "recipe": study.recipe.model_dump(mode="json"),
        "seeds": list(study.seeds),
        "n": len(finished),
        "diverged": len(runs) - len(finished),
        "train": Accuracies(tuple(run.history[-1].train_accuracy for run in finished)),
        "test": Accuracies(tuple(run.test_accuracy for run in finished)),
        "seconds": seconds,
    }


if __name__ == "__main__":
    main()
