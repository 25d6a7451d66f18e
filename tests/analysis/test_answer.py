"""The answer of a page: the sentences of all analyses."""

from collections.abc import Callable
from typing import Any

import pytest

from made_answers import HIGH, LOW, MIXED, answer_text, made_accuracies, made_noisy
from made_networks import made_sizes
from seedbed.analysis.answer import answer
from sentences import Sentence

RUNS = (LOW, HIGH, MIXED)
HIGH_OF_8 = tuple(0.9 + 0.001 * n for n in range(8))
LOW_OF_8 = tuple(0.5 + 0.002 * n for n in range(8))


def test_different_test_images_have_an_answer_each(sentence: Sentence) -> None:
    other: dict[str, Any] = {"dataset": "fashion-mnist", "test_fingerprint": "fashion's"}
    text = answer_text(
        made_accuracies("a", LOW),
        made_accuracies("b", MIXED),
        made_accuracies("c", (90.0, 90.1), **other),
    )
    for shown in ("accuracy on mnist: “a”", "“c”", "90.05 ± 0.07%", "fashion-mnist"):
        assert shown in text
    sentence(text)


def test_long_names_are_shortened() -> None:
    text = answer_text(made_accuracies("x" * 300, LOW))
    assert "x" * 61 not in text
    assert "…”" in text


def _diverged(*seeds: int) -> list[dict[str, int]]:
    return [{"seed": seed, "epoch": 2} for seed in seeds]


ANSWERS: dict[str, Callable[[], str]] = {
    "one configuration": lambda: answer_text(made_accuracies("lenet5", (99.0, 99.1, 99.2))),
    "one run": lambda: answer_text(made_accuracies("lenet5", (99.0,))),
    "significantly better": lambda: answer_text(
        made_accuracies("a", LOW), made_accuracies("b", HIGH)
    ),
    "not significant": lambda: answer_text(made_accuracies("a", LOW), made_accuracies("b", MIXED)),
    "too few pairs": lambda: answer_text(
        *(made_accuracies(name, runs[:6]) for name, runs in zip("abc", RUNS, strict=True))
    ),
    "no shared seed": lambda: answer_text(
        made_accuracies("a", LOW), made_accuracies("b", HIGH, seeds=list(range(10, 17)))
    ),
    "more than ten": lambda: answer_text(
        *(made_accuracies(f"c{n}", [each + 0.3 * n - 9 for each in LOW]) for n in range(12))
    ),
    "label noise": lambda: answer_text(
        *(
            made_noisy(f"noise.rate={rate}", rate, [each - 20 * rate for each in LOW])
            for rate in (0.0, 0.2, 0.4)
        )
    ),
    "methods under label noise": lambda: answer_text(
        *(
            made_noisy(
                f"noise.rate={rate}, loss={loss}",
                rate,
                [each - fall * rate for each in runs],
                loss=loss,
            )
            for loss, fall, runs in (("cross-entropy", 30, HIGH), ("gce", 10, LOW))
            for rate in (0.0, 0.4)
        )
    ),
    "a gap": lambda: answer_text(made_accuracies("lenet5", (90.0, 90.2), train=(95.0, 95.2))),
    "runs that do not count": lambda: answer_text(
        made_accuracies("a", (98.0, 98.1, 11.35), diverged=_diverged(3), unfinished=[4]),
        made_accuracies("b", (), diverged=_diverged(0, 1)),
    ),
    "training images": lambda: "\n".join(
        answer(
            made_sizes(lenet5={100: HIGH_OF_8, 900: LOW_OF_8}, vit={100: LOW_OF_8, 900: HIGH_OF_8})
        )
    ),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_what_an_answer_says(case: str, sentence: Sentence) -> None:
    sentence(ANSWERS[case]())
