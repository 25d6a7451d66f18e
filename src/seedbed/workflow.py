"""The whole order of a study: run it, plan it, analyze it, open it, show it.

>>> study = run("quickstart", out="studies/quickstart")
>>> study.table("confusion")
>>> study.report()

The command line calls these functions. What is heavy is imported where it is used, so that a table
of a stored study is there at once.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from seedbed.analysis.entry import Entry
from seedbed.analysis.summary_file import read_summary
from seedbed.core.errors import StudyInUse
from seedbed.report.notebook import Results
from seedbed.study.spec.overrides import Override

if TYPE_CHECKING:
    from seedbed.data.images import DatasetSplits
    from seedbed.execution.estimate import Plan
    from seedbed.execution.executor import Executor
    from seedbed.execution.monitor import Monitor
    from seedbed.report.figure_files import Figures
    from seedbed.report.page.file import Written
    from seedbed.study.store.study import StudyStore

Source: TypeAlias = str | Path | Mapping[str, Any]
"""A study: the name of a built-in one, the path of a TOML file, or what such a file would hold."""
Settings: TypeAlias = Mapping[str, Any] | Sequence[Override]
"""What replaces settings of a study, as in ``{"recipe.epochs": 3}``."""


def run(
    study: Source,
    *,
    out: str | Path | None = None,
    seeds: int | None = None,
    settings: Settings | None = None,
    only: Sequence[str] = (),
    exclude: Sequence[str] = (),
    threads: int | None = None,
    data_root: str | Path | None = None,
    quiet: bool = False,
    monitor: "Monitor | None" = None,
    executor: "Executor | None" = None,
) -> "Study":
    """Train what is missing of a study, analyze it, and return it.

    It may be stopped at any time (Ctrl-C); called again, it resumes. Several processes can fill one
    study: a run that another process is training is left to that process.

    Args:
        study: The name of a built-in study, the path of a study file, or a dict of its contents.
        out: Folder of the results; ``studies/NAME`` by default.
        seeds: Number of runs of each configuration, with seeds 0 to n - 1; replaces the study's.
        settings: What replaces settings of the study, as in ``{"recipe.epochs": 3}``.
        only: Conditions such as ``"learning_rate=0.1"``: only configurations with one of these
            values of each setting that is named.
        exclude: Conditions: only configurations with none of these values.
        threads: Cores to use; all by default. Never changes a result.
        data_root: Where datasets are looked for first.
        quiet: Whether to show no progress.
        monitor: What shows the progress; by default one that suits a terminal, a notebook or a log.
        executor: Where runs are trained; by default on this machine.

    Raises:
        KeyboardInterrupt: Soon after Ctrl-C; finished epochs are stored.
        StudyInUse: If no run has ended and other processes train all that is left.
        SeedbedError: If something cannot be used; one line says what.
    """
    from seedbed.analysis.inquiries.asking import wanted
    from seedbed.analysis.inquiries.posthoc import ask_stored_weights
    from seedbed.execution.driver import execute
    from seedbed.execution.local import LocalExecutor
    from seedbed.execution.progress import choose_monitor
    from seedbed.execution.request import Request

    request = Request.of(study, out, seeds, settings, only, exclude, threads)
    store = request.store
    store.check_writable()  # before a long download
    monitor = monitor or choose_monitor(quiet=quiet)
    loaded = request.load(data_root)
    why = ""
    if executor is None:
        choice = loaded.choose_engine()
        executor = LocalExecutor(choice.engine, loaded.datasets, threads=request.threads)
        why = "" if quiet else choice.message(request.threads)
    elsewhere = execute(loaded, store, executor, monitor, selection=request.selection, why=why)
    if elsewhere:
        _refuse_empty(store, elsewhere)
    ask_stored_weights(
        store,
        wanted(loaded.spec),
        study=loaded,
        engine=executor.engine,
        threads=request.threads,
        quiet=quiet,
    )
    return Study(store.folder, datasets=loaded.datasets, analyzed=True)


def plan(
    study: Source,
    *,
    out: str | Path | None = None,
    seeds: int | None = None,
    settings: Settings | None = None,
    only: Sequence[str] = (),
    exclude: Sequence[str] = (),
    threads: int | None = None,
    data_root: str | Path | None = None,
) -> "Plan":
    """Return what :func:`run` would train, and how long it would take; nothing is written.

    Args:
        study: This and the other arguments are those of :func:`run`.
        out: Folder of the results.
        seeds: Number of runs of each configuration.
        settings: What replaces settings of the study.
        only: Conditions for configurations.
        exclude: Conditions that must not hold.
        threads: Cores that would be used.
        data_root: Where datasets are looked for first.

    Raises:
        SeedbedError: If something cannot be used; one line says what.
    """
    from seedbed.execution.estimate import Plan, estimate
    from seedbed.execution.request import Request

    request = Request.of(study, out, seeds, settings, only, exclude, threads)
    store, selection, threads = request.store, request.selection, request.threads
    loaded = request.load(data_root)
    choice = loaded.choose_engine()
    notices = [choice.message(threads), *loaded.check(choice.engine)]
    if changes := store.changes(loaded.spec):
        notices.append(f"{store.study_file} would change: {changes}")
    return Plan(
        loaded.spec.name,
        tuple(dict.fromkeys(data.title for data in loaded.datasets.values())),
        loaded.spec.seeds,
        estimate(loaded, store, choice.engine, threads=threads, selection=selection),
        threads,
        tuple(notices),
    )


def open(folder: str | Path) -> "Study":  # noqa: A001
    """Return a study that has been run, or predictions that have been evaluated.

    Args:
        folder: What ``seedbed run`` or ``seedbed evaluate --out`` has written.

    Raises:
        StoreError: If there is no study, or no run of it has ended.
        DataError: If the predictions of a run cannot belong to their labels.
    """
    return Study(Path(folder))


class Study(Results):
    """A study that has been run: its tables, charts and page, as of when it was opened.

    Made by :func:`run` and :func:`open`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        datasets: "Mapping[str, DatasetSplits] | None" = None,
        analyzed: bool = False,
    ) -> None:
        super().__init__(read_or_make_summary(folder))
        self.folder = folder
        self._datasets = dict(datasets or {})
        self._analyzed = analyzed

    def __repr__(self) -> str:
        return f"seedbed.open({str(self.folder)!r})"

    def report(
        self,
        out: str | Path | None = None,
        *,
        only: Sequence[str] = (),
        exclude: Sequence[str] = (),
        data_root: str | Path | None = None,
    ) -> "Written":
        """Write the study as one page that needs no network; return where it is.

        Args:
            out: The file; ``report.html`` in the folder of the study by default.
            only: Conditions such as ``"learning_rate=0.1"``: only configurations with one of these
                values of each setting that is named.
            exclude: Conditions: only configurations with none of these values.
            data_root: Where datasets are looked for first.

        Raises:
            StoreError: If the page cannot be written.
            StudyError: If nothing is selected.
        """
        from seedbed.report.page.file import write_report

        self._complete(data_root)
        return write_report(
            self.folder,
            self.select(only, exclude),
            out=_path(out),
            known=self._datasets,
            data_root=_path(data_root),
        )

    def figures(
        self,
        out: str | Path | None = None,
        *,
        charts: Sequence[str] = (),
        format: str = "svg",  # noqa: A002
        width: float | None = None,
        only: Sequence[str] = (),
        exclude: Sequence[str] = (),
    ) -> "Figures":
        """Write the charts of the study as figures for a paper, with the fonts inside.

        Args:
            out: Folder; ``figures`` in that of the study by default.
            charts: Names of charts; by default all that apply.
            format: ``svg``, ``pdf`` or ``png``.
            width: Centimeters of a figure, 5 to 40; one column of a paper by default.
            only: Conditions such as ``"learning_rate=0.1"``: only configurations with one of these
                values of each setting that is named.
            exclude: Conditions: only configurations with none of these values.

        Raises:
            StudyError: If there is no such chart or format, or one has nothing to draw.
            StoreError: If a file cannot be written, or no run has finished.
        """
        from seedbed.report.figure_files import write_figures

        folder = _path(out) or self.folder / "figures"
        return write_figures(self.select(only, exclude), folder, charts, format, width)

    def _complete(self, data_root: str | Path | None) -> None:
        """Analyze what is not known yet, once."""
        from seedbed.analysis.inquiries.asking import unanswered
        from seedbed.analysis.inquiries.posthoc import ask_stored_weights
        from seedbed.study.store.study import StudyStore

        missing = unanswered(self.summary)
        if self._analyzed or not missing:
            return
        self._analyzed = True
        store, root = StudyStore(self.folder), _path(data_root)
        self._datasets |= ask_stored_weights(store, missing, data_root=root)
        self.summary = read_or_make_summary(self.folder)


def read_or_make_summary(folder: Path) -> list[Entry]:
    """Return the summary of a study, which is made again if it is not up to date.

    Raises:
        StoreError: If there is no study, none of its runs has ended, or a newer Seedbed wrote it.
        DataError: If the predictions of a run cannot belong to their labels.
    """
    summary = read_summary(folder)
    if summary is None:
        from seedbed.analysis.summary.study import refresh_summary

        summary = refresh_summary(folder)
    return summary


def _refuse_empty(store: "StudyStore", elsewhere: Mapping[str, str]) -> None:
    from seedbed.study.progress import read_progress

    if not read_progress(store).done:
        raise StudyInUse(
            f"every run is being trained by another process ({next(iter(elsewhere.values()))})",
            where=str(store.folder),
            hint="run the same command again when it has ended, or choose another folder with "
            "--out",
        )


def _path(path: str | Path | None) -> Path | None:
    return None if path is None else Path(path)
