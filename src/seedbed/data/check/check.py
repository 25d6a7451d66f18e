"""Checks a folder or file of images."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from seedbed.core.errors import DataError
from seedbed.data.check.findings import Finding, findings
from seedbed.data.check.inspection import Inspected, inspect_dataset, inspect_files
from seedbed.data.readers.bounded import readable
from seedbed.data.readers.decoding import Picture
from seedbed.data.readers.folders.class_folders import labeled_files
from seedbed.data.readers.folders.tree import Tree, walk
from seedbed.data.readers.path import is_folder_of_images, read_path
from seedbed.data.reading import LayoutName, Reading


@dataclass(frozen=True)
class Check:
    """A dataset and what is wrong or doubtful in it.

    Args:
        reading: What was understood.
        images: How many images there are, by split and class; in one split and class without
            names if what they are is in doubt.
        findings: Those that are wrong come first.
    """

    reading: Reading
    images: dict[str, Counter[str]]
    findings: list[Finding]

    @property
    def wrong(self) -> bool:
        """Whether something is wrong, and not only doubtful."""
        return any(finding.wrong for finding in self.findings)


def check_path(
    path: Path, layout: LayoutName | None = None, label_column: str | None = None
) -> Check:
    """Check a folder of images, or a dataset in any other format.

    Args:
        path: The folder or file.
        layout: What the folders of a folder of images are, where they do not tell.
        label_column: The column of labels of Parquet files or of a table, where they do not tell.

    Raises:
        DataError: If there is nothing to check, or a file in another format cannot be read.
    """
    if not path.exists():
        raise DataError("there is no such file or folder", where=str(path))
    with readable(path):
        if is_folder_of_images(path, layout):
            return _check_folder(path, layout, label_column)
    contents = read_path(path, label_column=label_column)
    images = [
        image for split, data in contents.splits.items() for image in inspect_dataset(data, split)
    ]
    return Check(contents.reading, _counts(images, contents.train.class_names), findings(images))


def _check_folder(path: Path, layout: LayoutName | None, label_column: str | None) -> Check:
    tree = walk(path)
    doubts = []
    class_names: tuple[str, ...] = ()
    try:
        labeled = labeled_files(tree, layout, label_column)
    except DataError as error:
        if not tree.root.has_images:
            raise
        doubts.append(
            Finding(
                "problems with the folders or labels",
                wrong=True,
                images=((error.where, error.what),),
            )
        )
        reading = Reading("images in folders", names_from="the path below the folder")
        files = [(file, "", "") for file in tree.root.files()]
    else:
        reading, class_names = labeled.reading, labeled.class_names
        files = [
            (file, split, labeled.class_names[label])
            for split, paths in labeled.files.items()
            for file, label in zip(paths, labeled.labels[split], strict=True)
        ]
    pictures = [Picture(str(file), file) for file, _, _ in files]
    images = inspect_files(
        pictures, [Inspected(tree.name(file), split, label) for file, split, label in files]
    )
    readable_images = [image for image in images if image.hash]
    reading = replace(
        reading,
        sizes=Counter(image.size for image in readable_images),
        modes=Counter(image.mode for image in readable_images),
    )
    return Check(
        reading, _counts(images, class_names), [*doubts, *findings(images), *_left_out(tree)]
    )


def _left_out(tree: Tree) -> Iterator[Finding]:
    for reason, names in tree.left_out.items():
        yield Finding(reason, wrong=False, images=tuple((name, "left out") for name in names))


def _counts(images: list[Inspected], class_names: tuple[str, ...]) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {}
    for image in images:
        counts.setdefault(image.split, Counter(dict.fromkeys(class_names, 0)))[image.label] += 1
    return counts
