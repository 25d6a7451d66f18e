"""Networks compared at each number of training images."""

import numpy as np
import pytest
from scipy import stats

from made_networks import made_sizes


def test_networks_are_compared_at_every_size_that_both_have() -> None:
    cnn = {100: (0.5, 0.6, 0.7, 0.8), 900: (0.9, 0.91, 0.92, 0.93), 5000: (0.99, 0.99, 0.99, 0.99)}
    vit = {100: (0.4, 0.55, 0.6, 0.71), 900: (0.92, 0.9, 0.95, 0.96)}
    entries = made_sizes(lenet5=cnn, vit=vit)
    found = [each for entry in entries for each in entry["by_size"]]
    assert [(each["train_size"], each["a"], each["b"]) for each in found] == [
        (100, "lenet5", "vit"),
        (900, "lenet5", "vit"),
    ]
    p_values = []
    for each, size in zip(found, (100, 900), strict=True):
        first, second = np.array(cnn[size]), np.array(vit[size])
        assert each["difference"] == pytest.approx(np.mean(first - second))
        test = stats.ttest_rel(first, second)
        assert each["p_value"] == pytest.approx(test.pvalue)
        p_values.append(test.pvalue)
    # Half of the level is that of the effect over both sizes.
    corrected = [min(1, 4 * p) for p in p_values]
    assert [each["p_adjusted"] for each in found] == pytest.approx(corrected)
    assert all(each["comparisons"] == 3 for each in found)
    in_blocks = [each for entry in entries for each in entry["comparisons"]]
    assert [each["p_adjusted"] for each in in_blocks] == pytest.approx(corrected)
