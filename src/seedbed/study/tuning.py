"""What a study file says about tuning: what ``[tune]`` asks for, and what ``[tuned]`` records.

``seedbed tune`` reads the first and writes the second; see :mod:`seedbed.tuning`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from seedbed.core.settings import Fraction, Settings
from seedbed.core.suggestions import unknown
from seedbed.study.spec.axes import axes, axis_problem
from seedbed.study.spec.toml import Key
from seedbed.training.recipe import Recipe

FIRST_SEED: Final = 1000
"""``seeds = n`` means the n seeds from here on, which few studies report."""
MAX_TRIALS: Final = 10_000
MAX_SEEDS: Final = 10_000
FIXED: Final = ("train_size", "validation_size", "folds", "evaluate_every")
"""Settings of a recipe that say which images a run uses, or what is measured."""

Sampler = Literal["grid", "random", "tpe"]
Shared = Literal["dataset", "noise"]
Axis = tuple[Key, tuple[Any, ...]]
"""The key of a setting, such as ``("recipe", "learning_rate")``, and its candidates."""


def read_seeds(value: object) -> tuple[int, ...]:
    """Return the seeds of every trial.

    Args:
        value: The number of seeds, or a list of seeds.

    Raises:
        ValueError: If it is anything else, or there are fewer than two.
    """
    seeds: list[object] = list(value) if isinstance(value, list | tuple) else []
    if type(value) is int:
        seeds = list(range(FIRST_SEED, FIRST_SEED + min(value, MAX_SEEDS)))
    numbers = tuple(seed for seed in seeds if type(seed) is int and seed >= 0)
    if len(seeds) < 2 or len(set(numbers)) < len(seeds):
        raise ValueError(
            f"{value!r} cannot be used; expected a number of seeds, or a list of different seeds; "
            "at least two"
        )
    return numbers


class TuneVariant(Settings):
    """The candidates of one variant, under ``[[tune.variants]]``."""

    name: str
    """Of one of the study's variants."""
    recipe: dict[str, Any]
    """As :attr:`Tune.recipe`; replaces the candidates of the settings that it names."""


class Tune(Settings):
    """How the settings of a study are tuned: the ``[tune]`` table of a study file."""

    recipe: dict[str, Any] = Field(default_factory=dict)
    """Settings of the recipe, each with a list of candidates."""
    variants: Annotated[tuple[TuneVariant, ...], Field(strict=False)] = ()
    """Candidates of single variants."""
    sampler: Sampler = "grid"
    """``grid`` tries every combination, ``random`` some, drawn without replacement; ``tpe`` draws
    ten and then follows Optuna's tree-structured Parzen estimator."""
    trials: Annotated[int, Field(ge=2, le=MAX_TRIALS)] | None = None
    """random and tpe only: the number of combinations to try, the same for every choice."""
    seed: int = Field(default=0, ge=0)
    """random and tpe only: decides which combinations are tried."""
    seeds: tuple[int, ...] = read_seeds(5)
    """With which every trial is trained: a number n means the seeds 1000 to 1000 + n - 1, a list
    those listed. The study must not report them."""
    validation_fraction: Fraction = 0.1
    """The fraction of the training images that trials hold out, with their noisy labels. With 0,
    trials use the validation split of the dataset."""
    shared_across: Annotated[tuple[Shared, ...], Field(strict=False)] = ()
    """``dataset``, ``noise`` or both: configurations that differ in nothing else share a choice.
    By default every configuration has a choice of its own."""
    on: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """Conditions as in ``--only``: the configurations on which trials are trained. By default all;
    others must share the choice of one of them."""

    @field_validator("seeds", mode="before")
    @classmethod
    def _are_seeds(cls, value: object) -> tuple[int, ...]:
        return read_seeds(value)

    @model_validator(mode="after")
    def _has_trials(self) -> Self:
        if self.sampler == "grid" and self.trials is not None:
            raise ValueError("trials applies only to the samplers random and tpe")
        if self.sampler != "grid" and self.trials is None:
            raise ValueError(f"the sampler {self.sampler} needs a number of trials")
        return self

    def candidates(self, variant: str | None) -> tuple[Axis, ...]:
        """Return the candidates of a variant, or of a study without variants."""
        recipe = dict(self.recipe)
        for own in self.variants:
            if own.name == variant:
                recipe |= own.recipe
        return tuple((key, tuple(values)) for key, values in axes({"recipe": recipe}))

    def to_dict(self) -> dict[str, Any]:
        """Return what the study file says, without defaults."""
        return self.model_dump(mode="json", exclude_defaults=True)


def tune_problems(
    tune: Tune, variants: Sequence[str], reported: set[int]
) -> Iterator[tuple[Key, str]]:
    """Yield what cannot be tuned: the key in the study file, and the problem with it.

    Args:
        tune: The table.
        variants: The names of the study's variants.
        reported: All seeds of the study.
    """
    if both := reported.intersection(tune.seeds):
        yield (
            ("tune", "seeds"),
            f"seed {min(both)} belongs to the runs that the study reports; expected other seeds",
        )
    problems = list(_table_problems(tune.recipe, ("tune", "recipe")))
    for number, own in enumerate(tune.variants):
        key = ("tune", "variants", str(number))
        if own.name not in variants:
            problems.append(((*key, "name"), unknown("variant", own.name, variants)))
        problems += _table_problems(own.recipe, (*key, "recipe"))
    yield from problems
    if problems:
        return
    for name in variants or (None,):
        if not tune.candidates(name):
            of = "" if name is None else f" for the variant {name!r}"
            yield (
                ("tune",),
                f"there is nothing to tune{of}; expected candidates, as in "
                "recipe.learning_rate = [0.01, 0.05]",
            )
            return


def _table_problems(recipe: Mapping[str, Any], inside: Key) -> Iterator[tuple[Key, str]]:
    for name in recipe:
        if name not in Recipe.model_fields:
            yield (*inside, name), unknown("setting", name, Recipe.model_fields)
        elif name in FIXED:
            yield (*inside, name), "cannot be tuned; trials hold out images themselves"
    found = {key[1:]: values for key, values in axes({"recipe": dict(recipe)})}
    for key in _leaves(recipe):
        values = found.get(key)
        if values is None:
            yield (*inside, *key), "is one value; expected a list of candidates"
        elif problem := axis_problem(values):
            yield (*inside, *key), problem
        elif len(values) == 1:
            yield (*inside, *key), "there is one candidate; expected two or more"
        elif any(list(axes(value, ("recipe", *key))) for value in values if _is_table(value)):
            yield (*inside, *key), "a candidate has a list of candidates; expected one value"


def _leaves(table: Mapping[str, Any], key: Key = ()) -> Iterator[Key]:
    for name, value in table.items():
        if _is_table(value) and value:
            yield from _leaves(value, (*key, name))
        else:
            yield (*key, name)


def _is_table(value: object) -> bool:
    return isinstance(value, dict)


class TunedTrial(Settings):
    """A combination of candidates, and how well it did on validation images."""

    settings: dict[str, Any]
    """By dotted name."""
    validation_accuracy: float | None = None
    """A fraction: the mean over seeds, and over the configurations that share the choice; of the
    runs that did not diverge. ``None`` if all did."""
    std: float | None = None
    """The sample standard deviation over seeds; ``None`` for fewer than two."""
    diverged: int = 0
    """How many runs diverged."""


class TunedChoice(Settings):
    """The settings that were chosen for one or several configurations."""

    configurations: Annotated[tuple[str, ...], Field(strict=False)]
    """The labels of the configurations that trials were trained on."""
    variant: str | None = None
    """The variant that has these settings, if the study has variants."""
    chosen: TunedTrial
    second: TunedTrial | None = None
    """The next best, if any combination but the chosen one has an accuracy."""
    difference: float | None = None
    """Validation accuracy of the chosen combination minus that of the second: a fraction, the mean
    over paired seeds."""
    interval: Annotated[tuple[float, float], Field(strict=False)] | None = None
    """95%, of the difference on other images of the same kind; not corrected for having been
    chosen as the largest."""
    within_noise: bool | None = None
    """Whether the interval includes 0."""
    indistinct: int = 0
    """How many other combinations have differences to the chosen one that include 0."""
    trials: Annotated[tuple[TunedTrial, ...], Field(strict=False)]
    """All combinations, in the order in which they were tried."""


class Tuned(Settings):
    """Where the settings of a study come from: the ``[tuned]`` table that ``seedbed tune`` adds."""

    source: str
    """The study file that was tuned, as the user named it."""
    source_hash: str
    """SHA-256 of its contents with every setting, as 64 hexadecimal digits."""
    sampler: Sampler
    trials: int
    """Combinations tried for every choice."""
    seeds: Annotated[tuple[int, ...], Field(strict=False)]
    validation_fraction: float
    choices: Annotated[tuple[TunedChoice, ...], Field(strict=False)]

    def to_dict(self) -> dict[str, Any]:
        """Return the table of a study file."""
        table: dict[str, Any] = _rounded(self.model_dump(mode="json", exclude_defaults=True))
        return table


def _rounded(value: Any) -> Any:
    """Return a value with fractions rounded to six decimals, but settings as they are."""
    if isinstance(value, dict):
        return {k: v if k == "settings" else _rounded(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return round(value, 6) if isinstance(value, float) else value


def tuned_problem(tuned: Tuned, reported: set[int]) -> str:
    """Return why a study cannot report its seeds, or an empty string if it can."""
    both = reported.intersection(tuned.seeds)
    if not both:
        return ""
    return f"seed {min(both)} has chosen the settings of this study ([tuned]); expected other seeds"
