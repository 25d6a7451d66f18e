"""A small finished study with everything that can be verified, trained by the real engine."""

import shutil
from pathlib import Path

from seedbed.analysis.summary.study import refresh_summary
from seedbed.engines.native.engine import NativeEngine
from seedbed.study.store.study import StudyStore
from small import run_small, small_study

SETTINGS = ("noise.kind=symmetric", "noise.rate=[0.0, 0.3]", "recipe.validation_size=15")


def write_sound(folder: Path) -> StudyStore:
    """Write two configurations of three runs, with and without noise, and their summary."""
    spec = small_study(
        folder / "data", epochs=2, settings=(*SETTINGS, 'keep_logits=["train","validation","test"]')
    )
    store = run_small(spec, folder / "study", NativeEngine())
    refresh_summary(store.folder)
    return store


def copy_of(store: StudyStore, folder: Path) -> StudyStore:
    shutil.copytree(store.folder, folder, symlinks=True)
    return StudyStore(folder)
