"""Compare studies with the same test images: accuracies, statistical tests, and one page."""

import argparse
import sys
from pathlib import Path

from seedbed.core.files import write_atomically
from seedbed.display.escape import printable
from seedbed.evaluation.merged import find_studies, join_studies
from seedbed.evaluation.posthoc import ask_stored_weights, unanswered
from seedbed.report.contents.accuracy import accuracy
from seedbed.report.contents.comparisons import comparisons
from seedbed.report.page.inside import Inside
from seedbed.report.pictures.named_images import FoundImages, find_test_images, make_pictures
from seedbed.report.tables import as_text
from seedbed.study.store.study import StudyStore


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``seedbed compare``."""
    parser.add_argument(
        "folders",
        type=Path,
        nargs="+",
        metavar="DIR",
        help="results of a study, such as studies/mnist, or what seedbed evaluate --out wrote",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        default=Path("compare.html"),
        help="the page (default: %(default)s)",
    )
    parser.add_argument(
        "--data-root", type=Path, metavar="DIR", help="where datasets are looked for first"
    )


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed compare``."""
    studies = find_studies(arguments.folders)
    entries = join_studies(studies)
    missing, _ = unanswered(entries)
    asked = False
    for study in studies:
        compared = missing & {entry["id"] for entry in study.entries}
        _, features = unanswered(study.entries)
        if compared or features:
            store = StudyStore(study.folder)
            asked |= bool(ask_stored_weights(store, compared, data_root=arguments.data_root))
    if asked:
        studies = find_studies(arguments.folders)
        entries = join_studies(studies)
    sys.stdout.write(f"{as_text(accuracy(entries))}\n{as_text(comparisons(entries))}\n")
    sys.stdout.flush()

    from seedbed.report.page.page import page

    images = FoundImages()
    for study in studies:
        if not images.splits:  # all are of the same ones
            data_root = arguments.data_root
            images |= find_test_images(study.folder, study.entries, data_root=data_root)
    # A lone half of a surrogate pair in a name is no text that UTF-8 has.
    folders = [study.folder for study in studies for _ in study.entries]
    inside = Inside.of(folders, entries, images.splits)
    contents = page(entries, make_pictures(entries, images), inside=inside)
    data = contents.encode(errors="replace")
    write_atomically(arguments.out, data, "choose another file with --out")
    for why in images.missing.values():
        print(f"The page shows no images: {printable(why)}")
    print(f"The page is in {printable(str(arguments.out))}")
    return 0
