"""The global generator, as a run sees it: its own, whatever else is drawn from it."""

import pytest
import torch

from seedbed.engines.torch.generator import LentGenerator

CPU = torch.device("cpu")


def drawn(generator: LentGenerator, count: int = 3) -> torch.Tensor:
    with generator.drawing():
        return torch.rand(count)


def test_what_is_drawn_hangs_on_the_seed_alone() -> None:
    torch.manual_seed(7)
    first = drawn(LentGenerator(5, CPU))
    torch.rand(100)
    assert torch.equal(drawn(LentGenerator(5, CPU)), first)
    assert not torch.equal(drawn(LentGenerator(6, CPU)), first)


def test_it_goes_on_from_block_to_block_beside_others() -> None:
    whole = drawn(LentGenerator(5, CPU), 6)
    one, other = LentGenerator(5, CPU), LentGenerator(5, CPU)
    parts = [drawn(each) for each in (one, other, one, other)]
    assert torch.equal(torch.cat([parts[0], parts[2]]), whole)
    assert torch.equal(torch.cat([parts[1], parts[3]]), whole)


def test_the_generator_is_given_back_even_after_an_error() -> None:
    before = torch.get_rng_state()
    lent = LentGenerator(5, CPU)
    with pytest.raises(RuntimeError), lent.drawing():
        torch.rand(3) @ torch.rand(4)
    assert torch.equal(torch.get_rng_state(), before)
