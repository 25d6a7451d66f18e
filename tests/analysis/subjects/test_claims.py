"""Declared claims: held, refuted or open, and never after the fact without a word."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from made_entries import made_entry
from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.answer import answer
from seedbed.analysis.entry import Entry, fields_of
from seedbed.analysis.registry import relate_all
from seedbed.analysis.statistics.looks import levels_of_looks, spent
from seedbed.analysis.subjects.claims.result import AnsweredClaim, claims_of
from seedbed.analysis.subjects.claims.table import claims_table
from seedbed.cli.main import main
from seedbed.core.errors import StudyError
from seedbed.report.renderers.formats import FORMATS
from seedbed.study.asked import crossed_problem
from seedbed.study.spec.reader import parse_study
from seedbed.study.store.claims import read_declarations
from sentences import Sentence
from small import run_small, small_study

LOW = np.array([0.90, 0.91, 0.905, 0.908, 0.902])
HIGH = LOW + 0.03 + np.array([0.001, -0.001, 0.0005, 0.0, -0.0005])


def entry(settings: dict[str, Any], runs: Any, claim: dict[str, Any]) -> Entry:
    label = ", ".join(f"{name}={value}" for name, value in settings.items())
    accuracies = fields_of(Accuracies.of(float(run) for run in runs))
    made = made_entry(label, settings=settings, n=len(runs), seeds=list(range(len(runs))))
    made["test_accuracy"] = made["train_accuracy"] = accuracies
    made["study"] = made["study"] | {"claims": [{"claim": "as I said", **claim}]}
    return made


def answered(claim: dict[str, Any], *configurations: tuple[dict[str, Any], Any]) -> AnsweredClaim:
    entries = relate_all([entry(settings, runs, claim) for settings, runs in configurations])
    (found,) = claims_of(entries)
    return found


NETWORKS = (({"network.name": "resnet8"}, HIGH), ({"network.name": "lenet5"}, LOW))


def beats(by: float) -> dict[str, Any]:
    return {"better": ["network.name=resnet8"], "than": ["network.name=lenet5"], "by": by}


@pytest.mark.parametrize(("by", "outcome"), [(0.02, "held"), (0.05, "refuted"), (0.03, "open")])
def test_a_difference_is_held_against_its_margin(by: float, outcome: str) -> None:
    found = answered(beats(by), *NETWORKS)
    assert found.outcome == outcome
    expected = stats.ttest_rel(HIGH, LOW).confidence_interval(0.95)
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == pytest.approx((expected.low, expected.high))
    assert found.n == 5
    assert found.effect == pytest.approx(np.mean(HIGH - LOW))


def test_a_claim_of_configurations_that_are_not_trained_waits_for_them() -> None:
    trained, waiting = (entry(settings, runs, beats(0)) for settings, runs in NETWORKS)
    nothing = fields_of(Accuracies.of(()))
    waiting |= {"n": 0, "seeds": [], "unfinished": [0, 1]}
    waiting |= {"test_accuracy": nothing, "train_accuracy": nothing}
    (found,) = claims_of(relate_all([trained, waiting]))
    assert found.outcome == "open"
    assert found.n == 0
    assert found.notes == ("no run of its configurations has finished yet",)


@pytest.mark.parametrize(
    ("within", "runs", "outcome"),
    [(0.01, LOW + 0.001, "held"), (0.01, HIGH, "refuted"), (0.031, HIGH[::-1], "open")],
)
def test_an_equality_has_two_one_sided_tests(within: float, runs: Any, outcome: str) -> None:
    claim = {"equal": ["recipe.loss=a"], "to": ["recipe.loss=b"], "within": within}
    found = answered(claim, ({"recipe.loss": "a"}, runs), ({"recipe.loss": "b"}, LOW))
    assert found.outcome == outcome
    if outcome == "open":
        differences = runs - LOW
        higher = stats.ttest_1samp(differences, -within, alternative="greater").pvalue
        lower = stats.ttest_1samp(differences, within, alternative="less").pvalue
        assert max(higher, lower) > 0.05


def test_a_trend_is_averaged_over_all_else() -> None:
    configurations = [
        ({"recipe.learning_rate": rate, "recipe.optimizer": optimizer}, LOW + shift + step)
        for optimizer, shift in (("sgd", 0.0), ("adam", 0.02))
        for rate, step in ((0.001, 0.02), (0.1, 0.01), (0.01, 0.015))
    ]
    found = answered({"falls_with": "recipe.learning_rate"}, *configurations)
    assert found.outcome == "held"
    assert found.effect == pytest.approx(0.01)
    assert answered({"rises_with": "learning_rate"}, *configurations).outcome == "refuted"


def test_variants_are_compared_with_all_of_their_settings() -> None:
    def side(name: str, rate: float, runs: Any) -> list[Entry]:
        made = []
        for size, more in ((100, 0.0), (400, 0.02)):
            settings = {
                "network.name": name,
                "recipe.learning_rate": rate,
                "recipe.train_size": size,
            }
            made.append(entry(settings, runs + more, claim) | {"variant": name})
        return made

    sides = {"better": ["variant=resnet8"], "than": ["variant=lenet5"]}
    claim: dict[str, Any] = sides
    entries = side("resnet8", 0.1, HIGH) + side("lenet5", 0.01, LOW)
    (found,) = claims_of(relate_all(entries))
    assert found.effect == pytest.approx(float((HIGH - LOW).mean()))
    assert found.outcome == "held"
    claim = {
        "better": ["variant=resnet8", "train_size=100"],
        "than": ["variant=lenet5", "train_size=400"],
    }
    entries = side("resnet8", 0.1, HIGH) + side("lenet5", 0.01, LOW)
    (found,) = claims_of(relate_all(entries))
    assert found.effect == pytest.approx(float((HIGH - LOW).mean()) - 0.02)


def test_declared_looks_share_the_level(sentence: Sentence) -> None:
    steps = np.random.default_rng(3).normal(0, 0.004, 9)
    notes = []
    for n, outcome, look, tested in (
        (3, "open", None, 0),
        (4, "open", 1, 4),
        (7, "open", 1, 4),
        (9, "held", 2, 8),
    ):
        low, high = 0.9 + steps[:n], 0.914 + steps[::-1][-n:]
        networks = (({"network.name": "resnet8"}, high), ({"network.name": "lenet5"}, low))
        found = answered(beats(0.0) | {"looks": [4, 8, 12], "seeds": 4}, *networks)
        assert (found.outcome, found.look, found.n) == (outcome, look, tested)
        if look is None:
            assert (found.interval, found.spent) == (None, None)
        else:
            level = levels_of_looks((4, 8, 12), 0.05)[look - 1]
            expected = stats.ttest_rel(high[:tested], low[:tested]).confidence_interval(1 - level)
            assert found.interval is not None
            assert found.interval.low == pytest.approx(expected.low)
            assert found.spent == pytest.approx(spent(0.05, tested / 12) / 0.05)
        notes += [f"{n} seeds: {note}" for note in found.notes]
    sentence("\n".join(notes))


def test_crossed_seeds_have_no_looks() -> None:
    entries = [
        entry(settings, runs, beats(0.0) | {"looks": [4, 5]}).replace(varied=["order", "run"])
        for settings, runs in NETWORKS
    ]
    (found,) = claims_of(relate_all(entries))
    assert (found.outcome, found.interval, found.look, found.n) == ("open", None, None, 0)
    assert found.notes == (crossed_problem(["order", "run"]),)


@pytest.mark.parametrize("looks", ["[5, 5]", "[10, 5]", "[1, 5]"])
def test_looks_increase(looks: str) -> None:
    study = 'name = "s"\ndataset = "digits"\nnetwork = "lenet5"\nseeds = 1\n'
    claim = f'[[claims]]\nclaim = "c"\nrises_with = "noise.rate"\nlooks = {looks}\n'
    with pytest.raises(StudyError) as error:
        parse_study(study + claim, "s.toml")
    assert "looks" in str(error.value)


def test_several_claims_share_the_level() -> None:
    entries = [entry(settings, runs, beats(0.0)) for settings, runs in NETWORKS]
    for each in entries:
        each["study"] = each["study"] | {"claims": each["study"]["claims"] * 4}
    found = claims_of(relate_all(entries))
    expected = stats.ttest_rel(HIGH, LOW).confidence_interval(1 - 0.05 / 4)
    assert len(found) == 4
    assert found[0].interval is not None
    assert found[0].interval.low == pytest.approx(expected.low)


def test_what_cannot_be_tested_is_open(sentence: Sentence) -> None:
    one = answered(beats(0.0), *((settings, runs[:1]) for settings, runs in NETWORKS))
    assert (one.outcome, one.interval) == ("open", None)
    assert len(one.notes) == 1
    missing = answered(beats(0.0) | {"than": ["network.name=lenet"]}, *NETWORKS)
    assert (missing.outcome, missing.n) == ("open", 0)
    sentence("\n".join((*one.notes, *missing.notes)))


def test_a_claim_after_the_fact_says_so(sentence: Sentence) -> None:
    late = answered(beats(0.02) | {"ended": 4, "seeds": 2}, *NETWORKS)
    assert len(late.notes) == 2
    entries = [
        entry(settings, runs, beats(0.02) | {"ended": 4, "seeds": 2}) for settings, runs in NETWORKS
    ]
    (first, *_) = answer(relate_all(entries))
    assert "as I said" in first
    sentence(first)


@pytest.mark.parametrize("name", FORMATS)
def test_the_table_in_every_format(name: str) -> None:
    entries = [
        entry(settings, runs, beats(0.02) | {"claim": "=1+1"}) for settings, runs in NETWORKS
    ]
    entries[0]["diverged"] = [{"seed": 7, "epoch": 2}]
    text = FORMATS[name](claims_table(relate_all(entries)))
    assert "held" in text
    if name == "csv":
        assert "'=1+1,held," in text
    elif name != "json":
        assert "Seed 7" in text


@pytest.mark.parametrize(
    "claim",
    [
        "",
        'better = ["network=lenet5"]',
        'better = ["a=1"]\nthan = ["a=2"]\nrises_with = "noise.rate"',
        'equal = ["a=1"]\nto = ["a=2"]',
        'equal = ["a=1"]\nto = ["a=2"]\nwithin = 1.0\nby = 1.0',
        'rises_with = "noise.rate"\nfalls_with = "noise.rate"',
    ],
)
def test_a_claim_is_of_one_kind(claim: str) -> None:
    study = 'name = "s"\ndataset = "digits"\nnetwork = "lenet5"\nseeds = 1\n'
    text = f'{study}[[claims]]\nclaim = "c"\n{claim}\n'
    with pytest.raises(StudyError) as error:
        parse_study(text, "s.toml")
    assert "claims" in str(error.value)


def test_claims_are_declared_before_the_first_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = small_study(tmp_path / "data", settings=["recipe.learning_rate=[0.0001, 0.1]"])
    text = spec.to_toml() + '[[claims]]\nclaim = "more is more"\nrises_with = "learning_rate"\n'
    declared = parse_study(text, "s.toml", folder=tmp_path, stored=True)
    store = run_small(declared, tmp_path / "study")
    (first,) = read_declarations(store.folder).claims
    assert (first.claim, first.ended, first.seeds) == ("more is more", 0, len(spec.seeds))
    assert parse_study(declared.to_toml(), "s.toml", folder=tmp_path, stored=True) == declared
    status = main(["claims", str(store.folder), "--format", "json"])
    (found,) = json.loads(capsys.readouterr().out)
    assert status == (found["outcome"] != "held")
    assert found["notes"] == []
    # A second claim, after the runs.
    later = parse_study(
        text + '[[claims]]\nclaim = "late"\nfalls_with = "learning_rate"\n',
        "s.toml",
        folder=tmp_path,
        stored=True,
    )
    run_small(later, tmp_path / "study")
    assert [each.ended for each in read_declarations(store.folder).claims] == [
        0,
        2 * len(spec.seeds),
    ]
    assert main(["claims", str(store.folder)]) == 1
    assert "exploratory" in capsys.readouterr().out


@pytest.mark.parametrize("damage", ["edited", "emptied", "a folder"])
def test_damaged_declarations_block_nothing_and_are_made_anew(
    tmp_path: Path, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = small_study(tmp_path / "data", settings=["recipe.learning_rate=[0.0001, 0.1]"])
    text = spec.to_toml() + '[[claims]]\nclaim = "more is more"\nrises_with = "learning_rate"\n'
    declared = parse_study(text, "s.toml", folder=tmp_path, stored=True)
    store = run_small(declared, tmp_path / "study")
    file = store.folder / "claims.json"
    contents = file.read_text(encoding="utf-8")
    file.unlink()
    if damage == "a folder":
        file.mkdir()
    else:
        edited = contents.replace('"seeds": 3', '"seeds": 9') if damage == "edited" else ""
        file.write_text(edited, encoding="utf-8")
    assert main(["table", str(store.folder)]) == 0
    assert str(file) in capsys.readouterr().err
    assert main(["verify", str(store.folder)]) == 1
    assert "doubt  claims.json" in capsys.readouterr().out
    run_small(declared, tmp_path / "study")
    assert [each.ended for each in read_declarations(store.folder).claims] == [6]
    assert file.with_name("claims.json.damaged-1").exists()
