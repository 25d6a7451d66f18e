"""Resolves the tables of a grid, so that they do not depend on files, folders or defaults."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from seedbed.noise.spec import NoiseSpec
from seedbed.study.spec.axes import PARTS, Tables, merged, points
from seedbed.study.spec.configuration import Configuration, DatasetSpec
from seedbed.study.spec.user_module import located
from seedbed.training.methods.registry import read_method
from seedbed.training.recipe import Recipe


class Files:
    """Reads the files that settings refer to."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._noises: dict[str, NoiseSpec] = {}

    def configuration(self, configuration: Configuration) -> Configuration:
        """Return a configuration with absolute paths and the contents of its files."""
        return configuration.model_copy(
            update={
                "dataset": configuration.dataset.resolved(self._folder),
                "noise": self.noise(configuration.noise),
                "network": self.network(configuration.network),
                "recipe": self.recipe(configuration.recipe),
            }
        )

    def noise(self, spec: NoiseSpec) -> NoiseSpec:
        """Return the noise with the contents of its file."""
        key = spec.model_dump_json()
        if key not in self._noises:
            self._noises[key] = spec.resolved(self._folder)
        return self._noises[key]

    def with_contents(self, table: Tables) -> Tables:
        """Return a noise table with the contents of its file; a partial table is not changed."""
        try:
            spec = NoiseSpec.model_validate(table)
        except ValidationError:
            return table
        return self.noise(spec).model_dump(mode="json")

    def recipe(self, recipe: Recipe) -> Recipe:
        """Return the recipe with the contents of its files."""
        return recipe.resolved(self._folder)

    def with_matrix(self, table: Tables) -> Tables:
        """Return a recipe table with the contents of its files; a partial table is not changed."""
        if "robust" not in table:
            return table
        try:
            method = read_method(table["robust"])
        except ValueError:
            return table
        return table | {"robust": method.resolved(self._folder).model_dump(mode="json")}

    def network(self, table: Tables) -> Tables:
        """Return a network table; that of a user module with its path and fingerprint."""
        return located(table, self._folder or Path()) if "module" in table else table

    def with_absolute_path(self, table: Tables) -> Tables:
        """Return a dataset table with an absolute path; a partial table is not changed."""
        try:
            spec = DatasetSpec.model_validate(table)
        except ValidationError:
            return table
        return spec.resolved(self._folder).to_dict()


def replaced(
    part: str, base: Tables, variants: Sequence[Tables], change: Callable[[Tables], Tables]
) -> tuple[Tables, list[Tables]]:
    """Return the tables of a study and of its variants after changing every table of one part.

    If the table has axes, the result is a list of tables. A variant that changes some settings of
    the part gets complete tables.
    """

    def changed(table: Any) -> Any:
        tables = [change(point) for point in points(table, (part,))]
        return tables if len(tables) > 1 else tables[0]

    return (
        base | {part: changed(base[part])} if part in base else base,
        [
            own | {part: changed(merged(base, own)[part])} if part in own else own
            for own in variants
        ],
    )


def written_out(
    base: Tables, variants: Sequence[Tables], configurations: Sequence[Configuration]
) -> Tables:
    """Return the tables of a study with every setting that all of its configurations share.

    This way, a later change of a default does not change an existing study.
    """
    resolved = [configuration.tables for configuration in configurations]
    result = dict(base)
    for part in PARTS:
        own = base.get(part, {})
        if not isinstance(own, dict) or (part == "noise" and not own):
            continue
        overridden = {key for tables in variants for key in _keys(tables.get(part))}
        shared = {
            key: value
            for key, value in _shared([tables[part] for tables in resolved]).items()
            if key not in overridden
        }
        applicable = {key for tables in resolved for key in tables[part]}
        table = {key: value for key, value in (own | shared).items() if key in applicable}
        if table or part in base:
            result[part] = table
    return result


def _shared(tables: Sequence[Tables]) -> Tables:
    first, *others = tables
    return {
        key: value
        for key, value in first.items()
        if all(key in other and other[key] == value for other in others)
    }


def _keys(table: Any) -> set[str]:
    tables = table if isinstance(table, list) else [table]
    return {key for item in tables if isinstance(item, dict) for key in item}
