"""How a study was set up, as tables: its datasets, its settings, and the layers of its networks."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any, Final

from seedbed.analysis.entry import DatasetProvenance, Entry
from seedbed.display.formatters import NONE, number_range
from seedbed.display.table import Report, Row, Table
from seedbed.report.page.facts import settings

if TYPE_CHECKING:
    from seedbed.networks.layers import Layer
    from seedbed.networks.network import Network
    from seedbed.networks.shapes import Shape

DATASET_COLUMNS: Final = (
    "dataset",
    "classes",
    "image size",
    "training images",
    "used in each run",
    "held out in each run",
    "test images",
)
HELD_OUT: Final = DATASET_COLUMNS.index("held out in each run")
LAYER_COLUMNS: Final = ("layer", "kind", "output shape", "parameters", "multiply-adds")


def dataset_table(entries: Sequence[Entry]) -> Report | None:
    """Return the datasets; ``None`` for external predictions."""
    used: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.header.provenance:
            used.setdefault(entry.header.provenance.dataset.fingerprint, []).append(entry)
    if not used:
        return None
    rows = list(map(_dataset_row, used.values()))
    header: Row = DATASET_COLUMNS
    if all(row[HELD_OUT] == NONE for row in rows):
        header, *rows = (row[:HELD_OUT] + row[HELD_OUT + 1 :] for row in (header, *rows))
    notes = tuple(_modified(used.values()))
    table = Table("Datasets", header, (tuple(rows),), notes, text=(0, 2))
    return _report((table,), map(_dataset_line, used.values()))


def settings_table(entries: Sequence[Entry]) -> Report | None:
    """Return the settings that vary and those that do not; ``None`` for external predictions."""
    known = settings(entries)
    if known is None:
        return None
    groups = tuple(
        tuple((fact.name, fact.text) for fact in facts) for facts in (known.varied, known.same)
    )
    caption = "Settings: those that vary, then those that are the same wherever they apply"
    off = (f"Off in all configurations: {', '.join(known.off)}.",) if known.off else ()
    table = Table(
        caption if known.varied else "Settings",
        ("setting", "values"),
        tuple(filter(None, groups)),
        off,
        text=(0, 1),
    )
    return _report(
        (table,),
        (
            {"setting": fact.name, "values": fact.text, "varies": varies}
            for varies, facts in ((True, known.varied), (False, known.same))
            for fact in facts
        ),
    )


def layers_table(entries: Sequence[Entry]) -> Report | None:
    """Return a table of the layers of each network; ``None`` where none is known.

    Of configurations that differ only in arguments of the network, such as its activation, it is
    that of the first.
    """
    from seedbed.networks.shapes import times
    from seedbed.study.spec.configuration import build_network

    networks: dict[tuple[str | None, tuple[int, ...], int], tuple[Entry, DatasetProvenance]] = {}
    for entry in entries:
        header = entry.header
        table, classes = _network(entry), len(header.class_names or ())
        if header.provenance and classes and table and "module" not in table:
            dataset = header.provenance.dataset
            key = (header.network, dataset.image_shape, classes)
            networks.setdefault(key, (entry, dataset))
    if not networks:
        return None
    built = [
        (build_network(_network(entry), len(entry.header.class_names or ())), dataset.image_shape)
        for entry, dataset in networks.values()
    ]
    return _report(
        tuple(_layers(network, shape) for network, shape in built),
        (
            {"network": network.name, "image_shape": times((shape[2], *shape[:2]))} | line
            for network, shape in built
            for line in _layer_lines(network, shape)
        ),
    )


SETUP: Final[Mapping[str, Callable[[Sequence[Entry]], Report | None]]] = {
    "dataset": dataset_table,
    "settings": settings_table,
    "layers": layers_table,
}
"""The tables by name; each is ``None`` where nothing is known of its subject."""


def _report(tables: tuple[Table, ...], lines: Iterable[dict[str, Any]]) -> Report:
    """Return the tables, and a line a row of them with numbers as they are, without sums."""
    data = list(lines)
    return Report(tables, tuple(data[0]), tuple(tuple(line.values()) for line in data), data)


def _dataset_line(entries: Sequence[Entry]) -> dict[str, Any]:
    header = entries[0].header
    provenances = [entry.header.provenance for entry in entries if entry.header.provenance]
    dataset = provenances[0].dataset
    learned = {of.learned_images or dataset.train_size for of in provenances}
    held_out = {of.validation_size for of in provenances if of.validation_size}
    height, width, channels = dataset.image_shape
    return {
        "dataset": dataset.title,
        "classes": len(header.class_names or ()),
        "height": height,
        "width": width,
        "channels": channels,
        "train_size": dataset.train_size,
        "learned_least": min(learned),
        "learned_most": max(learned),
        "held_out_least": min(held_out, default=0),
        "held_out_most": max(held_out, default=0),
        "test_images": dataset.test_images,
    }


def _dataset_row(entries: Sequence[Entry]) -> Row:
    line = _dataset_line(entries)
    channels = "gray" if line["channels"] == 1 else f"{line['channels']} channels"
    return (
        line["dataset"],
        f"{line['classes']:,}",
        f"{line['width']} × {line['height']}, {channels}",
        f"{line['train_size']:,}",
        number_range((line["learned_least"], line["learned_most"])),
        number_range(filter(None, (line["held_out_least"], line["held_out_most"]))),
        f"{line['test_images']:,}" if line["test_images"] else NONE,
    )


def _modified(datasets: Iterable[Sequence[Entry]]) -> Iterator[str]:
    for entries in datasets:
        header = entries[0].header
        if header.modified:
            yield f"{header.dataset_name} differs from the published dataset: {header.modified}."


def _network(entry: Entry) -> Mapping[str, object]:
    table: Mapping[str, object] = entry.header.configuration.get("network", {})
    return table


def _layers(network: "Network", image_shape: tuple[int, int, int]) -> Table:
    from seedbed.networks.cost import cost
    from seedbed.networks.shapes import times

    height, width, channels = image_shape
    total = cost(network, image_shape)
    rows = tuple(
        (*texts, f"{parameters:,}", f"{multiply_adds:,}")
        for *texts, parameters, multiply_adds in map(
            dict.values, _layer_lines(network, image_shape)
        )
    )
    whole = ("all", "", "", f"{total.parameters:,}", f"{total.multiply_adds:,}")
    size = times((channels, height, width))
    return Table(
        f"Layers of {network.name} for images of {size} (channels × height × width)",
        LAYER_COLUMNS,
        (rows, (whole,)),
        ("Multiply-adds: of one image, forward, without biases.",),
        text=(0, 1, 2),
    )


def _layer_lines(network: "Network", image_shape: tuple[int, int, int]) -> Iterator[dict[str, Any]]:
    """Yield a line a layer; what is inside a residual layer counts as its own."""
    from seedbed.networks.shapes import times

    parameters: dict[str, int] = {}
    for name, shape in network.parameters(image_shape).items():
        layer = name.partition(".")[0]
        parameters[layer] = parameters.get(layer, 0) + math.prod(shape)
    multiply_adds: dict[str, int] = {}
    outputs: dict[str, Shape] = {}
    for named in network.walk(image_shape):
        layer = named.name.partition(".")[0]
        added = named.layer.multiply_adds(named.input_shape)
        multiply_adds[layer] = multiply_adds.get(layer, 0) + added
        outputs[layer] = named.output_shape
    for name, layer_of in zip(network.layer_names, network.layers, strict=True):
        yield {
            "layer": name,
            "kind": _kind(layer_of),
            "output_shape": times(outputs[name]),
            "parameters": parameters.get(name, 0),
            "multiply_adds": multiply_adds[name],
        }


def _kind(layer: "Layer") -> str:
    """Return a layer with the settings that differ from their defaults, and what is inside it."""
    shown = []
    for setting in fields(layer):
        value = getattr(layer, setting.name)
        if setting.name in layer.sequences:
            if value:
                inside = ", ".join(type(inner).__name__ for inner in value)
                shown.append(f"{setting.name}: {inside}")
        elif setting.compare and (setting.default is MISSING or value != setting.default):
            shown.append(value if isinstance(value, str) else f"{setting.name}={value}")
    return type(layer).__name__ + (f"({', '.join(shown)})" if shown else "")
