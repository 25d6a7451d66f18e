"""A study of a LeNet-5 and two Vision Transformers, really trained, with their features known."""

from pathlib import Path

from seedbed.analysis.inquiries.asking import complete, wanted
from seedbed.analysis.summary.study import refresh_summary
from seedbed.engines.native.engine import NativeEngine
from seedbed.study.loaded import LoadedStudy
from small import run_small, small_study

VIT = 'name = "vit", patch_size = 2, embed_dim = 8, depth = 2, num_heads = 2, mlp_dim = 8'


class SmallNetworks:
    """Trained for an epoch, two seeds each, into ``folder / "study"``."""

    def __init__(self, folder: Path) -> None:
        networks = f'network=["lenet5", {{ {VIT} }}, {{ {VIT}, pool = "mean" }}]'
        spec = small_study(folder, seeds="2", epochs=1, settings=[networks])
        self.store = run_small(spec, folder / "study", NativeEngine())
        self.loaded = LoadedStudy.load(spec)
        asked = {"features": wanted(self.loaded.spec)["features"]}
        complete(self.store, asked, study=self.loaded, engine=NativeEngine(), threads=2)
        self.entries = refresh_summary(self.store.folder)
        self.folders = [self.store.folder] * len(self.entries)
        (dataset,) = self.loaded.datasets.values()
        self.tests = {self.entries[0].header.test_fingerprint: dataset.test}
