"""Compare studies on the same test images: accuracies, statistical tests, and one page."""

import argparse
import sys
from pathlib import Path

from seedbed.analysis.inquiries.asking import unanswered
from seedbed.analysis.inquiries.posthoc import ask_stored_weights
from seedbed.analysis.part import PageMaterial
from seedbed.analysis.registry import tables
from seedbed.analysis.summary.merged import find_studies, merge_studies
from seedbed.core.files import write_atomically
from seedbed.display.escape import printable
from seedbed.report.page.public import public
from seedbed.report.pictures.named_images import FoundImages, find_test_images, make_pictures
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
    shown = (tables()[name].make(entries) for name in ("accuracy", "comparisons"))
    sys.stdout.write("\n".join(map(text.render, shown)))
    sys.stdout.flush()

    from seedbed.report.page.page import page

    images = FoundImages()
    for study in studies:
        if not images.splits:  # all studies have the same test images
            data_root = arguments.data_root
            images |= find_test_images(study.folder, study.entries, data_root=data_root)
    folders = [study.folder for study in studies for _ in study.entries]
    shown_entries = public(entries)
    pictures = make_pictures(shown_entries, images, arguments.out)
    contents = page(PageMaterial(shown_entries, folders, images.pixels), pictures)
    data = contents.encode(errors="replace")  # a name may hold a lone surrogate
    write_atomically(arguments.out, data, "choose another file with --out")
    for reason in pictures.missing.values():
        print(f"The page has no images: {printable(reason)}")
    for reason in pictures.kept.values():
        print(f"The page has only images that earlier pages have shown: {printable(reason)}")
    print(f"The page is in {printable(str(arguments.out))}")
    return 0
