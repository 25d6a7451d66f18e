"""What frames the results of a document: the question, the limits, and how to repeat it."""

from collections.abc import Iterator, Sequence

from seedbed.analysis.captions import is_noisy
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.result import tested
from seedbed.analysis.subjects.comparisons.question import asked_in_words
from seedbed.display.formatters import number_range
from seedbed.display.sentence import counted, enumerated
from seedbed.report.documents.model import Block, Code, Heading, Items, Text
from seedbed.report.methods.paragraph import MAIN, with_several_values
from seedbed.report.page.facts import day, glance, origins, settings


def about(entries: Sequence[Entry]) -> str:
    """Return the line below the title."""
    facts = ", ".join(f"{fact.text} {fact.name}" for fact in glance(entries))
    when = day(entries)
    return f"{facts}; {when}" if when else facts


def question(entries: Sequence[Entry]) -> Text:
    """Return what the study asks."""
    headers = [entry.header for entry in entries]
    networks = list(dict.fromkeys(header.network or header.label for header in headers))
    datasets = list(dict.fromkeys(header.dataset for header in headers))
    paragraphs = [
        f"How accurate {'is' if len(networks) == 1 else 'are'} {enumerated(networks)} on "
        f"{enumerated(datasets)}, and how much of it is chance?"
    ]
    known = settings(entries)
    if known and known.varied:
        varied = [MAIN.get(of.name, of.name) for of in with_several_values(known.varied)]
        paragraphs.append(
            f"The configurations differ in {enumerated(varied)}. Everything else is the same in "
            "all of them."
        )
    study = headers[0].study
    if (study.compare or study.baseline) and (asked := asked_in_words(entries)):
        paragraphs.append(asked)
    if study.claims:
        claims = "; ".join(f"“{claim.claim}”" for claim in study.claims)
        paragraphs.append(f"Claims that the runs are to decide: {claims}.")
    return Text(tuple(paragraphs))


def limits(entries: Sequence[Entry]) -> Iterator[Block]:
    """Yield what may not be concluded."""
    yield Heading("What they do not support")
    yield Items(tuple(_limits(entries)))


def _limits(entries: Sequence[Entry]) -> Iterator[str]:
    headers = [entry.header for entry in entries if entry.header.n]
    counts = sorted({header.n for header in headers})
    if counts and counts[0] == 1:
        yield "A single run says nothing about the spread over seeds, so nothing can be compared."
    elif counts and counts[0] < 6:
        yield (
            f"With {counted(counts[0], 'run')} per configuration, small differences stay "
            "undetected: a difference that is not significant is not evidence of equality."
        )
    else:
        yield "A difference that is not significant is not evidence of equality."
    if len(tested(entries)) > 1:
        yield (
            f"The best of {len(tested(entries))} configurations was chosen by its test accuracy, "
            "which favors it: its accuracy on new images is likely a little lower. Settings to be "
            "used elsewhere must be chosen on validation images."
        )
    tests = {header.test_images for header in headers if header.test_images}
    if tests:
        yield (
            f"Results are for {number_range(tests)} test images. Of other images of the same kind, "
            "only the intervals for new images speak; of images of another kind, none do."
        )
    fewer = {
        (provenance.learned_images, provenance.dataset.train_size)
        for header in headers
        if (provenance := header.provenance)
        and provenance.learned_images
        and provenance.learned_images + (provenance.validation_size or 0)
        < provenance.dataset.train_size
    }
    if fewer:
        used, whole = (
            number_range({used for used, _ in fewer}),
            number_range({of for _, of in fewer}),
        )
        yield (
            f"Runs learned from {used} of {whole} training images. With all of them, accuracies "
            "would be higher, and configurations may rank differently."
        )
    if any(map(is_noisy, entries)):
        yield (
            "Label noise was injected at random. Wrong labels made by people depend on the image, "
            "and may harm more."
        )
    networks = {header.network for header in headers}
    if len(networks) > 1:
        yield (
            "Networks were compared with the recipes given above. With other recipes they may rank "
            "differently."
        )


def reproduction(entries: Sequence[Entry], study_file: str | None) -> Iterator[Block]:
    """Yield the commands that repeat the study, and where it was made."""
    facts = origins(entries)
    if facts:
        yield Items(tuple(f"{fact.name}: {fact.text}" for fact in facts))
    if study_file is not None:
        name = entries[0].header.study.name
        yield Text(("The study file below repeats the study with these commands:",))
        yield Code(f"seedbed run study.toml --out {name}\nseedbed report {name} --to pdf", "shell")
        yield Code(study_file, "toml")
