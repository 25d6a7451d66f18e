"""Whether runs still have the bits that they had: weights, logits and histories, compared by hash.

``python -m benchmarks.bits`` trains a few small runs of every kind (LeNet-5, ResNet-8, a Vision
Transformer, label noise, PyTorch) with every set of instructions that this processor has, and
compares their hashes with ``results/bits.json``. Those of the native engine were recorded with
version 0.1.0 and AVX-512, and every canonical set of instructions must have them; the histories of
``noise`` were recorded anew when every measured loss became cross-entropy, and ``resnet8`` when its
3×3 convolutions took fewer products. Those of PyTorch and of the portable kernels hold for one
machine: record a version first (``--record``, which replaces the hashes of the cases it trains),
and compare the next one. No bit depends on ``--threads``.
Needs ``SEEDBED_DATA``; exits with 1 if anything differs.
"""

import argparse
import hashlib
import json
import os
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

import seedbed
from benchmarks.outcome import RESULTS
from seedbed.engines.native.engine import NativeEngine, supported_instructions
from seedbed.engines.registry import ENGINES
from seedbed.training.engine import NO_NOISE, Engine

RECORDED: Final = RESULTS / "bits.json"
HISTORY: Final = (
    "learning_rate",
    "train_loss",
    "train_accuracy",
    "test_loss",
    "test_accuracy",
    "running_loss",
    "running_accuracy",
    "validation_loss",
    "validation_accuracy",
)
"""What of an epoch is hashed; seconds differ."""


@dataclass(frozen=True)
class Case:
    """A configuration whose runs are hashed."""

    dataset: str
    network: seedbed.Network
    recipe: seedbed.Recipe
    seeds: int = 2
    noise: seedbed.NoiseSpec = NO_NOISE


def cases() -> dict[str, Case]:
    """Return what is trained, by name."""
    moved = seedbed.Augmentation(shift=2, rotation=10, scale=0.1)
    cropped = seedbed.Augmentation(crop=4, flip=True)
    return {
        "quickstart": Case(
            "digits", seedbed.lenet5(), seedbed.Recipe(batch_size=32, epochs=20), seeds=5
        ),
        "mnist": Case("mnist", seedbed.lenet5(), seedbed.Recipe(epochs=2, augmentation=moved)),
        "vit": Case(
            "mnist",
            seedbed.vit(dropout=0.1, drop_path=0.1),
            seedbed.Recipe(
                optimizer="adamw",
                schedule="cosine",
                warmup_epochs=1,
                batch_size=64,
                epochs=2,
                evaluate_every=1,
                train_size=4000,
                ema_decay=0.99,
                label_smoothing=0.1,
            ),
        ),
        "resnet8": Case(
            "cifar10",
            seedbed.resnet8(),
            seedbed.Recipe(
                learning_rate=0.1,
                weight_decay=0.0002,
                batch_size=32,
                epochs=2,
                evaluate_every=1,
                train_size=2000,
                augmentation=cropped,
            ),
        ),
        "noise": Case(
            "mnist",
            seedbed.lenet5(activation="elu", dropout=0.2),
            seedbed.Recipe(
                optimizer="adam",
                schedule="step",
                step_size=1,
                gamma=0.5,
                loss="mae",
                batch_size=64,
                epochs=3,
                train_size=5000,
                validation_size=1000,
                checkpoint="best-on-validation",
            ),
            noise=seedbed.NoiseSpec(kind="symmetric", rate=0.4),
        ),
        "quickstart-3-epochs": Case(
            "digits", seedbed.lenet5(), seedbed.Recipe(batch_size=32, epochs=3)
        ),
    }


def engines() -> Iterator[tuple[str, str, Engine]]:
    """Yield what is trained by what: a case, the engine's name in the file, and the engine."""
    native = {name: NativeEngine(name) for name in supported_instructions()}
    for case in cases():
        if case == "quickstart-3-epochs":
            yield case, "torch-cpu", ENGINES["torch"]("cpu", deterministic=False)
            continue
        for name, engine in native.items():
            if name != "portable" or case == "quickstart":  # the portable kernels are slow
                yield case, "native" if engine.facts.canonical else f"native-{name}", engine


def hashes(run: seedbed.TrainedRun) -> dict[str, str]:
    """Return the hashes of a run that has not diverged."""
    assert run.weights is not None
    assert run.logits is not None
    weights, history = hashlib.sha256(), hashlib.sha256()
    for name in sorted(run.weights):
        weights.update(name.encode() + np.ascontiguousarray(run.weights[name]).tobytes())
    for record in run.history:
        for key in HISTORY:
            value = getattr(record, key)
            history.update(struct.pack("<d", np.nan if value is None else value))
    logits = hashlib.sha256(np.ascontiguousarray(run.logits).tobytes())
    return {
        "weights": weights.hexdigest(),
        "logits": logits.hexdigest(),
        "history": history.hexdigest(),
    }


def main() -> int:
    """Compare, or record."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--record", action="store_true", help="keep the hashes of this version")
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--threads", type=int, help="cores to use; all by default")
    arguments = parser.parse_args()
    root = Path(os.environ["SEEDBED_DATA"])
    recorded = json.loads(RECORDED.read_text())
    found, different = {}, 0
    for name, engine_name, engine in engines():
        if arguments.only not in f"{name}/{engine_name}":
            continue
        case = cases()[name]
        dataset = seedbed.load_dataset(case.dataset, data_root=root)
        runs = seedbed.train(
            case.network,
            case.recipe,
            dataset,
            case.seeds,
            noise=case.noise,
            engine=engine,
            threads=arguments.threads,
        )
        key = f"{name}/{engine_name}"
        found[key] = [hashes(run) for run in runs]
        same = found[key] == recorded.get(key)
        different += not same
        instructions = f" ({engine.facts.instructions})" if engine.facts.instructions else ""
        print(f"{'same' if same else 'DIFFERENT':10}{key}{instructions}", flush=True)
    if arguments.record:
        RECORDED.write_text(json.dumps(recorded | found, indent=1) + "\n")
        return 0
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
