"""The settings of label noise: what is rejected, what is written, and what identifies them."""

import json
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w
from pydantic import BaseModel, ValidationError

from seedbed.core.errors import DataError, StudyError
from seedbed.core.suggestions import unknown
from seedbed.noise.spec import NoiseSpec
from seedbed.noise.transition import check_transition, pair, symmetric
from sentences import Sentence

NAMES = ("cat", "dog", "ape")
ROWS = ((0.9, 0.1, 0.0), (0.0, 1.0, 0.0), (0.2, 0.0, 0.8))

EVERY_KIND: list[dict[str, Any]] = [
    {"kind": "none"},
    {"kind": "symmetric", "rate": 0.4},
    {"kind": "symmetric", "rate": 1, "including_self": True, "exact": True},
    {"kind": "pair", "rate": 0.4, "exact": True},
    {"kind": "pair", "rate": 0.4, "mapping": {"cat": "dog", "dog": "cat"}},
    {"kind": "matrix", "matrix": ROWS},
    {"kind": "matrix", "matrix": "noise.csv", "exact": True},
    {"kind": "human", "labels": "people.npz", "key": "worse_label"},
    {"kind": "human", "labels": "people.npz", "key": "worse_label", "fingerprint": "0" * 64},
]


@pytest.mark.parametrize("settings", EVERY_KIND)
def test_every_kind_reads_back_as_itself(settings: dict[str, Any]) -> None:
    spec = NoiseSpec(**settings)
    written = spec.model_dump(mode="json")
    for reread in (json.loads(json.dumps(written)), tomllib.loads(tomli_w.dumps(written))):
        assert NoiseSpec(**reread) == spec
        assert NoiseSpec.model_validate(reread) == spec


def test_only_settings_of_the_kind_are_written() -> None:
    assert NoiseSpec().model_dump() == {"kind": "none"}
    assert NoiseSpec(kind="symmetric", rate=0.4).model_dump(mode="json") == {
        "kind": "symmetric",
        "rate": 0.4,
        "including_self": False,
        "exact": False,
    }
    assert NoiseSpec(kind="pair", rate=0.4).model_dump(mode="json") == {
        "kind": "pair",
        "rate": 0.4,
        "exact": False,
    }


def rejection(settings: dict[str, Any]) -> StudyError:
    with pytest.raises(StudyError) as error:
        NoiseSpec(**settings)
    assert "\n" not in str(error.value)
    assert "pydantic" not in str(error.value)
    return error.value


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({"kind": "symmetric"}, "rate"),
        ({"kind": "pair"}, "rate"),
        ({"kind": "matrix"}, "matrix"),
        ({"kind": "human", "key": "worse"}, "labels"),
        ({"kind": "human", "labels": "a.npz"}, "key"),
    ],
)
def test_a_required_setting_is_missing(settings: dict[str, Any], where: str) -> None:
    error = rejection(settings)
    assert error.where == where
    assert error.what.startswith("is missing")
    assert f" {settings['kind']} noise " in error.what


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({"rate": 0.2}, "rate"),
        ({"kind": "matrix", "matrix": ROWS, "rate": 0.2}, "rate"),
        ({"kind": "pair", "rate": 0.2, "including_self": True}, "including_self"),
        ({"kind": "symmetric", "rate": 0.2, "mapping": {"a": "b"}}, "mapping"),
        ({"kind": "symmetric", "rate": 0.2, "matrix": ROWS}, "matrix"),
        ({"kind": "symmetric", "rate": 0.2, "labels": "a"}, "labels"),
        ({"kind": "human", "labels": "a", "key": "b", "exact": True}, "exact"),
    ],
)
def test_a_setting_that_the_kind_does_not_use_is_rejected(
    settings: dict[str, Any], where: str
) -> None:
    error = rejection(settings)
    assert error.where == where
    assert error.what.startswith(f"is not used with kind = {settings.get('kind', 'none')!r}")


@pytest.mark.parametrize(
    ("settings", "where", "value"),
    [
        ({"kind": "symetric"}, "kind", "symetric"),
        ({"kind": "symmetric", "rate": 1.2}, "rate", 1.2),
        ({"kind": "symmetric", "rate": 20}, "rate", 20),
        ({"kind": "symmetric", "rate": -0.1}, "rate", -0.1),
        ({"kind": "symmetric", "rate": float("nan")}, "rate", float("nan")),
        ({"kind": "symmetric", "rate": "0.2"}, "rate", "0.2"),
        ({"kind": "symmetric", "rate": True}, "rate", True),
        ({"kind": "symmetric", "rate": 0.2, "exact": 1}, "exact", 1),
        ({"kind": "pair", "rate": 0.2, "mapping": {}}, "mapping", {}),
        ({"kind": "pair", "rate": 0.2, "mapping": {"a": 0.5}}, "mapping.a", 0.5),
        ({"kind": "symmetric", "rate": 0.2, "raet": 0.2}, "raet", "raet"),
    ],
)
def test_an_invalid_value_is_rejected(settings: dict[str, Any], where: str, value: Any) -> None:
    error = rejection(settings)
    assert error.where == where
    assert repr(value) in error.what
    assert "expected " in error.what


@pytest.mark.parametrize(
    "matrix",
    [3, [[1, 0], [1]], [[1.0, 0.0]], [[0.6, 0.4], [0.2, 0.6]], [[1.5, -0.5], [0, 1]]],
    ids=["number", "ragged", "1 by 2", "sum", "negative"],
)
def test_an_invalid_matrix_is_rejected_as_by_check_transition(matrix: Any) -> None:
    with pytest.raises(StudyError) as expected:
        check_transition(matrix)
    error = rejection({"kind": "matrix", "matrix": matrix})
    assert error.where == "matrix"
    assert error.what == str(expected.value)


@pytest.mark.parametrize(
    "settings",
    [{"kind": "pair"}, {"kind": "none", "rate": 0.2}, {"kind": "symetric"}],
    ids=["missing", "not used", "unknown kind"],
)
def test_the_error_names_the_field(settings: dict[str, Any], sentence: Sentence) -> None:
    sentence(rejection(settings))


def test_settings_of_another_kind_may_have_their_default() -> None:
    assert NoiseSpec(kind="pair", rate=0.2, including_self=False) == NoiseSpec(
        kind="pair", rate=0.2
    )
    assert NoiseSpec(exact=False) == NoiseSpec()


def test_all_mistakes_are_reported_at_once() -> None:
    error = rejection({"kind": "pair", "rate": 2, "exact": 1})
    assert error.what.count("rate: ") == 1
    assert error.what.count("exact: ") == 1
    assert error.what.count("; expected ") == 2


def test_settings_are_not_checked_against_an_invalid_kind() -> None:
    error = rejection({"kind": "pear", "mapping": {"a": "b"}})
    assert error.where == "kind"
    assert "mapping" not in error.what


def test_mistakes_in_an_outer_model_have_their_whole_path() -> None:
    class Study(BaseModel):
        noise: NoiseSpec = NoiseSpec()

    assert not Study().noise.active
    with pytest.raises(ValidationError) as error:
        Study.model_validate({"noise": {"kind": "matrix", "matrix": [[0.5]], "rate": 0.5}})
    assert {problem["loc"] for problem in error.value.errors()} == {
        ("noise", "matrix"),
        ("noise", "rate"),
    }


def test_it_is_frozen() -> None:
    with pytest.raises(StudyError) as error:
        NoiseSpec().kind = "pair"  # type: ignore[misc]
    assert error.value.where == "NoiseSpec"


@pytest.mark.parametrize(
    ("settings", "matrix"),
    [
        ({"kind": "none"}, np.eye(3)),
        ({"kind": "symmetric", "rate": 0.3}, symmetric(3, 0.3)),
        ({"kind": "symmetric", "rate": 0.3, "including_self": True}, symmetric(3, 0.3, True)),
        ({"kind": "pair", "rate": 0.3}, pair(3, 0.3)),
        ({"kind": "pair", "rate": 0.3, "mapping": {"dog": "cat"}}, pair(3, 0.3, {1: 0})),
        ({"kind": "matrix", "matrix": ROWS}, np.array(ROWS)),
    ],
)
def test_the_nominal_transition_matrix(settings: dict[str, Any], matrix: Any) -> None:
    nominal = NoiseSpec(**settings).transition(NAMES)
    assert nominal is not None
    np.testing.assert_array_equal(nominal, matrix)


def test_human_labels_have_no_nominal_transition_matrix() -> None:
    assert NoiseSpec(kind="human", labels="a.npz", key="b").transition(NAMES) is None


def test_an_unknown_class_in_the_mapping_is_rejected() -> None:
    for mapping in ({"dog": "cta"}, {"cta": "dog"}):
        with pytest.raises(StudyError) as error:
            NoiseSpec(kind="pair", rate=0.3, mapping=mapping).transition(NAMES)
        assert error.value.where == "noise.mapping"
        assert error.value.what == unknown("class", "cta", NAMES)


def test_a_class_that_is_mapped_to_itself_is_rejected(sentence: Sentence) -> None:
    with pytest.raises(StudyError) as error:
        NoiseSpec(kind="pair", rate=0.3, mapping={"dog": "dog"}).transition(NAMES)
    assert error.value.where == "noise.mapping"
    sentence(error.value)


def test_a_matrix_of_another_size_is_rejected() -> None:
    with pytest.raises(StudyError) as error:
        NoiseSpec(kind="matrix", matrix=ROWS).transition(tuple("0123456789"))
    assert error.value.where == "noise.matrix"
    assert "3×3" in error.value.what
    assert error.value.expected.startswith("10×10")


def test_a_resolved_matrix_no_longer_needs_its_file(tmp_path: Path, sentence: Sentence) -> None:
    np.save(tmp_path / "t.npy", np.array(ROWS))
    spec = NoiseSpec(kind="matrix", matrix="t.npy")
    with pytest.raises(StudyError) as error:
        spec.identity()
    assert error.value.where == "noise"
    sentence(error.value)
    resolved = spec.resolved(tmp_path)
    assert resolved == NoiseSpec(kind="matrix", matrix=ROWS)
    assert resolved.identity() == NoiseSpec(kind="matrix", matrix=ROWS).identity()
    with pytest.raises(StudyError) as error:
        spec.resolved(tmp_path / "elsewhere")
    assert error.value.where == str(tmp_path / "elsewhere" / "t.npy")


def test_resolved_human_labels_are_bound_to_their_contents(tmp_path: Path) -> None:
    labels: dict[str, Any] = {"clean_label": np.arange(5), "worse": np.arange(5)[::-1]}
    for folder in ("here", "there"):
        (tmp_path / folder).mkdir()
        np.savez(tmp_path / folder / "people.npz", **labels)
    spec = NoiseSpec(kind="human", labels="people.npz", key="worse")
    with pytest.raises(StudyError) as error:
        spec.identity()
    assert error.value.where == "noise"
    here, there = (spec.resolved(tmp_path / folder) for folder in ("here", "there"))
    assert here.labels == str(tmp_path / "here" / "people.npz")
    assert here.identity() == there.identity()
    assert here.identity().keys() == {"kind", "fingerprint"}
    assert here.resolved() == here
    with pytest.raises(DataError) as unknown_key:
        NoiseSpec(kind="human", labels="people.npz", key="wors").resolved(tmp_path / "here")
    assert unknown_key.value.where == str(tmp_path / "here" / "people.npz")
    assert unknown_key.value.what == unknown("array", "wors", ["clean_label", "worse"])


def test_noise_without_a_file_is_resolved() -> None:
    for settings in EVERY_KIND[:6]:
        spec = NoiseSpec(**settings)
        assert spec.resolved() == spec
        assert NoiseSpec.model_validate_json(json.dumps(spec.identity())) == spec
