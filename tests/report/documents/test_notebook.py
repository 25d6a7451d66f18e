"""The notebook: it runs, computes what it shows, and shows it before it is run."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import altair as alt
import nbclient
import nbformat
import pytest

import seedbed


@pytest.fixture(scope="module")
def notebook(written: dict[str, Path]) -> Any:
    return read(written["notebook"])


def read(file: Path) -> Any:
    return nbformat.reads(file.read_text(encoding="utf-8"), 4)  # type: ignore[no-untyped-call]


def outputs(notebook: Any) -> list[Any]:
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [output.get("data", output.get("text")) for cell in cells for output in cell.outputs]


def test_it_runs_and_computes_what_it_shows(notebook: Any, digits: Path) -> None:
    executed = copy.deepcopy(notebook)
    for cell in executed.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbclient.NotebookClient(
        executed, timeout=120, resources={"metadata": {"path": str(digits)}}
    ).execute()
    assert outputs(executed) == outputs(notebook)


def test_it_is_valid_and_opens_the_study_beside_it(notebook: Any) -> None:
    nbformat.validate(notebook)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert code[0] == "from textwrap import fill\n\nimport seedbed\n\nstudy = seedbed.open('.')"


def test_its_charts_are_svg_that_load_nothing(notebook: Any) -> None:
    charts = [data["image/svg+xml"] for data in outputs(notebook) if "image/svg+xml" in data]
    assert len(charts) > 5
    ids = [part.split('"')[0] for svg in charts for part in svg.split(' id="')[1:]]
    assert len(set(ids)) == len(ids)
    assert not any(
        "<script" in svg or "http" in svg.replace("http://www.w3.org", "") for svg in charts
    )


def test_it_is_the_same_whichever_renderer_the_session_has(
    notebook: Any, digits: Path, tmp_path: Path
) -> None:
    with alt.renderers.enable("html"):
        file = seedbed.open(digits).document(
            "notebook", tmp_path / "report.ipynb", title="My title", author="A. Student"
        )
    assert outputs(read(file)) == outputs(notebook)


def test_numbers_stand_in_outputs_alone(notebook: Any, digits: Path) -> None:
    (mean,) = {entry["test_accuracy"]["mean"] for entry in seedbed.open(digits).summary[1:]}
    text = f"{100 * mean:.2f}"
    assert text in json.dumps(outputs(notebook))
    assert not any(text in cell.source for cell in notebook.cells)


def test_a_selection_and_another_folder(
    digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "seedbed.report.documents.notebook.render", lambda _document, _study, opened: opened
    )
    out = tmp_path / "elsewhere.ipynb"
    seedbed.open(digits).document("notebook", out, only=["learning_rate=0.05"])
    found = re.fullmatch(r"open\('(.*)', (.*)\)", out.read_text())
    assert found
    assert (tmp_path / found[1]).resolve() == digits.resolve()
    assert found[2] == "only=['learning_rate=0.05']"
