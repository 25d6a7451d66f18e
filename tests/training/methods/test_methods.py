"""What every method declares, and the algebra that the contract rests on."""

from seedbed.training.methods.registry import METHODS

LABEL, WEIGHT = 2, 3.0


def test_networks_have_names_that_a_checkpoint_can_hold() -> None:
    for method in METHODS.values():
        assert method.predicts in method.networks
        assert not {"best", "method"} & set(method.networks)
        assert not any("/" in network for network in method.networks)
