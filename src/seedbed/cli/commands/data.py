"""List, show, check and download datasets.

``show`` takes the name of a published dataset, or the path of your own folder or file; ``check``
takes a path.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from seedbed.cli.check import check_lines, class_lines, reading_lines, write_check
from seedbed.cli.reading import add_reading
from seedbed.data.catalog import (
    CATALOG,
    cache_folder,
    download_published,
    find_published,
    load_dataset,
    locate,
)
from seedbed.data.check.check import check_path
from seedbed.data.contact_sheet import write_contact_sheet
from seedbed.data.images import DatasetSplits, describe_shape
from seedbed.data.published import PUBLISHED, Published
from seedbed.data.splits import SPLIT_SEED, TEST_FRACTION
from seedbed.display.escape import printable
from seedbed.execution.downloads import download_progress

FOUND: Final = 1
"""Exit status of ``seedbed data check`` if something is wrong."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``seedbed data``."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)

    listing = actions.add_parser(
        "list", help="list the published datasets and where they are stored"
    )
    listing.set_defaults(action=_list)

    show = actions.add_parser(
        "show",
        help="show the classes, image counts, size and fingerprint of a dataset, and draw examples",
    )
    show.set_defaults(action=_show)
    show.add_argument(
        "dataset", metavar="NAME", help=f"{', '.join(CATALOG)}, or the path of a folder or file"
    )
    sheet = show.add_mutually_exclusive_group()
    sheet.add_argument(
        "--sheet",
        type=Path,
        metavar="FILE",
        help="PNG file for the examples (default: NAME-examples.png)",
    )
    sheet.add_argument("--no-sheet", action="store_true", help="do not draw examples")
    show.add_argument(
        "--resize",
        type=int,
        metavar="PIXELS",
        help="resize every image to a square with this side length",
    )
    show.add_argument(
        "--test-fraction",
        type=float,
        default=TEST_FRACTION,
        metavar="FRACTION",
        help="fraction of images to hold out for testing if the dataset has no test split; "
        "0 for no test split (default: %(default)s)",
    )
    show.add_argument(
        "--split-seed",
        type=int,
        default=SPLIT_SEED,
        metavar="SEED",
        help="seed that selects those images (default: %(default)s)",
    )

    check = actions.add_parser(
        "check",
        help="list everything that is wrong or doubtful in your own images: unreadable images, "
        "duplicates, images in two splits, sizes, class counts; exit with status 1 if something "
        "is wrong",
    )
    check.set_defaults(action=_check)
    check.add_argument("dataset", metavar="PATH", type=Path, help="a folder or file of images")
    check.add_argument(
        "--out", type=Path, metavar="FILE", help="write the names of all images found as CSV"
    )

    for action in (show, check):
        add_reading(action)
    show.add_argument(
        "--skip-unreadable", action="store_true", help="leave out images that cannot be decoded"
    )
    show.add_argument(
        "--background",
        metavar="COLOR",
        help="color behind transparent images: white, black or #rrggbb",
    )

    download = actions.add_parser(
        "download", help="download published datasets that are not on this machine yet"
    )
    download.set_defaults(action=_download)
    download.add_argument("datasets", nargs="+", metavar="NAME", help=", ".join(CATALOG))

    for action in (listing, show, download):
        action.add_argument(
            "--data-root", type=Path, metavar="DIR", help="folder to search for datasets first"
        )


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed data``."""
    status: int = arguments.action(arguments)
    return status


def _list(arguments: argparse.Namespace) -> int:
    rows = [("name", "images", "size", "classes", "where")]
    for dataset in PUBLISHED.values():
        location = locate(dataset, arguments.data_root)
        where = str(location) if location else _source(dataset)
        shape = describe_shape(dataset.image_shape)
        count = f"{sum(dataset.images):,}"
        rows.append((dataset.name, count, shape, str(len(dataset.classes)), printable(where)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [
            cell.rjust(width) if column in (1, 3) else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())
    return 0


def _source(dataset: Published) -> str:
    """Return how to get a dataset that is not on this machine."""
    if dataset.homepage:
        return dataset.homepage
    if not dataset.alternatives:
        return "included with scikit-learn"
    size = sum(file.size for file in dataset.alternatives[0])
    return f"seedbed data download {dataset.name} ({size / 1e6:.0f} MB)"


def _show(arguments: argparse.Namespace) -> int:
    is_published = arguments.dataset in PUBLISHED or not Path(arguments.dataset).exists()
    with download_progress() as progress:
        dataset = load_dataset(
            arguments.dataset if is_published else None,
            path=None if is_published else arguments.dataset,
            data_root=arguments.data_root,
            resize=arguments.resize,
            test_fraction=arguments.test_fraction,
            split_seed=arguments.split_seed,
            layout=arguments.layout,
            label_column=arguments.label_column,
            skip_unreadable=arguments.skip_unreadable,
            background=arguments.background,
            progress=progress,
        )
    print("\n".join(_description(dataset)))
    if not arguments.no_sheet:
        sheet = arguments.sheet or Path(f"{dataset.name}-examples.png")
        write_contact_sheet(dataset.train, sheet)
        print(f"\nExamples of every class are in {printable(str(sheet))}")
    return 0


def _description(dataset: DatasetSplits) -> Iterator[str]:
    facts = {
        "dataset": dataset.name,
        "modified": dataset.modified,
        "read from": dataset.source,
        "images": ", ".join(f"{len(split):,} {name}" for name, split in dataset.splits.items()),
        "size": describe_shape(dataset.image_shape),
        "classes": str(len(dataset.class_names)),
        "fingerprint": dataset.fingerprint,
    }
    for fact, value in facts.items():
        if value is not None:
            yield f"{fact:<12} {printable(value)}"
    yield from reading_lines(dataset.reading)
    yield ""
    counts = {
        name: dict(zip(split.class_names, split.class_counts.tolist(), strict=True))
        for name, split in dataset.splits.items()
    }
    yield from class_lines(counts)


def _check(arguments: argparse.Namespace) -> int:
    check = check_path(arguments.dataset, arguments.layout, arguments.label_column)
    if arguments.out:
        write_check(check, arguments.out)
    print("\n".join(check_lines(str(arguments.dataset), check)))
    if arguments.out:
        print(f"\nAll names are in {printable(str(arguments.out))}")
    elif check.findings:
        print("\nTo write all names to a file, add --out FILE")
    return FOUND if check.wrong else 0


def _download(arguments: argparse.Namespace) -> int:
    datasets = [find_published(name) for name in arguments.datasets]
    for dataset in datasets:
        location = locate(dataset, arguments.data_root)
        if not dataset.alternatives:
            print(f"{dataset.name} is included with scikit-learn; there is nothing to download")
        elif location and not location.is_relative_to(cache_folder()):
            print(f"{dataset.name} is already in {printable(str(location))}")
        else:
            with download_progress() as progress:
                folder = download_published(dataset, progress)
            print(f"{dataset.name} is in {printable(str(folder))}")
    return 0
