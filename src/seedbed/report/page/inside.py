"""What a page shows of the inside of networks, which is in no summary."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from seedbed.analysis.entry import Entry
from seedbed.data.images import ImageDataset
from seedbed.report.page.looks import NetworkLooks, find_looks
from seedbed.report.page.scatter import find_clouds


@dataclass(frozen=True)
class Inside:
    """Made of stored weights, features and test images; by default nothing."""

    clouds: Sequence[Mapping[str, Any]] = ()
    """Points of the feature space, from :func:`seedbed.report.page.scatter.find_clouds`."""
    looks: tuple[NetworkLooks, ...] = ()

    @classmethod
    def of(
        cls,
        folders: Sequence[Path],
        entries: Sequence[Entry],
        tests: Mapping[str, ImageDataset],
    ) -> Self:
        """Look into the networks of a page.

        Args:
            folders: Of the study of each entry.
            entries: In the order of the page.
            tests: Test splits by ``test_fingerprint``, as far as they were found.

        Raises:
            StoreError: If a newer Seedbed wrote a run, or a file may not be read.

        """
        return cls(find_clouds(folders, entries), find_looks(folders, entries, tests))


NOTHING: Final = Inside()
