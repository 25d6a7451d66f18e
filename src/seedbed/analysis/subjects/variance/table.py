"""The table of shares of variance, and that of images that depend on one stream."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from seedbed.analysis.captions import SAME, identity, notes_of, same_values, study_notes, title
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.variance.result import (
    CrossedVariance,
    VarianceComponent,
    analyzed,
    crossed_variance,
)
from seedbed.display.formatters import NONE, flattened, number, percent
from seedbed.display.table import Report, Row, Table

HEADER = (
    "configuration",
    "source",
    "degrees of freedom",
    "standard deviation (percentage points)",
    "share of variance",
    "95% interval",
    "share in single images",
    "95% interval, new images",
)
COLUMNS = (
    *SAME,
    "source",
    "degrees_of_freedom",
    "mean_square",
    "variance",
    "low",
    "high",
    "share",
    "share_low",
    "share_high",
    "image_share",
    "image_share_low",
    "image_share_high",
)


def variance_table(entries: Sequence[Entry]) -> Report:
    """Return the components of variance of each configuration; a note where seeds are not crossed.

    The CSV file has the components; the images that depend on one stream are in the text and JSON.
    """
    known = analyzed(entries)
    of = " and ".join(dict.fromkeys(variance.of for _, variance in known)) or "accuracy"
    table = Table(
        title(entries, f"variance of {of} over crossed seeds"),
        HEADER,
        tuple(map(_rows, entries)),
        (*_notes(entries), *notes_of(entries)),
        text=(0, 1),
    )
    images = [_images(entry, variance) for entry, variance in known if variance.turned_images]
    return Report(
        (table, *images),
        COLUMNS,
        flattened(_lines(entry, variance) for entry, variance in known),
        [
            identity(entry) | {"variance": msgspec.to_builtins(crossed_variance(entry))}
            for entry in entries
        ],
        study_notes(entries),
    )


def _rows(entry: Entry) -> tuple[Row, ...]:
    variance = crossed_variance(entry)
    if variance is None or not variance.components:
        return ((entry.header.label, *[NONE] * (len(HEADER) - 1)),)
    return tuple(_row(entry, component) for component in variance.components)


def _row(entry: Entry, component: VarianceComponent) -> Row:
    interval, of_images = component.share_interval, component.image_share_interval
    return (
        entry.header.label,
        component.source,
        str(component.degrees_of_freedom),
        _deviation(component),
        percent(component.share, 1),
        f"{100 * interval.low:.0f} to {100 * interval.high:.0f}%",
        percent(component.image_share, 1),
        NONE if of_images is None else f"{100 * of_images.low:.1f} to {100 * of_images.high:.1f}%",
    )


def _deviation(component: VarianceComponent) -> str:
    """Return the standard deviation; of a negative component, the root of its size and its sign."""
    root = 100 * abs(component.variance) ** 0.5
    return f"{root:.3f}" if component.variance >= 0 else f"below 0 (-{root:.3f})"


def _notes(entries: Sequence[Entry]) -> Iterator[str]:
    known = [variance for entry in entries if (variance := crossed_variance(entry))]
    if not known:
        yield (
            "Seeds are not crossed, so the shares of streams cannot be told apart; write, for "
            "example, seeds = { initialization = 4, order = 4 }."
        )
        return
    yield (
        "Components of variance of random streams, by analysis of variance (Searle, Casella and "
        "McCulloch 1992); rest: what the combination of all seeds adds. Standard deviation: what "
        "the source adds to that of a single run."
    )
    if any(component.variance < 0 for variance in known for component in variance.components):
        yield (
            "A component below 0 is an estimate too small to be told from 0; it is kept, so that "
            "shares sum to 100%."
        )
    if any(variance.changing_images is not None for variance in known):
        changing = [f"{variance.changing_images:,}" for variance in known]
        yield (
            "Share in single images: of the variance whether a run is right about an image, over "
            f"all images ({', '.join(changing)} of them change); its interval is for these runs."
        )
    few = [stream.stream for stream in known[0].streams if len(stream.seeds) == 2]
    if few:
        yield f"Two seeds tell little about the spread of a stream: {', '.join(few)}."
    left_out = sum(variance.left_out for variance in known)
    if left_out:
        yield (
            f"{left_out} finished runs are left out: the analysis needs a run for every "
            "combination of the seeds that it uses."
        )


def _images(entry: Entry, variance: CrossedVariance) -> Table:
    counts = ", ".join(
        f"{stream.stream}: {count:,}"
        for stream, count in zip(variance.streams, variance.turned, strict=True)
    )
    return Table(
        title([entry], "test images whose outcome depends on one stream"),
        ("stream", "image", "label", "share", "p, corrected", "right by seed"),
        (
            tuple(
                (
                    image.stream,
                    image.name or f"no. {number(image.index)}",
                    image.label,
                    percent(image.share, 0),
                    f"{image.p_adjusted:.2g}",
                    "  ".join(f"{of.seed}: {of.right}/{of.runs}" for of in image.seeds),
                )
                for image in variance.turned_images
            ),
        ),
        (
            "Images about which the runs' answers depend on the seed of the stream (Pearson's "
            "test, p < 0.05 corrected over all images that change and all streams); the "
            f"clearest of each stream. In all: {counts}.",
        ),
        text=(0, 1, 2, 5),
    )


def _lines(entry: Entry, variance: CrossedVariance) -> Iterator[tuple[Any, ...]]:
    for component in variance.components:
        values = msgspec.to_builtins(component)
        ends = [
            values[name] or (None, None)
            for name in ("interval", "share_interval", "image_share_interval")
        ]
        yield (
            *same_values(entry),
            component.source,
            component.degrees_of_freedom,
            component.mean_square,
            component.variance,
            *ends[0],
            component.share,
            *ends[1],
            component.image_share,
            *ends[2],
        )
