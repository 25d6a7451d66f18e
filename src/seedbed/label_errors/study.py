"""The study that an audit trains: one network, cross-validated several times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from seedbed.core.errors import DataError, StudyError
from seedbed.data.catalog import CATALOG, find_published
from seedbed.data.images import DatasetSplits
from seedbed.data.reading import LayoutName
from seedbed.execution.downloads import download_progress
from seedbed.study.loaded import LoadedStudy
from seedbed.study.spec.configuration import Configuration
from seedbed.study.spec.folder import folder_study, study_name
from seedbed.study.spec.overrides import Override
from seedbed.study.spec.reader import load_study, parse_values
from seedbed.study.spec.selection import Selection
from seedbed.study.spec.toml import parse_toml
from seedbed.study.store.study import StudyStore

FOLDS: Final = 3
"""At the same cost, more networks from fewer images beat fewer from more (LOG.md)."""
EPOCHS: Final = {3_000: 40, 10_000: 20, 30_000: 10}
"""Up to so many images, so many epochs; for more images, :data:`FEWEST`. Fewer images need more,
and still more would memorize wrong labels."""
FEWEST: Final = 6
REPEATS: Final = {1_000: 12, 3_000: 8, 10_000: 6}
"""Up to so many images, so many divisions into folds; for more, :data:`LEAST`. The mean of several
networks is better and better calibrated than one."""
LEAST: Final = 4
RECIPE: Final[Mapping[str, Any]] = {
    "ema_decay": 0.99,
    "augmentation": {"shift": 2, "rotation": 10, "scale": 0.1},
}
NETWORK: Final = "lenet5"
DRAWN: Final = ("symmetric", "pair", "matrix")
"""Kinds of noise that every seed draws anew."""
CONSTANT: Final = {
    "checkpoint": "last",
    "validation_size": 0,
}
"""Settings of a study's recipe that folds replace."""


@dataclass(frozen=True)
class Audited:
    """What is audited: a dataset, perhaps with planted noise, and how networks are trained."""

    name: str
    """Of the audit's study."""
    dataset: dict[str, Any]
    noise: dict[str, Any]
    noise_seed: int
    network: dict[str, Any] | str
    recipe: dict[str, Any]
    default_epochs: bool
    """Whether the recipe leaves epochs and batch size to the audit."""
    label: str = ""
    """Of the configuration, if it is one of a study."""
    folder: str = ""
    """The name of its folder among the audits of a study."""


def audited(
    data: str,
    *,
    layout: LayoutName | None = None,
    label_column: str | None = None,
    only: Sequence[str] = (),
    seeds: int | None = None,
) -> tuple[Audited, ...]:
    """Return what ``data`` names: of a study, every configuration with every draw of its noise.

    Args:
        data: The folder of a study, a study file, the name of a published dataset, or the path of
            images.
        layout: What the folders of a folder of images are, where they do not tell.
        label_column: The column of labels, where a table does not tell.
        only: Conditions that select configurations of a study.
        seeds: How many draws of the noise of a study; by default one for each of its seeds.

    Raises:
        SeedbedError: If it names none of these.
    """
    path = Path(data)
    if (path / "study.toml").is_file() or (path.suffix == ".toml" and path.is_file()):
        store = StudyStore(path)
        spec = store.read_study() if path.is_dir() else load_study(data)
        chosen = Selection.parse(only, ()).of(spec.configurations)
        draws = tuple(dict.fromkeys(each.noise for each in spec.seeds))[:seeds]
        return tuple(
            _of_configuration(spec.name, item, draw, number)
            for number, item in enumerate(spec.configurations, start=1)
            if item in chosen
            for draw in (draws if item.noise.kind in DRAWN else draws[:1])
        )
    if data not in CATALOG and not path.exists():
        find_published(data)  # which raises, and suggests the nearest name
    for option, given in (("only", only), ("seeds", seeds)):
        if given:
            raise StudyError("is for studies", where=option, hint=f"{data} is no study")
    if data in CATALOG:
        return (_of_dataset(data, {"name": data}),)
    table = parse_toml(folder_study(path, layout, label_column), data)["dataset"]
    if "test_fraction" in table:  # nothing is held out: all labels are audited by folds
        table["test_fraction"] = 0
    return (_of_dataset(study_name(path), table),)


def load(
    of: Audited,
    *,
    folds: int = FOLDS,
    repeats: int | None = None,
    overrides: Sequence[Override] = (),
    data_root: Path | None = None,
) -> LoadedStudy:
    """Return the study of an audit with its dataset in memory.

    Raises:
        DataError: If the dataset cannot be used.
        StudyError: If a setting is invalid.
    """
    spec = parse_values(_values(of, folds, repeats or 1, 0), "audit", overrides)
    with download_progress() as progress:
        dataset = spec.datasets[0].load(data_root, progress)
    _check(dataset, folds)
    count = len(dataset.train)
    values = _values(of, folds, repeats or _step(REPEATS, LEAST, count), count)
    values["keep_logits"] = ["validation", *(["test"] if "test" in dataset.splits else [])]
    spec = parse_values(values, "audit", overrides)
    bound = spec.with_fingerprints({spec.datasets[0]: dataset.fingerprint})
    return LoadedStudy(bound, {dataset.fingerprint: dataset})


def default_recipe(images: int) -> dict[str, Any]:
    """Return the settings of the recipe for so many training images."""
    small = images <= max(REPEATS)
    return {
        "epochs": _step(EPOCHS, FEWEST, images),
        "batch_size": 32 if small else 64,
        **RECIPE,
    }


def default_repeats(images: int) -> int:
    """Return the number of divisions into folds for so many training images."""
    return _step(REPEATS, LEAST, images)


def _values(of: Audited, folds: int, repeats: int, images: int) -> dict[str, Any]:
    recipe = {**(default_recipe(images) if of.default_epochs else {}), **of.recipe}
    return {
        "name": f"audit-{of.name}"[:100],
        "dataset": of.dataset,
        "noise": of.noise,
        "network": of.network,
        "seeds": {"run": folds * repeats, "noise": [of.noise_seed]},
        "recipe": {"evaluate_every": recipe["epochs"], **recipe, "folds": folds},
    }


def _of_dataset(name: str, table: dict[str, Any]) -> Audited:
    return Audited(name, table, {"kind": "none"}, 0, NETWORK, {}, default_epochs=True)


def _of_configuration(
    name: str, configuration: Configuration, noise_seed: int, number: int
) -> Audited:
    tables = configuration.tables
    recipe = {
        key: value
        for key, value in (tables["recipe"] | CONSTANT).items()
        if key not in ("train_size", "folds", "evaluate_every")
    }
    return Audited(
        name,
        tables["dataset"],
        tables["noise"],
        noise_seed,
        tables["network"],
        recipe,
        default_epochs=False,
        label=configuration.label,
        folder=f"configuration{number}-noise{noise_seed}",
    )


def _check(dataset: DatasetSplits, folds: int) -> None:
    train = dataset.train
    if len(train.class_names) < 2:
        raise DataError(
            "has one class", where=dataset.name, expected="two or more, for labels to be wrong"
        )
    if len(train) < 10 * folds:
        raise DataError(
            f"has {len(train)} training images",
            where=dataset.name,
            expected=f"{10 * folds} or more for {folds} folds",
        )


def _step(steps: Mapping[int, int], rest: int, images: int) -> int:
    return next((value for most, value in steps.items() if images <= most), rest)
