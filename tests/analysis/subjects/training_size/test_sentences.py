"""The claim that CNNs need less data: the sentences claim no more than the tests allow."""

import pytest

from made_entries import made_entry
from made_networks import made_size, made_sizes
from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.answer import answer
from seedbed.analysis.entry import fields_of
from seedbed.analysis.intervals import with_intervals
from seedbed.analysis.subjects.training_size.sentences import family, sentences
from sentences import Sentence

RUNS = 8
HIGH, LOW = tuple(0.9 + 0.001 * n for n in range(RUNS)), tuple(0.5 + 0.002 * n for n in range(RUNS))
SAME = tuple(0.9 + 0.002 * (-1) ** n for n in range(RUNS))


def said(**networks: dict[int, tuple[float, ...]]) -> list[str]:
    return list(sentences(made_sizes(**networks)))


def test_better_with_few_images_and_worse_with_many_is_the_claim(sentence: Sentence) -> None:
    (found,) = said(lenet5={100: HIGH, 900: LOW}, vit={100: LOW, 900: HIGH})
    assert "39.65 percentage points above that of “vit”" in found
    assert "significantly better with 100" in found
    assert "significantly worse with 900" in found
    sentence(found)


def test_a_difference_that_is_not_significant_is_not_equality(sentence: Sentence) -> None:
    (found,) = said(lenet5={100: HIGH, 900: SAME}, vit={100: LOW, 900: SAME[::-1]})
    assert "significantly better with 100" in found
    sentence(found)


def test_the_order_of_the_networks_changes_nothing() -> None:
    first = said(lenet5={100: HIGH, 900: LOW}, vit={100: LOW, 900: HIGH})
    assert first == said(vit={100: LOW, 900: HIGH}, lenet5={100: HIGH, 900: LOW})
    assert "significantly worse with 900" in first[0]


@pytest.mark.parametrize(
    ("few", "many"), [(HIGH, HIGH), (LOW, HIGH)], ids=["with both", "with many only"]
)
def test_being_better_in_general_or_only_with_many_images_is_another_thing(
    few: tuple[float, ...], many: tuple[float, ...], sentence: Sentence
) -> None:
    other = {HIGH: LOW, LOW: HIGH}
    (found,) = said(lenet5={100: few, 900: many}, vit={100: other[few], 900: other[many]})
    sentence(found)


def test_what_is_not_significant_is_not_established(sentence: Sentence) -> None:
    (found,) = said(lenet5={100: SAME, 900: HIGH}, vit={100: SAME[::-1], 900: LOW})
    assert "significantly better with 100" not in found
    sentence(found)


def test_one_run_cannot_decide_it(sentence: Sentence) -> None:
    (found,) = said(lenet5={100: HIGH[:1], 900: LOW[:1]}, vit={100: LOW[:1], 900: HIGH[:1]})
    assert "significantly" not in found
    sentence(found)


def test_it_is_about_cnns_and_transformers_with_several_numbers_of_images() -> None:
    assert said(lenet5={100: HIGH}, vit={100: LOW}) == []
    assert said(lenet5={100: HIGH, 900: HIGH}, mine={100: LOW, 900: LOW}) == []
    assert said(lenet5={100: HIGH, 900: HIGH}) == []


def test_too_few_steps_for_few_images_are_no_need_of_more_images(sentence: Sentence) -> None:
    entries = made_sizes(lenet5={100: HIGH, 900: LOW}, vit={100: LOW, 900: HIGH})
    for each, mean in zip(entries, (0.981, 0.99, 0.784, 0.981), strict=True):
        runs = Accuracies.of((mean - 0.002, mean, mean + 0.002))
        each["train_accuracy"] = fields_of(with_intervals(runs, 1000))
    _, found = sentences(entries)
    for shown in ("“vit”", "100 training images", "900"):
        assert shown in found
    sentence(found)
    overlapping = Accuracies.of((0.6, 0.784, 0.968))
    entries[2]["train_accuracy"] = fields_of(with_intervals(overlapping, 1000))
    assert len(list(sentences(entries))) == 1


def test_families() -> None:
    assert family(made_entry()) == "CNN"
    assert family(made_size("vit", 10, HIGH)) == "transformer"
    assert family(made_size("mine", 10, HIGH)) is None
    assert family(made_entry(configuration={"files": ["a.npz"]})) is None


def test_the_page_leads_with_it() -> None:
    entries = made_sizes(lenet5={100: HIGH, 900: SAME}, vit={100: LOW, 900: HIGH})
    assert next(sentences(entries)) in answer(entries)
