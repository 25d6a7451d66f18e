from typing import Any

import numpy as np
import pytest

from seedbed.core.errors import StudyError
from seedbed.core.seeds import STREAMS, Seeds, stream


def test_a_stream_depends_on_its_arguments_alone() -> None:
    first = stream(7, "order", 3)
    first.random(5)
    np.testing.assert_array_equal(
        stream(7, "order", 3).random(100), stream(7, "order", 3).random(100)
    )


def test_no_two_streams_are_alike() -> None:
    keys = [(seed, name, epoch) for seed in range(4) for name in STREAMS for epoch in range(4)]
    draws = np.array([stream(*key).random(200) for key in keys])
    correlations = np.corrcoef(draws)[np.triu_indices(len(keys), 1)]
    # 3160 pairs; a correlation of 200 independent pairs has a standard deviation of 0.07.
    assert np.abs(correlations).max() < 6 / np.sqrt(200)


def test_seed_and_position_do_not_run_into_each_other() -> None:
    """Seed 1 in epoch 2 is not seed 2 in epoch 1, nor a long seed a short one with a position."""
    keys = [(1, 2), (2, 1), (2**32 + 1, 0), (1, 1)]
    draws = {stream(seed, "initialization", position).random() for seed, position in keys}
    assert len(draws) == len(keys)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("initialization", 652_811_894),
        ("order", 948_876_396),
        ("augmentation", 4_085_768_992),
        ("noise", 834_357_572),
        ("split", 2_903_263_304),
        ("corruptions", 2_679_689_277),
    ],
)
def test_streams_never_change(name: str, expected: int) -> None:
    """Numbers drawn once and kept: a change here makes every stored study irreproducible."""
    assert int(stream(42, name, 3).integers(0, 2**32)) == expected


def test_streams_leave_the_global_generator_alone() -> None:
    np.random.seed(0)  # noqa: NPY002
    before = np.random.random()  # noqa: NPY002
    np.random.seed(0)  # noqa: NPY002
    stream(0, "initialization").random()
    assert np.random.random() == before  # noqa: NPY002


@pytest.mark.parametrize(
    ("seed", "name", "position"),
    [(-1, "initialization", 0), (0, "initialization", -1), (0, "inti", 0)],
)
def test_what_is_no_stream_is_refused(seed: int, name: str, position: int) -> None:
    with pytest.raises(ValueError, match=r"non-negative|unknown stream 'inti'; expected one of"):
        stream(seed, name, position)


def test_every_stream_has_the_seed_of_the_run_unless_told_otherwise() -> None:
    seeds = Seeds(run=5, noise=0)
    assert seeds.to_dict() == dict.fromkeys(Seeds.model_fields, 5) | {"noise": 0}
    assert Seeds(run=5, noise=5) == Seeds(run=5)
    assert hash(Seeds(run=5, noise=5)) == hash(Seeds(run=5))
    assert Seeds() == Seeds(run=0)


def test_no_two_seeds_have_the_same_key() -> None:
    found = [
        Seeds(run=run, noise=noise, order=order)
        for run in (0, 1, 11)
        for noise in (0, 1, 11)
        for order in (0, 1)
    ]
    assert len({seeds.key for seeds in found}) == len(found)
    assert [seeds.key for seeds in found[:3]] == [0, "0-order1", "0-noise1"]


@pytest.mark.parametrize("values", [{"run": -1}, {"noise": -1}, {"order": 0.5}, {"nois": 1}])
def test_what_cannot_be_a_seed_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(StudyError) as error:
        Seeds(**values)
    assert next(iter(values)) in error.value.what
