"""The section that compares networks: what is in it, and when it is there."""

from made_entries import made_entries
from made_networks import made_robustness, made_size, made_sizes
from seedbed.report.page.data import page_data
from seedbed.report.page.network_sections import networks_section
from seedbed.report.page.sections import sections
from seedbed.report.pictures.named_images import Pictures

RUNS = (0.5, 0.6, 0.7)


def test_a_study_of_one_network_has_its_cost_alone() -> None:
    entries = made_entries("a", "b")
    assert networks_section(entries) is None
    ids = [each.id for each in sections(entries)]
    assert "cost" in ids
    assert "networks" not in ids


def test_networks_have_cost_sizes_robustness_and_images_in_one_section() -> None:
    entries = made_sizes(lenet5={100: RUNS, 900: RUNS}, vit={100: RUNS, 900: RUNS})
    entries[2]["cost"] = entries[3]["cost"] = {**entries[0]["cost"], "parameters": 9}
    for each in (entries[1], entries[3]):
        each["robustness"] = made_robustness(0.5)
    found = networks_section(entries)
    assert found is not None
    assert found.title == "Which network, and what it costs"
    names = {each.id: [drawing.name for drawing in each.drawings] for each in found.blocks}
    assert names == {
        "networks-cost": ["parameters"],
        "networks-size": ["training-size"],
        "networks-robustness": [
            "robustness-shift",
            "robustness-rotation",
            "robustness-noise",
            "robustness-blur",
        ],
        "only-right": [],
    }
    assert [each.id for each in found.blocks] == [part for part, _ in found.parts]
    ids = [each.id for each in sections(entries)]
    assert "cost" not in ids
    assert ids.index("comparisons") + 1 == ids.index("networks")


def test_what_is_not_known_is_left_out() -> None:
    found = networks_section(made_sizes(lenet5={100: RUNS}, vit={100: RUNS}))
    assert found is not None
    assert [each.id for each in found.blocks] == ["networks-cost", "only-right"]


def test_the_scripts_know_the_images_that_one_network_alone_gets_right() -> None:
    wrong = {"index": [4, 9], "true": [1, 0], "predicted": [2, 1], "n_wrong": [3, 1]}
    nothing: dict[str, list[int]] = {"index": [], "true": [], "predicted": [], "n_wrong": []}
    entries = [
        made_size("lenet5", 100, RUNS, image_errors=nothing),
        made_size("vit", 100, RUNS, image_errors=wrong),
    ]
    first, second = page_data(entries, Pictures(), 0)["onlyRight"]
    assert first == {
        "name": "lenet5",
        "n": 3,
        "set": 0,
        "others": [{"name": "vit", "n": 3}],
        "total": 1,
        "images": [[4, 1, 3, ((2, 3),)]],
    }
    assert second["images"] == []
