"""The results of a study as frames, for pandas, polars and whatever reads Arrow."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from seedbed.analysis.entry import Entry
from seedbed.display.table import Report, Table
from seedbed.report.notebook import Results
from seedbed.report.renderers.formats import FORMATS

if TYPE_CHECKING:
    from seedbed.display.frame import Frame

FRAMES: Final = {
    "runs": "A row a run: accuracies, settings that vary, seeds, training time",
    "epochs": "A row an epoch of each run: accuracies, losses, learning rate",
    "predictions": "A row a run and test image: what it predicts, the probability of the label",
    "images": "A row a configuration and test image: in how many runs it is misclassified, and as "
    "what",
}
"""Names of frames that `seedbed table` shows beside the tables."""
MOST_SHOWN: Final = 40
"""Rows in a table for people."""


class Frames(Results):
    """Results whose data can be had as frames.

    Args:
        summary: An object for each configuration, as ``summary.json`` has it.
        folder: Of the study.
    """

    def __init__(self, summary: Sequence[Entry], folder: Path) -> None:
        super().__init__(summary)
        self.folder = folder

    def runs(self, *, only: Sequence[str] = (), exclude: Sequence[str] = ()) -> "Frame":
        """Return a row for each run that has ended.

        The columns are ``run`` (the name of its folder), ``configuration``, every setting that
        varies by its dotted name, ``seed`` (and ``seeds.STREAM`` where streams are crossed),
        ``status`` (``finished`` or ``diverged``), ``train_accuracy``, ``test_accuracy`` and what
        else was measured, ``n_parameters``, and ``seconds`` of training. Accuracies are fractions,
        after the epoch whose weights are kept; those of diverged runs are missing.

        Args:
            only: Conditions that configurations must meet, such as ``"learning_rate=0.1"``.
            exclude: Conditions that configurations must not meet.

        Raises:
            StoreError: If a run was changed or removed since the study was opened.
            StudyError: If nothing is selected.
        """
        from seedbed.analysis.frames.runs import runs_frame

        return runs_frame(self._selected(only, exclude), self.folder)

    def epochs(self, *, only: Sequence[str] = (), exclude: Sequence[str] = ()) -> "Frame":
        """Return a row for each epoch of each run that has ended.

        Beside the columns that name a run in :meth:`runs`, they are ``epoch`` (from 1) and what
        ``history.jsonl`` holds; what was not measured after an epoch is missing.

        Args:
            only: Conditions that configurations must meet, such as ``"learning_rate=0.1"``.
            exclude: Conditions that configurations must not meet.

        Raises:
            StoreError: If a run was changed or removed since the study was opened.
            StudyError: If nothing is selected, or the predictions are of another tool.
        """
        from seedbed.analysis.frames.runs import epochs_frame

        return epochs_frame(self._selected(only, exclude), self.folder)

    def predictions(
        self, split: str = "test", *, only: Sequence[str] = (), exclude: Sequence[str] = ()
    ) -> "Frame":
        """Return a row for each image of each finished run.

        The columns are ``run``, ``configuration``, ``seed``, ``index`` (of the image in the
        dataset's split, from 0), ``name``, ``hash``, ``label``, ``predicted``, ``probability``
        (of the label, 0 to 1) and ``correct``. A row takes some 80 bytes, so 100 runs on 10,000
        images take 80 MB: select configurations where there are more.

        Args:
            split: ``test``, or ``validation`` or ``train`` where ``keep_logits`` names them; labels
                of training images are those that the run learned from.
            only: Conditions that configurations must meet, such as ``"learning_rate=0.1"``.
            exclude: Conditions that configurations must not meet.

        Raises:
            StoreError: If a run has not kept these predictions, or was changed or removed since the
                study was opened.
            StudyError: If there is no such split, nothing is selected, or the predictions are of
                another tool.
        """
        from seedbed.analysis.frames.predictions import predictions_frame

        return predictions_frame(self._selected(only, exclude), self.folder, split)

    def images(self, *, only: Sequence[str] = (), exclude: Sequence[str] = ()) -> "Frame":
        """Return a row for each test image of each configuration.

        The columns are ``configuration``, ``index``, ``name``, ``hash``, ``label``, ``n_runs``,
        ``n_wrong`` (runs that misclassify it), ``predicted`` (the class that most runs predict),
        ``mistaken_for`` (the wrong class that most runs predict; missing if none does) and
        ``mean_probability`` (of the label, over the runs).

        Args:
            only: Conditions that configurations must meet, such as ``"learning_rate=0.1"``.
            exclude: Conditions that configurations must not meet.

        Raises:
            StoreError: If a run has not kept its predictions, or was changed or removed since the
                study was opened.
            StudyError: If nothing is selected, or the predictions are of another tool.
        """
        from seedbed.analysis.frames.predictions import images_frame

        return images_frame(self._selected(only, exclude), self.folder)

    def comparisons(
        self,
        *,
        baseline: str | None = None,
        compare: str | None = None,
        margin: float | None = None,
        only: Sequence[str] = (),
        exclude: Sequence[str] = (),
    ) -> "Frame":
        """Return a row for each pair of configurations that is compared.

        The columns are those of the table ``comparisons`` in CSV.

        Args:
            baseline: The configuration that all others are compared with, as in :meth:`table`.
            compare: The setting whose values are compared.
            margin: Differences up to this fraction count as none.
            only: Conditions that configurations must meet, such as ``"learning_rate=0.1"``.
            exclude: Conditions that configurations must not meet.

        Raises:
            StudyError: If there is nothing to compare, or an option cannot be used.
            DataError: If no two configurations have the same test images.
        """
        table = self.table(
            "comparisons",
            baseline=baseline,
            compare=compare,
            margin=margin,
            only=only,
            exclude=exclude,
        )
        return frame_of(table.report)


def frame_of(report: Report) -> "Frame":
    """Return the lines that a table has in CSV as a frame."""
    from seedbed.display.frame import Frame

    return Frame.of_rows(report.columns, report.lines)


def written(frame: "Frame", form: str, caption: str) -> str:
    """Return a frame in one of the formats of tables: all of it for programs, its head for people.

    Args:
        frame: What to write; nothing is made of it that the format does not need.
        form: Of :data:`seedbed.report.renderers.formats.FORMATS`.
        caption: Of the table for people.
    """
    shown = tuple(tuple(map(_cell, row)) for row in islice(frame.rows(), MOST_SHOWN))
    more = len(frame) - MOST_SHOWN
    notes = (f"{more:,} more rows are in the formats csv, json and parquet.",) if more > 0 else ()
    text = tuple(place for place, name in enumerate(frame.columns) if frame[name].dtype == object)
    rows = frame.rows() if form in ("csv", "json") else ()
    return FORMATS[form](
        Report(
            (Table(caption, frame.columns, (shown,), notes, text),),
            frame.columns,
            tuple(rows) if form == "csv" else (),
            [dict(zip(frame.columns, row, strict=True)) for row in rows] if form == "json" else [],
        )
    )


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
