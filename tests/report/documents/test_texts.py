"""PDF, LaTeX and Markdown: they have the numbers of the study, and names stay names."""

import dataclasses
import re
import shutil
import subprocess
from pathlib import Path

import pypdf
import pytest
from markdown_it import MarkdownIt
from pylatexenc.latexwalker import LatexWalker

import seedbed
import summaries
from seedbed.analysis.subjects.accuracy.result import accuracy_of
from seedbed.core.errors import MissingExtra, StoreError, StudyError
from seedbed.core.suggestions import unknown
from seedbed.display.formatters import percent_interval, percent_spread
from seedbed.report.documents import latex, markdown, pdf
from seedbed.report.documents.build import build
from seedbed.report.documents.formats import NAMES
from seedbed.report.documents.model import Code, Document, Figures, Section, Wording
from sentences import Sentence


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """A document with names that break documents, without its figures, which have their tests."""
    folder = tmp_path_factory.mktemp("hostile")
    study = summaries.write_study(
        folder, class_names=summaries.HOSTILE, margin=5, seeds=2, epochs=2, test_images=80
    )
    document = build(seedbed.open(study), Wording("\\input{x} #set page()", "<b>A</b> & B"))
    sections = [
        Section(part.title, tuple(of for of in part.blocks if not isinstance(of, Figures)))
        for part in document.sections
    ]
    return dataclasses.replace(document, sections=sections)


def pdf_text(file: Path) -> str:
    text = "".join(page.extract_text() for page in pypdf.PdfReader(file).pages)
    return re.sub(r"[\s\u200b]+", "", text)


def numbers(study: seedbed.Study) -> list[str]:
    """Return the accuracies as tables show them, without spaces."""
    shown = []
    for entry in study.summary:
        accuracy = accuracy_of(entry)
        shown += [percent_spread(accuracy.train_accuracy), percent_spread(accuracy.test_accuracy)]
        if accuracy.test_accuracy.interval:
            shown.append(percent_interval(accuracy.test_accuracy.interval))
    return [re.sub(r"\s", "", text) for text in shown]


def test_the_pdf_has_the_numbers_of_the_summary(digits: Path, written: dict[str, Path]) -> None:
    study = seedbed.open(digits)
    text = pdf_text(written["pdf"])
    for number in numbers(study):
        assert number in text
    for label in (*study.configurations, "Mytitle", "A.Student"):
        assert label in text


def test_names_in_a_pdf_stay_as_they_are(hostile: Document, tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(pdf.render(hostile))
    text = pdf_text(tmp_path / "report.pdf")
    for name in (
        "<script>alert(1)</script>",
        "{{7*7}}${7*7}",
        "\\e%_#",
        "#setpage()",
        "<b>A</b>&B",
    ):
        assert name in text


def test_typst_is_an_extra(
    digits: Path, monkeypatch: pytest.MonkeyPatch, sentence: Sentence
) -> None:
    monkeypatch.setattr("seedbed.report.documents.formats.find_spec", lambda _: None)
    with pytest.raises(MissingExtra) as error:
        seedbed.open(digits).document("pdf")
    assert error.value.extra == "pdf"
    sentence(error.value)


def test_latex_has_the_numbers_and_every_figure(digits: Path, written: dict[str, Path]) -> None:
    study = seedbed.open(digits)
    text = written["latex"].read_text(encoding="utf-8")
    LatexWalker(text, tolerant_parsing=False).get_latex_nodes()
    plain = re.sub(r"\s|\$|\\%|\\pm", "", text.replace(r"$\pm$", "±"))
    for number in numbers(study):
        assert number.replace("%", "") in plain
    figures = re.findall(r"\\includegraphics\[[^]]*\]\{([^}]*)\}", text)
    assert len(figures) > 5
    assert all((digits / name).read_bytes().startswith(b"%PDF") for name in figures)


NEEDS_PDFLATEX = pytest.mark.skipif(
    shutil.which("pdflatex") is None,
    reason="needs pdflatex (Debian: texlive-latex-recommended and lmodern)",
)


def compiled(document: Document, folder: Path) -> str:
    """Return the text of the PDF that pdflatex makes of a document."""
    (folder / "paper.tex").write_text(latex.render(document, "files"), encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    return pdf_text(folder / "paper.pdf")


@NEEDS_PDFLATEX
def test_latex_compiles_whatever_names_are(hostile: Document, tmp_path: Path) -> None:
    text = compiled(hostile, tmp_path)
    assert "alert(1)" in text
    assert "{{7*7}}${7*7}" in text
    assert "\\input{x}#setpage()" in text


@NEEDS_PDFLATEX
def test_a_study_file_in_latex_is_copied_as_it_is(tmp_path: Path) -> None:
    text = """shift = -0.5 # 1–2 a---b --out ''x'' ``y`` 'z' "w" ,,v,, ?` !` << >> “q” ’’"""
    section = Section("Reproduction", (Code(text, "toml"),))
    document = Document("Title", "", "", None, (section,))
    assert text.replace(" ", "") in compiled(document, tmp_path)


def test_markdown_parses_and_its_images_are_there(digits: Path, written: dict[str, Path]) -> None:
    study = seedbed.open(digits)
    tokens = MarkdownIt().enable("table").parse(written["markdown"].read_text(encoding="utf-8"))
    inside = [child for token in tokens for child in token.children or ()]
    images = [str(child.attrs["src"]) for child in inside if child.type == "image"]
    assert len(images) > 5
    assert all((digits / name).read_bytes().startswith(b"<svg") for name in images)
    text = "".join(child.content for child in inside)
    assert all(number in re.sub(r"\s", "", text) for number in numbers(study))
    assert sum(token.type == "table_open" for token in tokens) > 5
    headings = [tokens[n + 1].content for n, of in enumerate(tokens) if of.type == "heading_open"]
    assert headings[:3] == ["My title", "Question", "Setup"]


def test_names_in_markdown_are_no_html(hostile: Document) -> None:
    text = markdown.render(hostile, "files")
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    assert "<script>" not in html
    assert "<img src=x" not in html
    assert "<b>" not in html


def test_no_document_says_where_the_study_lies(digits: Path, written: dict[str, Path]) -> None:
    for form, file in written.items():
        text = pdf_text(file) if form == "pdf" else file.read_text(encoding="utf-8")
        assert "digits" in text
        assert str(digits.parent) not in text


def test_an_unknown_format(digits: Path) -> None:
    with pytest.raises(StudyError) as error:
        seedbed.open(digits).document("word")
    assert error.value.what == unknown("format", "word", NAMES)


def test_nothing_finished(tmp_path: Path, sentence: Sentence) -> None:
    folder = summaries.write_study(tmp_path, seeds=1, axes="learning_rate = 2.0")
    with pytest.raises(StoreError) as error:
        seedbed.open(folder).document("markdown")
    assert error.value.where == str(folder)
    assert not (folder / "report.md").exists()
    sentence(error.value)
