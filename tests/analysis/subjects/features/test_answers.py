"""``features.npz`` is read as it was written; a damaged file, or one of other weights, is not."""

from dataclasses import replace

import numpy as np
import pytest

from seedbed.analysis.subjects.features.answers import RunFeatures


def features() -> RunFeatures:
    return RunFeatures(
        weights_sha256="abc",
        index=np.arange(0, 20, 2, dtype=np.int32),
        coordinates=np.linspace(-1, 1, 30).reshape(10, 3).astype(np.float16),
        explained=np.array([0.5, 0.25, 0.125]),
        adjusted_rand=0.8125,
        mutual_information=0.9,
        starts=10,
        agreeing=4,
        start_std=0.01,
    )


def test_what_is_written_is_read() -> None:
    found = RunFeatures.parse(features().to_npz(), "abc")
    assert found is not None
    for name in ("index", "coordinates", "explained"):
        np.testing.assert_array_equal(getattr(found, name), getattr(features(), name))
        assert getattr(found, name).dtype == getattr(features(), name).dtype
    assert (found.adjusted_rand, found.mutual_information) == (0.8125, 0.9)


def test_the_same_is_written_in_the_same_bytes() -> None:
    assert features().to_npz() == features().to_npz()


@pytest.mark.parametrize("contents", [b"", b"no archive", features().to_npz()[:200]])
def test_what_is_not_whole_says_nothing(contents: bytes) -> None:
    assert RunFeatures.parse(contents, "abc") is None


def test_no_damage_is_more_than_nothing_said() -> None:
    whole = features().to_npz()
    random = np.random.default_rng(0)
    said = set()
    for _ in range(500):
        damaged = bytearray(whole)
        for place in random.integers(len(whole), size=3):
            damaged[place] ^= int(random.integers(1, 256))
        said.add(RunFeatures.parse(bytes(damaged), "abc") is None)
    assert said == {True, False}  # of some bytes of an archive nothing depends


def test_other_weights_are_another_matter() -> None:
    assert RunFeatures.parse(features().to_npz(), "other") is None


def test_arrays_that_do_not_fit_say_nothing() -> None:
    odd = replace(features(), coordinates=np.zeros((3, 3), np.float16))
    assert RunFeatures.parse(odd.to_npz(), "abc") is None
