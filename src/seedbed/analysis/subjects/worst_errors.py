"""What the best configuration confuses most, and how many images all of its runs get wrong."""

from collections.abc import Iterator, Sequence
from typing import Any

from seedbed.analysis.base import Analysis
from seedbed.analysis.entry import Entry
from seedbed.display.formatters import percent
from seedbed.display.sentence import enumerated, every, quoted


def _sentences(entries: Sequence[Entry]) -> Iterator[str]:
    finished = [each for each in entries if each["n"]]
    if not finished:
        return
    best = max(finished, key=lambda each: each["test_accuracy"]["mean"])
    who = "" if len(entries) == 1 else f" by {quoted(best['label'])}"
    if not best["top_pairs"]:
        yield f"Every test image is classified correctly{who}."
        return
    over = "" if best["n"] == 1 else f" (means of {best['n']} runs)"
    pairs = [
        f"{percent(pair['rate'])} of {quoted(pair['true'])} images are predicted as "
        f"{quoted(pair['predicted'])}"
        for pair in best["top_pairs"][:2]
    ]
    yield f"Most confused{who}: {enumerated(pairs)}{over}."
    n_wrong = best["hard_examples"]["images_by_n_wrong"]
    always, images = n_wrong[-1], sum(n_wrong)
    if best["n"] > 1 and always:
        are = "is" if always == 1 else "are"
        runs = f"{every(best['n'])} runs"
        yield f"{always:,} of the {images:,} test images {are} misclassified in {runs}{_of(who)}."


def _of(who: str) -> str:
    return who.replace(" by ", " of ", 1)


ANALYSIS: Analysis[Any] = Analysis("worst-errors", topic="errors", sentences=_sentences)
