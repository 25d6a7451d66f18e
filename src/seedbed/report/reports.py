"""What is written of the results of a study: the page, documents, and figures."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.core.arguments import optional_path
from seedbed.report.pictured import Pictured

if TYPE_CHECKING:
    from seedbed.report.figure_files import Figures
    from seedbed.report.page.file import Written


class Reports(Pictured):
    """Results that can be written as a report."""

    _selection: dict[str, Sequence[str]] = {"only": (), "exclude": ()}  # noqa: RUF012 - read only

    def _complete(self, data_root: str | Path | None = None) -> None:
        """Compute what of the results is missing."""

    def report(
        self,
        out: str | Path | None = None,
        *,
        only: Sequence[str] = (),
        exclude: Sequence[str] = (),
        data_root: str | Path | None = None,
    ) -> "Written":
        """Write the report, one HTML page that opens offline.

        Args:
            out: The file; by default ``report.html`` in the folder of the study.
            only: Conditions that configurations must meet, as in :func:`run`.
            exclude: Conditions that configurations must not meet.
            data_root: Folder to search for datasets first.

        Returns:
            The file, and the reasons why images are missing from it, if there are any.

        Raises:
            StoreError: If the page cannot be written.
            StudyError: If nothing is selected.
        """
        from seedbed.report.page.file import write_report

        self._complete(data_root)
        return write_report(
            self.folder,
            self.select(only, exclude),
            out=optional_path("out", out),
            known=self._datasets,
            data_root=optional_path("data_root", data_root),
        )

    def document(
        self,
        to: str,
        out: str | Path | None = None,
        *,
        title: str = "",
        author: str = "",
        plain: bool = False,
        only: Sequence[str] = (),
        exclude: Sequence[str] = (),
        data_root: str | Path | None = None,
    ) -> Path:
        """Write the results as a document to hand in, and return its file.

        Args:
            to: ``notebook``, ``pdf``, ``markdown`` or ``latex``.
            out: The file; by default ``report`` in the folder of the study, with the ending
                ``.ipynb``, ``.pdf``, ``.md`` or ``.tex``. The figures of Markdown and LaTeX are
                written into a folder beside it.
            title: By default the name of the study.
            author: Who hands it in.
            plain: Whether to leave out the explanations of terms.
            only: Conditions that configurations must meet, as in :func:`run`.
            exclude: Conditions that configurations must not meet.
            data_root: Folder to search for datasets first.

        Raises:
            StoreError: If no run has finished, or a file cannot be written.
            StudyError: If there is no such format, or nothing is selected.
            MissingExtra: If a package is not installed that the format needs.
        """
        from seedbed.report.documents.files import write_document
        from seedbed.report.documents.formats import check
        from seedbed.report.documents.model import Wording
        from seedbed.report.page.public import public

        check(to)
        self._complete(data_root)
        study = Pictured(
            public(self.select(only, exclude)),
            self.folder,
            self._datasets,
            optional_path("data_root", data_root),
        )
        given = {"only": only, "exclude": exclude}
        selection = {name: [*self._selection[name], *given[name]] for name in given}
        wording = Wording(title, author, plain=plain)
        return write_document(
            study, to, wording, out=optional_path("out", out), selection=selection
        )

    def figures(
        self,
        out: str | Path | None = None,
        *,
        charts: Sequence[str] = (),
        format: str = "svg",  # noqa: A002
        width: float | str | None = None,
        title: bool = True,
        only: Sequence[str] = (),
        exclude: Sequence[str] = (),
        data_root: str | Path | None = None,
    ) -> "Figures":
        """Write the charts and pictures of the study as figures for a paper, with embedded fonts.

        Args:
            out: The folder; by default ``figures`` in the folder of the study.
            charts: Names of charts and pictures; by default all that apply.
            format: ``svg``, ``pdf`` or ``png``.
            width: Width of a figure in centimeters, 5 to 40, or a publisher's: ``"ieee"``,
                ``"nature-page"`` ...; by default one column of a paper, 8.5 cm.
            title: Whether title and subtitle stand above each figure.
            only: Conditions that configurations must meet, as in :func:`run`.
            exclude: Conditions that configurations must not meet.
            data_root: Folder to search for datasets first, where images are drawn.

        Returns:
            The files, and notices about them.

        Raises:
            StudyError: If a chart or the format is unknown, or a chart has nothing to draw.
            StoreError: If a file cannot be written, or no run has finished.
        """
        from seedbed.report.figure_files import check_figures, figure_material, write_figures

        centimeters = check_figures(charts, format, width)
        to, root = optional_path("out", out), optional_path("data_root", data_root)
        entries = self.select(only, exclude)
        material = figure_material(self.folder, entries, charts, self._datasets, root)
        to = to or self.folder / "figures"
        return write_figures(material, to, charts, format, centimeters, title=title)
