"""Trains some finished runs again, in memory, and compares them with what is stored."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from seedbed.analysis.statistics.equivalence import Equivalence, equivalence
from seedbed.analysis.verify.engine import EngineHere, engine_here
from seedbed.analysis.verify.finding import Finding
from seedbed.core.errors import SeedbedError
from seedbed.data.images import DatasetSplits
from seedbed.display.seed_names import run_name
from seedbed.execution.executor import (
    EpochsFinished,
    Failed,
    Finished,
    ImagesTrained,
    Job,
    Lost,
    Released,
)
from seedbed.execution.local import TICK, LocalExecutor
from seedbed.execution.monitor import Monitor, RunProgress
from seedbed.execution.progress import choose_monitor
from seedbed.study.completed import FinishedRun
from seedbed.study.loaded import run_task
from seedbed.study.spec.seeds import varied_streams
from seedbed.study.spec.study import StudySpec
from seedbed.study.store.ended import EndedRun
from seedbed.study.store.names import PREDICTIONS, WEIGHTS
from seedbed.training.engine import Arrays, Engine
from seedbed.training.metrics import accuracy
from seedbed.training.splits import learned_images


def repeat_runs(
    spec: StudySpec,
    runs: Sequence[FinishedRun],
    datasets: Mapping[str, DatasetSplits],
    count: int,
    margin: float,
    threads: int,
) -> Iterator[Finding]:
    """Train runs again and compare their bits, or else the distribution of their accuracies.

    Args:
        spec: The study.
        runs: Finished runs whose datasets are there.
        datasets: By fingerprint.
        count: How many to train again.
        margin: A fraction; see :mod:`seedbed.analysis.statistics.equivalence`.
        threads: Cores to use.

    Raises:
        KeyboardInterrupt: Within about a second of Ctrl-C.
    """
    chosen = evenly(runs, count)
    if not chosen:
        yield Finding("repeat", "no run can be trained again", "doubt")
        return
    tasks = {
        run.planned.id: run_task(run.planned, datasets[run.configuration.fingerprint])
        for run in chosen
    }
    try:
        here = {run.planned.id: engine_here(run.record, [tasks[run.planned.id]]) for run in chosen}
    except SeedbedError as error:
        yield Finding("repeat", f"no engine here can train the runs: {error}", "doubt")
        return
    differences: list[float] = []
    images: list[int] = []
    for engine, group in _by_engine(chosen, here):
        results = train_again(spec, group, datasets, engine, threads, choose_monitor())
        for run in group:
            finding, difference = _compare(run, results[run.planned.id], here[run.planned.id])
            yield finding
            if difference is not None:
                differences.append(difference)
                images.append(run.record.dataset.test_images)
    if differences:
        yield _distribution(equivalence(differences, margin, min(images)))


def evenly(runs: Sequence[FinishedRun], count: int) -> list[FinishedRun]:
    """Return so many runs, spread evenly from the first to the last."""
    places = np.linspace(0, len(runs) - 1, min(count, len(runs)))
    return [runs[place] for place in np.rint(places).astype(int)]


def train_again(
    spec: StudySpec,
    runs: Sequence[FinishedRun],
    datasets: Mapping[str, DatasetSplits],
    engine: Engine,
    threads: int,
    monitor: Monitor,
) -> dict[str, EndedRun]:
    """Return the results of runs by id; nothing is written."""
    executor = LocalExecutor(engine, datasets, threads=threads)
    positions = {run.planned.id: position for position, run in enumerate(runs)}
    results: dict[str, EndedRun] = {}
    monitor.begin([_progress(spec, run, datasets) for run in runs], 0)
    try:
        keep = ("test",)
        executor.submit([Job(run.planned, keep_logits=keep) for run in runs], lambda job: job)
        while len(results) < len(runs):
            match executor.next_event(TICK):
                case ImagesTrained() as event:
                    monitor.images_trained(positions[event.id], event.count)
                case EpochsFinished() as event:
                    for record in event.records:
                        monitor.epoch_finished(positions[event.id], record)
                case Finished() as event:
                    results[event.id] = event.ended
                    monitor.run_finished(positions[event.id], event.ended.diverged_epoch)
                case Failed() as event:
                    raise event.error
                case Lost() | Released():  # a local executor sends neither
                    raise AssertionError
            monitor.tick()
    finally:
        executor.stop()
        monitor.end()
    return results


def _progress(
    spec: StudySpec, run: FinishedRun, datasets: Mapping[str, DatasetSplits]
) -> RunProgress:
    configuration, seeds = run.configuration, run.planned.seeds
    label = configuration.label if len(spec.configurations) > 1 else ""
    train = datasets[configuration.fingerprint].train
    images = learned_images(configuration.recipe, train, seeds)
    name = run_name(seeds.key, varied_streams(spec.seeds))
    return RunProgress(label, name, configuration.recipe.epochs, 0, images)


def _by_engine(
    runs: Sequence[FinishedRun], here: Mapping[str, EngineHere]
) -> Iterator[tuple[Engine, list[FinishedRun]]]:
    """Yield the runs that one engine trains together."""
    groups: dict[object, tuple[Engine, list[FinishedRun]]] = {}
    for run in runs:
        engine = here[run.planned.id].engine
        key = (engine.facts.name, engine.facts.instructions, engine.facts.device)
        groups.setdefault(key, (engine, []))[1].append(run)
    yield from groups.values()


def _compare(run: FinishedRun, ended: EndedRun, here: EngineHere) -> tuple[Finding, float | None]:
    """Return what a repeated run shows, and the difference of accuracies if its bits may differ."""
    name = f"runs/{run.planned.id}"
    weights = ended.weights
    if weights is None:
        text = f"trained again, it diverged in epoch {ended.diverged_epoch}"
        return Finding(name, text, "doubt"), None
    stored = run.store.predictions() if PREDICTIONS in run.record.files else None
    logits = ended.logits
    if run.record.pruned:
        same = ended.hashes[WEIGHTS] == run.record.weights_sha256
    else:
        same = _same_bits(weights, run.store.weights())
    if stored is not None and logits is not None:
        same = same and np.array_equal(logits, stored[0])
    why = ", ".join(here.differences)
    if same:
        also = f", with {why}" if why else ""
        return Finding(name, f"trained again: weights and logits have the same bits{also}"), None
    if not why:
        return Finding(name, "trained again, its weights or logits have other bits", "doubt"), None
    if stored is None or logits is None:
        text = f"trained again with {why}: other bits, and no test accuracy to compare"
        return Finding(name, text, "open"), None
    before, now = accuracy(*stored), accuracy(logits, stored[1])
    text = f"trained again with {why}: test accuracy {now:.2%}, stored {before:.2%}"
    return Finding(name, text), now - before


def _same_bits(one: Arrays, other: Arrays) -> bool:
    return one.keys() == other.keys() and all(
        one[name].shape == other[name].shape and one[name].tobytes() == other[name].tobytes()
        for name in one
    )


def _distribution(test: Equivalence) -> Finding:
    n, name = test.difference.n, "accuracy of repeated runs"
    if test.interval is None or test.difference.mean is None:
        return Finding(name, "one run shows nothing about a distribution; repeat more", "open")
    low, high = 100 * test.interval.low, 100 * test.interval.high
    measured = (
        f"on average {100 * test.difference.mean:+.2f} percentage points, 90% interval "
        f"{low:+.2f} to {high:+.2f}, n = {n}"
    )
    margin = f"{100 * test.margin:g} points"
    if test.shown:
        return Finding(name, f"equivalent within {margin} ({measured})")
    if test.refuted:
        return Finding(name, f"differs by more than {margin} ({measured})", "doubt")
    text = f"neither equivalent within {margin} nor different can be shown ({measured})"
    hint = f"these runs show equivalence within {100 * test.within:.2f} points; repeat more"
    return Finding(name, f"{text}; {hint}", "open")
