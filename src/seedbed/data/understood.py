"""What a reader understood of a dataset, in two lines."""

from seedbed.data.images import DatasetSplits, describe_shape


def understood(dataset: DatasetSplits) -> tuple[str, ...]:
    """Return two lines for the start of a run: what the images are, and what was done with them.

    Returns:
        Nothing for a dataset that was not read from files.
    """
    reading = dataset.reading
    if not reading.format:
        return ()
    splits = []
    for name, split in dataset.splits.items():
        origin = reading.splits.get(name)
        splits.append(f"{len(split):,} {name}{f' ({origin})' if origin else ''}")
    classes = f"{len(dataset.class_names)} classes"
    if reading.classes_from:
        classes += f" from {reading.classes_from}"
    facts = [describe_shape(dataset.image_shape)]
    sizes = sorted(reading.sizes.items(), key=lambda item: -item[1])
    height, width, _ = dataset.image_shape
    if len(sizes) > 1 or (sizes and sizes[0][0] != f"{height}×{width}"):
        common = ", ".join(f"{count:,} of {size}" for size, count in sizes[:3])
        common = sizes[0][0] if len(sizes) == 1 else common
        facts[0] += f", resized from {common}{' and others' if len(sizes) > 3 else ''}"
    facts += reading.decisions
    facts += [f"left out {len(part.names):,} {part.reason}" for part in reading.left_out]
    return (
        f"{dataset.name}: {reading.format}; {', '.join(splits)}; {classes}",
        f"{dataset.name}: {'; '.join(facts)}",
    )
