"""Controlled studies of image classifiers: many seeds, error bars, and the images behind them.

>>> import seedbed
>>> study = seedbed.run("quickstart", out="studies/quickstart")
>>> study.table("confusion")
>>> study.report()

A study is a file, a dict, or one that comes with Seedbed. :func:`run` trains what is missing of it,
:func:`plan` says what that would be, and :func:`open` returns one that has been run.

Networks can be trained without a study, in memory:

>>> dataset = seedbed.load_dataset("digits")
>>> runs = seedbed.train(seedbed.lenet5(), seedbed.Recipe(epochs=5), dataset, seeds=5)

Wrong labels are found by :func:`audit`, and settings are chosen by :func:`tune`.

``seedbed.noise`` and ``seedbed.analysis`` hold what is about label noise and about predictions
from any tool. These names and those of this module are the API; everything else may change.

Names are imported on first use, so ``import seedbed`` stays fast.
"""

from importlib import import_module

from seedbed.core.lazy import lazy

TYPE_CHECKING = False  # that of `typing` takes longer to import than all else here
if TYPE_CHECKING:
    from seedbed import analysis as analysis
    from seedbed import noise as noise
    from seedbed.analysis.inquiries.pruning import prune as prune
    from seedbed.core.errors import SeedbedError as SeedbedError
    from seedbed.core.seeds import Seeds as Seeds
    from seedbed.data.catalog import load_dataset as load_dataset
    from seedbed.data.images import DatasetSplits as DatasetSplits
    from seedbed.data.images import ImageDataset as ImageDataset
    from seedbed.execution.executor import Executor as Executor
    from seedbed.execution.memory import TrainedRun as TrainedRun
    from seedbed.execution.memory import train as train
    from seedbed.execution.ray.place import Ray as Ray
    from seedbed.label_errors.audit import audit as audit
    from seedbed.networks.layers import *  # noqa: F403
    from seedbed.networks.network import Network as Network
    from seedbed.networks.zoo import lenet5 as lenet5
    from seedbed.networks.zoo import resnet8 as resnet8
    from seedbed.networks.zoo import vit as vit
    from seedbed.networks.zoo import vit_774k as vit_774k
    from seedbed.networks.zoo import vit_lite as vit_lite
    from seedbed.noise.spec import NoiseSpec as NoiseSpec
    from seedbed.study.merge import merge as merge
    from seedbed.training.engine import Engine as Engine
    from seedbed.training.engine import EpochRecord as EpochRecord
    from seedbed.training.recipe import Augmentation as Augmentation
    from seedbed.training.recipe import Recipe as Recipe
    from seedbed.tuning.tune import tune as tune
    from seedbed.workflow import Study as Study
    from seedbed.workflow import open as open  # noqa: A004
    from seedbed.workflow import plan as plan
    from seedbed.workflow import plan_seeds as plan_seeds
    from seedbed.workflow import run as run
    from seedbed.workflow import verify as verify

    __version__: str

_HOMES = {
    "seedbed.analysis.inquiries.pruning": ("prune",),
    "seedbed.core.errors": ("SeedbedError",),
    "seedbed.core.seeds": ("Seeds",),
    "seedbed.data.catalog": ("load_dataset",),
    "seedbed.data.images": ("DatasetSplits", "ImageDataset"),
    "seedbed.execution.executor": ("Executor",),
    "seedbed.execution.memory": ("TrainedRun", "train"),
    "seedbed.execution.ray.place": ("Ray",),
    "seedbed.label_errors.audit": ("audit",),
    "seedbed.networks.network": ("Network",),
    "seedbed.networks.zoo": ("lenet5", "resnet8", "vit", "vit_774k", "vit_lite"),
    "seedbed.noise.spec": ("NoiseSpec",),
    "seedbed.study.merge": ("merge",),
    "seedbed.training.engine": ("Engine", "EpochRecord"),
    "seedbed.training.recipe": ("Augmentation", "Recipe"),
    "seedbed.tuning.tune": ("tune",),
    "seedbed.workflow": ("Study", "open", "plan", "plan_seeds", "run", "verify"),
}
_LAYERS = "seedbed.networks.layers"
"""All that it exports is public. It imports NumPy, so it is asked last."""
_NAMESPACES = ("analysis", "noise")

_get, _ = lazy(__name__, _HOMES, ())


def __getattr__(name: str) -> object:
    if name == "__all__":
        return __dir__()
    if name == "__version__":
        version: str = import_module("importlib.metadata").version("seedbed")
        return globals().setdefault(name, version)
    if name in _NAMESPACES:
        return import_module(f"seedbed.{name}")
    try:
        return _get(name)
    except AttributeError:
        # Layers are classes: a submodule must not cost the import of NumPy.
        if not name[:1].isupper() or name not in import_module(_LAYERS).__all__:
            raise
        return getattr(import_module(_LAYERS), name)


def __dir__() -> list[str]:
    defined = {name for names in _HOMES.values() for name in names}
    return sorted({*defined, *_NAMESPACES, *import_module(_LAYERS).__all__, "__version__"})
