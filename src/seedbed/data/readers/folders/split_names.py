"""Names of folders that mean splits: ``train``, ``Testing``, ``seg_train``, ``training_set``."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

WORDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(["train", "training", "trn"], "train"),
    **dict.fromkeys(["val", "valid", "validation", "validate", "dev"], "validation"),
    **dict.fromkeys(["test", "testing", "tst", "eval", "evaluation", "holdout"], "test"),
}
"""Words that mean a split."""
AFFIXES: Final = frozenset(
    [
        *("class", "classes", "cropped", "data", "dataset", "dir", "file", "files", "folder"),
        *("folders", "full", "image", "images", "img", "imgs", "jpeg", "jpg", "my", "new"),
        *("photo", "photos", "pic", "pics", "picture", "pictures", "png", "raw", "resized"),
        *("seg", "set", "sets", "split", "splits", "subset", "the"),
    ]
)
"""Words that may stand beside a split's word without changing what it means. Any other word may, if
the folders share it: ``alphabet_train`` and ``alphabet_test``."""
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+")
_COMPOUND: Final = re.compile(
    rf"({'|'.join(sorted(WORDS, key=len, reverse=True))})(set|data|images|imgs|split|folder)"
)


def split_of(word: str) -> str | None:
    """Return the split that one word means, in any case, or ``None``."""
    return WORDS.get(word.strip().lower())


def split_names(names: Iterable[str]) -> dict[str, str]:
    """Return the split that each name means; names that mean none are left out.

    Args:
        names: Of folders side by side.
    """
    parts = {name: _parts(name) for name in names}
    found = {}
    for name, (splits, rest) in parts.items():
        if len(splits) != 1:
            continue
        shared = any(
            other != name and their_rest == rest and len(theirs) == 1 and theirs != splits
            for other, (theirs, their_rest) in parts.items()
        )
        if shared or all(word in AFFIXES for word in rest):
            found[name] = splits[0]
    return _with_evaluation(found)


def _with_evaluation(found: dict[str, str]) -> dict[str, str]:
    """Beside a test split, ``eval`` means the validation split."""
    tests = [name for name, split in found.items() if split == "test"]
    evaluations = [name for name in tests if re.search("eval", name, re.IGNORECASE)]
    if len(evaluations) == 1 and len(tests) > 1 and "validation" not in found.values():
        found[evaluations[0]] = "validation"
    return found


def _parts(name: str) -> tuple[list[str], tuple[str, ...]]:
    """Return the splits that the words of a name mean, and its other words."""
    splits, rest = [], []
    for word in _WORD.findall(unicodedata.normalize("NFC", name)):
        lower = word.lower()
        match = _COMPOUND.fullmatch(lower)
        if match or lower in WORDS:
            splits.append(WORDS[match[1] if match else lower])
        else:
            rest.append(lower)
    return splits, tuple(rest)
