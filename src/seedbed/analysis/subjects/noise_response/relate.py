"""The response to label noise, from the entries of a study."""

from collections.abc import Sequence

from seedbed.analysis.entry import Entry
from seedbed.analysis.representatives import by_test_set
from seedbed.analysis.statistics.comparison import LEVEL
from seedbed.analysis.statistics.contrasts.estimate import contrast, trend_weights
from seedbed.analysis.statistics.contrasts.result import Contrast
from seedbed.analysis.subjects.accuracy.result import tested
from seedbed.analysis.subjects.comparisons.family import Family, family_of
from seedbed.analysis.subjects.comparisons.pairing import runs_by_seed
from seedbed.analysis.subjects.image_errors import correct_by_seed
from seedbed.analysis.subjects.noise.levels import kind_in_words, level, method_label
from seedbed.analysis.subjects.noise_response.result import (
    FallDifference,
    NoiseResponse,
    Response,
)
from seedbed.analysis.subjects.noise_response.series import (
    Series,
    ends,
    pairs_of_series,
    series_of,
)

TEN_POINTS = 0.1
"""What a trend is told per, as a fraction."""


def relate(entries: Sequence[Entry]) -> list[NoiseResponse]:
    """Return the responses, on the first entry of each test set."""
    family = family_of(entries)
    first = {id(group[0]): _response(group, family) for group in by_test_set(tested(entries))}
    return [first.get(id(entry), NoiseResponse()) for entry in entries]


def _response(entries: Sequence[Entry], family: Family) -> NoiseResponse:
    every = series_of(entries)
    pairs = list(pairs_of_series(every))
    share = LEVEL * family.of_responses
    return NoiseResponse(
        tuple(_of_series(series, share) for series in every),
        tuple(_difference(a, b, share) for a, b in pairs),
        family.tests if every else 0,
        family.of_responses if every else 1.0,
    )


def _of_series(series: Series, share: float) -> Response:
    levels = tuple(map(level, series))
    return Response(
        _name(series[-1]),
        kind_in_words(series[-1]),
        tuple(entry.header.label for entry in series),
        levels,
        _contrast((TEN_POINTS * trend_weights(levels)).tolist(), series, share),
        _contrast((1, -1), (series[0], series[-1]), share),
    )


def _difference(a: Series, b: Series, share: float) -> FallDifference:
    return FallDifference(
        _name(a[-1]),
        _name(b[-1]),
        kind_in_words(a[-1]),
        ends(a),
        _contrast((1, -1, -1, 1), (a[0], a[-1], b[0], b[-1]), share),
    )


def _name(entry: Entry) -> str:
    """Return what tells the method from others: nothing does where it is the only one."""
    header, name = entry.header, method_label(entry)
    return header.network or name if name == header.label else name


def _contrast(weights: Sequence[float], entries: Sequence[Entry], share: float) -> Contrast:
    return contrast(
        weights,
        [runs_by_seed(entry) for entry in entries],
        share,
        images=entries[0].header.test_images,
        answers=[correct_by_seed(entry) for entry in entries],
    )
