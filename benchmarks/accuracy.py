"""The accuracy that a recipe reaches: every run of a study, after its last epoch.

``python -m benchmarks.accuracy mnist fashion-mnist cifar10`` trains the built-in studies (or study
files) with as many seeds as they say, by ``seedbed run``, and reports what ``seedbed table`` finds:
training and test accuracy, mean, sample standard deviation, best. Nothing is chosen by looking at
the test images: no epoch, no seed, and no run is left out but one that diverged, which is named.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.machine import describe_machine
from benchmarks.measured import table
from benchmarks.outcome import RESULTS, Outcome, finish
from seedbed.display.escape import markdown
from seedbed.display.formatters import percent


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, print and keep the result."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("studies", nargs="+", metavar="STUDY", help="built in, or a TOML file")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the results")
    parser.add_argument("--name", default="accuracy", help="of the files of results")
    chosen, options = parser.parse_known_args(arguments)  # the others are those of seedbed run
    machine = describe_machine()
    measured = [found for study in chosen.studies for found in _measure(study, options)]
    header = ("study", "dataset", "n", "training accuracy", "test accuracy", "best", "seconds")
    blocks = [
        "Mean ± sample standard deviation over n runs, after the last epoch; the best single run "
        "on the test images; seconds for the whole study.",
        table(header, [_row(each) for each in measured]),
        *(
            f"Diverged in {each['study']}: {each['diverged']}"
            for each in measured
            if each["diverged"]
        ),
        *(f"Recipe of {each['study']}: `{_recipe(each)}`" for each in measured),
    ]
    finish(Outcome(chosen.name, "Accuracy", machine, blocks, {"studies": measured}), chosen.results)


def _measure(study: str, options: Sequence[str]) -> list[dict[str, Any]]:
    """Train a study and return what its table says of each configuration."""
    with tempfile.TemporaryDirectory() as parent:
        folder = str(Path(parent) / "study")
        start = time.perf_counter()
        _seedbed("run", study, "--out", folder, *options)
        seconds = time.perf_counter() - start
        answer = _seedbed("table", folder, "--format", "json", stdout=subprocess.PIPE)
    found: list[dict[str, Any]] = json.loads(answer)
    return [{"study": study, "seconds": seconds, **each} for each in found]


def _seedbed(*arguments: str, stdout: int | None = None) -> str:
    """Run a command; return its output if that is a pipe; end here if it fails and says why."""
    command = [sys.executable, "-m", "seedbed", *arguments]
    done = subprocess.run(command, stdout=stdout, text=True)
    if done.returncode != 0:
        raise SystemExit(done.returncode)
    return done.stdout


def _row(found: dict[str, Any]) -> tuple[str, ...]:
    train, test = found["train_accuracy"], found["test_accuracy"]
    return (
        markdown(found["study"]),
        markdown(found["configuration"]["dataset"]["title"]),
        str(found["n"]),
        f"{percent(train['mean'])} ± {percent(train['std'])}",
        f"{percent(test['mean'])} ± {percent(test['std'])}",
        percent(test["best"]),
        f"{found['seconds']:.0f}",
    )


def _recipe(found: dict[str, Any]) -> str:
    return json.dumps(found["configuration"]["recipe"])


if __name__ == "__main__":
    main()
