"""A study of audits: one for each configuration and draw of its noise."""

import csv
from pathlib import Path

import numpy as np
import pytest

from seedbed.cli.main import main
from seedbed.core.errors import StudyError
from seedbed.data.catalog import load_dataset
from seedbed.label_errors.several import CSV, Outcome, audits_of, outcomes_report, ratio_text
from seedbed.label_errors.study import audited
from seedbed.noise.labels import draw_labels
from seedbed.noise.transition import symmetric

STUDY = """
name = "two"
dataset = "digits"
network = "lenet5"
seeds = [3, 5, 8]
noise = [{ kind = "none" }, { kind = "symmetric", rate = 0.2 }]
[recipe]
epochs = 20
train_size = 300
batch_size = 32
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "two.toml").write_text(STUDY, encoding="utf-8")
    return tmp_path / "two.toml"


def test_every_configuration_is_audited_with_every_draw_of_its_noise(file: Path) -> None:
    every = audited(str(file))
    kinds = [(of.noise["kind"], of.noise_seed) for of in every]
    assert kinds == [("none", 3), ("symmetric", 3), ("symmetric", 5), ("symmetric", 8)]
    assert len({of.folder for of in every}) == len(every)
    chosen = audited(str(file), only=["noise=symmetric"], seeds=2)
    assert [of.noise_seed for of in chosen] == [3, 5]


def test_outcomes_are_counted_against_the_truth(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    arguments = ["audit", str(file), "--seeds", "2", "--out", str(out)]
    clean = load_dataset("digits").train.labels
    assert main([*arguments, "--repeats", "1", "--folds", "2", "--quiet"]) == 0
    said = capsys.readouterr().out
    with (out / CSV).open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["noise_seed"] for row in rows] == ["3", "3", "5"]
    assert rows[0]["wrong"] == ""
    for row in rows[1:]:
        with (out / row["folder"] / "audit.csv").open(encoding="utf-8", newline="") as lines:
            labels = [line for line in csv.DictReader(lines) if line["split"] == "train"]
        assert int(row["labels"]) == len(labels)
        assert int(row["finds"]) == sum(line["find"] == "1" for line in labels)
        with np.load(out / row["folder"] / "pred_probs.npz") as stored:
            given = stored["train_labels"]
        noisy = draw_labels(clean, symmetric(10, 0.2), int(row["noise_seed"]))
        assert (given == noisy).all()
        assert int(row["wrong"]) == (noisy != clean).sum()
        assert float(row["auroc"]) > 0.9
        assert float(row["cleanlab_auroc"]) > 0.9
    assert f"{int(rows[1]['wrong']) + int(rows[2]['wrong']):,}" in said
    assert "cleanlab" in said


def test_sums_over_audits_have_an_interval_over_them() -> None:
    part, whole = np.array([1.0, 2.0, 0.0]), np.array([10.0, 12.0, 8.0])
    # Cochran's formula, by hand: ratio 0.1, residuals 0, 0.8 and -0.8, t(2) = 4.303.
    margin = 4.303 * 0.8 * np.sqrt(3) / 30
    assert ratio_text(part, whole) == f"10.0% (0.0% to {0.1 + margin:.1%})"
    assert ratio_text(part[:1], whole[:1]) == "10.0%"


def test_a_review_is_of_one_audit(file: Path, tmp_path: Path) -> None:
    with pytest.raises(StudyError) as error:
        next(audits_of(file, out=tmp_path / "out", refuse_several="a review is of one"))
    assert error.value.where == str(file)
    assert not (tmp_path / "out").exists()


def test_several_audits_do_not_mix_with_one(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "study.toml").touch()
    with pytest.raises(StudyError) as error:
        next(audits_of(file, out=out))
    assert error.value.where == str(out)


def test_without_the_truth_nothing_is_counted_against_it() -> None:
    outcome = Outcome(
        "a", 0, "a", 100, None, 0.1, 0.05, 0.2, False, 0.1, 7, None, None, None, None, None
    )
    report = outcomes_report([outcome, outcome])
    (table,) = report.tables
    ((row,),) = table.groups
    assert row == ("a", "2", "–", "–", "10.00%", "14", "–", "–", "–")
