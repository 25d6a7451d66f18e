"""Compare studies on the same test images: accuracies, statistical tests, and one page."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from seedbed.analysis.entry import Entry
from seedbed.analysis.inquiries.asking import unanswered
from seedbed.analysis.inquiries.posthoc import ask_stored_weights
from seedbed.analysis.registry import tables
from seedbed.analysis.subjects.comparisons.result import comparisons_of
from seedbed.analysis.summary.merged import find_studies, merge_studies
from seedbed.core.files import write_atomically
from seedbed.display.escape import printable
from seedbed.report.pictures.named_images import FoundImages, find_test_images
from seedbed.report.renderers import text
from seedbed.study.store.study import StudyStore


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``seedbed compare``."""
    parser.add_argument(
        "folders",
        type=Path,
        nargs="+",
        metavar="DIR",
        help="results of a study, such as studies/mnist, or of seedbed evaluate --out",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        default=Path("compare.html"),
        help="where to write the page (default: %(default)s)",
    )
    parser.add_argument(
        "--data-root", type=Path, metavar="DIR", help="folder to search for datasets first"
    )


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed compare``."""
    studies = find_studies(arguments.folders)
    entries = merge_studies(studies)
    missing = unanswered(entries)
    updated = False
    for study in studies:
        own_ids = {entry.header.id for entry in study.entries}
        wanted = {name: ids & own_ids for name, ids in missing.items() if ids & own_ids}
        if wanted:
            store = StudyStore(study.folder)
            updated |= bool(ask_stored_weights(store, wanted, data_root=arguments.data_root))
    if updated:
        studies = find_studies(arguments.folders)
        entries = merge_studies(studies)

    from seedbed.report.page.details import chosen
    from seedbed.report.page.file import bounded

    of_all = chosen(entries)
    detailed = [entries[place] for place in of_all.places]
    _print_tables(entries, detailed, of_all.why)
    images = FoundImages()
    folders = [study.folder for study in studies for _ in study.entries]
    for study in studies:
        if not images.splits:  # all studies have the same test images
            own = [entries[place] for place in of_all.places if folders[place] == study.folder]
            images |= find_test_images(study.folder, own, data_root=arguments.data_root)
    data, pictures = bounded(entries, folders, images, arguments.out)
    write_atomically(arguments.out, data, "choose another file with --out")
    for reason in pictures.missing.values():
        print(f"The page has no images: {printable(reason)}")
    for reason in pictures.kept.values():
        print(f"The page has only images that earlier pages have shown: {printable(reason)}")
    print(f"The page is in {printable(str(arguments.out))}")
    return 0


def _print_tables(entries: Sequence[Entry], detailed: Sequence[Entry], why: str) -> None:
    """Print the tables; of many configurations, the effects of settings and those in detail."""
    shown = [(tables()["effects"], entries)] if why else []
    compared = ["comparisons"] if not why or comparisons_of(detailed) else []
    shown += [(tables()[name], detailed) for name in ("accuracy", *compared)]
    sys.stdout.write("\n".join(text.render(view.make(of)) for view, of in shown))
    if why:
        print(f"\n{why} `seedbed table DIR` has all of a study.")
    sys.stdout.flush()
