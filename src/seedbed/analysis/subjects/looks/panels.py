"""What networks look at, as panels for a paper."""

from collections.abc import Iterable

from seedbed.analysis.part import PageMaterial
from seedbed.analysis.subjects.looks.networks import NetworkLooks, find_looks
from seedbed.analysis.subjects.looks.pictures import Look
from seedbed.display.pictures.drawing import Picture
from seedbed.display.pictures.panel import Panel, Row, Tile


def look_panels(material: PageMaterial, kind: str) -> list[Picture]:
    """Return the pictures of one kind, a panel for each network that has them.

    Args:
        material: Entries, and where their runs are stored.
        kind: ``attention``, ``filters`` or ``positions``.
    """
    networks = find_looks(material.folders, material.entries, material.pixels)
    return list(_panels(networks, kind, several=len(networks) > 1))


def _panels(networks: Iterable[NetworkLooks], kind: str, *, several: bool) -> Iterable[Panel]:
    for network in networks:
        for look in network.looks:
            if look.kind == kind:
                yield _panel(network, look, several=several)


def _named(name: str) -> str:
    return f"image {name}" if name.isdigit() else name


def _panel(network: NetworkLooks, look: Look, *, several: bool) -> Panel:
    of = network.label if several else ""
    tiles = [
        Tile(picture.pixels, tuple(filter(None, (picture.caption, _named(picture.name)))))
        for picture in look.pictures
    ]
    return Panel(
        f"{look.title}: {of}" if of else look.title,
        f"{look.text} Weights of {network.run}.",
        (Row(tiles),),
        of,
        whole=len(tiles) == 1,
    )
