"""Study files: what they may say, and the one line for each thing that they may not."""

import os
import re
from pathlib import Path

import numpy as np
import pytest

from seedbed.core.errors import SeedbedError, StoreError, StudyError
from seedbed.core.seeds import Seeds
from seedbed.study.spec.configuration import Configuration
from seedbed.study.spec.overrides import Override
from seedbed.study.spec.reader import built_in_studies, load_study, parse_study
from seedbed.study.spec.study import FORMAT

ROOT = Path(__file__).parents[3]

GOOD = """name = "mine"
dataset = "mnist"
network = "lenet5"
seeds = 5

[recipe]
optimizer = "sgd"
learning_rate = 0.05
epochs = 15
augmentation = { shift = 2, rotation = 10, scale = 0.1, flip = false }
"""


def only(text: str, *settings: str, folder: Path | None = None) -> Configuration:
    """Return the configuration of a study that has one."""
    overrides = [Override.parse(each) for each in settings]
    (found,) = parse_study(text, "mine.toml", overrides, folder).configurations
    return found


def refusal(text: str, *settings: str) -> str:
    """Return the line with which a study is refused."""
    with pytest.raises(SeedbedError) as caught:
        parse_study(text, "mine.toml", [Override.parse(each) for each in settings])
    message = str(caught.value)
    assert "\n" not in message
    return message


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
def test_every_example_is_valid(file: Path) -> None:
    assert load_study(str(file)).name in (file.stem, f"{file.stem}-example")


def test_the_study_files_of_the_documentation_are_valid() -> None:
    page = (ROOT / "docs" / "study-file.md").read_text(encoding="utf-8")
    whole, grid, noise, variants, part = re.findall("```toml\n(.*?)```", page, flags=re.DOTALL)
    assert parse_study(whole, "docs").name == "mnist"
    assert len(parse_study(grid, "docs").configurations) == 12
    assert len(parse_study(noise + GOOD, "docs").configurations) == 7
    labels = [each.label for each in parse_study(whole + variants, "docs").configurations]
    assert len(labels) == 6
    assert "adamw, learning_rate=0.001" in labels
    dataset = only(GOOD.replace('dataset = "mnist"\n', "") + part).dataset
    assert (dataset.resize, dataset.test_fraction) == (32, 0.2)


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
    ("before", "after", "expected"),
    [
        ("epochs = 15", "epochz = 15", r"mine\.toml, line 9, recipe\.epochz: .*'epochs'"),
        ("seeds = 5", "sedes = 5", r"mine\.toml, line 4, sedes: unknown .*'seeds'"),
        ("shift = 2", "shfit = 2", r"line 10, recipe\.augmentation\.shfit: .*'shift'"),
        ("0.05", "-0.05", r"line 8, recipe\.learning_rate: -0\.05 .*greater than 0"),
        ("0.05", '"0.05"', r"line 8, recipe\.learning_rate: '0\.05' .*number"),
        ("0.05", "true", r"line 8, recipe\.learning_rate: True .*number"),
        ("0.05", "nan", r"line 8, recipe\.learning_rate: nan cannot be used"),
        ("0.05", "inf", r"line 8, recipe\.learning_rate: inf cannot be used"),
        ("0.05", "1979-05-27", r"line 8, recipe\.learning_rate: .*number"),
        ("epochs = 15", "epochs = 0", r"line 9, recipe\.epochs: 0 .*greater than or equal to 1"),
        ("epochs = 15", "epochs = 1.5", r"line 9, recipe\.epochs: 1\.5 .*integer"),
        ("epochs = 15", "epochs = true", r"line 9, recipe\.epochs: True .*integer"),
        ('"sgd"', '"sdg"', r"line 7, recipe\.optimizer: 'sdg' .*did you mean 'sgd'"),
        ('"mnist"', '"mnits"', r"line 2, dataset\.name: unknown .*'mnits'.*'mnist'"),
        ('"mnist"', "{ nam = 'mnist' }", r"line 2, dataset"),
        ('"mnist"', "{ }", r"line 2, dataset: needs either a name or a path"),
        ('"mnist"', "3", r"line 2, dataset: 3 cannot be used; expected a table$"),
        ('"mnist"', '{ name = "mnist", split_seed = 1 }', r"line 2, dataset\.split_seed: belongs"),
        ('"mnist"', '{ path = "p", test_fraction = 1.0 }', r"dataset\.test_fraction: 1\.0"),
        ('"mnist"', '{ name = "mnist", resize = 0 }', r"line 2, dataset\.resize: 0 "),
        ('"lenet5"', '"lenet"', r"line 3, network\.name: unknown network 'lenet'.*'lenet5'"),
        ('"lenet5"', "5", r"line 3, network: 5 cannot be used; expected a table$"),
        ('"lenet5"', '{ activation = "elu" }', r"line 3, network\.name: is missing"),
        (
            '"lenet5"',
            '{ name = "lenet5", activaton = "elu" }',
            r"line 3, network\.activaton: unknown .*'activation'",
        ),
        (
            '"lenet5"',
            '{ name = "lenet5", activation = "rely" }',
            r"line 3, network\.activation: 'rely' .*did you mean 'relu'",
        ),
        (
            '"lenet5"',
            '{ name = "lenet5", negative_slope = "1" }',
            r"line 3, network\.negative_slope: '1' .*number",
        ),
        ('"lenet5"', '{ name = "lenet5", alpha = 2.0 }', r"line 3, network: .*relu has no alpha"),
        ('"lenet5"', '{ name = "lenet5", classes = 3 }', r"network\.classes: unknown"),
        ("seeds = 5", "seeds = 0", r"line 4, seeds: 0 cannot be used"),
        ("seeds = 5", "seeds = true", r"line 4, seeds: True cannot be used"),
        ("seeds = 5", 'seeds = "5"', r"line 4, seeds: '5' cannot be used"),
        ("seeds = 5", "seeds = 1000000000000", r"line 4, seeds: 1000000000000 cannot be used"),
        ("seeds = 5", "seeds = []", r"line 4, seeds: "),
        ("seeds = 5", "seeds = [1, 2, 1]", r"line 4, seeds: seed 1 is there twice"),
        ("seeds = 5", "seeds = [1, -1]", r"line 4, seeds: -1 "),
        ("seeds = 5", "seeds = [1, 2.5]", r"line 4, seeds: 2\.5 "),
        ("seeds = 5", 'seeds = [1, "2"]', r"line 4, seeds: '2' "),
        ('"mine"', '"../mine"', r"line 1, name: '\.\./mine'"),
        ('"mine"', '"a/b"', r"line 1, name"),
        ('"mine"', '".."', r"line 1, name"),
        ('"mine"', '"mine."', r"line 1, name"),
        ('"mine"', '""', r"line 1, name"),
        ('name = "mine"\n', "", r"^mine\.toml, name: is missing"),
        ("[recipe]\n", "[recpie]\n", r"line 6, recpie: unknown .*'recipe'"),
        ("shift = 2,", "shift = 2, shift = 3,", r"mine\.toml, line 10: not valid TOML"),
    ],
)
def test_a_mistake_is_one_line_with_its_place(before: str, after: str, expected: str) -> None:
    assert before in GOOD
    message = refusal(GOOD.replace(before, after, 1))
    assert re.search(expected, message), message


def test_the_first_of_several_mistakes_is_told() -> None:
    message = refusal(
        GOOD.replace("epochs = 15", "epochs = 0").replace('"sgd"', '"sdg"').replace("5\n", "0\n", 1)
    )
    assert message.startswith("mine.toml, line 4, seeds: ")
    assert message.endswith("(and 2 more)")


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
    ("setting", "expected"),
    [
        ("recipe.epochz=3", "--set recipe.epochz: unknown setting 'epochz' (did you mean 'epochs'"),
        ("recipe.epochs=three", "--set recipe.epochs: 'three' cannot be used"),
        ("recipe.epochs=3\nseeds = 1", "--set recipe.epochs: '3\\nseeds = 1' cannot be used"),
        ("recipe.epochs=", "--set recipe.epochs: '' cannot be used"),
        ("name.first=3", "--set name.first: name has no settings of its own"),
        ("epochs=3", "--set epochs: unknown setting 'epochs'"),
        ("recipe.epochs", "--set 'recipe.epochs' cannot be read"),
        ("=3", "--set '=3' cannot be read"),
        ("recipe..epochs=3", "--set 'recipe..epochs=3' cannot be read"),
    ],
)
def test_a_mistake_on_the_command_line_says_so(setting: str, expected: str) -> None:
    assert expected in refusal(GOOD, setting)


@pytest.mark.parametrize("table", ['{kind="symmetric"}', '{kind="symmetric", rate=1.5}'])
def test_a_mistake_in_a_table_on_the_command_line_has_its_key(table: str) -> None:
    with pytest.raises(StudyError) as error:
        parse_study(GOOD, "mine.toml", [Override.parse(f"noise={table}")])
    assert error.value.where == "--set noise.rate"


def test_a_study_that_is_not_there_has_a_nearest(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"'mnits' \(did you mean 'mnist'\?\)"):
        load_study("mnits")
    (tmp_path / "photos.toml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(StudyError, match=r"did you mean '[^']*/photos\.toml'"):
        load_study(str(tmp_path / "fotos.toml"))
    with pytest.raises(StudyError, match="no study"):
        load_study(str(tmp_path / "photos.toml" / "x"))


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="directory"):
        load_study(str(tmp_path))
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StudyError, match="not UTF-8"):
        load_study(str(tmp_path / "binary.toml"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything; run as another user")
def test_a_file_that_may_not_be_read_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "secret.toml"
    file.write_text(GOOD, encoding="utf-8")
    file.chmod(0)
    with pytest.raises(StudyError, match="cannot be read: Permission denied"):
        load_study(str(file))


def test_a_newer_format_is_refused_before_its_unknown_settings() -> None:
    with pytest.raises(StoreError, match="newer Seedbed") as error:
        parse_study("format = 3\nunheard_of = 1\n" + GOOD, "study.toml")
    assert error.value.hint == "update Seedbed"


def test_a_study_of_version_0_1_is_refused() -> None:
    with pytest.raises(StoreError, match=r"0\.1") as error:
        parse_study("format = 1\nunheard_of = 1\n" + GOOD, "study.toml")
    assert error.value.where == "study.toml"
    assert "train" in error.value.hint


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
    with pytest.raises(AttributeError, match="name"):
        spec.name = "other"  # type: ignore[misc]


GRID = """name = "mine"
dataset = "mnist"
network = { name = "lenet5", activation = ["relu", "elu"] }
seeds = 2

[recipe]
learning_rate = [0.05, 0.1]
betas = [0.9, 0.999]

[noise]
kind = "symmetric"
rate = 0.2

[[variants]]
name = "plain"

[[variants]]
name = "adam"
noise = { kind = "none" }

[variants.recipe]
optimizer = "adam"
learning_rate = 0.001
"""


def test_axes_multiply_in_every_variant() -> None:
    spec = parse_study(GRID, "mine.toml")
    assert [each.label for each in spec.configurations] == [
        "plain, activation=relu, learning_rate=0.05",
        "plain, activation=relu, learning_rate=0.1",
        "plain, activation=elu, learning_rate=0.05",
        "plain, activation=elu, learning_rate=0.1",
        "adam, activation=relu",
        "adam, activation=elu",
    ]
    assert {each.variant for each in spec.configurations} == {"plain", "adam"}
    assert {each.recipe.optimizer for each in spec.configurations[4:]} == {"adam"}
    assert [each.noise.active for each in spec.configurations] == [True] * 4 + [False] * 2


def test_a_resolved_grid_is_a_grid_in_which_what_is_common_is_written_out() -> None:
    spec = parse_study(GRID, "mine.toml")
    written = spec.to_dict()
    assert written["recipe"]["learning_rate"] == [0.05, 0.1]
    assert written["network"]["activation"] == ["relu", "elu"]
    assert written["network"]["dropout"] == 0.0
    assert written["recipe"]["epochs"] == 15
    assert written["noise"] == {"kind": "symmetric", "rate": 0.2}
    assert "momentum" not in written["recipe"]  # adam has none
    assert written["variants"][0] == {"name": "plain"}
    assert parse_study(spec.to_toml(), "study.toml") == spec


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("[0.05, 0.1]", "[]", r"line 7, recipe\.learning_rate: the list is empty"),
        ("[0.05, 0.1]", "[0.05, 0.05]", r"line 7, recipe\.learning_rate: 0\.05 is there twice"),
        ("[0.05, 0.1]", "[0.05, -1]", r"line 7, recipe\.learning_rate: -1 cannot be used"),
        ("[0.05, 0.1]", "[[0.05], [0.1]]", r"line 7, recipe\.learning_rate: \[0\.05\] cannot"),
        ('["relu", "elu"]', '["relu", "rely"]', r"line 3, network\.activation: 'rely' cannot"),
        ('["relu", "elu"]', "[]", r"line 3, network\.activation: the list is empty"),
        ('dataset = "mnist"', "dataset = []", r"line 2, dataset: the list is empty"),
        ('"mnist"', '["mnist", "mnits"]', r"line 2, dataset\.name: unknown dataset 'mnits'"),
        ("rate = 0.2", "rate = [0.2, 2.0]", r"line 12, noise\.rate: 2\.0 cannot be used"),
        ("rate = 0.2", "", r"line 10, noise\.rate: is missing; symmetric noise needs it"),
        (
            'kind = "symmetric"\nrate = 0.2',
            'kind = "matrix"\nmatrix = [[0.6, 0.2], [0.2, 2.0]]',
            r"line 12, noise\.matrix: row 0 \(counted from 0\) of the .* sums to 0\.8; 2 of 2",
        ),
        ('name = "adam"', 'name = "plain"', r"line 18, variants\.1\.name: two variants"),
        ('name = "adam"', "", r"line 17, variants\.1\.name: is missing"),
        ('name = "adam"', "name = 3", r"line 18, variants\.1\.name: 3 cannot be used"),
        ('name = "adam"', 'name = " "', r"line 18, variants\.1\.name: ' ' cannot be used"),
        (
            "[variants.recipe]",
            "[variants.recpie]",
            r"line 21, variants\.1\.recpie: unknown .*'recipe'.*expected one of name, dataset",
        ),
        (
            "learning_rate = 0.001",
            "learning_rat = 0.001",
            r"line 23, variants\.1\.recipe\.learning_rat: unknown .*'learning_rate'",
        ),
        (
            "learning_rate = 0.001",
            "learning_rate = [0.001, 0]",
            r"line 23, variants\.1\.recipe\.learning_rate: 0 cannot be used",
        ),
        ("learning_rate = 0.001", "epochs = []", r"line 23, variants\.1\.recipe\.epochs: .*empty"),
        (
            "learning_rate = 0.001",
            "momentum = 0.5",
            r"line 23, variants\.1\.recipe\.momentum: adam does not use it",
        ),
        (
            "betas = [0.9, 0.999]",
            "momentum = 0.5",
            r"line 8, recipe\.momentum: adam does not use it",
        ),
        ('{ kind = "none" }', '{ kid = "none" }', r"line 19, variants\.1\.noise\.kid: .*'kind'"),
        (
            'optimizer = "adam"\nlearning_rate = 0.001',
            "learning_rate = [0.05, 0.1]\nbetas = [[0.9, 0.999], [0.9, 0.999]]",
            r"line 23, variants\.1\.recipe\.betas: \[0\.9, 0\.999\] is there twice",
        ),
        (
            'noise = { kind = "none" }\n\n[variants.recipe]\n'
            'optimizer = "adam"\nlearning_rate = 0.001',
            "",
            r"mine\.toml: the configurations 'plain, activation=relu, learning_rate=0\.05' and "
            r"'adam, activation=relu, learning_rate=0\.05' are the same",
        ),
    ],
)
def test_a_mistake_in_a_grid_is_one_line_with_its_place(
    before: str, after: str, expected: str
) -> None:
    assert before in GRID
    message = refusal(GRID.replace(before, after, 1))
    assert re.search(expected, message), message


@pytest.mark.parametrize("variants", ["3", "[3]", '["plain"]', "{ name = 'plain' }"])
def test_variants_are_tables(variants: str) -> None:
    message = refusal(f"variants = {variants}\n{GOOD}")
    assert message.startswith("mine.toml, line 1, variants: cannot be used; expected tables")


def test_a_grid_that_is_too_large_is_not_made() -> None:
    values = list(range(1, 500))
    message = refusal(GOOD, f"recipe.epochs={values}", f"recipe.batch_size={values}")
    assert "the axes make 249001 configurations; expected at most 10000" in message


def test_a_setting_on_the_command_line_counts_in_every_variant() -> None:
    settings = ["recipe.learning_rate=0.3", "noise.rate=0.4", "network=lenet5"]
    overrides = [Override.parse(each) for each in settings]
    spec = parse_study(GRID.replace('{ kind = "none" }', '{ kind = "pair", rate = 0.1 }'), "x",
                       overrides)  # fmt: skip
    assert [each.label for each in spec.configurations] == ["plain", "adam"]
    assert {each.recipe.learning_rate for each in spec.configurations} == {0.3}
    assert {each.noise.rate for each in spec.configurations} == {0.4}
    assert {each.network["activation"] for each in spec.configurations} == {"relu"}


def test_a_list_on_the_command_line_is_an_axis() -> None:
    spec = parse_study(GOOD, "x", [Override.parse("recipe.epochs=[1, 2]")])
    assert [each.label for each in spec.configurations] == ["epochs=1", "epochs=2"]
    message = refusal(GOOD, "recipe.epochs=[]")
    assert message.startswith("--set recipe.epochs: the list is empty")


def test_files_of_noise_are_read_once_and_kept(tmp_path: Path) -> None:
    (tmp_path / "matrix.csv").write_text("0.9,0.1\n0.2,0.8\n", encoding="utf-8")
    labels = np.array([[0, 1, 0], [0, 1, 1], [1, 1, 0]])
    np.savez(tmp_path / "labels.npz", clean_label=labels[0], one=labels[1], two=labels[2])
    text = GOOD + (
        '[[noise]]\nkind = "matrix"\nmatrix = "matrix.csv"\n'
        '[[noise]]\nkind = "human"\nlabels = "labels.npz"\nkey = ["one", "two"]\n'
    )
    spec = parse_study(text, "mine.toml", folder=tmp_path)
    matrix, one, two = (each.noise for each in spec.configurations)
    assert matrix.matrix == ((0.9, 0.1), (0.2, 0.8))
    assert one.labels == two.labels == str(tmp_path / "labels.npz")
    assert one.fingerprint != two.fingerprint
    assert [each.label for each in spec.configurations] == [
        "noise=matrix, noise.matrix=[[0.9,0.1],[0.2,0.8]]",
        "noise=human, noise.labels=labels.npz, noise.key=one",
        "noise=human, noise.labels=labels.npz, noise.key=two",
    ]
    # What is written says it all, wherever it is read and whatever the files hold then.
    for file in tmp_path.iterdir():
        file.unlink()
    assert parse_study(spec.to_toml(), "study.toml", folder=Path("/elsewhere")) == spec


def test_a_file_of_noise_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SeedbedError, match=r"^[^\n]*matrix\.csv: cannot be read: No such file"):
        parse_study(
            GOOD + '[noise]\nkind = "matrix"\nmatrix = "matrix.csv"\n', "x", folder=tmp_path
        )
