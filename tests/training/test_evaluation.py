"""How often a run is evaluated."""

from typing import Any

import numpy as np
import pytest

from seedbed.data.images import DatasetSplits, ImageDataset
from seedbed.training.evaluation import epochs_between_evaluations
from seedbed.training.recipe import Recipe


def dataset(**sizes: int) -> DatasetSplits:
    splits = {
        name: ImageDataset(np.zeros((size, 2, 2, 1), np.uint8), np.arange(size) % 2, ("a", "b"))
        for name, size in sizes.items()
    }
    return DatasetSplits("sizes", splits)


@pytest.mark.parametrize(
    ("sizes", "settings", "epochs"),
    [
        ({"train": 60, "test": 10}, {}, 1),
        ({"train": 60}, {}, 1),
        ({"train": 30, "test": 30}, {}, 1),
        ({"train": 30, "test": 31}, {}, 2),
        ({"train": 30, "validation": 40, "test": 60}, {}, 4),
        ({"train": 60, "test": 100}, {"train_size": 5}, 20),
        ({"train": 60, "test": 50}, {"validation_size": 20}, 2),
        # The validation split of the dataset is not used.
        ({"train": 60, "validation": 90, "test": 30}, {"validation_size": 10}, 1),
        # Folds of 21 and 20 images: the same for all of them.
        ({"train": 41}, {"folds": 2}, 2),
        ({"train": 60, "test": 100}, {"train_size": 5, "evaluate_every": 3}, 3),
        (
            {"train": 60, "validation": 9, "test": 100},
            {"train_size": 5, "checkpoint": "best-on-validation"},
            1,
        ),
    ],
)
def test_no_more_images_are_held_out_than_trained_on_between_evaluations(
    sizes: dict[str, int], settings: dict[str, Any], epochs: int
) -> None:
    assert epochs_between_evaluations(Recipe(**settings), dataset(**sizes)) == epochs
