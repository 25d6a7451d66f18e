"""The results of a study with its pictures: images behind the errors, diagrams, filters."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.analysis.entry import Entry
from seedbed.analysis.registry import pictures
from seedbed.core.errors import StudyError
from seedbed.core.suggestions import unknown
from seedbed.report.frames import Frames

if TYPE_CHECKING:
    from seedbed.analysis.part import PageMaterial
    from seedbed.data.images import DatasetSplits
    from seedbed.report.notebook_chart import NotebookPicture


class Pictured(Frames):
    """Results whose pictures can be had.

    Args:
        summary: An object for each configuration, as ``summary.json`` has it.
        folder: Of the study.
        datasets: Those that are in memory, by fingerprint.
        data_root: Folder to search for datasets first.
    """

    def __init__(
        self,
        summary: Sequence[Entry],
        folder: Path,
        datasets: "Mapping[str, DatasetSplits] | None" = None,
        data_root: Path | None = None,
    ) -> None:
        super().__init__(summary, folder)
        self._datasets = dict(datasets or {})
        self._data_root = data_root

    @cached_property
    def material(self) -> "PageMaterial":
        """What pictures are made of: the summary, the folder, and test images if they are there."""
        from seedbed.report.figure_files import figure_material

        return figure_material(self.folder, self.summary, (), self._datasets, self._data_root)

    def picture(self, name: str, of: str = "") -> "NotebookPicture":
        """Return a picture that is no chart, which a notebook shows.

        Args:
            name: Such as ``confused-pairs``, ``hard-examples``, ``network`` or ``samples``; the
                error for a wrong name lists all of them.
            of: The configuration, network or dataset; by default the first that has one.

        Raises:
            StudyError: If there is no such picture, or nothing to draw.
        """
        from seedbed.report.notebook_chart import NotebookPicture

        if name not in pictures():
            raise StudyError(unknown("picture", name, pictures()))
        drawn = {picture.of: picture for picture in pictures()[name].draw(self.material)}
        if not drawn:
            raise StudyError(f"there is nothing to draw as {name!r}")
        if of and of not in drawn:
            raise StudyError(unknown(f"picture {name!r} of", of, drawn))
        return NotebookPicture(drawn[of] if of else next(iter(drawn.values())))
