"""Study files: what they may hold, and the one-line errors for what they may not."""

import os
import re
import shutil
from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pytest

from seedbed.core.errors import StoreError, StudyError
from seedbed.core.seeds import Seeds
from seedbed.study.spec.configuration import Configuration
from seedbed.study.spec.overrides import Override
from seedbed.study.spec.reader import built_in_studies, load_study, parse_study
from seedbed.study.spec.study import FORMAT
from sentences import Sentence
from study_files import GOOD, refusal

ROOT = Path(__file__).parents[3]


def only(text: str, *settings: str, folder: Path | None = None) -> Configuration:
    """Return the configuration of a study that has one."""
    overrides = [Override.parse(each) for each in settings]
    (configuration,) = parse_study(text, "mine.toml", overrides, folder).configurations
    return configuration


def test_a_study_is_fully_resolved() -> None:
    spec, configuration = parse_study(GOOD, "mine.toml"), only(GOOD)
    assert spec.to_dict() == {
        "format": FORMAT,
        "name": "mine",
        "seeds": 5,
        "dataset": {"name": "mnist"},
        "network": {
            "name": "lenet5",
            "activation": "relu",
            "negative_slope": 0.01,
            "alpha": 1.0,
            "dropout": 0.0,
        },
        "recipe": configuration.recipe.model_dump(mode="json"),
    }
    assert spec.seeds == tuple(Seeds(run=seed) for seed in range(5))
    assert configuration.recipe.augmentation.shift == 2.0
    assert configuration.recipe.momentum == 0.9
    assert configuration.label == "lenet5"


@pytest.mark.parametrize("name", built_in_studies())
def test_every_study_that_comes_along_is_valid(name: str) -> None:
    spec = load_study(name)
    assert spec.name == name
    assert len(spec.seeds) == 5


def test_the_built_in_studies_are_those_that_are_promised() -> None:
    assert set(built_in_studies()) == {"quickstart", "mnist", "fashion-mnist", "cifar10"}
    assert load_study("quickstart").datasets[0].name == "digits"


@pytest.mark.parametrize("file", sorted((ROOT / "examples").glob("*.toml")), ids=lambda p: p.name)
def test_every_example_is_valid(file: Path, tmp_path: Path) -> None:
    # Of the files that examples name, only that of human labels is read with the study.
    labels = np.zeros(2, np.uint8)
    np.savez(tmp_path / "cifar10n-human-labels.npz", clean_label=labels, worse_label=labels)
    copy = shutil.copy(file, tmp_path)
    assert load_study(str(copy)).name in (file.stem, f"{file.stem}-example")


def test_the_study_files_of_the_documentation_are_valid() -> None:
    page = (ROOT / "docs" / "study-file.md").read_text(encoding="utf-8")
    whole, grid, noise, variants, part, claims = re.findall(
        "```toml\n(.*?)```", page, flags=re.DOTALL
    )
    assert parse_study(whole, "docs").name == "mnist"
    assert len(parse_study(grid, "docs").configurations) == 12
    assert len(parse_study(noise + GOOD, "docs").configurations) == 7
    labels = [each.label for each in parse_study(whole + variants, "docs").configurations]
    assert len(labels) == 6
    assert "adamw, learning_rate=0.001" in labels
    dataset = only(GOOD.replace('dataset = "mnist"\n', "") + part).dataset
    assert (dataset.resize, dataset.test_fraction) == (32, 0.2)
    axes = [
        "network=['lenet5', 'resnet8']",
        "recipe.momentum=[0.0, 0.9]",
        "recipe.learning_rate=[0.1, 1.0]",
    ]
    claimed = parse_study(GOOD + claims, "docs", list(map(Override.parse, axes)))
    assert len(claimed.claims) == 3


def test_what_is_resolved_reads_back_the_same(tmp_path: Path) -> None:
    for text in (
        GOOD,
        GOOD.replace("seeds = 5", "seeds = [3, 1]").replace('"sgd"', '"adamw"'),
        GOOD.replace('"mnist"', '{ path = "p", resize = 28, test_fraction = 0.5 }', 1),
        GOOD.replace(
            '"lenet5"', '{ name = "lenet5", activation = "leaky-relu", negative_slope = 0.2 }'
        ),
        GOOD + 'schedule = "step"\nstep_size = 3\ngamma = 0.5\n',
    ):
        spec = parse_study(text, "mine.toml")
        assert parse_study(spec.to_toml(), "study.toml", folder=tmp_path) == spec


def test_a_path_is_relative_to_the_study_file(tmp_path: Path) -> None:
    file = tmp_path / "photos.toml"
    file.write_text(GOOD.replace('"mnist"', '{ path = "photos/" }', 1), encoding="utf-8")
    assert load_study(str(file)).configurations[0].dataset.path == str(tmp_path / "photos")
    # What is resolved can be moved elsewhere.
    text = load_study(str(file)).to_toml()
    assert only(text, folder=Path("/elsewhere")).dataset.path == f"{tmp_path}/photos"


@pytest.mark.parametrize(
    ("before", "after", "where", "name"),
    [
        ("epochs = 15", "epochz = 15", "line 9, recipe.epochz", "'epochs'"),
        ("seeds = 5", "sedes = 5", "line 4, sedes", "'seeds'"),
        ("shift = 2", "shfit = 2", "line 10, recipe.augmentation.shfit", "'shift'"),
        ("0.05", "-0.05", "line 8, recipe.learning_rate", "-0.05"),
        ("0.05", '"0.05"', "line 8, recipe.learning_rate", "'0.05'"),
        ("0.05", "true", "line 8, recipe.learning_rate", "True"),
        ("0.05", "nan", "line 8, recipe.learning_rate", "nan"),
        ("0.05", "inf", "line 8, recipe.learning_rate", "inf"),
        ("0.05", "1979-05-27", "line 8, recipe.learning_rate", "number"),
        ("epochs = 15", "epochs = 0", "line 9, recipe.epochs", "0"),
        ("epochs = 15", "epochs = 1.5", "line 9, recipe.epochs", "1.5"),
        ("epochs = 15", "epochs = true", "line 9, recipe.epochs", "True"),
        ('"sgd"', '"sdg"', "line 7, recipe.optimizer", "'sgd'"),
        ('"mnist"', '"mnits"', "line 2, dataset.name", "'mnist'"),
        ('"mnist"', "{ nam = 'mnist' }", "line 2, dataset.nam", "'name'"),
        ('"mnist"', "{ }", "line 2, dataset", "path"),
        ('"mnist"', "3", "line 2, dataset", "3"),
        ('"mnist"', '{ name = "mnist", split_seed = 1 }', "line 2, dataset.split_seed", "path"),
        ('"mnist"', '{ path = "p", test_fraction = 1.0 }', "line 2, dataset.test_fraction", "1.0"),
        ('"mnist"', '{ name = "mnist", resize = 0 }', "line 2, dataset.resize", "0"),
        ('"lenet5"', '"lenet"', "line 3, network.name", "'lenet5'"),
        ('"lenet5"', "5", "line 3, network", "5"),
        ('"lenet5"', '{ activation = "elu" }', "line 3, network.name", "lenet5"),
        (
            '"lenet5"',
            '{ name = "lenet5", activaton = "elu" }',
            "line 3, network.activaton",
            "'activation'",
        ),
        (
            '"lenet5"',
            '{ name = "lenet5", activation = "rely" }',
            "line 3, network.activation",
            "'relu'",
        ),
        (
            '"lenet5"',
            '{ name = "lenet5", negative_slope = "1" }',
            "line 3, network.negative_slope",
            "'1'",
        ),
        ('"lenet5"', '{ name = "lenet5", alpha = 2.0 }', "line 3, network", "alpha"),
        ('"lenet5"', '{ name = "lenet5", classes = 3 }', "line 3, network.classes", "'classes'"),
        ("seeds = 5", "seeds = 0", "line 4, seeds", "0"),
        ("seeds = 5", "seeds = true", "line 4, seeds", "True"),
        ("seeds = 5", 'seeds = "5"', "line 4, seeds", "'5'"),
        ("seeds = 5", "seeds = 1000000000000", "line 4, seeds", "1000000000000"),
        ("seeds = 5", "seeds = []", "line 4, seeds", ""),
        ("seeds = 5", "seeds = [1, 2, 1]", "line 4, seeds", "seed 1"),
        ("seeds = 5", "seeds = [1, -1]", "line 4, seeds", "-1"),
        ("seeds = 5", "seeds = [1, 2.5]", "line 4, seeds", "2.5"),
        ("seeds = 5", 'seeds = [1, "2"]', "line 4, seeds", "'2'"),
        ('"mine"', '"../mine"', "line 1, name", "'../mine'"),
        ('"mine"', '"a/b"', "line 1, name", "'a/b'"),
        ('"mine"', '".."', "line 1, name", "'..'"),
        ('"mine"', '"mine."', "line 1, name", "'mine.'"),
        ('"mine"', '""', "line 1, name", "''"),
        ('name = "mine"\n', "", "name", ""),
        ("[recipe]\n", "[recpie]\n", "line 6, recpie", "'recipe'"),
        ("shift = 2,", "shift = 2, shift = 3,", "line 10", ""),
    ],
)
def test_a_mistake_is_one_line_with_its_place(
    before: str, after: str, where: str, name: str
) -> None:
    assert before in GOOD
    error = refusal(GOOD.replace(before, after, 1))
    assert error.where == f"mine.toml, {where}"
    assert name in error.what


def test_the_first_of_several_mistakes_is_told(sentence: Sentence) -> None:
    error = refusal(
        GOOD.replace("epochs = 15", "epochs = 0").replace('"sgd"', '"sdg"').replace("5\n", "0\n", 1)
    )
    assert error.where == "mine.toml, line 4, seeds"
    sentence(error)


def test_settings_on_the_command_line_count_more() -> None:
    settings = [
        "recipe.epochs=3",
        "recipe.epochs=4",
        "recipe.optimizer=adamw",
        "recipe.learning_rate=1e-3",
        "recipe.augmentation.flip=true",
        "network.activation=elu",
        "dataset=cifar10",
        "dataset.resize=28",
        "seeds=[7]",
        "name=other",
    ]
    spec = parse_study(GOOD, "mine.toml", [Override.parse(each) for each in settings])
    (configuration,) = spec.configurations
    assert (spec.name, spec.seeds) == ("other", (Seeds(run=7),))
    assert configuration.recipe.epochs == 4
    assert configuration.recipe.optimizer == "adamw"
    assert configuration.recipe.learning_rate == 0.001
    assert configuration.recipe.augmentation.flip
    assert configuration.recipe.augmentation.shift == 2
    assert configuration.network["activation"] == "elu"
    assert configuration.dataset.to_dict() == {"name": "cifar10", "resize": 28}


@pytest.mark.parametrize(
    ("setting", "where", "name"),
    [
        ("recipe.epochz=3", "--set recipe.epochz", "'epochs'"),
        ("recipe.epochs=three", "--set recipe.epochs", "'three'"),
        ("recipe.epochs=3\nseeds = 1", "--set recipe.epochs", r"'3\nseeds = 1'"),
        ("recipe.epochs=", "--set recipe.epochs", "''"),
        ("name.first=3", "--set name.first", "name"),
        ("epochs=3", "--set epochs", "'epochs'"),
        ("recipe.epochs", "--set", "'recipe.epochs'"),
        ("=3", "--set", "'=3'"),
        ("recipe..epochs=3", "--set", "'recipe..epochs=3'"),
    ],
)
def test_a_mistake_on_the_command_line_names_the_option(
    setting: str, where: str, name: str
) -> None:
    error = refusal(GOOD, setting)
    assert error.where == where
    assert name in error.what


def test_a_setting_inside_a_text(sentence: Sentence) -> None:
    sentence(refusal(GOOD, "name.first=3"))


@pytest.mark.parametrize("table", ['{kind="symmetric"}', '{kind="symmetric", rate=1.5}'])
def test_a_mistake_in_a_table_on_the_command_line_has_its_key(table: str) -> None:
    with pytest.raises(StudyError) as error:
        parse_study(GOOD, "mine.toml", [Override.parse(f"noise={table}")])
    assert error.value.where == "--set noise.rate"


def test_a_study_that_is_not_there_has_a_nearest(tmp_path: Path, sentence: Sentence) -> None:
    with pytest.raises(StudyError) as error:
        load_study("mnits")
    assert "'mnist'" in error.value.what
    sentence(error.value)
    photos = tmp_path / "photos.toml"
    photos.write_text(GOOD, encoding="utf-8")
    with pytest.raises(StudyError) as error:
        load_study(str(tmp_path / "fotos.toml"))
    assert repr(str(photos)) in error.value.what
    with pytest.raises(StudyError) as error:
        load_study(str(photos / "x"))
    assert repr(str(photos / "x")) in error.value.what


def test_what_is_no_text_is_refused(tmp_path: Path, sentence: Sentence) -> None:
    (tmp_path / "binary.toml").write_bytes(b"name\n\xff\xfe\x00")
    with pytest.raises(StudyError) as error:
        load_study(str(tmp_path / "binary.toml"))
    assert error.value.where == f"{tmp_path / 'binary.toml'}, line 2"
    sentence(error.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_files_of_other_systems_are_the_same_study(tmp_path: Path, encoding: str, end: str) -> None:
    text = GOOD + '[[variants]]\nname = "größer → 猫"\nrecipe.epochs = 3\n'
    file = tmp_path / "study.toml"
    file.write_bytes(text.replace("\n", end).encode(encoding))
    assert load_study(str(file)) == parse_study(text, str(file), folder=tmp_path)
    file.write_bytes(text.replace("epochs = 3", "epochs = 0").replace("\n", end).encode(encoding))
    with pytest.raises(StudyError) as error:
        load_study(str(file))
    assert error.value.where == f"{file}, line 13, variants.0.recipe.epochs"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything; run as another user")
def test_a_file_that_may_not_be_read_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "secret.toml"
    file.write_text(GOOD, encoding="utf-8")
    file.chmod(0)
    with pytest.raises(StudyError) as error:
        load_study(str(file))
    assert error.value.where == str(file)
    assert isinstance(error.value.__context__, PermissionError)


def test_a_newer_format_is_refused_before_its_unknown_settings(sentence: Sentence) -> None:
    with pytest.raises(StoreError) as error:
        parse_study(f"format = {FORMAT + 1}\nunheard_of = 1\n" + GOOD, "study.toml")
    assert (error.value.where, error.value.expected) == ("study.toml", f"format {FORMAT}")
    sentence(error.value)


def test_an_older_format_is_refused(sentence: Sentence) -> None:
    with pytest.raises(StoreError) as error:
        parse_study("format = 1\nunheard_of = 1\n" + GOOD, "study.toml")
    assert error.value.where == "study.toml"
    sentence(error.value)


def test_seeds_can_be_given_stream_by_stream() -> None:
    text = GOOD.replace("seeds = 5", "seeds = { run = 2, noise = 0 }")
    spec = parse_study(text, "mine.toml")
    assert spec.seeds == (Seeds(), Seeds(run=1, noise=0))
    assert parse_study(spec.to_toml(), "study.toml").seeds == spec.seeds


def test_the_splits_whose_logits_are_kept_are_no_part_of_a_configuration() -> None:
    spec = parse_study(GOOD, "mine.toml")
    assert spec.keep_logits == ("test",)
    more = parse_study('keep_logits = ["train", "test"]\n' + GOOD, "mine.toml")
    assert more.keep_logits == ("train", "test")
    assert parse_study(more.to_toml(), "study.toml").keep_logits == more.keep_logits
    assert more.configurations == spec.configurations
    with pytest.raises(StudyError) as error:
        parse_study('keep_logits = ["tset"]\n' + GOOD, "mine.toml")
    assert error.value.where == "mine.toml, line 1, keep_logits.0"


def test_a_spec_is_frozen() -> None:
    spec = parse_study(GOOD, "mine.toml")
    with pytest.raises(FrozenInstanceError):
        spec.name = "other"  # type: ignore[misc]
