"""The accuracies of a study as text, Markdown, CSV, LaTeX or JSON.

Accuracies are those of the epoch that the recipe's rule keeps, by default the last: nothing is ever
chosen on the test split. A spread is the sample standard deviation (n - 1), over the runs that
finished; a diverged run has no accuracy.
"""

import csv
import json
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any, Final

from seedbed.report.escape import latex, markdown, printable
from seedbed.study.results import ConfigurationResults, StudyResults

RULES: Final = {"last": "last", "best-on-validation": "validation's best"}
"""How a caption calls the epoch that a rule keeps."""
COLUMNS: Final = ("run", "training accuracy", "test accuracy")
CSV_COLUMNS: Final = (
    "configuration",
    "label",
    "dataset",
    "row",
    "seed",
    "n",
    "epoch_rule",
    "train_accuracy",
    "test_accuracy",
)


@dataclass(frozen=True)
class Accuracies:
    """The accuracy of each run of a configuration on one split; fractions."""

    runs: tuple[float, ...]

    @property
    def best(self) -> float | None:
        """The highest; ``None`` without runs."""
        return max(self.runs, default=None)

    @property
    def mean(self) -> float | None:
        """``None`` without runs."""
        return statistics.fmean(self.runs) if self.runs else None

    @property
    def std(self) -> float | None:
        """The sample standard deviation; ``None`` for fewer than two runs."""
        return statistics.stdev(self.runs) if len(self.runs) > 1 else None

    def to_dict(self) -> dict[str, Any]:
        """Return what the JSON table holds."""
        return {"mean": self.mean, "std": self.std, "best": self.best, "runs": list(self.runs)}


@dataclass(frozen=True)
class _Table:
    """One configuration: a row a run, then best, mean and standard deviation."""

    caption: str
    seeds: tuple[int, ...]
    train: Accuracies
    test: Accuracies
    notes: tuple[str, ...]

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """Return what each row is called, and the two accuracies in percent."""
        for seed, train, test in zip(self.seeds, self.train.runs, self.test.runs, strict=True):
            yield f"seed {seed}", percent(train), percent(test)
        yield from self.statistics()

    def statistics(self) -> Iterator[tuple[str, str, str]]:
        """Return the rows below the runs."""
        n = len(self.seeds)
        yield "best", percent(self.train.best), percent(self.test.best)
        yield f"mean (n = {n})", percent(self.train.mean), percent(self.test.mean)
        yield "standard deviation", percent(self.train.std), percent(self.test.std)


def percent(fraction: float | None) -> str:
    """Return ``"99.12 %"``, or a dash for what there is not."""
    return "–" if fraction is None else f"{100 * fraction:.2f} %"


def as_text(results: StudyResults) -> str:
    """Return the tables for a terminal."""
    blocks = []
    for table in map(_table, results.configurations):
        rows = [COLUMNS, *table.rows()]
        widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
        lines = [
            "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()
            for row in rows
        ]
        rule = "─" * (sum(widths) + 2 * (len(widths) - 1))
        header, *runs = lines
        statistics_start = len(table.seeds)
        body = [*runs[:statistics_start], rule, *runs[statistics_start:]]
        blocks.append(
            "\n".join(
                printable(line) for line in (table.caption, "", header, rule, *body, *table.notes)
            )
        )
    return "\n\n".join([*blocks, *map(printable, study_notes(results))]) + "\n"


def as_markdown(results: StudyResults) -> str:
    """Return the tables for a README or an issue."""
    blocks = []
    for table in map(_table, results.configurations):
        lines = [markdown(table.caption), "", _markdown_row(COLUMNS), "|:--|--:|--:|"]
        lines += [_markdown_row(row) for row in table.rows()]
        lines += [line for note in table.notes for line in ("", markdown(note))]
        blocks.append("\n".join(lines))
    return "\n\n".join([*blocks, *map(markdown, study_notes(results))]) + "\n"


def as_latex(results: StudyResults) -> str:
    """Return the tables for a paper; they need the package ``booktabs``."""
    blocks = []
    for table in map(_table, results.configurations):
        rows = [_latex_row(row) for row in table.rows()]
        below = len(table.seeds)
        caption = " ".join(latex(each) for each in (table.caption, *table.notes))
        blocks.append(
            "\n".join(
                [
                    r"\begin{table}",
                    r"\centering",
                    rf"\caption{{{caption}}}",
                    r"\begin{tabular}{lrr}",
                    r"\toprule",
                    _latex_row(COLUMNS),
                    r"\midrule",
                    *rows[:below],
                    *([r"\midrule"] if below else []),
                    *rows[below:],
                    r"\bottomrule",
                    r"\end{tabular}",
                    r"\end{table}",
                ]
            )
        )
    notes = [f"% {printable(note)}" for note in study_notes(results)]
    return "\n\n".join([*blocks, *notes]) + "\n"


def as_csv(results: StudyResults) -> str:
    """Return a line a run, and one each for best, mean and std; accuracies are fractions."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for each in results.configurations:
        table = _table(each)
        configuration = each.configuration
        rule = configuration.recipe.epoch_rule
        same = [configuration.id, printable(configuration.label), printable(_title(each))]
        for seed, train, test in zip(table.seeds, table.train.runs, table.test.runs, strict=True):
            writer.writerow([*same, "run", seed, 1, rule, train, test])
        for run in each.diverged:
            writer.writerow([*same, "diverged", run.record.seed, 0, rule, "", ""])
        for row in ("best", "mean", "std"):
            values = [getattr(table.train, row), getattr(table.test, row)]
            writer.writerow([*same, row, "", len(table.seeds), rule, *values])
    return text.getvalue()


def as_json(results: StudyResults) -> str:
    """Return a list with an object for each configuration; accuracies are fractions."""
    return json.dumps([_to_dict(each) for each in results.configurations], indent=2) + "\n"


FORMATS: Final[Mapping[str, Callable[[StudyResults], str]]] = {
    "text": as_text,
    "markdown": as_markdown,
    "csv": as_csv,
    "latex": as_latex,
    "json": as_json,
}


def study_notes(results: StudyResults) -> list[str]:
    """Return what is to be said of the folder as a whole."""
    notes = list(results.damaged)
    if results.other_runs:
        are = "run is" if results.other_runs == 1 else "runs are"
        notes.append(
            f"{results.other_runs} other {are} kept in this folder, "
            "of settings or seeds that its study.toml does not name now."
        )
    return notes


def _to_dict(results: ConfigurationResults) -> dict[str, Any]:
    train, test = _accuracies(results)
    finished = [run.record for run in results.finished]
    any_record = results.ended[0].record if results.ended else None
    return {
        "configuration": any_record.configuration
        if any_record
        else {
            **results.configuration.tables,
            "dataset": {"fingerprint": results.configuration.fingerprint},
        },
        "id": results.configuration.id,
        "label": results.configuration.label,
        "n": len(finished),
        "epoch_rule": results.configuration.recipe.epoch_rule,
        "seeds": [record.seed for record in finished],
        "train_accuracy": train.to_dict(),
        "test_accuracy": test.to_dict(),
        "diverged": [
            {"seed": run.record.seed, "epoch": run.record.diverged_epoch}
            for run in results.diverged
        ],
        "unfinished": results.unfinished_seeds,
        "dataset": _title(results),
        "altered": any_record.dataset.altered if any_record else None,
    }


def _accuracies(results: ConfigurationResults) -> tuple[Accuracies, Accuracies]:
    kept = [run.kept for run in results.finished]
    return (
        Accuracies(tuple(record.train_accuracy for record in kept)),
        Accuracies(tuple(record.test_accuracy for record in kept)),
    )


def _title(results: ConfigurationResults) -> str:
    """Return the dataset's name, and how it is altered if it is."""
    return results.ended[0].record.dataset.title if results.ended else "unknown dataset"


def _table(results: ConfigurationResults) -> _Table:
    train, test = _accuracies(results)
    configuration = results.configuration
    notes = [
        f"Seed {run.record.seed} diverged in epoch {run.record.diverged_epoch} "
        "and counts in none of these."
        for run in results.diverged
    ]
    if results.unfinished_seeds:
        notes.append(f"Not finished: {_listed('seed', results.unfinished_seeds)}.")
    recipe, network = configuration.recipe, configuration.network["name"]
    label = f"{configuration.label}: " if configuration.label != network else ""
    return _Table(
        caption=f"{label}{network} on {_title(results)}, "
        f"accuracy after the {RULES[recipe.epoch_rule]} epoch ({recipe.epochs})",
        seeds=tuple(run.record.seed for run in results.finished),
        train=train,
        test=test,
        notes=tuple(notes),
    )


def _listed(what: str, numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:20]))
    more = f" and {len(numbers) - 20} more" if len(numbers) > 20 else ""
    return f"{what}{'s' if len(numbers) > 1 else ''} {shown}{more}"


def _markdown_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(markdown, cells))} |"


def _latex_row(cells: Sequence[str]) -> str:
    return " & ".join(latex(cell).replace("–", "--") for cell in cells) + r" \\"
