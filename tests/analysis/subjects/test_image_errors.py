"""What runs get wrong, against counting image by image."""

from collections import Counter

import pytest

from made_predictions import made
from seedbed.analysis.subjects.image_errors import image_errors
from seedbed.core.errors import DataError


@pytest.mark.parametrize("count", [1, 2, 5])
def test_every_image_that_a_run_gets_wrong_is_there_with_what_most_runs_say(count: int) -> None:
    runs = [made(200, 4, seed=seed) for seed in range(count)]
    expected = []
    for index, true in enumerate(runs[0].labels.tolist()):
        said = [int(run.predicted[index]) for run in runs]
        wrong = Counter(each for each in said if each != true)
        if wrong:
            most = min(wrong, key=lambda each: (-wrong[each], each))
            expected.append((index, true, most, sum(wrong.values())))
    errors = image_errors(runs)
    columns = (errors.index, errors.true, errors.predicted, errors.n_wrong)
    assert list(zip(*columns, strict=True)) == expected


def test_without_runs_there_is_nothing_to_say() -> None:
    with pytest.raises(DataError) as error:
        image_errors([])
    assert error.value.expected == "the predictions of at least one"
