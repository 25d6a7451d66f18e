"""How a study was set up, as tables: its datasets, its settings, and the layers of its networks."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Final

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
LAYER_COLUMNS: Final = ("layer", "kind", "output shape", "parameters", "multiply-adds")


def dataset_table(entries: Sequence[Entry]) -> Report | None:
    """Return the datasets; ``None`` for external predictions."""
    used: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.header.provenance:
            used.setdefault(entry.header.provenance.dataset.fingerprint, []).append(entry)
    if not used:
        return None
    rows = tuple(map(_dataset_row, used.values()))
    return _report(
        Table("Datasets", DATASET_COLUMNS, (rows,), tuple(_modified(used.values())), text=(0, 2))
    )


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
    return _report(
        Table(
            caption if known.varied else "Settings",
            ("setting", "values"),
            tuple(filter(None, groups)),
            off,
            text=(0, 1),
        )
    )


def layers_table(entries: Sequence[Entry]) -> Report | None:
    """Return a table of the layers of each network; ``None`` where none is known.

    Of configurations that differ only in arguments of the network, such as its activation, it is
    that of the first.
    """
    networks: dict[tuple[str | None, tuple[int, ...], int], tuple[Entry, DatasetProvenance]] = {}
    for entry in entries:
        header = entry.header
        table, classes = _network(entry), len(header.class_names or ())
        if header.provenance and classes and table and "module" not in table:
            dataset = header.provenance.dataset
            key = (header.network, dataset.image_shape, classes)
            networks.setdefault(key, (entry, dataset))
    tables = [_layers(entry, dataset) for entry, dataset in networks.values()]
    return _report(*tables) if tables else None


SETUP: Final[Mapping[str, Callable[[Sequence[Entry]], Report | None]]] = {
    "dataset": dataset_table,
    "settings": settings_table,
    "layers": layers_table,
}
"""The tables by name; each is ``None`` where nothing is known of its subject."""


def _report(*tables: Table) -> Report:
    rows = tuple(row for table in tables for group in table.groups for row in group)
    columns = tables[0].header
    return Report(tables, columns, rows, [dict(zip(columns, row, strict=True)) for row in rows])


def _dataset_row(entries: Sequence[Entry]) -> Row:
    header = entries[0].header
    provenances = [entry.header.provenance for entry in entries if entry.header.provenance]
    dataset = provenances[0].dataset
    height, width, channels = dataset.image_shape
    learned = {of.learned_images or dataset.train_size for of in provenances}
    held_out = {of.validation_size for of in provenances if of.validation_size}
    return (
        dataset.title,
        f"{len(header.class_names or ()):,}",
        f"{width} × {height}, {'gray' if channels == 1 else f'{channels} channels'}",
        f"{dataset.train_size:,}",
        number_range(learned),
        number_range(held_out),
        f"{dataset.test_images:,}" if dataset.test_images else NONE,
    )


def _modified(datasets: Iterable[Sequence[Entry]]) -> Iterator[str]:
    for entries in datasets:
        header = entries[0].header
        if header.modified:
            yield f"{header.dataset_name} differs from the published dataset: {header.modified}."


def _network(entry: Entry) -> Mapping[str, object]:
    table: Mapping[str, object] = entry.header.configuration.get("network", {})
    return table


def _layers(entry: Entry, dataset: DatasetProvenance) -> Table:
    from seedbed.networks.cost import cost
    from seedbed.networks.shapes import times
    from seedbed.study.spec.configuration import build_network

    network = build_network(_network(entry), len(entry.header.class_names or ()))
    height, width, channels = shape = dataset.image_shape
    total = cost(network, shape)
    rows = tuple(_layer_rows(network, shape))
    whole = ("all", "", "", f"{total.parameters:,}", f"{total.multiply_adds:,}")
    size = times((channels, height, width))
    return Table(
        f"Layers of {network.name} for images of {size} (channels × height × width)",
        LAYER_COLUMNS,
        (rows, (whole,)),
        ("Multiply-adds: of one image, forward, without biases.",),
        text=(0, 1, 2),
    )


def _layer_rows(network: "Network", image_shape: tuple[int, int, int]) -> Iterator[Row]:
    """Yield a row a layer; what is inside a residual layer counts as its own."""
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
        yield (
            name,
            _kind(layer_of),
            times(outputs[name]),
            f"{parameters.get(name, 0):,}",
            f"{multiply_adds[name]:,}",
        )


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
