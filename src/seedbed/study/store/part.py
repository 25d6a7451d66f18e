"""A stored study of which only some configurations are read: its grid may have 10,000."""

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.study.spec.axes import Tables, merged, points, tables_of
from seedbed.study.spec.configuration import Configuration, DatasetSpec
from seedbed.study.spec.reader import check_format, validated
from seedbed.study.spec.resolved import Files
from seedbed.study.spec.study import FORMAT, StudyHeader
from seedbed.study.spec.toml import parse_toml

if TYPE_CHECKING:
    from seedbed.core.seeds import Seeds


class StudyPart:
    """A study file that has been read as a whole before, and has not changed since.

    Args:
        text: TOML.
        folder: That relative paths start from.

    Raises:
        StudyError: If the text is no TOML.
        StoreError: If another version of Seedbed wrote it.
        ValidationError: If it is no study.
    """

    def __init__(self, text: str, folder: Path) -> None:
        values = parse_toml(text, "study.toml")
        check_format(values.pop("format", FORMAT), "study.toml")
        values.pop("checksum", None)
        self._base, self._folder = tables_of(values), folder
        self._variants = [(of["name"], tables_of(of)) for of in values.get("variants", [])]
        self.seeds: tuple[Seeds, ...] = StudyHeader.model_validate(values).seeds
        """One set of seeds per run."""

    def configurations(self, labels: Mapping[int, str]) -> list[Configuration]:
        """Return some configurations, in the order of their places.

        Args:
            labels: Place in the study, counted from 0 -> the label, which depends on all others.
        """
        files, found = Files(self._folder), []
        for place, (variant, tables) in enumerate(islice(self._points(), max(labels) + 1)):
            if place in labels:
                configuration, _ = validated(tables)
                assert configuration is not None  # as it was when the study was written
                named = {"variant": variant, "label": labels[place]}
                found.append(files.configuration(configuration).model_copy(update=named))
        return found

    def datasets(self) -> list[DatasetSpec]:
        """Return the datasets of all configurations, without duplicates."""
        tables = {json.dumps(point["dataset"]): point["dataset"] for _, point in self._points()}
        specs = (DatasetSpec.model_validate(table) for table in tables.values())
        return list(dict.fromkeys(spec.resolved(self._folder) for spec in specs))

    def _points(self) -> Iterator[tuple[str | None, Tables]]:
        """Yield the variant and the tables of every configuration."""
        if not self._variants:
            yield from ((None, tables) for tables in points(self._base))
        for name, own in self._variants:
            yield from ((name, tables) for tables in points(merged(self._base, own)))
