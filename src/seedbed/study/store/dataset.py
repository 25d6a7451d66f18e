"""Reloads the dataset of a stored study as it was when the study was trained."""

from pathlib import Path

from seedbed.core.errors import DataError
from seedbed.data.catalog import find_published, load_dataset, locate
from seedbed.data.images import DatasetSplits
from seedbed.study.spec.configuration import DatasetSpec


def reload_dataset(
    spec: DatasetSpec, source: str | None, data_root: Path | None = None
) -> DatasetSplits:
    """Load a dataset, resized and split as in ``study.toml``, without downloading anything.

    Args:
        spec: The dataset, with its fingerprint.
        source: The file or folder that it was read from for training, if known.
        data_root: Folder to search for published datasets first.

    Raises:
        DataError: If the images are missing, or do not have the fingerprint.

    """
    dataset = load_dataset(
        spec.name,
        path=spec.path,
        data_root=data_root or (_recorded_root(spec, source) if source else None),
        resize=spec.resize,
        test_fraction=spec.test_fraction,
        split_seed=spec.split_seed,
        layout=spec.layout,
        skip_unreadable=spec.skip_unreadable,
        background=spec.background,
        label_column=spec.label_column,
        groups=spec.groups,
        download=False,
    )
    dataset = spec.correct(dataset)
    if dataset.fingerprint != spec.fingerprint:
        raise DataError("the images have changed since the study was trained", where=dataset.source)
    return dataset


def _recorded_root(spec: DatasetSpec, source: str) -> Path | None:
    """Return the data root that a published dataset was read from when the study was trained."""
    if spec.name is None:
        return None
    published = find_published(spec.name)
    for root in list(Path(source).absolute().parents)[:3]:
        if root.is_dir() and locate(published, root) == Path(source):
            return root
    return None
