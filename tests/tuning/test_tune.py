"""Tuning from beginning to end: what is trained, what is chosen, what is written."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from commands import Refused
from fake_engine import FakeEngine
from seedbed.cli.main import main
from seedbed.core.errors import StudyError
from seedbed.core.seal import is_sealed
from seedbed.engines.registry import ENGINES
from seedbed.study.spec.overrides import Override
from seedbed.study.spec.reader import load_study, parse_study
from seedbed.study.store.study import StudyStore
from seedbed.tuning.combinations import groups_of
from seedbed.tuning.sampler import next_trials
from seedbed.tuning.tune import Tuning, tune
from seedbed.tuning.written import source_hash
from sentences import Sentence
from small import Remembering, StopAfterEvery, run_small, write_images

STUDY = """
name = "small"
dataset = { path = "images.npz" }
network = "lenet5"
seeds = 3
noise = [{ kind = "symmetric", rate = 0.3 }, { kind = "pair", rate = 0.2 }]
compare = "recipe.momentum"

[recipe]
epochs = 2
batch_size = 16

[[variants]]
name = "plain"

[[variants]]
name = "heavy"
recipe = { momentum = 0.5, weight_decay = 0.01 }

[tune]
seeds = 3
shared_across = ["noise"]
on = ["noise=symmetric"]

[tune.recipe]
learning_rate = [0.001, 0.02, 0.1]
"""

RANDOM = ("tune.sampler=random", "tune.trials=2", "tune.seed=3")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(ENGINES, "native", FakeEngine)
    write_images(tmp_path, count=100)
    (tmp_path / "small.toml").write_text(STUDY, encoding="utf-8")
    return tmp_path / "small.toml"


def tuned(*settings: str, monitor: Any = None) -> Tuning:
    overrides = [Override.parse(each) for each in settings]
    return tune("small.toml", settings=overrides, quiet=True, monitor=monitor, threads=2)


def records(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(each.read_bytes()) for each in sorted(folder.glob("runs/*/run.json"))]


def test_each_variant_chooses_from_the_same_trials_with_seeds_of_its_own(file: Path) -> None:
    tuning = tuned()
    assert [choice.variant for choice in tuning.tuned.choices] == ["plain", "heavy"]
    for choice in tuning.tuned.choices:
        assert [t.settings for t in choice.trials] == [
            {"recipe.learning_rate": rate} for rate in (0.001, 0.02, 0.1)
        ]
        accuracies = [trial.validation_accuracy or 0.0 for trial in choice.trials]
        assert choice.chosen.validation_accuracy == max(accuracies)
        assert choice.configurations == (f"{choice.variant}, noise=symmetric, noise.rate=0.3",)
    trained = records(tuning.folder)
    assert len(trained) == 2 * 3 * 3
    trials = StudyStore(tuning.folder).read_study().configurations
    assert {trial.variant for trial in trials} == {"plain", "heavy"}
    assert {run["seed"] for run in trained} == {1000, 1001, 1002}
    assert {run["configuration"]["noise"]["kind"] for run in trained} == {"symmetric"}
    # 100 training images: the trials use as many labels as a run of the study.
    recipes = [run["configuration"]["recipe"] for run in trained]
    assert {(each["train_size"], each["validation_size"]) for each in recipes} == {(90, 10)}


def test_the_accuracy_is_that_of_noisy_held_out_labels_in_the_last_epoch(file: Path) -> None:
    tuning = tuned()
    store = StudyStore(tuning.folder)
    by_rate: dict[float, list[float]] = {}
    for record in records(tuning.folder):
        if record["configuration"]["recipe"]["momentum"] == 0.5:
            run = store.run(record["id"])
            logits, labels = run.predictions("validation")
            with np.load(run.folder / "training_labels.npz") as stored:
                assert (labels == stored["noisy"][run.indices("validation")]).all()
                assert record["selected_epoch"] == 2
            rate = record["configuration"]["recipe"]["learning_rate"]
            by_rate.setdefault(rate, []).append(float((logits.argmax(axis=1) == labels).mean()))
    for trial in tuning.tuned.choices[1].trials:
        values = by_rate[trial.settings["recipe.learning_rate"]]
        assert trial.validation_accuracy == pytest.approx(np.mean(values))
        assert trial.std == pytest.approx(np.std(values, ddof=1))


def test_test_images_cannot_change_a_choice(file: Path) -> None:
    first = tuned()
    with np.load("images.npz") as arrays:
        changed = dict(arrays)
    garbage = np.random.Generator(np.random.Philox(1))
    changed["test_images"] = garbage.integers(0, 256, (7, 8, 8, 1)).astype(np.uint8)
    changed["test_labels"] = garbage.integers(0, 3, 7)
    np.savez("images.npz", **changed)
    second = tune("small.toml", out="again", to="again.toml", quiet=True)
    assert second.tuned == first.tuned
    # They are not there: the runs have the same ids, and nothing about a test split.
    assert [r["id"] for r in records(second.folder)] == [r["id"] for r in records(first.folder)]
    for record in records(second.folder):
        assert record["dataset"]["test_images"] == 0
        assert "test" not in record["splits"]
        history = (second.folder / "runs" / record["id"] / "history.jsonl").read_text()
        assert "test_accuracy" not in history.replace('"test_accuracy":null', "")


def test_a_tuning_that_was_stopped_resumes_and_chooses_the_same(file: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        tuned(monitor=StopAfterEvery(7))
    resumed = Remembering()
    assert not Path("small-tuned.toml").exists()
    tuning = tuned(monitor=resumed)
    assert resumed.ended_before > 0
    written = tuning.file.read_bytes()
    again = Remembering()
    assert tuned(monitor=again).tuned == tuning.tuned
    assert (again.begun, again.ended_before) == ([], 18)
    assert tuning.file.read_bytes() == written
    fresh = tune("small.toml", out="fresh", to="fresh.toml", quiet=True)
    assert fresh.tuned == tuning.tuned


def test_optuna_is_asked_round_by_round(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("optuna", reason="needs the extra tune")
    monkeypatch.setattr("seedbed.tuning.sampler.STARTUP", 1)
    settings = ["tune.sampler=tpe", "tune.trials=3", "tune.seeds=2"]
    first = Remembering()
    tuning = tuned(*settings, monitor=first)
    for choice in tuning.tuned.choices:
        rates = [trial.settings["recipe.learning_rate"] for trial in choice.trials]
        assert sorted(rates) == [0.001, 0.02, 0.1]
    assert first.notices == []
    again = Remembering()
    assert tuned(*settings, monitor=again).tuned == tuning.tuned
    assert (again.begun, again.notices) == ([], [])
    # Two combinations of each variant are kept: the second round is where it goes on.
    last = tuning.tuned.choices[0].trials[2].settings["recipe.learning_rate"]
    for run in records(tuning.folder):
        if run["configuration"]["recipe"]["learning_rate"] == last:
            shutil.rmtree(tuning.folder / "runs" / run["id"])
    resumed = Remembering()
    assert tuned(*settings, monitor=resumed).tuned == tuning.tuned
    assert (len(resumed.begun) > 0, resumed.notices) == (True, [])
    (tuning.folder / "study.toml").unlink()
    assert tuned(*settings).tuned == tuning.tuned


def test_the_written_study_runs_with_the_chosen_settings_and_their_provenance(file: Path) -> None:
    tuning = tuned("tune.validation_fraction=0.25")
    assert is_sealed(tuning.file.read_bytes())
    assert tuning.file == Path("small-tuned.toml")
    spec = load_study("small-tuned.toml")
    assert spec.tune is None
    source = load_study("small.toml", [Override.parse("tune.validation_fraction=0.25")])
    assert spec.tuned is not None
    assert spec.tuned.source_hash == source_hash(source)
    assert (spec.tuned.source, spec.tuned.seeds) == ("small.toml", (1000, 1001, 1002))
    chosen = {c.variant: c.chosen.settings["recipe.learning_rate"] for c in tuning.tuned.choices}
    assert len(spec.configurations) == 4
    for item, before in zip(spec.configurations, source.configurations, strict=True):
        assert item.variant is not None
        assert item.recipe == before.recipe.model_copy(
            update={"learning_rate": chosen[item.variant]}
        )
        assert (item.noise, item.dataset) == (before.noise, before.dataset)
        assert item.label == before.label
    assert spec.compare == "recipe"
    stored = run_small(spec, Path("results"))
    assert stored.read_study().tuned == spec.tuned


@pytest.mark.parametrize(
    ("baseline", "kept"), [("variant=plain", "variant=plain"), ("momentum=0.0", None)]
)
def test_a_baseline_is_kept_where_it_names_one_recipe(
    file: Path, baseline: str, kept: str | None
) -> None:
    more = '[[variants]]\nname = "decayed"\nrecipe = { momentum = 0.0, weight_decay = 0.1 }\n\n'
    plain = 'name = "plain"\nrecipe = { momentum = 0.0 }\n'
    text = STUDY.replace('name = "plain"\n', plain).replace("[tune]", f"{more}[tune]")
    compared = f'compare = "recipe.momentum"\nbaseline = "{baseline}"'
    file.write_text(text.replace('compare = "recipe.momentum"', compared), encoding="utf-8")
    spec = load_study(str(tuned("tune.seeds=2").file))
    assert (spec.compare, spec.baseline) == ("recipe", kept)


def test_without_variants_every_configuration_becomes_one(file: Path) -> None:
    text = (
        STUDY.partition("[[variants]]")[0].replace(
            'network = "lenet5"', ('network = { name = "lenet5", activation = ["relu", "elu"] }')
        )
        + "[tune]\nseeds = [7, 8]\n[tune.recipe]\nmomentum = [0.0, 0.9]\n"
    )
    file.write_text(text.replace('compare = "recipe.momentum"\n', ""), encoding="utf-8")
    source = load_study("small.toml")
    tuning = tuned()
    spec = load_study(str(tuning.file))
    assert [item.variant for item in spec.configurations] == [
        item.label for item in source.configurations
    ]
    for choice, item, before in zip(
        tuning.tuned.choices, spec.configurations, source.configurations, strict=True
    ):
        assert item.recipe.momentum == choice.chosen.settings["recipe.momentum"]
        assert (item.noise, item.network) == (before.noise, before.network)


def test_one_configuration_stays_a_study_without_variants(file: Path) -> None:
    text = STUDY.partition("[[variants]]")[0] + STUDY[STUDY.index("[tune]") :]
    for line in STUDY.splitlines():
        if line.startswith(("noise", "compare", "shared", "on =")):
            text = text.replace(f"{line}\n", "")
    file.write_text(text, encoding="utf-8")
    tuning = tuned("dataset.resize=8")
    spec = load_study(str(tuning.file))
    assert spec.variants == ()
    (item,) = spec.configurations
    (choice,) = tuning.tuned.choices
    assert choice.variant is None
    assert item.recipe.learning_rate == choice.chosen.settings["recipe.learning_rate"]
    assert item.dataset.resize == 8


def test_a_nested_candidate_replaces_and_an_inner_one_is_added(file: Path) -> None:
    changed = STUDY.replace(
        "learning_rate = [0.001, 0.02, 0.1]",
        "augmentation = [{}, { flip = true }]\nloss = { q = [0.3, 0.7] }",
    ).replace(
        "batch_size = 16",
        'batch_size = 16\naugmentation = { shift = 1 }\nloss = "generalized-cross-entropy"',
    )
    spec = parse_study(changed, "small.toml")
    group = groups_of(spec)[0]
    recipes = [group.recipe(group.trained[0], combination) for combination in group.combinations]
    assert [each["augmentation"] for each in recipes] == [{}, {}, {"flip": True}, {"flip": True}]
    assert [each["loss"]["q"] for each in recipes] == [0.3, 0.7, 0.3, 0.7]


@pytest.mark.parametrize(
    ("old", "new", "where", "expected"),
    [
        ("seeds = 3\nsh", "seeds = [0, 9]\nsh", "tune.seeds", "other seeds"),
        ("seeds = 3\nsh", "seeds = 1\nsh", "tune.seeds", ""),
        ("seeds = 3\nsh", "seeds = [5, 5]\nsh", "tune.seeds", ""),
        ("learning_rate = [0.001, 0.02, 0.1]", "learning_rate = 0.1", "tune.recipe", "a list"),
        ("[0.001, 0.02, 0.1]", "[0.1]", "tune.recipe.learning_rate", ""),
        ("[0.001, 0.02, 0.1]", "[0.1, 0.1]", "tune.recipe.learning_rate", ""),
        ("learning_rate = [0", "learnin_rate = [0", "tune.recipe.learnin_rate", ""),
        ("learning_rate = [0.001, 0.02, 0.1]", "folds = [2, 3]", "tune.recipe.folds", ""),
        ("[tune.recipe]", "sampler = 'random'\n[tune.recipe]", "tune", ""),
        ("[tune.recipe]", "trials = 3\n[tune.recipe]", "tune", ""),
        ("[tune.recipe]\nlearning_rate = [0.001, 0.02, 0.1]", "", "tune", ""),
        (
            "[tune.recipe]",
            "[[tune.variants]]\nname = 'heavi'\nrecipe = {}\n[tune.recipe]",
            "name",
            "",
        ),
    ],
    ids=[
        "reported seeds",
        "one seed",
        "equal seeds",
        "one value",
        "one candidate",
        "equal candidates",
        "no such setting",
        "folds",
        "no trials",
        "trials of a grid",
        "nothing to tune",
        "no such variant",
    ],
)
def test_a_tune_table_that_cannot_be_used(
    old: str, new: str, where: str, expected: str, sentence: Sentence
) -> None:
    assert old in STUDY
    with pytest.raises(StudyError) as error:
        parse_study(STUDY.replace(old, new), "small.toml")
    assert where in error.value.where
    assert expected in error.value.what
    if "learnin_rate" not in new:  # which lists all settings
        sentence(error.value)


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        (["tune.on=['noise=none']"], "tune.on noise=none"),
        (["tune.shared_across=[]"], "tune.on"),
        (["tune.recipe.learning_rate=[0.1, -1]"], "tune.recipe.learning_rate, for plain"),
        (["tune.sampler=random", "tune.trials=4"], "tune.trials"),
        (["tune.variants=[{name='heavy',recipe={momentum=[0.5,0.9]}}]"], "tune"),
        (["tune.validation_fraction=0.0"], "tune.validation_fraction"),
        (["tune.validation_fraction=0.001"], "tune.validation_fraction"),
        (["recipe.folds=5"], "recipe.folds"),
    ],
    ids=[
        "condition",
        "not shared",
        "candidate",
        "too many trials",
        "unequal",
        "no images",
        "no image",
        "folds",
    ],
)
def test_what_cannot_be_tuned_is_refused_before_training(
    file: Path, settings: Sequence[str], where: str, sentence: Sentence
) -> None:
    with pytest.raises(StudyError) as error:
        tuned(*settings)
    assert error.value.where == where
    sentence(error.value)
    assert not Path("studies").exists()


def test_a_study_without_a_tune_table_is_refused(file: Path, refused: Refused) -> None:
    file.write_text(STUDY.partition("[tune]")[0], encoding="utf-8")
    assert refused("tune", "small.toml").where == "small"


def test_a_changed_file_is_never_overwritten(file: Path, refused: Refused) -> None:
    Path("mine.toml").write_text("mine", encoding="utf-8")
    assert refused("tune", "small.toml", "--to", "mine.toml").where == "mine.toml"
    tuning = tuned()
    tuning.file.write_text(tuning.file.read_text() + "\n# mine\n", encoding="utf-8")
    assert refused("tune", "small.toml").where == "small-tuned.toml"


def test_a_tuned_study_must_not_report_the_seeds_that_chose(file: Path, refused: Refused) -> None:
    tuned()
    error = refused("run", "small-tuned.toml", "--set", "seeds=[1001, 5]")
    assert error.where == "--set seeds"


def test_a_plan_says_what_tuning_costs(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tuned()
    assert main(["plan", "small.toml", "--set", "tune.seeds=4"]) == 0
    (line,) = [each for each in capsys.readouterr().out.splitlines() if "seedbed tune" in each]
    assert "24 runs (3 trials × 2 configurations × 4 seeds), 6 of them missing" in line


def test_a_plan_asks_the_sampler_what_is_left(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = load_study("small.toml", [Override.parse(each) for each in RANDOM])
    assert spec.tune is not None
    tried = next_trials(spec.tune, groups_of(spec)[0], {})
    assert sorted(tried) != [0, 1]  # which the sampler does not try
    tuned(*RANDOM)
    settings = [word for each in RANDOM for word in ("--set", each)]
    assert main(["plan", "small.toml", *settings]) == 0
    (line,) = [each for each in capsys.readouterr().out.splitlines() if "seedbed tune" in each]
    assert "12 runs (2 trials × 2 configurations × 3 seeds), 0 of them missing" in line


def test_the_command_shows_choices_and_says_how_to_go_on(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tune", "small.toml", "--quiet"]) == 0
    output = capsys.readouterr()
    assert output.err == ""
    rows = output.out.splitlines()
    assert [row.split()[0] for row in rows[4:6]] == ["plain", "heavy"]
    assert rows[-1].endswith("seedbed run small-tuned.toml")
