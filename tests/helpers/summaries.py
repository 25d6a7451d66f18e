"""Whole studies for tests of what is made of them: stored as real ones, with results made up.

Each function writes a study, and the images that it is about, into a folder, and returns the folder
of the study. The predictions are invented, in no time; everything after them is the real thing.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from benchmarks.invented import MARGIN, InventedEngine

from seedbed.analysis.entry import Entry
from seedbed.analysis.inquiries.asking import complete
from seedbed.analysis.prediction_files.groups import find_groups
from seedbed.analysis.summary.external import evaluate
from seedbed.analysis.summary.study import refresh_summary
from seedbed.analysis.summary_file import read_summary, write_summary
from seedbed.study.completed import finished_runs
from seedbed.study.loaded import LoadedStudy
from seedbed.study.spec.reader import parse_study
from seedbed.study.store.study import StudyStore
from small import run_small

Study = Callable[[Path], Path]

HOSTILE = (
    "<script>alert(1)</script>",
    "\"&'",
    "long " * 59 + "name!",
    "运动鞋",
    "حذاء رياضي",
    "</script><img src=x onerror=alert(2)>",
    "{{ 7 * 7 }} ${7*7}",
    "a, b;\tc | d \\ e % _ #",
)
"""Names of classes that break pages; one is of 300 characters."""

OUTSIDE = ("small", "<i>large</i> \"&'")
"""What :func:`outside` calls its configurations."""


def write_dataset(
    folder: Path,
    *,
    class_names: Sequence[str] = tuple("0123456789"),
    test_images: int = 300,
    side: int = 12,
    channels: int = 1,
) -> Path:
    """Write an NPZ dataset; every test image has a square whose place tells its class."""
    generator = np.random.Generator(np.random.Philox(7))
    classes = len(class_names)
    arrays: dict[str, object] = {"class_names": np.array(class_names)}
    for split, images in (("train", 2 * classes), ("test", test_images)):
        labels = np.arange(images) % classes
        pixels = generator.integers(0, 90, (images, side, side, channels))
        for image, label in enumerate(labels):
            row, column = divmod(int(label) * 3, side)
            pixels[image, row % side : row % side + 3, column : column + 3] += 160
        arrays[f"{split}_images"] = pixels.astype(np.uint8)
        arrays[f"{split}_labels"] = labels
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "images.npz", **arrays)  # type: ignore[arg-type]
    return folder / "images.npz"


def write_study(
    folder: Path,
    *,
    name: str = "invented",
    dataset: str | None = None,
    class_names: Sequence[str] = tuple("0123456789"),
    test_images: int = 300,
    channels: int = 1,
    seeds: int = 3,
    epochs: int = 8,
    axes: str = "",
    top: str = "",
    margin: float = MARGIN,
    stop_after: int | None = None,
) -> Path:
    """Write a study and its summary.

    Args:
        folder: Gets ``data/`` and ``study/``.
        name: Of the study.
        dataset: As in a study file; images are made up where there is none.
        class_names: Of these images, and the arguments below.
        test_images: How many.
        channels: 1 or 3.
        seeds: Runs of each configuration.
        epochs: Of each run.
        axes: Further lines of ``[recipe]``.
        top: Lines before it, such as ``noise = ...``.
        margin: Below 9, more images are wrong.
        stop_after: After so many epochs of all runs the study is interrupted.

    """
    if dataset is None:
        path = write_dataset(
            folder / "data", class_names=class_names, test_images=test_images, channels=channels
        )
        dataset = f'{{ path = "{path}" }}'
    spec = parse_study(
        f'name = "{name}"\ndataset = {dataset}\nnetwork = "lenet5"\nseeds = {seeds}\n{top}\n'
        f"[recipe]\nepochs = {epochs}\nbatch_size = 16\n{axes}\n",
        "invented.toml",
    )
    store = StudyStore(folder / "study")
    try:
        run_small(spec, store.folder, InventedEngine(margin, stop_after))
    except KeyboardInterrupt:
        assert stop_after is not None
    if stop_after is None or any(store.runs_folder.glob("*/run.json")):
        refresh_summary(store.folder)
    return store.folder


def many(folder: Path, *, test_images: int = 300, seeds: int = 5, epochs: int = 8) -> Path:
    """Write a study of 40 configurations."""
    return write_study(
        folder,
        name="many",
        test_images=test_images,
        seeds=seeds,
        epochs=epochs,
        axes="learning_rate = [0.01, 0.02, 0.05, 0.1, 0.2]\nmomentum = [0.0, 0.5, 0.9, 0.95]\n"
        'schedule = ["constant", "one-cycle"]',
    )


def noisy(folder: Path) -> Path:
    """Write a study with two kinds of noise, at several rates."""
    return write_study(
        folder,
        name="noisy",
        top='noise = [{ kind = "symmetric", rate = [0.0, 0.2, 0.4, 0.6] }, '
        '{ kind = "pair", rate = [0.2, 0.4] }]',
    )


def networks(folder: Path) -> Path:
    """Write a study that compares three networks at two numbers of training images."""
    study = write_study(
        folder,
        name="networks",
        seeds=5,
        margin=5,
        axes="train_size = [10, 20]\n[[variants]]\nname = 'lenet5'\n[[variants]]\n"
        "name = 'vit'\nnetwork = { name = 'vit', patch_size = 4, embed_dim = 16, depth = 1, "
        "num_heads = 2, mlp_dim = 16 }\n[[variants]]\nname = '<b>tanh & co</b>'\n"
        "network = { name = 'lenet5', activation = 'tanh' }",
    )
    store = StudyStore(study)
    loaded = LoadedStudy.load(store.read_study())
    asked = {"robustness": [each.id for each in loaded.spec.configurations]}
    trained = [loaded.task(run.planned) for run in finished_runs(store, loaded.spec)]
    engine = InventedEngine(5, trained=trained)
    complete(store, asked, study=loaded, engine=engine, threads=2)
    refresh_summary(study)
    return study


def hostile(folder: Path) -> Path:
    """Write a study whose classes have the names :data:`HOSTILE`."""
    return write_study(
        folder,
        name="hostile",
        class_names=HOSTILE,
        margin=5,
        channels=3,
        axes="learning_rate = [0.01, 0.05]",
    )


def one_class(folder: Path) -> Path:
    """Write a study in which nothing can be confused."""
    return write_study(folder, name="one-class", class_names=["only"], test_images=20)


def many_classes(folder: Path, classes: int = 200) -> Path:
    """Write a study of 200 classes, two configurations."""
    return write_study(
        folder,
        name="many-classes",
        class_names=[f"class {number}" for number in range(classes)],
        test_images=10 * classes,
        margin=6,
        axes="learning_rate = [0.01, 0.05]",
    )


def single_run(folder: Path) -> Path:
    """Write a study of one run: nothing has a spread."""
    return write_study(folder, name="single", seeds=1)


def diverged(folder: Path) -> Path:
    """Write a study in which all runs of one configuration diverge."""
    return write_study(folder, name="diverged", axes="learning_rate = [0.05, 2.0]")


def unfinished(folder: Path, epochs: int = 20) -> Path:
    """Write a study that was interrupted in its third run, or after so many epochs; 6 of 8."""
    return write_study(
        folder, name="unfinished", axes="learning_rate = [0.01, 0.05]", stop_after=epochs
    )


def outside(folder: Path) -> Path:
    """Write the summary of predictions of another tool: nothing is known of their training."""
    generator = np.random.Generator(np.random.Philox(3))
    labels = np.arange(200) % 4
    groups = [folder / name for name in OUTSIDE]
    for group in groups:
        group.mkdir(parents=True)
        for run in range(3):
            logits = generator.normal(size=(200, 4)) + 3 * np.eye(4)[labels]
            np.savez(
                group / f"{run}.npz",
                logits=logits,
                labels=labels,
                class_names=np.array(["cat", "dog", "owl", "fox"]),
            )
    study = folder / "study"
    study.mkdir()
    write_summary(study, evaluate(find_groups(groups)))
    return study


def entries_of(study: Path) -> list[Entry]:
    """Return the summary of a study as it is stored."""
    entries = read_summary(study)
    assert entries is not None
    return entries
