"""The table of AUC."""

from made_entries import made_entries, made_entry
from seedbed.analysis.subjects.roc.table import auc_table
from tables import lines_of, text_of


def test_auc_of_each_class_and_of_each_configuration() -> None:
    entry = made_entry()
    macro = entry["auc"]["macro"]
    shown = f"{macro['mean']:.4f} ± {macro['std']:.4f}"
    classes, averages = auc_table([entry]).tables[0].groups
    assert [row[0] for row in classes] == ["a", "b", "c"]
    assert averages[0] == ("macro", shown)
    assert text_of(auc_table(made_entries("one", "other"))).count(shown) == 2
    (line,) = lines_of(auc_table([entry]))
    for average in ("macro", "weighted", "micro"):
        assert float(line[f"{average}_auc"]) == entry["auc"][average]["mean"]
        assert float(line[f"{average}_auc_std"]) == entry["auc"][average]["std"]


def test_a_configuration_without_runs_has_dashes() -> None:
    empty = made_entry("empty", runs=0, auc=None)
    ((_, row),) = auc_table([made_entry(), empty]).tables[0].groups
    assert row == ("empty", "0", "–", "–", "–")
