"""Invented entries of a summary: what a study would have found, as far as it is compared."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from benchmarks.simulation.worlds import Answers, Floats, World
from seedbed.analysis.aggregate import Accuracies, Aggregate
from seedbed.analysis.entry import Entry, Header, StudyHeader, fields_of
from seedbed.analysis.intervals import with_intervals
from seedbed.analysis.registry import fields
from seedbed.analysis.subjects.accuracy.collapsed import collapsed_runs
from seedbed.analysis.subjects.accuracy.result import Accuracy
from seedbed.analysis.subjects.cost.result import Cost, CostResult
from seedbed.analysis.subjects.image_errors import ImageErrors, ImageErrorsOfRuns
from seedbed.analysis.subjects.noise.result import Noise, NoiseResult
from seedbed.analysis.summary_file import FORMAT


def entry(
    method: str,
    runs: Floats,
    world: World,
    *,
    answers: Answers | None = None,
    rate: float | None = None,
    dataset: str = "invented",
    **study: Any,
) -> Entry:
    """Return the entry of a configuration with these runs.

    Args:
        method: A number: methods differ in their learning rate, and in their costs.
        runs: The test accuracy of each.
        world: Where they are.
        answers: bool, n×N: which images each run gets right, where they are drawn one by one.
        rate: Of label noise; without it, nothing is known of noise.
        dataset: Datasets differ in their test images.
        **study: What the study file says, such as its claims.
    """
    seeds = tuple(range(len(runs)))
    settings: dict[str, Any] = {"recipe.learning_rate": int(method), "dataset.name": dataset}
    configuration = {"recipe": {"learning_rate": int(method)}, "dataset": {"name": dataset}}
    label = f"learning_rate={method}"
    noise = {} if rate is None else {"kind": "symmetric", "rate": rate}
    if noise:
        label += f", noise.rate={rate}"
        configuration["noise"] = noise
        settings |= {f"noise.{name}": value for name, value in noise.items()}
    if dataset != "invented":
        label += f", {dataset}"
    header = Header(
        format=FORMAT,
        source_hash=None,
        study=StudyHeader("invented", 0, (), **study),
        id=label,
        label=label,
        variant=None,
        configuration=configuration,
        settings=settings,
        network="lenet5",
        dataset=dataset,
        modified=None,
        test_fingerprint=dataset,
        test_images=world.images,
        class_names=("0", "1"),
        n=len(seeds),
        seeds=seeds,
        diverged=(),
        unfinished=(),
        checkpoint="last",
        epochs=1,
        selected_epochs=(1,) * len(seeds),
        warnings=(),
        provenance=None,
    )
    cost = Cost(1000 * (1 + int(method)), 1000, 1, 1, 10.0 - int(method) / 2, 0.1, 1.0, 1)
    known = fields_of(header) | fields_of(_accuracy(seeds, runs, world))
    known |= fields_of(CostResult(cost))
    if noise:
        known |= fields_of(NoiseResult(_noise(noise)))
    if answers is not None:
        known |= fields_of(ImageErrorsOfRuns(_errors(answers)))
    return Entry({**_NOTHING, **known})


def _accuracy(seeds: Sequence[int], runs: Floats, world: World) -> Accuracy:
    test = Accuracies.of(runs.tolist())
    collapsed = collapsed_runs(seeds, test.runs, world.images)
    without = None
    if collapsed:
        out = {run.seed for run in collapsed}
        kept = Accuracies.of(value for seed, value in enumerate(test.runs) if seed not in out)
        without = with_intervals(kept, world.images)
    else:
        test = with_intervals(test, world.images)
    return Accuracy(
        train_accuracy=test, test_accuracy=test, collapsed=collapsed, without_collapsed=without
    )


def _noise(settings: Mapping[str, Any]) -> Noise:
    rate = settings["rate"]
    unknown = Aggregate(None, None, 0)
    return Noise(
        kind=settings["kind"],
        rate=rate,
        observed_rate=rate,
        observed_rate_std=0.0,
        observed_rates=(),
        matrix=None,
        transition=None,
        settings=dict(settings),
        clean_train_accuracy=unknown,
        memorized=unknown,
        recovered=unknown,
    )


def _errors(answers: Answers) -> ImageErrors:
    """Return the errors of runs in two classes: every label is 0, and what is wrong is 1."""
    n_wrong = (~answers).sum(axis=0)
    index = np.flatnonzero(n_wrong)
    return ImageErrors(
        index=tuple(index.tolist()),
        name=None,
        hash=None,
        true=(0,) * len(index),
        predicted=(1,) * len(index),
        n_wrong=tuple(n_wrong[index].tolist()),
        probability=None,
        wrong_by_run=tuple(
            b64encode(np.packbits(~run[index]).tobytes()).decode() for run in answers
        ),
    )


_NOTHING: Final[Mapping[str, Any]] = dict.fromkeys(fields())
