"""Ask what is missing of the robustness of networks, where a study compares some.

It takes a while, so it is said in a line; and whatever becomes of it, the other results are there.
"""

import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from seedbed.cli.table import summary_of
from seedbed.data.images import DatasetSplits
from seedbed.errors import SeedbedError
from seedbed.evaluation.standing import standing
from seedbed.report.escape import printable
from seedbed.study.contenders import contenders
from seedbed.study.dataset_again import dataset_again
from seedbed.study.loaded import LoadedStudy
from seedbed.study.robustness import OpenRun, measure_robustness, open_runs, said
from seedbed.study.spec import StudySpec
from seedbed.study.store import StudyStore
from seedbed.study.summary_file import Entry
from seedbed.training.engine import Engine
from seedbed.training.train import ENGINES, available_cores


def complete_robustness(
    store: StudyStore,
    configurations: Collection[str],
    *,
    study: LoadedStudy | None = None,
    engine: Engine | None = None,
    data_root: Path | None = None,
    threads: int | None = None,
    quiet: bool = False,
) -> Mapping[str, DatasetSplits]:
    """Ask the runs of these configurations what they have not been asked.

    Args:
        store: Of the study.
        configurations: Their ids.
        study: With its datasets, if they are in memory; else they are found again.
        engine: What is asked.
        data_root: Where published datasets are looked for first.
        threads: Cores to use; all by default.
        quiet: Whether to say nothing but what went wrong.

    Returns:
        The datasets that were needed, by fingerprint.

    """
    if not configurations:
        return {}
    try:
        spec = study.spec if study else store.read_study()
        runs = open_runs(store, spec, configurations)
        if not runs:
            return {}
        study = study or LoadedStudy(spec, _datasets(spec, runs, data_root))
        if not quiet:
            print(said(runs, study.datasets), file=sys.stderr, flush=True)
        with store.lock():
            measure_robustness(
                study,
                runs,
                engine or ENGINES["lanes"](),
                threads=threads or available_cores(),
            )
    except SeedbedError as error:
        where = printable(str(store.folder))
        print(f"No robustness of the networks in {where}: {printable(str(error))}", file=sys.stderr)
        return {}
    return study.datasets


def with_robustness(
    folder: Path, data_root: Path | None
) -> tuple[list[Entry], Mapping[str, DatasetSplits]]:
    """Return the summary of a folder, completed, and the datasets that were needed for that."""
    entries = summary_of(folder)
    store = StudyStore(folder)
    datasets = complete_robustness(store, without_robustness(entries), data_root=data_root)
    return (summary_of(folder) if datasets else entries), datasets


def networks_of(spec: StudySpec) -> set[str]:
    """Return the ids of the configurations that stand for the networks of a study."""
    every = spec.configurations
    same = [each for each in every if each.fingerprint == every[0].fingerprint]
    return {same[place].id for place in contenders([each.settings for each in same])}


def without_robustness(entries: Sequence[Entry]) -> set[str]:
    """Return the ids of those entries that stand for networks, and have not been asked all."""
    return {
        each.entry["id"]
        for each in standing(entries)
        if each.entry["n"] > len((each.entry["robustness"] or {"seeds": ()})["seeds"])
    }


def _datasets(
    spec: StudySpec, runs: Sequence[OpenRun], data_root: Path | None
) -> dict[str, DatasetSplits]:
    sources = {each.planned.configuration.fingerprint: each.source for each in runs}
    return {
        each.fingerprint: dataset_again(each, sources[each.fingerprint], data_root)
        for each in spec.datasets
        if each.fingerprint in sources
    }
