"""The document model: what stands in it, in which order, and how it can be computed again."""

from pathlib import Path

import pytest

import seedbed
from made_answers import LOW, made_noisy
from made_entries import made_entries, made_entry
from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.base import TOPICS
from seedbed.analysis.entry import Entry, fields_of
from seedbed.analysis.registry import charts, relate_all, tables
from seedbed.display.charts.style import MOST_IN_LEGEND
from seedbed.report.documents.build import ORDER, build
from seedbed.report.documents.model import (
    Document,
    Figures,
    Items,
    Section,
    Sentences,
    Tables,
    Terms,
    Text,
    Wording,
)
from seedbed.report.documents.shown import MOST_IN_ROWS, groups, representatives
from seedbed.report.page.details import MOST
from seedbed.report.pictured import Pictured


def documented(*entries: Entry, **wording: object) -> Document:
    return build(Pictured(entries, Path()), Wording(**wording))  # type: ignore[arg-type]


def section(document: Document, title: str) -> Section:
    return next(section for section in document.sections if section.title == title)


def figures(document: Document) -> list[str]:
    blocks = [block for section in document.sections for block in section.blocks]
    return [
        figure.call.arguments[0]
        for block in blocks
        if isinstance(block, Figures)
        for figure in block.figures
    ]


def test_the_order_is_that_of_a_report_and_has_every_topic(digits: Path) -> None:
    assert sorted(ORDER) == sorted(set(TOPICS) - {"setup"})
    document = build(seedbed.open(digits), Wording(), study_file="name = 'digits'")
    titles = [section.title for section in document.sections]
    expected = ["Question", "Setup", "Results", "Comparisons", "Training", "Errors", "Cost"]
    assert [title for title in titles if title in expected] == expected
    assert titles[-3:] == ["Conclusions", "Reproduction", "References"]
    assert "Label noise" not in titles


def test_it_shows_curves_confusion_and_roc(digits: Path) -> None:
    shown = figures(build(seedbed.open(digits), Wording()))
    assert {"accuracy", "accuracy-curves", "confusion", "roc", "calibration"} <= set(shown)
    assert shown.count("confusion") == 1  # of the best configuration


def test_every_block_can_be_computed_again(digits: Path) -> None:
    study = seedbed.open(digits)
    for part in build(study, Wording()).sections:
        for block in part.blocks:
            if isinstance(block, Sentences):
                assert block.call(study) == block.sentences
                assert eval(f"study.{block.call}", {"study": study}) == block.sentences
            elif isinstance(block, Tables):
                again = eval(f"study.{block.call}", {"study": study}).report
                assert again.lines == block.table.report.lines
                assert [of.groups for of in again.tables] == [
                    of.groups for of in block.table.report.tables
                ]


def test_terms_are_explained_once_unless_it_is_plain(digits: Path) -> None:
    study = seedbed.open(digits)
    blocks = [block for part in build(study, Wording()).sections for block in part.blocks]
    terms = [term for block in blocks if isinstance(block, Terms) for term, _ in block.terms]
    assert {"run, seed", "p-value", "ROC curve, AUC", "convolution"} <= set(terms)
    assert len(terms) == len(set(terms))
    assert "label noise, transition matrix" not in terms
    plain = build(study, Wording(plain=True))
    assert not any(isinstance(block, Terms) for part in plain.sections for block in part.blocks)


def test_noise_brings_its_section_and_its_limit() -> None:
    labels = {"first": 0.0, "first, noise.rate=0.4": 0.4}
    entries = relate_all([made_noisy(label, labels[label], LOW) for label in labels])
    document = documented(*entries)
    assert "noise-response" in figures(document)
    assert any("injected" in limit for limit in limits(document))


def limits(document: Document) -> tuple[str, ...]:
    return next(
        block.items for block in section(document, "Conclusions").blocks if isinstance(block, Items)
    )


def test_the_choice_of_the_best_is_a_limit_of_several_configurations_only() -> None:
    assert any(
        "chosen by its test accuracy" in text
        for text in limits(documented(*made_entries("a", "b")))
    )
    assert not any("chosen by" in text for text in limits(documented(made_entry())))


def test_errors_are_shown_of_the_baseline_that_a_study_names() -> None:
    entries = made_entries("a", "b")
    better = {**entries[1]["test_accuracy"], "mean": 0.999}
    entries[1] = entries[1].replace(test_accuracy=better)
    study = {**entries[0]["study"], "baseline": "epochs=3"}
    settings = {**entries[0]["settings"], "recipe.epochs": 3}
    asked = [entry.replace(study=study) for entry in entries]
    asked[0] = asked[0].replace(settings=settings)
    for of, label in ((entries, "b"), (asked, "a")):
        (shown,) = representatives(of, lambda _: True)
        assert shown.header.label == label


def test_a_long_table_is_named_and_not_shown(digits: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seedbed.report.documents.build.MOST_ROWS", 1)
    document = build(seedbed.open(digits), Wording())
    texts = [
        paragraph
        for part in document.sections
        for block in part.blocks
        if isinstance(block, Text)
        for paragraph in block.paragraphs
    ]
    assert any("`seedbed table DIR checkpoints`" in text for text in texts)
    shown = [
        block.call.arguments[0]
        for part in document.sections
        for block in part.blocks
        if isinstance(block, Tables) and block.call.method == "table"
    ]
    assert "checkpoints" not in shown


def test_many_configurations_are_drawn_in_groups_that_share_the_first() -> None:
    labels = ["base", *(f"loss: {n}" for n in range(9)), *(f"sgd, {n}" for n in range(3))]
    labels += ["overfitting: few images", "adam, 1"]
    found = [
        (name, [entry.header.label for entry in group])
        for name, group in groups(made_entries(*labels))
    ]
    assert [name for name, _ in found] == ["overview", "loss (1)", "loss (2)", "sgd", "overfitting"]
    assert found[0][1] == ["base", "adam, 1"]
    assert all(group[0] == "base" for _, group in found)
    assert sorted({label for _, group in found for label in group}) == sorted(labels)
    assert groups(made_entries("a", "b"))[0][0] == ""


@pytest.mark.parametrize("name", ["confusion", "misclassified"])
def test_what_a_chart_shows_better_is_no_table(name: str) -> None:
    assert not tables()[name].in_documents(made_entries("a", "b"))


def test_captions_do_not_repeat_the_study_and_its_data(digits: Path) -> None:
    study = seedbed.open(digits)
    known = f"{study.name} ({len(study.configurations)} configurations)"
    assert known in study.table("accuracy").report.tables[0].caption
    document = build(study, Wording())
    blocks = [block for part in document.sections for block in part.blocks]
    tables_shown = [
        of.caption
        for block in blocks
        if isinstance(block, Tables)
        for of in block.table.report.tables
    ]
    assert "Accuracy after the last epoch (2)" in tables_shown
    assert not any(known in caption for caption in tables_shown)
    drawn = [of.caption for block in blocks if isinstance(block, Figures) for of in block.figures]
    assert any(caption.endswith(". After the last epoch (2).") for caption in drawn)
    assert not any(" digits" in caption for caption in drawn)


def test_one_cost_chart_is_enough() -> None:
    assert not charts()["weight-file"].in_documents(made_entries("a", "b"))


@pytest.fixture(scope="module")
def many() -> list[Entry]:
    """A grid of more configurations than a document shows."""
    known = made_entry()["settings"]
    made = [
        made_entry(
            f"learning_rate={rate:g}, batch_size={size}",
            settings=known | {"recipe.learning_rate": rate, "recipe.batch_size": size},
        )
        for rate in (0.01, 0.02, 0.03, 0.04, 0.05, 0.06)
        for size in range(1, MOST // 5 + 1)
    ]
    return relate_all(made)


def test_a_document_of_a_large_study_is_bounded_and_says_so(many: list[Entry]) -> None:
    assert len(many) > MOST
    document = documented(*many, plain=True)
    results = section(document, "Results").blocks
    assert isinstance(results[0], Text)
    assert f"Of {len(many)} configurations, {MOST_IN_ROWS} are shown" in results[0].paragraphs[0]
    drawn = [figure for block in results if isinstance(block, Figures) for figure in block.figures]
    names = [figure.call.arguments[0] for figure in drawn]
    assert names.index("setting-effects") < names.index("accuracy")  # what leaves none out leads
    (accuracy,) = [figure for figure in drawn if figure.call.arguments[0] == "accuracy"]
    assert len(accuracy.call.arguments[1]) == MOST_IN_ROWS
    assert f"{MOST_IN_ROWS} of {len(many)} configurations" in accuracy.title
    assert len(figures(document)) <= len(figures(documented(*many[:4]))) + len(names)


def test_lines_of_a_large_study_are_of_the_first_and_the_best(many: list[Entry]) -> None:
    better = fields_of(Accuracies.of((0.995, 0.994, 0.996)))
    best = relate_all([*many, made_entry("best", test_accuracy=better)])
    ((_, shown),) = groups(best)
    assert [entry.header.label for entry in shown][:2] == [many[0].header.label, "best"]
    assert len(shown) == MOST_IN_LEGEND
