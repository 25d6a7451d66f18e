"""Short labels: what they say, what they keep, and where they are put."""

import pytest

from seedbed.display.charts.parts import row_height
from seedbed.report.page.short_labels import ShortLabels

GRID = [
    "learning_rate=0.005, batch_size=32",
    "learning_rate=0.05, batch_size=128",
]


@pytest.mark.parametrize(
    ("labels", "short"),
    [
        (GRID, ["lr 0.005 · batch 32", "lr 0.05 · batch 128"]),
        (["network=lenet5, noise.rate=0", "network=vit, noise.rate=0"], None),
        (["ViT, weight_decay=0", "ViT, weight_decay=0.1"], ["ViT · weight decay 0", None]),
        (["lenet5"], ["lenet5"]),
        (["optimizer=adam [told T]", "optimizer=sgd"], ["adam [told T]", "sgd"]),
        # Where short ones would be the same, labels stay as they are.
        (["optimizer=a", "schedule=a"], ["optimizer=a", "schedule=a"]),
    ],
)
def test_settings_are_said_in_short(labels: list[str], short: list[str | None] | None) -> None:
    shortened = ShortLabels(labels)
    for label, expected in zip(labels, short or ["lenet5 · noise 0", "vit · noise 0"], strict=True):
        assert expected is None or shortened(label) == expected
        assert shortened.full.get(shortened(label), label) == label


def test_sentences_and_charts_say_them_and_rows_are_no_higher_than_they_must_be() -> None:
    short = ShortLabels(GRID)
    assert short(f"“{GRID[0]}” is better than “{GRID[1]}”.") == (
        "“lr 0.005 · batch 32” is better than “lr 0.05 · batch 128”."
    )
    assert short("a=b stays") == "a=b stays"
    lines = {label: label.split(" ") for label in GRID}
    spec = {
        "height": 2 * row_height(2),
        "params": [{"name": "lines", "value": lines}],
        "datasets": {"rows": f'label,x\n"{GRID[0]}",1\n'},
    }
    shown = short.spec(spec)
    assert shown["height"] == 2 * row_height(1)
    assert shown["params"][0]["value"] == {short(label): [short(label)] for label in GRID}
    assert shown["datasets"]["rows"] == 'label,x\n"lr 0.005 · batch 32",1\n'
