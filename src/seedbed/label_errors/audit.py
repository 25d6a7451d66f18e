"""An audit from beginning to end: train, gather the predictions, score, write."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seedbed.core.arguments import optional_path, whole
from seedbed.core.errors import DataError, StoreError, StudyError
from seedbed.data.images import DatasetSplits, ImageDataset
from seedbed.execution.memory import train
from seedbed.execution.missing import refuse_owners, train_missing
from seedbed.execution.monitor import Monitor
from seedbed.execution.threads import cores_to_use
from seedbed.label_errors.forward import audit_features, run_logits
from seedbed.label_errors.output.files import write_files
from seedbed.label_errors.predictions import Part, gather
from seedbed.label_errors.result import LabelAudit, audit_predictions
from seedbed.label_errors.study import FOLDS, Audited, default_recipe, default_repeats, load
from seedbed.label_errors.training import Training
from seedbed.networks.network import Network
from seedbed.networks.zoo import lenet5
from seedbed.study.completed import finished_runs
from seedbed.study.loaded import LoadedStudy
from seedbed.study.spec.overrides import Override
from seedbed.study.store.study import StudyStore
from seedbed.training.engine import Engine
from seedbed.training.recipe import Recipe

FDR = 0.1
"""The false discovery rate of the finds, where none is asked for."""


@dataclass(frozen=True)
class AuditedFolder:
    """An audit, and where its files are."""

    audit: LabelAudit
    folder: Path
    study: LoadedStudy
    """Whose runs are the networks."""
    engine: Engine

    @property
    def dataset(self) -> DatasetSplits:
        """The audited dataset."""
        return next(iter(self.study.datasets.values()))

    def features(self) -> NDArray[np.float32] | None:
        """See :func:`~seedbed.label_errors.forward.audit_features`."""
        return audit_features(self.study, StudyStore(self.folder), self.engine)


def audit_labels(
    of: Audited,
    folder: Path,
    *,
    folds: int = FOLDS,
    repeats: int | None = None,
    fdr: float = FDR,
    settings: Sequence[Override] = (),
    threads: int | None = None,
    data_root: str | Path | None = None,
    quiet: bool = False,
    monitor: Monitor | None = None,
) -> AuditedFolder:
    """Audit the labels of a dataset, and write ``audit.csv`` and ``audit.json``.

    The networks are trained as the runs of a study in the same folder, so it may be stopped and
    resumed like one.

    Args:
        of: What is audited; the noise of a study counts as planted.
        folder: Of the results.
        folds: Number of folds, 2 or more.
        repeats: Number of divisions into folds; by default 4 to 12, more for fewer images.
        fdr: The false discovery rate of the finds, above 0 and below 1.
        settings: Settings that replace those of the audit's study, as in ``recipe.epochs``.
        threads: Cores to use; all by default. Does not change results.
        data_root: Folder to search for datasets first.
        quiet: Whether to hide the progress.
        monitor: Shows the progress.

    Raises:
        KeyboardInterrupt: After Ctrl-C; finished epochs are stored.
        SeedbedError: If the data, an option or the folder cannot be used.
    """
    check_options(folds, repeats, fdr)
    threads = cores_to_use(threads)
    store = StudyStore(folder)
    store.check_writable()
    study = load(
        of,
        folds=folds,
        repeats=repeats,
        overrides=settings,
        data_root=optional_path("data_root", data_root),
    )
    engine, owners = train_missing(study, store, threads=threads, quiet=quiet, monitor=monitor)
    refuse_owners(owners, store, "runs of the audit")
    audit = audit_study(study, store, engine, fdr)
    write_files(audit, store.folder)
    return AuditedFolder(audit, store.folder, study, engine)


def audit_study(study: LoadedStudy, store: StudyStore, engine: Engine, fdr: float) -> LabelAudit:
    """Audit the labels of a study by its finished runs, each of which held out a fold.

    Raises:
        StoreError: If an image has no prediction.
    """
    runs = finished_runs(store, study.spec)
    if not runs:
        raise StoreError("no run of the audit has finished", where=str(store.folder))
    configuration = study.spec.configurations[0]
    dataset, folds = study.dataset(configuration), configuration.recipe.folds or 1
    parts: dict[str, list[Part]] = {name: [] for name in dataset.splits}
    for number, run in enumerate(runs):
        logits, _ = run.store.predictions("validation")
        division = run.record.seeds["fold"] // folds
        parts["train"].append(Part(division, run.store.indices("validation"), logits))
        for name in dataset.splits.keys() - {"train"}:
            logits = (
                run.store.predictions("test")[0]
                if name == "test"
                else run_logits(run, study, engine, dataset.splits[name])
            )
            parts[name].append(Part(number, np.arange(len(logits)), logits))
    labels = study.task(runs[0].planned).sample().labels
    known = labels.clean if configuration.noise.active else None
    splits = tuple(
        gather(
            name,
            images,
            labels.noisy if name == "train" else images.labels,
            known if name == "train" else None,
            parts[name],
        )
        for name, images in dataset.splits.items()
    )
    training = Training.of([run.store.history() for run in runs], len(dataset.class_names))
    recipe = configuration.recipe
    return audit_predictions(
        dataset.title,
        splits,
        fdr=fdr,
        training=training,
        facts={
            "network": str(configuration.network["name"]),
            "runs": len(runs),
            "folds": folds,
            "epochs": recipe.epochs,
            "loss": recipe.loss.name,
            "fingerprint": dataset.fingerprint,
        },
    )


def audit(
    X: ArrayLike,  # noqa: N803 - as in scikit-learn
    y: ArrayLike,
    *,
    folds: int = FOLDS,
    repeats: int | None = None,
    fdr: float = FDR,
    network: Network | None = None,
    recipe: Recipe | None = None,
    threads: int | None = None,
) -> LabelAudit:
    """Audit the labels of images in memory; nothing is written.

    >>> found = seedbed.audit(X, y)
    >>> X[found.p_wrong > 0.5]

    ``found.pred_probs`` are out-of-fold predictions as cleanlab takes them.

    Args:
        X: Images, uint8, N×H×W or N×H×W×C with C = 1 or 3.
        y: Labels, N: numbers or texts.
        folds: Number of folds, 2 or more.
        repeats: Number of divisions into folds; by default 4 to 12, more for fewer images.
        fdr: The false discovery rate of the finds, above 0 and below 1.
        network: LeNet-5 by default.
        recipe: Its folds are replaced; by default as in ``seedbed audit``.
        threads: Cores to use; all by default. Does not change results.

    Raises:
        SeedbedError: If the images, the labels or an option cannot be used.
    """
    check_options(folds, repeats, fdr)
    images = np.asarray(X)
    given = np.asarray(y)
    if given.dtype.kind == "f" and not np.isfinite(given).all():
        raise DataError("y has labels that are no numbers", expected="a number or text per image")
    names, labels = np.unique(given, return_inverse=True)
    data = ImageDataset(
        np.ascontiguousarray(images[..., None] if images.ndim == 3 else images),
        labels.astype(np.int64),
        tuple(map(str, names.tolist())),
    )
    if len(names) < 2:
        raise DataError("y has one class", expected="two or more, for labels to be wrong")
    dataset = DatasetSplits("arrays", {"train": data})
    recipe = (recipe or Recipe(**default_recipe(len(data)))).model_copy(update={"folds": folds})
    count = repeats or default_repeats(len(data))
    runs = train(
        network or lenet5(len(names)),
        recipe,
        dataset,
        seeds=folds * count,
        keep_logits=("validation",),
        threads=threads,
    )
    finished = [(number, run) for number, run in enumerate(runs) if run.weights is not None]
    parts = [
        Part(number // folds, run.task.sample().validation, run.split_logits["validation"])
        for number, run in finished
    ]
    split = gather("train", data, data.labels, None, parts)
    training = Training.of([run.history for _, run in finished], len(names))
    return audit_predictions("arrays", (split,), fdr=fdr, training=training)


def check_options(folds: int, repeats: int | None, fdr: float) -> None:
    """Raise :class:`StudyError` for an option that is out of range."""
    whole("folds", folds, 2)
    if repeats is not None:
        whole("repeats", repeats, 1)
    if not 0 < fdr < 1:
        raise StudyError(
            f"the false discovery rate is {fdr!r}", where="fdr", expected="above 0 and below 1"
        )
