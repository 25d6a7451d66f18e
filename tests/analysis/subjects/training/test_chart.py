"""Which curves share a chart, and how configurations are told apart."""

from drawn import rows, said, specification, subtitle, svg
from made_entries import made_entries, made_entry
from seedbed.analysis.entry import Entry
from seedbed.analysis.registry import charts
from seedbed.display.charts.style import MOST_IN_LEGEND

accuracy_curves = charts()["accuracy-curves"].draw
training_accuracy_curves = charts()["training-accuracy-curves"].draw
loss_curves = charts()["loss-curves"].draw
training_loss_curves = charts()["training-loss-curves"].draw


def test_a_few_configurations_show_test_and_training_together() -> None:
    entries = made_entries("a", "b")
    picture = said(svg(accuracy_curves(entries)))
    assert "of: training" in picture
    assert "of: test" in picture
    assert training_accuracy_curves(entries) is None
    assert training_loss_curves(entries) is None


def test_of_more_each_has_a_chart() -> None:
    entries = made_entries("a", "b", "c")
    for draw, key in (
        (accuracy_curves, "test_accuracy"),
        (training_accuracy_curves, "train_accuracy"),
        (loss_curves, "test_loss"),
        (training_loss_curves, "train_loss"),
    ):
        values = [float(row["value"]) for row in rows(draw(entries), "value")]
        expected = [each for entry in entries for run in entry["curves"][key] for each in run]
        assert values == expected


def test_configurations_keep_their_colors_when_some_are_off() -> None:
    chart = accuracy_curves(made_entries("a", "b", "c"))
    colors = {}
    for line in svg(chart, shown=["c"]).split("<path"):
        if "configuration: c" in line and 'stroke="' in line:
            colors["c"] = line.split('stroke="')[1][:7]
    scale = specification(chart)["layer"][0]["encoding"]["color"]["scale"]
    assert scale["domain"] == ["a", "b", "c"]
    assert colors.get("c", scale["range"][2]) == scale["range"][2]


def test_many_configurations_have_no_legend_and_differ_by_dashes() -> None:
    names = [f"number {each}" for each in range(MOST_IN_LEGEND + 4)]
    layers = specification(accuracy_curves([made_entry(each) for each in names]))["layer"]
    color, dash = (layers[1]["encoding"][key] for key in ("color", "strokeDash"))
    assert color["legend"] is None
    assert dash["legend"] is None
    looks = set(zip(color["scale"]["range"], map(str, dash["scale"]["range"]), strict=True))
    assert len(looks) == len(names)
    few = specification(accuracy_curves(made_entries("a", "b", "c")))["layer"]
    assert few[1]["encoding"]["color"]["legend"]["orient"] == "bottom"


def test_training_curves_say_that_labels_are_noisy() -> None:
    noisy = made_entry(settings={"noise.kind": "symmetric", "noise.rate": 0.2})
    assert "against the noisy labels" in subtitle(accuracy_curves([noisy]))
    assert "noisy labels" not in subtitle(accuracy_curves([made_entry()]))


def test_without_curves_there_is_nothing_to_draw() -> None:
    assert accuracy_curves([made_entry(curves=None)]) is None
    assert loss_curves([made_entry(runs=0)]) is None
    without = Entry(made_entry().own_fields(("curves",)))
    assert accuracy_curves([without]) is None
