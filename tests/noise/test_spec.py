"""The settings of label noise: what is refused, what is written, what a study is bound to."""

import json
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w
from pydantic import BaseModel, ValidationError

from seedbed.core.errors import DataError, StudyError
from seedbed.noise.spec import NoiseSpec
from seedbed.noise.transition import pair, symmetric

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


def test_only_what_applies_is_written() -> None:
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


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kind": "symetric"}, r"kind: 'symetric' cannot be used; expected 'none', 'symmetric'"),
        ({"kind": "symmetric"}, "rate: is missing; symmetric noise needs it"),
        ({"kind": "pair"}, "rate: is missing; pair noise needs it"),
        ({"kind": "matrix"}, "matrix: is missing; matrix noise needs it"),
        ({"kind": "human", "key": "worse"}, "labels: is missing; human noise needs it"),
        ({"kind": "human", "labels": "a.npz"}, "key: is missing"),
        ({"rate": 0.2}, "rate: none noise does not use it; it belongs to symmetric, pair"),
        ({"kind": "matrix", "matrix": ROWS, "rate": 0.2}, "rate: matrix noise does not use it"),
        ({"kind": "pair", "rate": 0.2, "including_self": True}, "including_self: pair noise"),
        ({"kind": "symmetric", "rate": 0.2, "mapping": {"a": "b"}}, "mapping: symmetric noise"),
        ({"kind": "symmetric", "rate": 0.2, "matrix": ROWS}, "matrix: symmetric noise does not"),
        ({"kind": "symmetric", "rate": 0.2, "labels": "a"}, "labels: symmetric noise does not"),
        ({"kind": "human", "labels": "a", "key": "b", "exact": True}, "exact: human noise does"),
        ({"kind": "symmetric", "rate": 1.2}, "rate: 1.2 .* less than or equal to 1"),
        ({"kind": "symmetric", "rate": 20}, "rate: 20 cannot be used"),
        ({"kind": "symmetric", "rate": -0.1}, "rate: -0.1"),
        ({"kind": "symmetric", "rate": float("nan")}, "rate: nan"),
        ({"kind": "symmetric", "rate": "0.2"}, "rate: '0.2' .* valid number"),
        ({"kind": "symmetric", "rate": True}, "rate: True"),
        ({"kind": "symmetric", "rate": 0.2, "exact": 1}, "exact: 1 .* valid boolean"),
        ({"kind": "pair", "rate": 0.2, "mapping": {}}, "mapping: {} cannot be used"),
        ({"kind": "pair", "rate": 0.2, "mapping": {"a": 0.5}}, "mapping.a: 0.5 .* valid string"),
        ({"kind": "matrix", "matrix": 3}, "matrix: the transition matrix is no table of numbers"),
        ({"kind": "matrix", "matrix": [[1, 0], [1]]}, "matrix: .* no table of numbers"),
        ({"kind": "matrix", "matrix": [[1.0, 0.0]]}, "matrix: the transition matrix is 1×2"),
        (
            {"kind": "matrix", "matrix": [[0.6, 0.4], [0.2, 0.6]]},
            r"matrix: row 1 .* sums to 0.8; 1 of 2 rows do not sum to 1",
        ),
        ({"kind": "matrix", "matrix": [[1.5, -0.5], [0, 1]]}, "matrix: .* has -0.5 in row 0"),
        ({"kind": "symmetric", "rate": 0.2, "raet": 0.2}, r"'raet' \(did you mean 'rate'\?\)"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line_that_names_the_field(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(StudyError, match=message) as caught:
        NoiseSpec(**settings)
    assert "\n" not in str(caught.value)
    assert "pydantic" not in str(caught.value)


def test_settings_of_another_kind_are_harmless_at_their_default() -> None:
    assert NoiseSpec(kind="pair", rate=0.2, including_self=False) == NoiseSpec(
        kind="pair", rate=0.2
    )
    assert NoiseSpec(exact=False) == NoiseSpec()


def test_all_mistakes_are_named_at_once_and_only_they() -> None:
    with pytest.raises(StudyError) as caught:
        NoiseSpec(kind="pair", rate=2, exact=1)  # type: ignore[arg-type]
    assert str(caught.value).count("cannot be used") == 2
    with pytest.raises(StudyError) as caught:
        NoiseSpec(kind="pear", mapping={"a": "b"})  # type: ignore[arg-type]
    assert "mapping" not in str(caught.value)


def test_a_model_around_it_gets_the_whole_path() -> None:
    class Study(BaseModel):
        noise: NoiseSpec = NoiseSpec()

    assert not Study().noise.active
    with pytest.raises(ValidationError) as caught:
        Study.model_validate({"noise": {"kind": "matrix", "matrix": [[0.5]], "rate": 0.5}})
    assert {problem["loc"] for problem in caught.value.errors()} == {
        ("noise", "matrix"),
        ("noise", "rate"),
    }


def test_it_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        NoiseSpec().kind = "pair"  # type: ignore[misc]


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
def test_the_matrix_that_is_asked_for(settings: dict[str, Any], matrix: Any) -> None:
    asked = NoiseSpec(**settings).transition(NAMES)
    assert asked is not None
    np.testing.assert_array_equal(asked, matrix)


def test_people_were_asked_for_no_matrix() -> None:
    assert NoiseSpec(kind="human", labels="a.npz", key="b").transition(NAMES) is None


def test_classes_that_are_not_there() -> None:
    spec = NoiseSpec(kind="pair", rate=0.3, mapping={"dog": "cta"})
    with pytest.raises(StudyError, match=r"noise.mapping: unknown class 'cta' .*mean 'cat'"):
        spec.transition(NAMES)
    with pytest.raises(StudyError, match=r"noise\.mapping: takes the class 'dog' for itself"):
        NoiseSpec(kind="pair", rate=0.3, mapping={"dog": "dog"}).transition(NAMES)
    with pytest.raises(StudyError, match=r"noise\.matrix: .* is 3×3; expected 10×10"):
        NoiseSpec(kind="matrix", matrix=ROWS).transition(tuple("0123456789"))


def test_a_resolved_matrix_no_longer_needs_its_file(tmp_path: Path) -> None:
    np.save(tmp_path / "t.npy", np.array(ROWS))
    spec = NoiseSpec(kind="matrix", matrix="t.npy")
    with pytest.raises(StudyError, match="contents of the file are not known"):
        spec.identity()
    resolved = spec.resolved(tmp_path)
    assert resolved == NoiseSpec(kind="matrix", matrix=ROWS)
    assert resolved.identity() == NoiseSpec(kind="matrix", matrix=ROWS).identity()
    with pytest.raises(StudyError, match=r"elsewhere/t.npy: cannot be read"):
        spec.resolved(tmp_path / "elsewhere")


def test_resolved_human_labels_are_bound_to_their_contents(tmp_path: Path) -> None:
    labels: dict[str, Any] = {"clean_label": np.arange(5), "worse": np.arange(5)[::-1]}
    for folder in ("here", "there"):
        (tmp_path / folder).mkdir()
        np.savez(tmp_path / folder / "people.npz", **labels)
    spec = NoiseSpec(kind="human", labels="people.npz", key="worse")
    with pytest.raises(StudyError, match="contents of the file are not known"):
        spec.identity()
    here, there = (spec.resolved(tmp_path / folder) for folder in ("here", "there"))
    assert here.labels == str(tmp_path / "here" / "people.npz")
    assert here.identity() == there.identity()
    assert here.identity().keys() == {"kind", "fingerprint"}
    assert here.resolved() == here
    with pytest.raises(DataError, match=r"unknown array 'wors' .*did you mean 'worse'"):
        NoiseSpec(kind="human", labels="people.npz", key="wors").resolved(tmp_path / "here")


def test_what_needs_no_file_is_resolved_already() -> None:
    for settings in EVERY_KIND[:6]:
        spec = NoiseSpec(**settings)
        assert spec.resolved() == spec
        assert spec.identity() == spec.model_dump(mode="json")


def test_the_page_about_noise_names_every_setting() -> None:
    page = (Path(__file__).parents[2] / "docs" / "noise.md").read_text(encoding="utf-8")
    for name in NoiseSpec.model_fields:
        assert f"`{name}`" in page
