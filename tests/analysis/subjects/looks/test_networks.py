"""What networks look at: which networks, which pictures, of which images; from real stored runs."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from made_entries import made_entry
from seedbed.analysis.part import PageMaterial
from seedbed.analysis.subjects import features, looks
from seedbed.analysis.subjects.features.answers import RunFeatures
from seedbed.analysis.subjects.features.cloud import STEPS, find_clouds
from seedbed.analysis.subjects.looks.networks import NetworkLooks, find_looks
from seedbed.analysis.subjects.looks.pictures import MOST_HARD
from seedbed.analysis.subjects.looks.shown import shown_networks
from seedbed.analysis.summary.study import refresh_summary
from seedbed.report.pictures.named_images import FoundImages, Pictures, shown_thumbnails
from seedbed.study.store.names import WEIGHTS
from small import run_small, small_study
from small_networks import SmallNetworks


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> SmallNetworks:
    return SmallNetworks(tmp_path_factory.mktemp("looks"))


def looks_of(study: SmallNetworks) -> tuple[NetworkLooks, ...]:
    return find_looks(study.folders, study.entries, FoundImages(study.tests).pixels)


def titles(looks: NetworkLooks) -> list[str]:
    return [each.title for each in looks.looks]


def test_each_network_shows_what_its_layers_allow(study: SmallNetworks) -> None:
    lenet, with_token, with_mean = looks_of(study)
    assert titles(lenet) == ["Filters of the first convolution"]
    assert titles(with_token) == titles(with_mean)
    assert titles(with_token) == [
        "Attention",
        "Filters of the patch embedding",
        "Position embeddings",
    ]
    assert [each.run for each in (lenet, with_token, with_mean)] == ["seed 0"] * 3
    assert not any(each.missing for each in looks_of(study))


def test_pictures_say_what_is_to_be_seen(study: SmallNetworks) -> None:
    for network in looks_of(study):
        for look in network.looks:
            for picture in look.pictures:
                assert picture.address.startswith("data:image/webp;base64,")
                assert len(picture.alt) > 40
                assert picture.alt.endswith(".")
                assert picture.width * picture.factor < 360


def test_how_alike_neighbors_are_is_said_of_those_beside_and_above(study: SmallNetworks) -> None:
    (picture,) = looks_of(study)[1].looks[2].pictures
    weights = study.store.run(f"{study.entries[1]['id']}-seed0").weights()
    of = weights["positions1.weight"][1:].reshape(4, 4, -1)  # without the class token's
    pairs = [(of[y, x], of[y, x + 1]) for y in range(4) for x in range(3)]
    pairs += [(of[y, x], of[y + 1, x]) for y in range(3) for x in range(4)]
    cosines = [a @ b / np.linalg.norm(a) / np.linalg.norm(b) for a, b in pairs]
    assert picture.alt.endswith(f"Neighbors have {np.mean(cosines):.2f} on average.")


def test_attention_is_shown_of_right_and_of_hard_images(study: SmallNetworks) -> None:
    looks = looks_of(study)[1].looks[0]
    (test,) = study.tests.values()
    run = study.store.run(f"{study.entries[1]['id']}-seed0")
    logits, labels = run.predictions()
    hard = [each["index"] for each in study.entries[1]["hard_examples"]["examples"]]
    shown = [test.names.tolist().index(each.name) for each in looks.pictures]
    right = [index for index in shown if logits[index].argmax() == labels[index]]
    classes = set(labels[logits.argmax(axis=1) == labels].tolist())
    assert {int(labels[index]) for index in right} >= classes
    assert set(hard[:MOST_HARD]) <= set(shown)
    for index, picture in zip(shown, looks.pictures, strict=True):
        label = test.class_names[labels[index]]
        assert f"of class {label}," in picture.alt
        wrong = logits[index].argmax() != labels[index]
        assert ("predicted" in picture.caption) == wrong


def addresses(networks: Sequence[NetworkLooks]) -> list[str]:
    pictures = [picture for of in networks for look in of.looks for picture in look.pictures]
    return [picture.address for picture in pictures]


def test_attention_is_shown_of_pictures_that_are_kept(study: SmallNetworks) -> None:
    before = FoundImages(study.tests)
    looks = find_looks(study.folders, study.entries, before.pixels)
    kept = shown_thumbnails(before, Pictures())
    assert kept.small
    gone = FoundImages({}, {}, {}, kept)
    again = find_looks(study.folders, study.entries, gone.pixels)
    assert addresses(again) == addresses(looks)


def test_without_test_images_there_is_no_attention(study: SmallNetworks) -> None:
    (_, vit, _) = find_looks(study.folders, study.entries, None)
    assert titles(vit) == ["Filters of the patch embedding", "Position embeddings"]


def test_a_single_network_is_shown_once() -> None:
    entries = [made_entry(label) for label in ("a", "b", "c")]
    assert shown_networks(entries) == (0,)
    assert shown_networks([made_entry("a", runs=0), made_entry("b")]) == (1,)


def test_weights_of_another_network_are_no_looks_but_a_line(tmp_path: Path) -> None:
    store = run_small(small_study(tmp_path, seeds="1", epochs=1), tmp_path / "study")
    entries = refresh_summary(store.folder)
    (found,) = find_looks([store.folder], entries, None)
    assert found.looks == ()
    assert "lenet5 for images of 8×8×1: missing weights 'conv1.weight'" in found.missing


def test_predictions_from_elsewhere_have_no_inside(tmp_path: Path) -> None:
    entry = made_entry(settings={}, feature_space=None)
    material = PageMaterial([entry], [tmp_path])
    for parts in (features.ANALYSIS.parts, looks.ANALYSIS.parts):
        (part,) = parts or ()
        assert part.data is not None
        assert part.data(material) is None


def test_points_are_those_of_the_first_run(study: SmallNetworks) -> None:
    clouds = find_clouds(study.folders, study.entries)
    assert [each["place"] for each in clouds] == [0, 1, 2]
    for each in clouds:
        run = study.store.run(f"{study.entries[each['place']]['id']}-seed0")
        assert each["run"] == "seed 0"
        stored = run.load()
        assert stored is not None
        features = RunFeatures.parse(run.read_answers("features.npz"), stored.record.files[WEIGHTS])
        assert features is not None
        points = np.stack([each[axis] for axis in "xyz"], axis=1)
        np.testing.assert_allclose(points / STEPS, features.coordinates, atol=1 / STEPS)
        assert np.abs(points).max() == STEPS
        logits, labels = run.predictions()
        assert each["true"] == labels[each["index"]].tolist()
        assert each["predicted"] == logits.argmax(axis=1)[each["index"]].tolist()
