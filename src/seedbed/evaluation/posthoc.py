"""Ask stored runs what is not known of them: their features, and how robust networks are."""

import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

from seedbed.analysis.entry import Entry
from seedbed.core.errors import SeedbedError
from seedbed.data.images import DatasetSplits
from seedbed.display.escape import printable
from seedbed.evaluation.run_features import find_features, runs_without_features
from seedbed.evaluation.standing import standing
from seedbed.execution.memory import available_cores
from seedbed.study.completed import finished_runs
from seedbed.study.dataset_again import dataset_again
from seedbed.study.loaded import LoadedStudy
from seedbed.study.representatives import contenders
from seedbed.study.robustness import measure_robustness, open_runs, said
from seedbed.study.spec.study import StudySpec
from seedbed.study.store.study import StudyStore
from seedbed.training.engine import Engine

FEW: Final = 10
"""Runs whose features are computed before anybody wonders: about a second each."""


def ask_stored_weights(
    store: StudyStore,
    compared: Collection[str],
    *,
    study: LoadedStudy | None = None,
    engine: Engine | None = None,
    data_root: str | Path | None = None,
    threads: int | None = None,
    quiet: bool = False,
) -> Mapping[str, DatasetSplits]:
    """Ask the stored weights of a study what is not known yet, and store the answers.

    Whatever becomes of it, the other results are there: what fails is a line on standard error.

    Args:
        store: Of the study.
        compared: Ids of the configurations whose robustness is asked; features are of all.
        study: With its datasets, if they are in memory; else they are read again.
        engine: What is asked; by default the one that would train the study here.
        data_root: Where published datasets are looked for first.
        threads: Cores to use; all by default.
        quiet: Whether to say nothing but what went wrong.

    Returns:
        The datasets that were needed, by fingerprint.

    Raises:
        KeyboardInterrupt: Soon after Ctrl-C; answers so far are stored.
    """
    try:
        spec = study.spec if study else store.read_study()
        if study is None:  # whoever reads results runs no code that they name
            compared = set(compared) - {
                each.id for each in spec.configurations if each.has_user_module
            }
        finished = finished_runs(store, spec)
        robust = open_runs(finished, compared)
        featureless = runs_without_features(finished)
        asked = [*robust, *featureless]
        if not asked:
            return {}
        if study is None:
            sources = {
                each.planned.configuration.fingerprint: each.record.dataset.source for each in asked
            }
            study = LoadedStudy(spec, _datasets_again(spec, sources, data_root))
        if engine is None:
            engine = study.choose_engine([each.planned.configuration for each in asked]).engine
        threads = threads or available_cores()
        if robust:
            _say(said(robust, study.datasets), quiet=quiet)
            measure_robustness(study, robust, engine, threads=threads)
        if featureless:
            few = len(featureless) <= FEW
            _say(f"Analyzing the features of {len(featureless)} runs", quiet=quiet or few)
            find_features(study, featureless, engine, threads=threads)
    except SeedbedError as error:
        _say(f"The analysis of {store.folder} is incomplete: {error}")
        return {}
    return study.datasets


def unanswered(entries: Sequence[Entry]) -> tuple[set[str], bool]:
    """Return what :func:`ask_stored_weights` has to ask.

    Returns:
        The ids of the configurations whose robustness is not known and should be, and whether there
        is a stored run whose features are not known.
    """
    ids = {
        each.entry["id"]
        for each in standing(entries)
        if each.entry["n"] > len((each.entry["robustness"] or {"seeds": ()})["seeds"])
    }
    features = any(
        entry["n"] > (entry["feature_space"] or {"adjusted_rand": {"n": 0}})["adjusted_rand"]["n"]
        for entry in entries
        if entry["settings"]  # not from elsewhere
    )
    return ids, features


def ids_of_networks(spec: StudySpec) -> set[str]:
    """Return the ids of the configurations that represent the networks of a study."""
    every = spec.configurations
    same = [each for each in every if each.fingerprint == every[0].fingerprint]
    return {same[place].id for place in contenders([each.settings for each in same])}


def _datasets_again(
    spec: StudySpec, sources: Mapping[str, str], data_root: str | Path | None
) -> dict[str, DatasetSplits]:
    root = Path(data_root) if data_root is not None else None
    datasets = {}
    for each in spec.datasets:
        if each.fingerprint is not None and each.fingerprint in sources:
            datasets[each.fingerprint] = dataset_again(each, sources[each.fingerprint], root)
    return datasets


def _say(text: str, *, quiet: bool = False) -> None:
    if not quiet:
        print(f"seedbed: {printable(text)}", file=sys.stderr, flush=True)  # noqa: T201
