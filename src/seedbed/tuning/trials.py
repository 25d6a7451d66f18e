"""The study of trials: every combination of candidates is one of its configurations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seedbed.core.errors import StudyError
from seedbed.core.seeds import Seeds
from seedbed.data.images import DatasetSplits
from seedbed.study.loaded import LoadedStudy
from seedbed.study.results import results_of
from seedbed.study.spec.configuration import Configuration, DatasetSpec
from seedbed.study.spec.labels import labeled
from seedbed.study.spec.reader import parse_values
from seedbed.study.spec.study import StudySpec
from seedbed.study.store.study import StudyStore
from seedbed.study.tuning import Tune
from seedbed.training.metrics import accuracy
from seedbed.training.splits import held_out_images, learned_images
from seedbed.tuning.combinations import Group, plain, short_names

Images = Mapping[DatasetSpec, DatasetSplits]
"""The datasets of a study, without their test splits."""


@dataclass(frozen=True)
class Trial:
    """A combination, and the validation accuracies of its runs."""

    number: int
    """The position of the combination in :attr:`Group.combinations`."""
    accuracies: Mapping[int, float]
    """Seed -> the mean over the configurations that share the choice, for seeds of which all of
    these runs have finished."""
    diverged: int
    """How many runs diverged."""


def trial_study(
    spec: StudySpec, groups: Sequence[Group], tried: Sequence[Sequence[int]], images: Images
) -> LoadedStudy:
    """Return the study of the trials so far.

    Args:
        spec: The study that is tuned.
        groups: Of its configurations.
        tried: The combinations of each group in the order of the trials, one or more.
        images: The datasets.

    Raises:
        StudyError: If trials cannot hold out images, or two trials are the same.
    """
    assert spec.tune is not None
    members = [(group, item) for group in groups for item in group.trained]
    # Only what differs among the trained: others, on which no trial is trained, vary in more.
    trained = labeled([item for _, item in members])
    names = short_names([plain(item.label) for item in trained])
    numbers = dict(zip([group.name for group in groups], tried, strict=True))
    variants = []
    for name, (group, item) in zip(names, members, strict=True):
        recipes = []
        for number in numbers[group.name]:
            recipe = group.recipe(item, group.combinations[number])
            recipes.append(recipe | _held_out(spec.tune, item, images[item.dataset]))
        tables = item.tables
        dataset = {key: value for key, value in tables["dataset"].items() if key != "fingerprint"}
        variants.append(
            {
                "name": name,
                "dataset": dataset | {"without_test": True},
                "noise": tables["noise"],
                "network": tables["network"],
                "recipe": recipes,
            }
        )
    values = {
        "name": f"{spec.name[:95]}-tune",
        "seeds": list(spec.tune.seeds),
        "engine": spec.engine,
        "device": spec.device,
        "deterministic": spec.deterministic,
        "keep_logits": ["validation"],
        "keep": ["logits"],
        "variants": variants,
    }
    trials = parse_values(values, "tune")
    known = {each.fingerprint: each for each in images.values()}
    fingerprints = {
        item.model_copy(update={"fingerprint": None, "without_test": True}): each.fingerprint
        for item, each in images.items()
    }
    return LoadedStudy(trials.with_fingerprints(fingerprints), known)


def read_trials(
    study: LoadedStudy, store: StudyStore, groups: Sequence[Group], tried: Sequence[Sequence[int]]
) -> list[list[Trial]] | None:
    """Return trials of each group from the stored runs of a study of trials.

    Args:
        study: The study of trials.
        store: Its folder, which may have more.
        groups: Of the configurations that are tuned.
        tried: The combinations of each group in the study.

    Returns:
        ``None`` if a run is missing.
    """
    results = iter(results_of(study.spec, store).configurations)
    trials = []
    for group, numbers in zip(groups, tried, strict=True):
        by_member = [[next(results) for _ in numbers] for _ in group.trained]
        of_group = []
        for number, members in zip(numbers, zip(*by_member, strict=True), strict=True):
            if any(each.unfinished_seeds for each in members):
                return None
            finished = [
                {int(run.record.seed): _accuracy(store, run.record.id) for run in each.finished}
                for each in members
            ]
            seeds = [seed for seed in finished[0] if all(seed in each for each in finished)]
            accuracies = {
                seed: sum(each[seed] for each in finished) / len(finished) for seed in seeds
            }
            of_group.append(Trial(number, accuracies, sum(len(each.diverged) for each in members)))
        trials.append(of_group)
    return trials


def _accuracy(store: StudyStore, run_id: str) -> float:
    """Return the accuracy of a finished run on the labels that it held out."""
    logits, labels = store.run(run_id).predictions("validation")
    return accuracy(logits, labels)


def images_used(tune: Tune, item: Configuration, images: DatasetSplits) -> tuple[int, int]:
    """Return how many images a trial learns from, and how many it is judged by.

    Together these are the images that a run of the tuned study uses.

    Raises:
        StudyError: If there are none to be judged by, or these would have clean labels although
            the study has label noise.
    """
    recipe, seeds = item.recipe, Seeds()
    if recipe.folds is not None:
        raise StudyError(
            "trials hold out images themselves",
            where="recipe.folds",
            expected="no folds in a study that is tuned",
        )
    learned = learned_images(recipe, images.train, seeds)
    used = learned + held_out_images(recipe, images.train, seeds)
    if tune.validation_fraction == 0:
        own = images.splits.get("validation")
        if own is None or recipe.validation_size or item.noise.active:
            raise StudyError(
                "trials need validation images"
                if own is None
                else "the labels of the dataset's validation split are clean"
                if item.noise.active
                else "recipe.validation_size replaces the dataset's validation split",
                where="tune.validation_fraction",
                expected="a fraction above 0 of the training images",
            )
        return learned, len(own)
    held = round(tune.validation_fraction * used)
    if not 0 < held < used:
        raise StudyError(
            f"holds out {held} of {used} images",
            where="tune.validation_fraction",
            expected="at least one image, and one to learn from",
        )
    return used - held, held


def _held_out(tune: Tune, item: Configuration, images: DatasetSplits) -> dict[str, Any]:
    """Return the settings of a trial's recipe that say which images it uses."""
    learned, held = images_used(tune, item, images)
    settings: dict[str, Any] = {"train_size": learned}
    if images.train.groups is not None and item.recipe.train_size is None:
        # Whole groups are held out, so how many images are left differs by seed.
        settings = {}
    if tune.validation_fraction:
        settings["validation_size"] = held
    if item.recipe.checkpoint == "last":
        # Only the last epoch counts, and evaluation takes time.
        settings["evaluate_every"] = item.recipe.epochs
    return settings
