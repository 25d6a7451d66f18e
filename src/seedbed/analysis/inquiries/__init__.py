"""Asking the stored weights of runs: the contract, the runner, and a run that answers."""
