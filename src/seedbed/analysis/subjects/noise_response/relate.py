"""The response to label noise, from the entries of a study."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from seedbed.analysis.entry import Entry
from seedbed.analysis.statistics.comparison import LEVEL
from seedbed.analysis.statistics.contrasts.estimate import contrast, trend_weights
from seedbed.analysis.statistics.contrasts.result import Contrast
from seedbed.analysis.subjects.accuracy.result import tested
from seedbed.analysis.subjects.comparisons.pairs import runs_by_seed
from seedbed.analysis.subjects.comparisons.question import question_of
from seedbed.analysis.subjects.comparisons.result import MOST_IN_PAIRS
from seedbed.analysis.subjects.image_errors import correct_by_seed
from seedbed.analysis.subjects.noise.levels import (
    is_known,
    kind,
    kind_in_words,
    level,
    method,
    method_label,
)
from seedbed.analysis.subjects.noise_response.result import (
    FallDifference,
    NoiseResponse,
    Response,
)

Series = Sequence[Entry]
"""Configurations of one method that differ in the amount of one kind of noise, the least first."""

TEN_POINTS = 0.1
"""What a trend is told per, as a fraction."""


def relate(entries: Sequence[Entry]) -> list[NoiseResponse]:
    """Return the responses, on the first entry of each test set."""
    groups: dict[str, list[Entry]] = {}
    for entry in tested(entries):
        groups.setdefault(entry.header.test_fingerprint, []).append(entry)
    first = {id(group[0]): _response(group) for group in groups.values()}
    return [first.get(id(entry), NoiseResponse()) for entry in entries]


def series_of(entries: Sequence[Entry]) -> list[Series]:
    """Return the series with two levels or more: kind by kind, method by method."""
    if not all(map(is_known, entries)):
        return []
    methods: dict[str, list[Entry]] = {}
    for entry in entries:
        methods.setdefault(method(entry), []).append(entry)
    kinds = dict.fromkeys(kind(entry) for entry in entries if level(entry))
    every = (_one(group, of_kind) for of_kind in kinds for group in methods.values())
    return [series for series in every if len({level(entry) for entry in series}) > 1]


def _one(entries: Sequence[Entry], of_kind: str) -> Series:
    """Return the entries without noise and with noise of this kind."""
    chosen = (entry for entry in entries if not level(entry) or kind(entry) == of_kind)
    return sorted(chosen, key=level)


def _response(entries: Sequence[Entry]) -> NoiseResponse:
    every = series_of(entries)
    pairs = list(_pairs(every))
    asked = any(entry.header.study.compare for entry in entries)
    question = None if asked else question_of(entries)
    # Where every level of noise is compared with the lowest, those tests are about the same.
    compared = len(entries) - 1 if question is not None and question.baseline else 0
    tests = sum(2 if len(series) > 2 else 1 for series in every) + len(pairs) + compared
    share = LEVEL / max(tests, 1)
    return NoiseResponse(
        tuple(_of_series(series, share) for series in every),
        tuple(_difference(a, b, share) for a, b in pairs),
        tests,
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
        _ends(a),
        _contrast((1, -1, -1, 1), (a[0], a[-1], b[0], b[-1]), share),
    )


def _pairs(every: Sequence[Series]) -> Iterator[tuple[Series, Series]]:
    """Yield the methods that are compared: those of one kind of noise with the widest range."""
    for of_kind in dict.fromkeys(kind(series[-1]) for series in every):
        same = [series for series in every if kind(series[-1]) == of_kind]
        ends = [_ends(series) for series in same]
        shared = [pair for pair in ends if ends.count(pair) > 1]
        if not shared:
            continue
        widest = max(shared, key=lambda pair: pair[1] - pair[0])
        chosen = [series for series in same if _ends(series) == widest]
        if len(chosen) > MOST_IN_PAIRS:
            yield from ((chosen[0], other) for other in chosen[1:])
        else:
            yield from combinations(chosen, 2)


def _name(entry: Entry) -> str:
    """Return what tells the method from others: nothing does where it is the only one."""
    header, name = entry.header, method_label(entry)
    return header.network or name if name == header.label else name


def _ends(series: Series) -> tuple[float, float]:
    return (level(series[0]), level(series[-1]))


def _contrast(weights: Sequence[float], entries: Sequence[Entry], share: float) -> Contrast:
    return contrast(
        weights,
        [runs_by_seed(entry) for entry in entries],
        share,
        images=entries[0].header.test_images,
        answers=[correct_by_seed(entry) for entry in entries],
    )
