"""What a study asks: what is compared, and within which blocks."""

from typing import Any

import pytest

from made_answers import HIGH, LOW, made_accuracies
from made_entries import made_entry
from seedbed.analysis.answer import answer
from seedbed.analysis.entry import Entry
from seedbed.analysis.registry import relate_all
from seedbed.analysis.subjects.comparisons import compared
from seedbed.analysis.subjects.comparisons.pairs import compare_entries
from seedbed.analysis.subjects.comparisons.question import asked_in_words, blocks_of, question_of
from seedbed.analysis.subjects.comparisons.result import comparisons_of, over_blocks_of
from seedbed.core.errors import StudyError
from seedbed.core.suggestions import unknown
from seedbed.study.spec.reader import parse_study
from sentences import Sentence


def grid(**axes: list[Any]) -> list[Entry]:
    """Return an entry for each point of a grid; ``__`` stands for the point in a name."""
    points: list[dict[str, Any]] = [{}]
    for name, values in axes.items():
        setting = name.replace("__", ".")
        points = [point | {setting: value} for point in points for value in values]
    return [
        made_entry(", ".join(f"{name}={value}" for name, value in point.items()), settings=point)
        for point in points
    ]


def pairs(entries: list[Entry], factor: str | None = None) -> list[tuple[str, str, int]]:
    return [
        (found.a, found.b, found.comparisons) for found in compare_entries(entries, factor=factor)
    ]


def test_without_blocks_all_are_compared_with_each_other() -> None:
    entries = grid(recipe__optimizer=["sgd", "adam"], recipe__epochs=[1, 2])
    assert question_of(entries) is None
    assert asked_in_words(entries) is None
    assert {found.comparisons for found in compare_entries(entries)} == {6}


def test_a_factor_is_compared_within_every_block() -> None:
    entries = grid(recipe__optimizer=["sgd", "adam", "lion"], recipe__epochs=[1, 2])
    found = pairs(entries, "recipe.optimizer")
    assert len(found) == 6
    for a, b, comparisons in found:
        assert a.split(", ")[1] == b.split(", ")[1]
        assert comparisons == 6 + 3  # and three effects over both blocks


def test_a_table_of_settings_is_a_factor() -> None:
    entries = grid(network__name=["lenet5", "vit"], recipe__epochs=[1, 2])
    assert [comparisons for *_, comparisons in pairs(entries, "network")] == [3, 3]


@pytest.mark.parametrize(
    ("name", "values"),
    [("noise__rate", [0.0, 0.2]), ("recipe__train_size", [100, 900]), ("dataset__resize", [8, 9])],
)
def test_noise_and_data_are_guessed_to_be_blocks(name: str, values: list[Any]) -> None:
    entries = grid(recipe__loss=["gce", "cross-entropy"], **{name: values})
    assert [comparisons for *_, comparisons in pairs(entries)] == [3, 3]
    asked = asked_in_words(entries)
    assert asked is not None
    assert asked.startswith("Configurations with the same ")


def test_datasets_are_blocks_and_levels_of_noise_are_compared_in_each() -> None:
    def on_two(**axes: list[Any]) -> list[Entry]:
        entries = []
        for name in ("mnist", "digits"):
            for entry in grid(**axes):
                entry["settings"] = entry["settings"] | {"dataset.name": name}
                label = f"{name}, {entry.header.label}"
                entries.append(entry.replace(test_fingerprint=name, dataset=name, label=label))
        return entries

    question = question_of(on_two(recipe__loss=["gce", "cross-entropy"]))
    assert question is not None
    assert question.blocks == ("dataset",)
    entries = on_two(noise__rate=[0.0, 0.2, 0.4])
    question = question_of(entries)
    assert question is not None
    assert question.with_lowest
    assert [len(block) for block in blocks_of(entries, question)] == [3, 3]
    assert len(compare_entries(entries)) == 4


def test_levels_of_noise_alone_are_compared_with_the_lowest() -> None:
    entries = grid(noise__rate=[0.4, 0.0, 0.2])
    for entry in entries:
        rate = entry["settings"]["noise.rate"]
        entry["noise"] = entry["noise"] | {"kind": "symmetric", "rate": rate}
    assert pairs(entries) == [
        ("noise.rate=0.2", "noise.rate=0.0", 3),  # and a trend; the fall is the second comparison
        ("noise.rate=0.4", "noise.rate=0.0", 3),
    ]


def test_the_study_file_says_what_is_compared() -> None:
    entries = grid(recipe__optimizer=["sgd", "adam"], recipe__epochs=[1, 2])
    for entry in entries:
        entry["study"] = entry["study"] | {"compare": "recipe.epochs"}
    question = question_of(entries)
    assert question is not None
    assert question.factor == "recipe.epochs"
    assert len(list(blocks_of(entries, question))) == 2
    first = relate_all(entries)[0]
    assert first["compared"] == "The values of recipe.epochs are compared, all else equal."
    again = compared(entries, factor="recipe.optimizer")[0]
    assert again["compared"] == "The values of recipe.optimizer are compared, all else equal."
    with_baseline = compared(entries, baseline=entries[0].header.label)[0]
    assert "Each configuration" in with_baseline["compared"]


def test_a_factor_that_does_not_vary_has_a_nearest() -> None:
    entries = grid(recipe__optimizer=["sgd", "adam"], recipe__epochs=[1])
    with pytest.raises(StudyError) as error:
        question_of(entries, "recipe.optim")
    assert error.value.where == "compare"
    names = ["recipe.optimizer", "recipe"]
    assert error.value.what == unknown("setting that varies", "recipe.optim", names)


def test_a_setting_that_some_do_not_have_varies() -> None:
    entries = [*grid(recipe__loss=["gce"]), *grid(recipe__loss=["gce"], recipe__q=[0.7])]
    assert question_of(entries, "recipe.q") is not None


def test_what_goes_with_a_value_is_no_block() -> None:
    sgd = {"recipe.optimizer": "sgd", "recipe.learning_rate": 0.05, "recipe.momentum": 0.9}
    adam = {"recipe.optimizer": "adam", "recipe.learning_rate": 0.001, "recipe.eps": 1e-8}
    entries = [
        made_entry(f"optimizer={of['recipe.optimizer']}, epochs={epochs}", settings=settings)
        for of in (sgd, adam)
        for epochs in (1, 2)
        for settings in [{**of, "recipe.epochs": epochs}]
    ]
    question = question_of(entries, "recipe.optimizer")
    assert question is not None
    assert set(question.along) == {"recipe.learning_rate", "recipe.momentum", "recipe.eps"}
    assert len(pairs(entries, "recipe.optimizer")) == 2
    words = asked_in_words(entries, factor="recipe.optimizer")
    assert words is not None
    assert "recipe.momentum" in words

    # A learning rate that somebody chose, or of which one optimizer has two, is something else.
    chosen = [entry | {"label": f"{entry['label']}, learning_rate=1"} for entry in entries]
    assert pairs(chosen, "recipe.optimizer") == []
    two = [entry | {"label": f"{entry['label']} 2"} for entry in entries[:2]]
    for entry in two:
        entry["settings"] = entry["settings"] | {"recipe.momentum": 0.0}
    assert pairs([*entries, *two], "recipe.optimizer") == []


def test_a_block_whose_labels_share_nothing_has_a_sentence() -> None:
    settings = {
        "a": {"recipe.optimizer": "sgd", "recipe.momentum": 0.0},
        "b": {"recipe.optimizer": "sgd", "recipe.momentum": 0.9},
        "c": {"recipe.optimizer": "adam"},
        "d": {"recipe.optimizer": "adamw"},
    }
    entries = [made_accuracies(name, LOW, settings=of) for name, of in settings.items()]
    for entry in entries:
        entry["study"] |= {"compare": "recipe.optimizer"}
    first, *_ = answer(relate_all(entries))
    assert first.startswith("On mnist, the mean test accuracies of 2 configurations")


def with_baseline(entries: list[Entry], condition: str) -> list[Entry]:
    for entry in entries:
        entry["study"] |= {"compare": "recipe.optimizer", "baseline": condition}
    return entries


def test_with_a_baseline_every_other_value_is_compared_with_it() -> None:
    entries = grid(recipe__optimizer=["adam", "sgd", "lion"], recipe__epochs=[1, 2])
    with_baseline(entries, "optimizer=sgd")
    related = relate_all(entries)
    found = comparisons_of(related)
    assert len(found) == 4
    for comparison in found:
        assert comparison.b.startswith("recipe.optimizer=sgd")
        assert comparison.a.split(", ")[1] == comparison.b.split(", ")[1]
        assert comparison.comparisons == 4 + 2  # and two effects over both blocks
    assert {(effect.a, effect.b) for effect in over_blocks_of(related)} == {
        ("recipe.optimizer=adam", "recipe.optimizer=sgd"),
        ("recipe.optimizer=lion", "recipe.optimizer=sgd"),
    }
    words = asked_in_words(entries)
    assert words is not None
    assert "with optimizer=sgd" in words
    # What the reader asks for instead has no baseline, and nor has a selection without it.
    assert len(pairs(entries, "recipe.epochs")) == 3
    assert len(compare_entries([entry for entry in entries if "=sgd" not in entry["label"]])) == 2


def test_without_a_run_of_the_baseline_nothing_is_compared() -> None:
    entries = [
        made_entry(entry.header.label, runs=0, settings=entry["settings"])
        if "=sgd" in entry.header.label
        else entry
        for entry in grid(recipe__optimizer=["adam", "sgd", "lion"], recipe__epochs=[1, 2])
    ]
    related = relate_all(with_baseline(entries, "optimizer=sgd"))
    assert over_blocks_of(related) == []
    assert all(found.p_value is None for found in comparisons_of(related))
    assert not any("better" in line for line in answer(related))


def test_the_answer_is_what_differs_from_the_baseline(sentence: Sentence) -> None:
    runs = {"adam": HIGH, "sgd": LOW, "lion": [run + 0.5 for run in HIGH]}
    entries = with_baseline(
        [
            made_accuracies(f"optimizer={name}", of, settings={"recipe.optimizer": name})
            for name, of in runs.items()
        ],
        "optimizer=sgd",
    )
    first, *_ = answer(relate_all(entries))
    assert "“optimizer=lion” is significantly better than “optimizer=sgd”" in first
    sentence(first)


def test_one_configuration_may_be_the_baseline_of_all_others() -> None:
    settings = {
        "plain": {"recipe.loss": "ce"},
        "elu": {"recipe.loss": "ce", "network.activation": "elu"},
        "brier": {"recipe.loss": "brier"},
        "noisy": {"recipe.loss": "ce", "noise.rate": 0.4},
        "other noisy": {"recipe.loss": "brier", "noise.rate": 0.4},
    }
    entries = [made_entry(name, settings=of, variant=name) for name, of in settings.items()]
    for entry in entries:
        entry["study"] |= {"baseline": "variant=plain"}
    compared_pairs = [pair[:2] for pair in pairs(entries)]
    assert compared_pairs == [("elu", "plain"), ("brier", "plain")]
    words = asked_in_words(entries)
    assert words is not None
    assert "“plain”" in words
    # Without it, the others of a block are compared with each other.
    assert [pair[:2] for pair in pairs(entries[1:])] == [("elu", "brier"), ("noisy", "other noisy")]
    assert [pair[:2] for pair in pairs(entries[:3])] == compared_pairs  # without blocks, too


@pytest.mark.parametrize(
    ("compare", "baseline"),
    [
        ("", 'baseline = "optimizer=sgd"'),
        ('compare = "recipe.optimizer"', 'baseline = "optimizer=lion"'),
        ('compare = "recipe.optimizer"', 'baseline = "sgd"'),
        ('compare = "recipe.optimizer"', 'baseline = "epochs=1"'),
        ('compare = "recipe"', 'baseline = "optimizer=sgd"'),
    ],
)
def test_a_baseline_is_one_value_of_what_is_compared(compare: str, baseline: str) -> None:
    text = f"""
name = "study"
dataset = "digits"
network = "lenet5"
{compare}
{baseline}
seeds = 2
[recipe]
optimizer = ["sgd", "adam"]
epochs = [1, 2]
"""
    with pytest.raises(StudyError) as error:
        parse_study(text, "study.toml")
    assert "baseline" in error.value.where


def test_a_baseline_is_written_and_read_again() -> None:
    spec = parse_study(
        'name = "study"\ndataset = "digits"\nnetwork = "lenet5"\nseeds = 2\n'
        'compare = "recipe.optimizer"\nbaseline = "optimizer=sgd"\n'
        '[recipe]\noptimizer = ["sgd", "adam"]\n',
        "study.toml",
    )
    assert spec.baseline == "optimizer=sgd"
    assert parse_study(spec.to_toml(), "again.toml").baseline == spec.baseline
