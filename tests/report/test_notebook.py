"""A study that shows itself."""

import base64
import json
import re
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest

import seedbed
from made_entries import made_entries
from seedbed.analysis.registry import charts, tables
from seedbed.analysis.summary_file import write_summary
from seedbed.core.errors import StoreError, StudyError
from seedbed.core.suggestions import unknown
from seedbed.report.notebook_chart import svg
from seedbed.report.renderers.formats import FORMATS
from sentences import Sentence
from small import run_small, small_study

ODD = "<script>alert(1)</script> \"&'"


def study(folder: Path, *labels: str, **changes: Any) -> seedbed.Study:
    folder.mkdir(exist_ok=True)
    write_summary(folder, made_entries(*labels, **changes))
    return seedbed.open(folder)


def plain(html: str) -> str:
    """Return what a reader sees of HTML."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def test_a_study_is_read_from_its_folder(tmp_path: Path) -> None:
    spec = small_study(tmp_path / "data", epochs=1, settings=["recipe.learning_rate=[0.05, 0.01]"])
    folder = run_small(spec, tmp_path / "study").folder
    found = seedbed.open(str(folder))
    assert found.name == "small"
    assert found.configurations == ("learning_rate=0.05", "learning_rate=0.01")
    assert [each["n"] for each in found.summary] == [3, 3]
    assert found.answer[0] in str(found)
    assert repr(found) == f"seedbed.open({str(folder)!r})"
    assert "learning_rate=0.05" in plain(found._repr_html_())


def test_where_there_is_no_study(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as error:
        seedbed.open(tmp_path / "nowhere")
    assert error.value.where == str(tmp_path / "nowhere")


@pytest.mark.parametrize("what", [name for name in tables() if name != "claims"])
def test_every_table_as_text_and_as_html(tmp_path: Path, what: str) -> None:
    table = study(tmp_path, "one", "two").table(what)
    html = plain(table._repr_html_())
    for line in str(table).split("\n\n")[0].splitlines():
        assert line in html
    for name, write in FORMATS.items():
        assert name == "latex" or table.to(name) == write(table.report)
    assert f"\\label{{tab:mine-{what}" in table.to("latex")
    # No setting varies, and there is one block.
    assert json.loads(table.to("json")) or what in ("effects", "comparisons-over-blocks")


def test_a_table_with_a_baseline(tmp_path: Path) -> None:
    table = study(tmp_path, "one", "two", "three").table("comparisons", baseline="two")
    assert [line[3] for line in table.report.lines] == ["two", "two"]


@pytest.mark.parametrize("name", charts())
def test_every_chart_that_applies(tmp_path: Path, name: str) -> None:
    found = study(tmp_path, "one", "two")
    entries = found.summary[:1] if charts()[name].per_configuration else found.summary
    expected = next((drawing for _, drawing in charts()[name].drawings(entries)), None)
    if expected is None:
        with pytest.raises(StudyError) as error:
            found.chart(name)
        assert error.value.what.endswith(f"as {name!r}")
    else:
        assert found.chart(name).to_dict() == expected.to_dict()


def test_a_chart_is_of_the_best_configuration_or_of_the_one_that_is_named(tmp_path: Path) -> None:
    low = {"mean": 0.5, "std": 0.1, "best": 0.6, "runs": [0.4, 0.5, 0.6]}
    entries = made_entries("one", "two")
    entries[0]["test_accuracy"] = low
    tmp_path.mkdir(exist_ok=True)
    write_summary(tmp_path, entries)
    found = seedbed.open(tmp_path)
    assert "two" in json.dumps(found.chart("confusion").to_dict()["title"])
    assert "one" in json.dumps(found.chart("confusion", "one").to_dict()["title"])


def test_a_chart_is_the_same_svg_whatever_was_drawn_before(tmp_path: Path) -> None:
    chart = study(tmp_path, "one", "two").chart("accuracy-curves")
    first, second = (svg(chart) for _ in range(2))
    assert "clip" in first
    assert first == second


def test_what_does_not_exist_is_answered_with_the_nearest_name(tmp_path: Path) -> None:
    found = study(tmp_path, "one")
    wrong: list[tuple[Any, tuple[str, ...], str]] = [
        (found.table, ("acuracy",), unknown("table", "acuracy", tables())),
        (found.chart, ("confusoin",), unknown("chart", "confusoin", charts())),
        (found.chart, ("confusion", "on"), unknown("configuration", "on", ("one",))),
        (found.table().to, ("lates",), unknown("format", "lates", FORMATS)),
    ]
    for method, names, what in wrong:
        with pytest.raises(StudyError) as error:
            method(*names)
        assert error.value.what == what


def test_a_baseline_belongs_to_comparisons(tmp_path: Path, sentence: Sentence) -> None:
    found = study(tmp_path, "one")
    with pytest.raises(StudyError) as error:
        found.table("accuracy", baseline="one")
    assert error.value.where == "baseline"
    sentence(error.value)
    with pytest.raises(StudyError):
        found.table("comparisons")  # of one configuration


def test_names_are_shown_as_they_are(tmp_path: Path) -> None:
    found = study(tmp_path, ODD, "two")
    html = found._repr_html_()
    assert "<script" not in html
    assert escape(ODD) in html
    assert ODD in str(found)


def test_a_study_shows_itself_without_a_network(tmp_path: Path) -> None:
    html = study(tmp_path, "one", "two")._repr_html_()
    assert html.count("<table") == 5  # accuracy, comparisons, pairs (two), AUC
    pictures = re.findall(r'<img src="data:image/svg\+xml;base64,([^"]*)" alt="[^"]{20,}"', html)
    assert len(pictures) == html.count("<img") >= 2
    text = html + "".join(base64.b64decode(each).decode() for each in pictures)
    assert "<script" not in text
    addresses = set(re.findall(r"https?://[^\s\"'<>)]*", text))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def first_columns(found: seedbed.Study, baseline: str | None = None) -> list[tuple[str, ...]]:
    """Return the columns of the CSV file of each table of a first look."""
    return [table.report.columns for table in found.first_tables(baseline)]


def test_a_first_look_shows_what_applies(tmp_path: Path) -> None:
    one = first_columns(study(tmp_path / "one", "one"))
    two = first_columns(study(tmp_path / "two", "one", "two"))
    noise = {**made_entries("one")[0]["noise"], "kind": "symmetric", "rate": 0.4}
    noisy = first_columns(study(tmp_path / "noisy", "one", noise=noise))
    assert [columns for columns in two if columns not in one] == [columns_of("comparisons", 2)]
    assert [columns for columns in noisy if columns not in one] == [columns_of("noise", 1)]


def test_a_first_look_compares_with_a_baseline(tmp_path: Path) -> None:
    found = study(tmp_path, "one", "two", "three")
    with_baseline = found.table("comparisons", baseline="two").report.lines
    assert with_baseline in [table.report.lines for table in found.first_tables("two")]
    assert with_baseline not in [table.report.lines for table in found.first_tables()]


def columns_of(table: str, configurations: int) -> tuple[str, ...]:
    return tables()[table].make(made_entries(*"ab"[:configurations])).columns


def test_external_predictions_show_themselves(tmp_path: Path) -> None:
    nothing = dict.fromkeys(("curves", "provenance", "noise", "cost", "network", "checkpoints"))
    found = study(
        tmp_path, "theirs", configuration={"files": ["a.npz"]}, checkpoint=None, **nothing
    )
    assert "theirs" in plain(found._repr_html_())


def test_a_study_whose_runs_all_diverged(tmp_path: Path) -> None:
    gone = ("confusion", "top_pairs", "merged_pairs", "hard_examples", "curves", "confused_images")
    nothing = dict.fromkeys(gone)
    found = study(tmp_path, "one", runs=0, diverged=[{"seed": 0, "epoch": 1}], **nothing)
    assert "No run on mnist has finished" in plain(found._repr_html_())
    assert "<img" not in found._repr_html_()
