"""Which folders are splits and which are classes.

The names of folders and what is in them decide. Where both readings remain possible, neither is
taken: the error has both, and the setting ``layout`` that decides.
"""

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from seedbed.core.errors import DataError
from seedbed.data.readers.folders.split_names import split_names
from seedbed.data.readers.folders.tree import NO_IMAGES, Folder, Tree, escaped
from seedbed.data.reading import LayoutName

SPLITS: Final = ("train", "validation", "test")
SHOWN: Final = 5
"""Names that a message lists."""


@dataclass
class Layout:
    """Which folder is what.

    Args:
        splits: The folder of each split; ``{"train": root}`` if there is only one.
        classes: The folders of each class by its name in NFC, by split; sorted by name.
        decisions: What the data decided, a sentence each.
    """

    splits: dict[str, Folder]
    classes: dict[str, dict[str, Folder]] = field(default_factory=dict)
    decisions: list[str] = field(default_factory=list)

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes of every split."""
        return tuple(self.classes["train"])


def understand(tree: Tree, layout: LayoutName | None = None) -> Layout:
    """Return which folders are splits and which are classes.

    Args:
        tree: The images.
        layout: The setting, if the user gave it.

    Raises:
        DataError: If that is in doubt, there are fewer than two classes, a class has no images, or
            the splits have different classes.
    """
    if not tree.root.has_images:
        raise DataError(
            "there are no images in it",
            where=str(tree.root.path),
            expected="one folder of images per class",
        )
    decisions: list[str] = []
    root = unwrapped(tree, tree.root, decisions)
    splits = _splits(tree, root, layout, decisions)
    result = Layout(splits or {"train": root}, decisions=decisions)
    inner = {
        split: unwrapped(tree, folder, decisions) if splits else folder
        for split, folder in result.splits.items()
    }
    if splits:
        _leave_out_beside(tree, root)
    for split, folder in inner.items():
        result.classes[split] = _classes(folder)
        _leave_out_beside(tree, folder)
    _check_classes(tree, result, layout)
    result.decisions += _spellings(result)
    nested = [
        name
        for name, folder in result.classes["train"].items()
        if folder.branches and len(result.class_names) > 1
    ]
    if nested:
        result.decisions.append(
            f"folders inside a class folder belong to the class ({listed(nested)})"
        )
    return result


def listed(names: Sequence[str]) -> str:
    """Return names for a message: the first few, and how many others."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(map(escaped, names[:SHOWN])) + more


def unwrapped(tree: Tree, folder: Folder, decisions: list[str]) -> Folder:
    """Return the folder that the class folders are in: one with a single folder wraps it."""
    while folder is not folder.unwrapped:
        _leave_out_beside(tree, folder)
        folder = folder.branches[0]
        decisions.append(f"the folder {folder.shown} is wrapped around the others")
    return folder


def _splits(
    tree: Tree, root: Folder, layout: LayoutName | None, decisions: list[str]
) -> dict[str, Folder]:
    """Return the folder of each split; none if the folders are classes."""
    if layout == "classes":
        return {}
    meanings = split_names(folder.name for folder in root.branches)
    named = [folder for folder in root.branches if folder.name in meanings]
    labeled = [folder for folder in named if folder.unwrapped.branches]
    others = [folder for folder in root.branches if folder.name not in meanings]
    if not named or (layout is None and not labeled):
        if layout == "splits":
            raise DataError(
                f"no folder has the name of a split ({listed([f.name for f in root.branches])})",
                where=str(root.path),
                expected="folders such as train, val and test",
            )
        _check_classes_only(root, named, meanings)
        if named:
            names = listed([folder.name for folder in named])
            decisions.append(
                f"{names}: a class, not a split, because its images are in no class folders"
            )
        return {}
    kinds = {meanings[folder.name] for folder in labeled}
    if layout is None and len(kinds) < 2 and others:
        raise _doubtful(
            root,
            f"{listed([f.name for f in labeled])} is the {' or '.join(kinds)} split, with the "
            f"classes {listed([f.name for f in labeled[0].unwrapped.branches])}",
            f"the classes are {listed([folder.name for folder in root.branches])}",
            'set layout = "splits" for the first',
        )
    if not labeled:
        raise DataError(
            f"the folders {listed([f.name for f in named])} have no class folders",
            where=str(root.path),
            expected="one folder of images per class in each split",
        )
    for folder in root.branches:
        if folder not in labeled:
            what = "a folder without class folders" if folder in named else "no split's folder"
            tree.leave_out(f"images in {what}", *map(tree.name, folder.files()))
    return _one_folder_each(root, labeled, meanings)


def _one_folder_each(
    root: Folder, labeled: Sequence[Folder], meanings: Mapping[str, str]
) -> dict[str, Folder]:
    """Return the splits in order, if every split has one folder and there is one for training."""
    splits: dict[str, Folder] = {}
    for folder in labeled:
        split = meanings[folder.name]
        if split in splits:
            raise DataError(
                f"{splits[split].name} and {folder.name} both mean the {split} split",
                where=str(root.path),
                expected="one folder per split",
                hint="rename one of them, or move it away",
            )
        splits[split] = folder
    if "train" not in splits:
        raise DataError(
            f"the folders {listed([folder.name for folder in labeled])} are splits, but none is "
            "for training",
            where=str(root.path),
            expected="a folder such as train",
            hint='if they are classes, set layout = "classes"',
        )
    return {split: splits[split] for split in SPLITS if split in splits}


def _check_classes_only(root: Folder, named: Sequence[Folder], meanings: Mapping[str, str]) -> None:
    """Reject folders without class folders that may be splits, or parts of a dataset."""
    if len({meanings[folder.name] for folder in named}) > 1:
        raise _doubtful(
            root,
            f"{listed([folder.name for folder in named])} are splits, whose images have no labels",
            f"the classes are {listed([folder.name for folder in root.branches])}",
            "sort the images of each split into class folders for the first",
        )
    inside = {tuple(f.name for f in folder.branches) for folder in root.branches}
    if len(root.branches) > 1 and len(inside) == 1:
        (names,) = inside
        if len(names) > 1 and not any(folder.images for folder in root.branches):
            raise DataError(
                f"every folder has the same folders in it ({listed(names)}): they are the classes, "
                f"or the classes are {listed([folder.name for folder in root.branches])}",
                where=str(root.path),
                hint='set layout = "classes" for the second, or for the first give the folders '
                "the names of splits, such as train and test",
            )


def _doubtful(root: Folder, as_splits: str, as_classes: str, for_splits: str) -> DataError:
    return DataError(
        f"can be read in two ways: {as_splits}; or {as_classes}",
        where=str(root.path),
        hint=f'{for_splits}, or set layout = "classes" for the second',
    )


def _classes(folder: Folder) -> dict[str, Folder]:
    """Return the class folders by name in NFC, sorted."""
    classes: dict[str, Folder] = {}
    for inner in folder.branches:
        name = unicodedata.normalize("NFC", inner.name)
        if name in classes:
            raise DataError(
                f"two folders have the name {name!r}, written with different characters: "
                f"{codes(classes[name].name)} and {codes(inner.name)}",
                where=str(folder.path),
                expected="one folder per class",
                hint="move the images of one into the other",
            )
        classes[name] = inner
    return dict(sorted(classes.items()))


def codes(name: str) -> str:
    """Return the characters of a name that are not ASCII as code points: ``U+0065 U+0301``."""
    marked = {index for index, letter in enumerate(name) if not letter.isascii()}
    # A combining mark says nothing without the letter before it.
    marked |= {i - 1 for i in marked if unicodedata.combining(name[i]) and i}
    return " ".join(f"U+{ord(name[index]):04X}" for index in sorted(marked))


def _only_others(folder: Folder) -> bool:
    """Whether a folder without images has files of other kinds and no broken links."""
    files = folder.entries
    return files == folder.others and (
        all(_only_others(inner) for inner in folder.folders) and bool(files or folder.folders)
    )


def _leave_out_beside(tree: Tree, folder: Folder) -> None:
    """Leave out what lies beside class folders or splits: images, and folders of other files.

    Raises:
        DataError: If a folder is empty, or has only broken links: it may be a class.
    """
    tree.leave_out("images beside the class folders", *map(tree.name, folder.images))
    for inner in folder.folders:
        if inner.has_images:
            continue
        if not _only_others(inner):
            raise DataError(
                "there are no images in this folder",
                where=str(inner.path),
                expected="one folder of images per class",
                hint="remove it, if it is no class",
            )
        tree.leave_out("folders without images", inner.shown)


def _check_classes(tree: Tree, layout: Layout, setting: LayoutName | None) -> None:
    root = str(tree.root.path)
    for split, folder in layout.splits.items():
        if not layout.classes[split]:
            raise DataError(
                "there are images, but no class folders"
                if folder.has_images
                else "there are no images in it",
                where=str(folder.path),
                expected="one folder of images per class, or a table labels.csv with the columns "
                "file_name and label",
                hint=_other_table(tree),
            )
    _check_splits(tree, layout, setting)
    train = layout.classes["train"]
    if len(train) < 2:
        raise DataError(
            f"there is only one class, {next(iter(train))}",
            where=root,
            expected="two or more class folders",
            hint=_other_table(tree),
        )


def _check_splits(tree: Tree, layout: Layout, setting: LayoutName | None) -> None:
    """Reject splits with different classes."""
    train = layout.classes["train"]
    for split, classes in layout.classes.items():
        unlike = sorted(train.keys() ^ classes.keys())
        if unlike:
            only = {True: layout.splits["train"].shown, False: layout.splits[split].shown}
            counts = Counter(name in train for name in unlike)
            texts = [
                f"{listed([name for name in unlike if (name in train) == inside])} only in "
                f"{only[inside]}"
                for inside in (True, False)
                if counts[inside]
            ]
            raise DataError(
                f"the splits have different classes: {'; '.join(texts)}",
                where=str(tree.root.path),
                expected="the same class folders in every split",
                hint="" if setting else 'if the folders are no splits, set layout = "classes"',
            )


def _other_table(tree: Tree) -> str:
    """Return a hint about a table of labels under another name, if there may be one."""
    others = tree.left_out.get(NO_IMAGES, [])
    tables = [name for name in others if name.lower().endswith((".csv", ".tsv", ".xlsx"))]
    return f"if {tables[0]} has the labels, save it as labels.csv" if tables else ""


def _spellings(layout: Layout) -> list[str]:
    """Say which classes are written differently in different splits."""
    different = [
        name
        for name in layout.class_names
        if len({classes[name].name for classes in layout.classes.values()}) > 1
    ]
    if not different:
        return []
    return [
        f"the splits write {listed(different)} with different characters (NFC and NFD), "
        "which are one class"
    ]
