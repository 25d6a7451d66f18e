"""Run the kernels under AddressSanitizer, UndefinedBehaviorSanitizer and ThreadSanitizer.

``make sanitize`` records calls of the usual kernels and repeats them under the last, without
Python, on 2, 3 and 7 threads a run. Then it builds every instruction set with the others into
``build/sanitize``, and trains networks of odd shapes with those that this processor has. The first
error ends the process with a report.
"""

import importlib.util
import os
import re
import subprocess
import sys
from itertools import product
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build" / "sanitize"
UNDER_SANITIZERS = "SEEDBED_UNDER_SANITIZERS"
TARGETS = {"avx512": "-march=x86-64-v4", "avx2": "-march=x86-64-v3"}
THREADS = (2, 3, 7)


def main() -> None:
    """Build, and start again with the sanitizer's library loaded before everything else."""
    if UNDER_SANITIZERS in os.environ:
        exercise()
        return
    search_races()
    build()
    compiler = [os.environ.get("CXX", "c++"), "-print-file-name=libasan.so"]
    library = subprocess.run(compiler, capture_output=True, text=True, check=True).stdout.strip()
    environment = os.environ | {
        UNDER_SANITIZERS: "1",
        "LD_PRELOAD": library,
        # Python itself does not give everything back.
        "ASAN_OPTIONS": "detect_leaks=0",
        "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    }
    sys.exit(subprocess.run([sys.executable, __file__], env=environment, check=False).returncode)


def search_races() -> None:
    """Record runs of every kind of network, and repeat them under ThreadSanitizer."""
    from bit_cases import objective_hash, objectives, run_hash, runs
    from tape import Tape

    BUILD.mkdir(parents=True, exist_ok=True)
    tape_file, program = BUILD / "tape", BUILD / "replay"
    left_out = re.compile(r"\d, stride|[a-z] and [a-z]|(lenet5|resnet8|vit), (?!momentum|average)")
    with Tape(tape_file) as tape:
        engine = tape.engine()
        chosen = [task for name, task in runs().items() if not left_out.search(name)]
        for task in chosen:
            run_hash(engine, task)
        for _, task, given in list(objectives())[::5]:
            objective_hash(engine, task, given)
    compiler, instructions = os.environ.get("CXX", "c++"), engine.facts.instructions
    options = re.search(r"-O3 (.*) -Wall", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"))
    assert options is not None
    source = ROOT / "tests" / "engines" / "native" / "replay.cpp"
    target = [TARGETS[instructions]] if instructions in TARGETS else []
    subprocess.run(
        [
            *(compiler, "-std=c++20", "-O1", "-g", "-fsanitize=thread", "-pthread", *target),
            *(*options.group(1).split(), f"-DSEEDBED_INSTRUCTIONS={instructions}"),
            *(f"-I{ROOT / 'native'}", str(source), "-o", str(program)),
        ],
        check=True,
    )
    environment = os.environ | {"TSAN_OPTIONS": "halt_on_error=1"}
    for threads in THREADS:
        command = [str(program), str(tape_file), "1", str(threads)]
        subprocess.run(command, env=environment, check=True)
        sys.stdout.write(f"{instructions}, {threads} threads: {len(chosen)} runs, no race\n")


def build() -> None:
    """Compile the extension modules with -DSEEDBED_SANITIZE=ON."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--no-deps"]
    settings = {
        "cmake.define.SEEDBED_SANITIZE": "ON",
        "cmake.build-type": "RelWithDebInfo",
        "build-dir": str(BUILD / "objects"),
    }
    options = [f"--config-settings={name}={value}" for name, value in settings.items()]
    subprocess.run([*pip, "--upgrade", "--target", str(BUILD), *options, str(ROOT)], check=True)


def load_sanitized() -> None:
    """Put the sanitized modules where the engine looks for its own."""
    for path in BUILD.glob("seedbed/_native_*.so"):
        name = f"seedbed.{path.name.split('.')[0]}"
        specification = importlib.util.spec_from_file_location(name, path)
        if specification is None or specification.loader is None:
            raise ImportError(name, path=str(path))
        sys.modules[name] = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(sys.modules[name])


def exercise() -> None:
    """Train every odd network, two with every kind of recipe, and score every kind of batch."""
    load_sanitized()
    from kernels import Kernels, Recorder, engine_logits, task_of, weights_of
    from odd_blocks import DROPOUTS
    from odd_networks import ODD_NETWORKS
    from seedbed.engines.native.engine import NativeEngine, supported_instructions
    from seedbed.networks.layers import Flatten
    from seedbed.networks.zoo import lenet5
    from short_layers import linear

    everything = {"shift": 30, "rotation": 180, "scale": 0.9, "flip": True}
    recipes: list[dict[str, Any]] = [
        *({"batch_size": size} for size in (1, 7, 8, 9, 16, 100, 1000)),
        {"nesterov": True, "weight_decay": 0.1, "label_smoothing": 0.1},
        {"momentum": 0.0, "ema_decay": 0.9, "augmentation": everything},
        {"optimizer": "adam", "l1_penalty": 1e-4, "l2_penalty": 1e-4, "loss": "brier"},
        {"optimizer": "adamw", "weight_decay": 0.1, "loss": "mae"},
        {"loss": "binary-cross-entropy", "train_size": 77, "validation_size": 13},
    ]
    odd = [*ODD_NETWORKS.values(), *(((10, 10, 3), layers) for layers in DROPOUTS.values())]
    runs = [(image_shape, layers, {"batch_size": 37}) for image_shape, layers in odd]
    for layers, recipe in product((lenet5(3).layers, *DROPOUTS.values()), recipes):
        runs.append(((10, 10, 3), layers, recipe))
    for instructions in supported_instructions():
        engine = NativeEngine(instructions)
        assert str(engine._module.__file__).startswith(str(BUILD))
        for image_shape, layers, recipe in runs:
            settings: dict[str, Any] = {"epochs": 1, "learning_rate": 1e-3} | recipe
            task = task_of(*layers, image_shape=image_shape, **settings)
            recorder = Recorder()
            engine.train([task], recorder, threads=2, stop=Event())
            weights = recorder.results[0].weights
            if weights is None:
                raise ArithmeticError(f"{task} diverged")
            for images in (0, 1, 33):
                engine_logits(engine, task, weights, task.dataset.test.images[:images])
        for loss, classes in product(("cross-entropy", "brier", "mae"), (1, 3, 37)):
            layers = (Flatten(), linear(classes))
            task = task_of(*layers, image_shape=(4, 5, 1), classes=classes, loss=loss)
            kernels, weights = Kernels(engine, task), weights_of(task)
            rows = np.full((128, classes), 1 / classes, np.float32)
            given: dict[str, Any] = {
                "targets": rows,
                "image_weights": rows[:, 0],
                "transition": rows[:classes],
            }
            given = {name: np.ascontiguousarray(array) for name, array in given.items()}
            for images in (1, 8, 37):
                kernels.gradient(weights, np.arange(images), **given)
            kernels.score(weights, np.arange(128), **given)
        sys.stdout.write(f"{instructions}: {len(runs)} runs, no error\n")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent / "helpers"))
    main()
