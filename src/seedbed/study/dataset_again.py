"""The dataset of a stored study, found again as it was when the study was trained."""

from pathlib import Path

from seedbed.core.errors import DataError
from seedbed.data.catalog import find_published, load_dataset, locate
from seedbed.data.images import DatasetSplits
from seedbed.study.spec.configuration import DatasetSpec


def dataset_again(
    spec: DatasetSpec, source: str | None, data_root: Path | None = None
) -> DatasetSplits:
    """Return the images of a dataset; nothing is downloaded.

    They are read as they were for training: resized and split as ``study.toml`` says.

    Args:
        spec: Of the study, with the fingerprint of what it was trained on.
        source: Where they were found then, if that is known.
        data_root: Where published datasets are looked for first.

    Raises:
        DataError: If they are not there, or others are.

    """
    dataset = load_dataset(
        spec.name,
        path=spec.path,
        data_root=data_root or (_recorded_root(spec, source) if source else None),
        resize=spec.resize,
        test_fraction=spec.test_fraction,
        split_seed=spec.split_seed,
        download=False,
    )
    if dataset.fingerprint != spec.fingerprint:
        raise DataError("other images lie there now than were tested on", where=dataset.source)
    return dataset


def _recorded_root(spec: DatasetSpec, source: str) -> Path | None:
    """Return the folder in which a published dataset was found when the study was run."""
    if spec.name is None:
        return None
    published = find_published(spec.name)
    for root in list(Path(source).absolute().parents)[:3]:
        if root.is_dir() and locate(published, root) == Path(source):
            return root
    return None
