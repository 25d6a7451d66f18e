"""What a summary holds of the response to label noise."""

from collections.abc import Sequence

import msgspec

from seedbed.analysis.entry import Entry
from seedbed.analysis.statistics.contrasts.result import Contrast


class Response(msgspec.Struct, frozen=True):
    """How the test accuracy of one method responds to one kind of label noise."""

    method: str
    """The label without its parts about noise."""
    noise: str
    """The kind, such as ``"symmetric label noise"``."""
    configurations: tuple[str, ...]
    """Their labels, the least noise first; two or more."""
    levels: tuple[float, ...]
    """Of each: the configured rate, or the observed one where there is none."""
    trend: Contrast
    """The least-squares slope: the change of accuracy with 10 percentage points more noise."""
    fall: Contrast
    """Accuracy at the lowest level minus that at the highest."""


class FallDifference(msgspec.Struct, frozen=True):
    """Whether noise lowers the accuracy of one method more than that of another."""

    a: str
    """A method."""
    b: str
    noise: str
    levels: tuple[float, float]
    """The lowest and the highest, the same for both."""
    difference: Contrast
    """The fall of A minus that of B."""


class NoiseResponse(msgspec.Struct, frozen=True):
    """The responses of a study; the first entry of each test set has all of them."""

    noise_responses: tuple[Response, ...] = ()
    fall_differences: tuple[FallDifference, ...] = ()
    noise_response_tests: int = 0
    """How many tests are corrected together, by Bonferroni: all that the study shows as its answer;
    their intervals hold with 95% together."""
    noise_response_weight: float = 1.0
    """The share of the level of 5% that each of these intervals has."""


def responses_of(entries: Sequence[Entry]) -> list[Response]:
    """Return the responses that these entries hold."""
    results = [entry.view(NoiseResponse) for entry in entries]
    return [response for result in results if result for response in result.noise_responses]


def differences_of(entries: Sequence[Entry]) -> list[FallDifference]:
    """Return the differences of falls that these entries hold."""
    results = [entry.view(NoiseResponse) for entry in entries]
    return [difference for result in results if result for difference in result.fall_differences]


def corrected_over(entries: Sequence[Entry]) -> int:
    """Return how many intervals are corrected together, at most, in one test set."""
    results = [entry.view(NoiseResponse) for entry in entries]
    return max((result.noise_response_tests for result in results if result), default=0)
