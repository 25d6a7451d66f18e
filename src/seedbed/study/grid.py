"""The runs of a study: configurations × seeds, each with a stable id.

The id is a hash of what decides the result: the contents of the dataset, the network, the recipe
and the seed. What does not decide it (the study's name, where the images lie, the number of
threads) is left out, so a run is found again wherever it was made. Ids never change: a setting that
is added one day must be left out of the hash where it has the value that was meant before.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from seedbed.errors import StudyError
from seedbed.study.spec import StudySpec


@dataclass(frozen=True)
class Configuration:
    """One point of the grid: dataset, network and recipe."""

    fingerprint: str
    """Of the dataset."""
    network: dict[str, Any]
    """``name``, and every argument of its builder."""
    recipe: dict[str, Any]
    """Every setting."""

    @property
    def id(self) -> str:
        """Readable, and different for what trains differently: ``lenet5-3f9a0c12de``."""
        parts = {"dataset": self.fingerprint, "network": self.network, "recipe": self.recipe}
        canonical = json.dumps(parts, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return f"{self.network['name']}-{hashlib.sha256(canonical.encode()).hexdigest()[:10]}"


@dataclass(frozen=True)
class PlannedRun:
    """One configuration with one seed."""

    configuration: Configuration
    seed: int

    @property
    def id(self) -> str:
        """The name of its folder; the runs of one configuration sort together."""
        return f"{self.configuration.id}-seed{self.seed}"


def plan_runs(spec: StudySpec) -> list[PlannedRun]:
    """Return every run of a study, seed by seed.

    Raises:
        StudyError: If the study is not bound to the contents of its dataset yet
            (:meth:`StudySpec.with_fingerprint`).

    """
    if spec.dataset.fingerprint is None:
        raise StudyError("the contents of the dataset are not known", where="dataset.fingerprint")
    recipe = spec.recipe.model_dump(mode="json")
    configuration = Configuration(spec.dataset.fingerprint, spec.network, recipe)
    return [PlannedRun(configuration, seed) for seed in spec.seeds]
