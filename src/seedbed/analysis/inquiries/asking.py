"""The runner of all inquiries: it asks the weights of finished runs what is not known of them.

See :mod:`seedbed.analysis.inquiries.inquiry`.
"""

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from threading import Event
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.entry import Entry
from seedbed.analysis.inquiries.asked_run import MOST_IMAGES, AskedRun, chosen_images
from seedbed.analysis.inquiries.inquiry import Inquiry
from seedbed.analysis.registry import inquiries
from seedbed.analysis.representatives import representative_places, representatives
from seedbed.execution.threads import cores_to_use
from seedbed.study.completed import FinishedRun, finished_runs
from seedbed.study.loaded import LoadedStudy
from seedbed.study.spec.study import StudySpec
from seedbed.study.store.dataset import reload_dataset
from seedbed.study.store.study import StudyStore
from seedbed.training.engine import Engine

Wanted = Mapping[str, Collection[str]]
"""Name of an analysis -> ids of the configurations whose runs are asked."""
Say = Callable[[str], None]
MOST_CONFIGURATIONS: Final = 50
"""Of studies with more, only those configurations are asked that represent their networks: the
answers of a run may take a second."""


def wanted(spec: StudySpec) -> dict[str, set[str]]:
    """Return which configurations of a study each inquiry asks."""
    first, *_ = configurations = spec.configurations
    same = [each for each in configurations if each.fingerprint == first.fingerprint]
    chosen = {same[place].id for place in representative_places([each.settings for each in same])}
    ids = {configuration.id for configuration in configurations}
    return {
        name: chosen if _only_representatives(inquiry, len(configurations)) else ids
        for name, inquiry in inquiries().items()
    }


def _only_representatives(inquiry: Inquiry[Any], configurations: int) -> bool:
    return inquiry.representatives_only or configurations > MOST_CONFIGURATIONS


def unanswered(entries: Sequence[Entry]) -> dict[str, set[str]]:
    """Return which entries of a summary lack answers of some of their runs, by their ids.

    Entries of external predictions have no weights that could be asked.
    """
    stored = [entry for entry in entries if entry.header.settings]
    chosen = [network.entry for network in representatives(entries)]
    incomplete = {
        name: {
            entry.header.id
            for entry in (chosen if _only_representatives(inquiry, len(stored)) else stored)
            if entry.header.test_images and entry.header.n > inquiry.known_runs(entry)
        }
        for name, inquiry in inquiries().items()
    }
    return {name: ids for name, ids in incomplete.items() if ids}


def complete(
    store: StudyStore,
    asked: Wanted,
    *,
    study: LoadedStudy | None = None,
    engine: Engine | None = None,
    data_root: Path | None = None,
    threads: int | None = None,
    say: Say = lambda _: None,
) -> Mapping[str, Any]:
    """Ask the runs of a study what is not known of them, and store the answers.

    Args:
        store: Of the study.
        asked: Which configurations, by inquiry.
        study: With its datasets, if they are in memory; by default they are read again.
        engine: What evaluates the networks; by default the one that would train the study here.
        data_root: Where published datasets are looked for first.
        threads: Cores to use; all by default. Never changes an answer.
        say: Told in a line what is about to be done.

    Returns:
        The datasets that were needed, by fingerprint: none where nothing was missing.

    Raises:
        KeyboardInterrupt: Within about a second of Ctrl-C; what is known is stored.
        SeedbedError: If the images are gone, the engine lacks a layer, weights belong to another
            network, or something cannot be read or written.
    """
    spec = study.spec if study else store.read_study()
    # Reading results never runs the code of users that they name.
    skipped = set() if study else {each.id for each in spec.configurations if each.has_user_module}
    ids = set[str]().union(*asked.values()) - skipped
    finished = finished_runs(store, spec, ids)
    tasks = {
        name: runs
        for name, inquiry in inquiries().items()
        if (runs := open_runs(inquiry, finished, asked.get(name, ())))
    }
    if not tasks:
        return {}
    asked_runs = list({run.planned.id: run for runs in tasks.values() for run in runs}.values())
    study = study or LoadedStudy(spec, _datasets(spec, asked_runs, data_root))
    engine = engine or study.choose_engine([run.configuration for run in asked_runs]).engine
    largest = max(
        len(dataset.test) for dataset in study.datasets.values() if "test" in dataset.splits
    )
    with store.lock():
        for name, runs in tasks.items():
            inquiry = inquiries()[name]
            if len(runs) >= inquiry.announced_from:
                say(inquiry.announcement(len(runs), min(largest, MOST_IMAGES)))
            ask(inquiry, study, runs, engine, threads=cores_to_use(threads))
    return study.datasets


def open_runs(
    inquiry: Inquiry[Any], runs: Sequence[FinishedRun], configurations: Collection[str]
) -> list[FinishedRun]:
    """Return those runs of some configurations, by their ids, of which an answer is missing.

    Questions are about test images: runs without a test split are not asked. Weights that were
    pruned cannot answer.
    """
    return [
        run
        for run in runs
        if run.configuration.id in configurations
        and run.record.dataset.test_images
        and not run.record.pruned
        and inquiry.can_answer(run.record)
        and inquiry.missing(_answers(inquiry, run))
    ]


def ask(
    inquiry: Inquiry[Any],
    study: LoadedStudy,
    runs: Sequence[FinishedRun],
    engine: Engine,
    *,
    threads: int,
) -> None:
    """Ask runs every question that they have not answered, and store each answer at once.

    Args:
        inquiry: What to ask.
        study: With the datasets of all these runs.
        runs: Of :func:`open_runs`.
        engine: What evaluates the networks.
        threads: Cores to use. Never changes an answer.

    Raises:
        KeyboardInterrupt: Within about a second of Ctrl-C; what is known is stored.
        NetworkError: If the engine lacks a layer of a network, or weights belong to another one;
            before anything is asked in the first case.
        StoreError: If something cannot be written.
    """
    by_dataset: dict[str, list[FinishedRun]] = {}
    for run in runs:
        task = study.task(run.planned)
        engine.check_network(task.network, task.dataset.image_shape)
        by_dataset.setdefault(run.configuration.fingerprint, []).append(run)
    stop = Event()
    with ThreadPoolExecutor(max(1, min(threads, len(runs)))) as workers:
        try:
            for fingerprint, of_dataset in by_dataset.items():
                test = study.datasets[fingerprint].test
                index = chosen_images(len(test))
                images, labels = test.images[index], test.labels[index]
                for question, open_now in _questions(inquiry, of_dataset):
                    given = inquiry.images(images, question)

                    def answer(
                        run: FinishedRun,
                        question: Hashable = question,
                        given: NDArray[np.uint8] = given,
                        index: NDArray[np.int64] = index,
                        labels: NDArray[np.int64] = labels,
                    ) -> None:
                        task = study.task(run.planned)
                        asked = AskedRun(run, task, engine, given, labels, index, stop)
                        answers = inquiry.answer(_answers(inquiry, run), question, asked)
                        run.store.write_answers(inquiry.file, inquiry.write(answers))

                    for _ in workers.map(answer, open_now):
                        pass
        finally:
            stop.set()


def _questions(
    inquiry: Inquiry[Any], runs: Sequence[FinishedRun]
) -> Iterator[tuple[Hashable, list[FinishedRun]]]:
    """Yield each question that some run has not answered, with these runs."""
    missing = {run.planned.id: inquiry.missing(_answers(inquiry, run)) for run in runs}
    for question in dict.fromkeys(chain.from_iterable(missing.values())):
        yield question, [run for run in runs if question in missing[run.planned.id]]


def _answers(inquiry: Inquiry[Any], run: FinishedRun) -> Any:
    contents = run.store.read_answers(inquiry.file)
    return inquiry.read(contents, run.record.weights_sha256)


def _datasets(
    spec: StudySpec, runs: Sequence[FinishedRun], data_root: Path | None
) -> dict[str, Any]:
    sources = {run.configuration.fingerprint: run.record.dataset.source for run in runs}
    return {
        dataset.fingerprint: reload_dataset(dataset, sources[dataset.fingerprint], data_root)
        for dataset in spec.datasets
        if dataset.fingerprint in sources
    }
