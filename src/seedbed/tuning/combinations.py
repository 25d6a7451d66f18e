"""The combinations of candidates of a study, and the configurations that share a choice of one."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from pydantic import ValidationError

from seedbed.core.errors import StudyError
from seedbed.study.spec.axes import PARTS
from seedbed.study.spec.configuration import Configuration
from seedbed.study.spec.labels import TOLD, labeled, short_name, shown
from seedbed.study.spec.problems import problems_of
from seedbed.study.spec.selection import Condition, Selection
from seedbed.study.spec.study import StudySpec
from seedbed.study.tuning import Axis, Tune
from seedbed.training.recipe import Recipe

MOST: Final = 10_000
"""More combinations are most likely a mistake."""
LONGEST: Final = 60
"""Characters of the name of a variant."""

Combination = tuple[Any, ...]
"""A candidate of every axis."""


@dataclass(frozen=True)
class Group:
    """Configurations that share a choice of settings."""

    name: str
    """Different for every group, and short enough for the name of a variant."""
    variant: str | None
    """Their variant in the study that is tuned."""
    configurations: tuple[Configuration, ...]
    trained: tuple[Configuration, ...]
    """Those on which trials are trained."""
    axes: tuple[Axis, ...]

    @property
    def combinations(self) -> list[Combination]:
        """All combinations; the last axis varies fastest."""
        return list(product(*(values for _, values in self.axes)))

    def settings(self, combination: Combination) -> dict[str, Any]:
        """Return a combination by dotted names of settings."""
        pairs = zip(self.axes, combination, strict=True)
        return {".".join(key): value for (key, _), value in pairs}

    def words(self, combination: Combination) -> str:
        """Return a combination as in labels: ``learning_rate=0.1, momentum=0.9``."""
        settings = self.settings(combination).items()
        return ", ".join(f"{short_name(name)}={shown(value)}" for name, value in settings)

    def recipe(self, of: Configuration, combination: Combination) -> dict[str, Any]:
        """Return the recipe of a configuration with the settings of a combination.

        It has the settings that the study file gives, so that the others have the defaults of, for
        example, a candidate for the optimizer.
        """
        every = of.recipe.model_dump(mode="json")
        table = {key: every[key] for key in every if key in of.recipe.model_fields_set}
        for (key, _), value in zip(self.axes, combination, strict=True):
            inner = table
            for part in key[1:-1]:
                inner[part] = dict(inner.get(part) or {})
                inner = inner[part]
            inner[key[-1]] = value
        return table


def groups_of(spec: StudySpec) -> list[Group]:
    """Return the groups of a study with a ``[tune]`` table, each with valid combinations.

    Raises:
        StudyError: If a combination is invalid, groups have different numbers of combinations to
            try, or no trial is trained for a group.
    """
    tune = _table(spec)
    conditions = tuple(Condition.parse("tune.on", text) for text in tune.on)
    trained = Selection(conditions).of(spec.configurations)
    shared: dict[str, list[Configuration]] = {}
    for item in spec.configurations:
        parts = {part: item.tables[part] for part in PARTS if part not in tune.shared_across}
        shared.setdefault(json.dumps([item.variant, parts], sort_keys=True), []).append(item)
    names = _names([members[0] for members in shared.values()])
    groups = [
        Group(
            name,
            members[0].variant,
            tuple(members),
            tuple(item for item in members if item in trained),
            tune.candidates(members[0].variant),
        )
        for name, members in zip(names, shared.values(), strict=True)
    ]
    for group in groups:
        if not group.trained:
            raise StudyError(
                f"no trial would choose the settings of {group.name}",
                where="tune.on",
                expected="conditions that select a configuration of every choice",
                hint='shared_across = ["dataset", "noise"] carries a choice over',
            )
        _check(group)
    _check_counts(tune, groups)
    return groups


def count_trials(tune: Tune, groups: Sequence[Group]) -> int:
    """Return the number of combinations that are tried for every group."""
    return tune.trials or len(groups[0].combinations)


def plain(label: str) -> str:
    """Return a label without what it says a method is told, which labels of variants repeat."""
    for words in filter(None, TOLD.values()):
        label = label.replace(words, "")
    return label


def _table(spec: StudySpec) -> Tune:
    if spec.tune is None:
        raise StudyError(
            "there is no [tune] table",
            where=spec.name,
            expected="candidates, as in [tune.recipe] learning_rate = [0.01, 0.05]",
        )
    return spec.tune


def _names(representatives: Sequence[Configuration]) -> list[str]:
    variants = [item.variant for item in representatives]
    alone = [variant is not None and variants.count(variant) == 1 for variant in variants]
    names = [
        item.variant or "" if only else plain(item.label)
        for only, item in zip(alone, labeled(representatives), strict=True)
    ]
    return short_names(names)


def short_names(names: Sequence[str]) -> list[str]:
    """Return names of at most :data:`LONGEST` characters; if one is longer, all are numbered."""
    if all(len(name) <= LONGEST for name in names) and len(set(names)) == len(names):
        return list(names)
    return [f"configuration {number}" for number, _ in enumerate(names, start=1)]


def _check(group: Group) -> None:
    """Raise :class:`StudyError` if a combination of candidates is not valid."""
    count = math.prod(len(values) for _, values in group.axes)
    if count > MOST:
        raise StudyError(
            f"there are {count:,} combinations of candidates",
            where=f"tune, for {group.name}",
            expected=f"at most {MOST:,}",
        )
    for combination in group.combinations:
        try:
            Recipe.model_validate(group.recipe(group.trained[0], combination))
        except ValidationError as error:
            key, problem = problems_of(error, Recipe, ("recipe",))[0]
            raise StudyError(
                f"{group.words(combination)}: {problem}",
                where=f"tune.{'.'.join(key)}, for {group.name}",
                hint="[[tune.variants]] gives candidates to single variants"
                if group.variant
                else "",
            ) from None


def _check_counts(tune: Tune, groups: Sequence[Group]) -> None:
    counts = {group.name: len(group.combinations) for group in groups}
    least, most = min(counts, key=counts.__getitem__), max(counts, key=counts.__getitem__)
    if tune.trials is None and counts[least] < counts[most]:
        raise StudyError(
            f"there are {counts[least]} combinations of candidates for {least}, and "
            f"{counts[most]} for {most}",
            where="tune",
            expected="the same number of trials for all",
            hint=f'sampler = "random", trials = {counts[least]}',
        )
    if tune.trials is not None and tune.trials > counts[least]:
        raise StudyError(
            f"there are only {counts[least]} combinations of candidates for {least}",
            where="tune.trials",
            expected=f"at most {counts[least]}",
        )
