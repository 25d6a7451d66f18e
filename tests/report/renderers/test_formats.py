"""The formats: the same table as text, Markdown, CSV, LaTeX, JSON and HTML."""

import csv
import json
import re
import shutil
import subprocess
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from made_answers import HIGH, LOW, made_noisy
from made_entries import TEST, made_entries, made_entry
from made_networks import made_robustness
from seedbed.analysis.entry import Entry
from seedbed.analysis.registry import relate_all, tables
from seedbed.analysis.subjects.accuracy.table import accuracy_table
from seedbed.display.table import Report, Table
from seedbed.report.renderers import latex
from seedbed.report.renderers.formats import FORMATS

TABLES = [name for name in tables() if name != "claims"]
"""Those with rows; ``tests/analysis/subjects/test_claims.py`` has a study with claims."""


def entries_with_rows(what: str, **changes: Any) -> list[Entry]:
    """Return the entries of a study of which a table has rows."""
    if what in ("noise-response", "fall-differences", "comparisons-over-blocks"):
        return relate_all(
            [
                made_noisy(f"noise.rate={rate}, loss={loss}", rate, test, loss=loss, **changes)
                for loss, test in (("gce", LOW), ("mae", HIGH))
                for rate in (0.0, 0.4)
            ]
        )
    if what == "robustness":
        changes["robustness"] = made_robustness(0.5)
    if what == "variance":
        component = {
            "source": "order",
            "degrees_of_freedom": 2,
            "mean_square": 0.1,
            "variance": 0.1,
            "interval": (0.0, 0.2),
            "share": 1.0,
            "share_interval": (0.0, 1.0),
        }
        of = {"of": "test accuracy", "variance": 0.1, "components": (component,)}
        streams = ({"stream": "order", "seeds": (0, 1, 2)},)
        changes["variance"] = {**of, "streams": streams, "runs": 3, "left_out": 0}
    entries = made_entries("first", "second", **changes)
    if what == "effects":
        entries[1]["settings"] = entries[1]["settings"] | {"recipe.epochs": 3}
    return entries


@pytest.fixture
def report() -> Report:
    return accuracy_table([made_entry()])


def test_text(report: Report) -> None:
    assert FORMATS["text"](report) == (
        "Accuracy after the last epoch (2): lenet5 on mnist\n"
        "\n"
        "run                         training accuracy    test accuracy\n"
        "──────────────────────────────────────────────────────────────\n"
        "seed 0                                 99.91%           99.18%\n"
        "seed 1                                 99.85%           99.00%\n"
        "seed 2                                 99.93%           99.31%\n"
        "──────────────────────────────────────────────────────────────\n"
        "best                                   99.93%           99.31%\n"
        "mean (n = 3)                           99.90%           99.16%\n"
        "standard deviation                      0.04%            0.16%\n"
        "95% interval, these images    99.71 to 99.96%  98.67 to 99.47%\n"
        "The best of n runs grows with n by chance: "
        "of 3 equal runs it lies 0.85 standard deviations above their mean.\n"
    )


def test_columns_of_text_are_aligned_to_the_left() -> None:
    table = Table(
        "caption", ("name", "n", "why"), ((("a", "10", "yes"), ("bc", "1", "no")),), (), (0, 2)
    )
    lines = FORMATS["text"](Report((table,), (), (), None)).splitlines()
    assert lines[4:] == ["a     10  yes", "bc     1  no"]
    assert "|:--|--:|:--|" in FORMATS["markdown"](Report((table,), (), (), None))
    assert r"\begin{tabular}{lrl}" in FORMATS["latex"](Report((table,), (), (), None))


def test_markdown_is_a_table(report: Report) -> None:
    lines = FORMATS["markdown"](report).splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert table[:3] == [
        "| run | training accuracy | test accuracy |",
        "|:--|--:|--:|",
        "| seed 0 | 99.91% | 99.18% |",
    ]
    assert table[-3] == "| mean (n = 3) | 99.90% | 99.16% |"


def test_latex_is_a_booktabs_table() -> None:
    text = FORMATS["latex"](accuracy_table([made_entry(dataset="50%_photos")]))
    assert r"\caption{Accuracy after the last epoch (2): lenet5 on 50\%\_photos" in text
    assert r"seed 0 & 99.91 & 99.18 \\" in text
    for name in ("toprule", "midrule", "bottomrule"):
        assert f"\\{name}" in text
    assert text.count(r"\begin") == text.count(r"\end") == 4
    assert not re.search(r"(?<!\\)[%_#&$](?![^\n]*\\\\)", text.replace("& 99", ""))


def latex_of(*rows: tuple[str, ...], **changes: Any) -> str:
    header = ("name", "test accuracy of the mean")
    return latex.render(Report((Table("Caption", header, (rows,), **changes),), (), (), []))


def test_latex_has_a_label_and_a_short_caption_with_notes_below() -> None:
    text = latex_of(("a", "1"), notes=("First note.", "Second note."))
    assert r"\caption{Caption}" in text
    assert r"\label{tab:caption}" in text
    assert text.index("First note.") > text.index(r"\end{tabular}")


def test_latex_has_units_in_the_head_where_all_cells_share_them() -> None:
    text = latex_of(("a", "99.12 ± 0.05%"), ("b", "–"))
    assert r"\%" in text.partition(r"\midrule")[0]
    assert r"a & 99.12 $\pm$ 0.05 \\" in text
    assert r"a & 1\% \\" in latex_of(("a", "1%"), ("b", "2"))


def test_latex_sets_what_a_test_shows_to_be_best_in_bold() -> None:
    rows = (("a", "1"), ("b", "2"))
    text = latex_of(*rows, best=((1, 1),), best_note="Bold: best.")
    assert r"b & \textbf{\boldmath 2} \\" in text
    assert "Bold: best." in text
    assert "textbf" not in latex_of(*rows, best_note="Bold: best.")
    assert "Bold" not in latex_of(*rows, best_note="Bold: best.")


def test_latex_aligns_numbers_with_siunitx() -> None:
    rows = (("a", "99.12 ± 0.05", "1,234", "1 to 2"), ("b", "–", "5", "–"))
    table = Table("Caption", ("name", "accuracy", "images", "range"), (rows,))
    text = latex.render(Report((table,), (), (), []), siunitx=True)
    assert r"\begin{tabular}{lS[table-format=2.2(3)]S[table-format=4]r}" in text
    assert r"a & 99.12 \pm 0.05 & 1234 & 1 to 2 \\" in text
    assert r"b & {--} & 5 & -- \\" in text


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex (texlive-science)")
def test_latex_of_every_table_compiles(tmp_path: Path) -> None:
    written = [
        latex.render(tables()[what].make(entries_with_rows(what)), what, siunitx=siunitx)
        for what in TABLES
        for siunitx in (False, True)
    ]
    document = "\n".join(
        [
            r"\documentclass{article}\usepackage[T1]{fontenc}\usepackage{booktabs,siunitx}",
            r"\extrafloats{100}\begin{document}",
            *written,
            r"\end{document}",
        ]
    )
    (tmp_path / "tables.tex").write_text(document, encoding="utf-8")
    command = ["pdflatex", "-interaction=batchmode", "-halt-on-error", "tables.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, (tmp_path / "tables.log").read_text(errors="replace")[-2000:]


def test_latex_sets_a_minus_before_numbers_only() -> None:
    table = Table("-5 to -.5", ("x=-1", "1e-3", "leaky-relu", "2020-01-02"), ())
    text = FORMATS["latex"](Report((table,), (), (), []))
    assert r"\caption{$-$5 to $-$.5}" in text
    assert "x=$-$1 & 1e-3 & leaky-relu & 2020-01-02" in text


def test_latex_has_no_sign_that_it_does_not_know() -> None:
    for what in tables():
        text = FORMATS["latex"](tables()[what].make(made_entries("a", "b")))
        assert text.isascii(), what


def test_csv_reads_back() -> None:
    text = FORMATS["csv"](accuracy_table([made_entry(dataset='my "photos", 2024')]))
    rows = list(csv.DictReader(StringIO(text)))
    assert {row["dataset"] for row in rows} == {'my "photos", 2024'}
    assert [float(row["test_accuracy_best"]) for row in rows] == [max(TEST)]


def test_json_is_a_list_of_configurations(report: Report) -> None:
    (found,) = json.loads(FORMATS["json"](report))
    assert found["n"] == 3


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("what", TABLES)
def test_every_table_says_the_checkpoint_and_how_the_dataset_is_modified(
    what: str, name: str
) -> None:
    entries = entries_with_rows(what, dataset="cifar10 (modified: JPEG copy)", modified="JPEG copy")
    text = FORMATS[name](tables()[what].make(entries))
    assert "modified: JPEG copy" in text
    rule = {"json": '"checkpoint": "last"', "csv": ",last,"}.get(name, "last epoch")
    assert rule in text
    assert text.endswith("\n")


@pytest.mark.parametrize("name", ["text", "markdown", "csv", "html"])
def test_names_cannot_drive_a_terminal(name: str) -> None:
    for what in tables():
        entries = made_entries("a\x1b[2J", "b", dataset="mnist\x1b]0;x\x07")
        assert "\x1b" not in FORMATS[name](tables()[what].make(entries))


def renamed(value: Any, name: str) -> Any:
    """Return part of a summary whose classes and first label begin with another name."""
    if isinstance(value, dict):
        return {key: renamed(item, name) for key, item in value.items()}
    if isinstance(value, list):
        return [renamed(item, name) for item in value]
    return name + value if value in ("a", "b", "c", "first") else value


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", " ="])
@pytest.mark.parametrize("what", TABLES)
def test_csv_has_no_formulas(what: str, begin: str) -> None:
    entries = entries_with_rows(what, dataset=f"{begin}1+1")
    text = FORMATS["csv"](
        tables()[what].make([Entry(renamed(dict(entry), begin)) for entry in entries])
    )
    named = 0
    for cell in (cell for row in csv.reader(StringIO(text)) for cell in row):
        named += cell.startswith(("'", "\\x"))
        if cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r", "\n")):
            assert float(cell) < 0
    assert named


def test_csv_keeps_negative_numbers() -> None:
    report = Report((), ("change", "class"), ((-0.25, "-0.25"), (-3, "'quoted")), None)
    rows = list(csv.reader(StringIO(FORMATS["csv"](report))))
    assert rows[1:] == [["-0.25", "'-0.25"], ["-3", "'quoted"]]


@pytest.mark.parametrize("name", ["text", "markdown", "latex", "html"])
@pytest.mark.parametrize("what", TABLES)
def test_notes_name_what_does_not_count(what: str, name: str) -> None:
    entries = made_entries("a", "b", diverged=[{"seed": 2, "epoch": 7}], unfinished=[8, 9])
    for each in entries:
        each["study"] = {"name": "mine", "other_runs": 2, "damaged": ["run.json is missing"]}
    text = FORMATS[name](tables()[what].make(entries))
    assert "2 runs that study.toml no longer lists" in text
    assert "run.json is missing" in text
    if what != "comparisons":
        assert "Seed 2 diverged in epoch 7 and is excluded." in text
        assert "Not finished: seeds 8, 9." in text


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("what", [each for each in tables() if each != "comparisons"])
def test_one_configuration_with_one_run(what: str, name: str) -> None:
    assert FORMATS[name](tables()[what].make([made_entry(runs=1)])).endswith("\n")
