"""Which engine trains, what is said of it, and engines of other packages."""

import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from fake_engine import FakeEngine
from kernels import task_of
from seedbed.core.errors import MissingExtra, StudyError, UnsupportedLayer
from seedbed.engines.registry import (
    GROUP,
    Choice,
    choose_engine,
    engine_for_logits,
    engine_problem,
)
from seedbed.networks.layers import Flatten, Pad
from seedbed.training.engine import RunTask
from short_layers import linear

BOTH = task_of(Flatten(), linear(3), image_shape=(4, 4, 1))
ROUNDED = task_of(Flatten(), linear(3), image_shape=(4, 4, 1), precision="bfloat16")
TORCH_ALONE = task_of(Pad(6), Flatten(), linear(3), image_shape=(4, 4, 1))


@pytest.mark.parametrize(
    ("name", "tasks", "expected", "reason"),
    [
        ("auto", [BOTH], "native", ""),
        ("auto", [BOTH, TORCH_ALONE], "torch", "pads images only for a convolution"),
        ("auto", [ROUNDED], "torch", "the native engine has no bfloat16 precision"),
        ("native", [BOTH], "native", ""),
        ("torch", [BOTH], "torch", ""),
    ],
)
def test_the_engine_and_why(
    name: str, tasks: Sequence[RunTask], expected: str, reason: str
) -> None:
    choice = choose_engine(name, "cpu", tasks)
    assert choice.engine.facts.name == expected
    assert reason in choice.reason
    assert bool(choice.reason) == bool(reason)


def test_logits_need_no_run() -> None:
    assert engine_for_logits(BOTH.network, (4, 4, 1)).facts.name == "native"
    assert engine_for_logits(TORCH_ALONE.network, (4, 4, 1)).facts.name == "torch"


@pytest.mark.parametrize(
    ("device", "instructions", "threads", "reason", "expected"),
    [
        ("cpu", "avx2", 2, "", "Training on the CPU (fake engine, AVX2, 2 cores)"),
        ("cpu", "avx2", 1, "", "Training on the CPU (fake engine, AVX2, 1 core)"),
        ("cuda:0", None, 2, "", "Training on cuda:0 (fake engine)"),
        ("cpu", None, 2, "because", "Training on the CPU (fake engine, 2 cores): because"),
    ],
)
def test_what_is_said_when_training_starts(
    device: str, instructions: str | None, threads: int, reason: str, expected: str
) -> None:
    engine = FakeEngine(device, instructions=instructions)
    assert Choice(engine, reason).message(threads) == expected


def test_what_was_asked_for_is_not_changed_silently() -> None:
    engine = choose_engine("native", "cpu", [TORCH_ALONE]).engine
    with pytest.raises(UnsupportedLayer) as caught:
        engine.check(TORCH_ALONE)
    assert caught.value.where == "test"


@pytest.mark.parametrize(
    ("name", "device", "where", "expected"),
    [
        ("nativ", "cpu", "engine", "did you mean 'native'"),
        ("lanes", "cpu", "engine", "expected one of auto, native, torch"),
        ("native", "cuda", "device", "'cuda'"),
        ("auto", "cuda:99", "device", "'cuda:99'"),
        ("torch", "gpu", "device", "'gpu'"),
    ],
)
def test_engines_and_devices_that_are_not_there(
    name: str, device: str, where: str, expected: str
) -> None:
    with pytest.raises(StudyError) as caught:
        choose_engine(name, device, [BOTH])
    assert caught.value.where == where
    assert expected in caught.value.what


@pytest.mark.parametrize(
    ("name", "device", "tasks"),
    [("torch", "cpu", [BOTH]), ("auto", "cuda", [BOTH]), ("auto", "cpu", [TORCH_ALONE])],
)
def test_without_pytorch_one_line_says_how_to_install_it(
    name: str, device: str, tasks: Sequence[RunTask], monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "seedbed.engines.registry.find_spec", lambda each: None if each == "torch" else find(each)
    )
    with pytest.raises(MissingExtra) as caught:
        choose_engine(name, device, tasks)
    assert caught.value.extra == "torch"
    assert choose_engine("auto", "cpu", [BOTH]).engine.facts.name == "native"


Install = Callable[[str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return what installs a package with the entry point ``mine = value``, for this test alone."""

    def install(package: str, value: str) -> None:
        folder = tmp_path / package
        information = folder / f"{package}-1.0.dist-info"
        information.mkdir(parents=True)
        (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\n")
        (information / "entry_points.txt").write_text(f"[{GROUP}]\nmine = {value}\n")
        monkeypatch.syspath_prepend(str(folder))

    return install


def test_an_engine_of_another_package(install: Install) -> None:
    install("theirs", "fake_engine:FakeEngine")
    assert engine_problem("mine") == ""
    engine = choose_engine("mine", "cuda:1", [BOTH], deterministic=True).engine
    assert isinstance(engine, FakeEngine)
    assert (engine.facts.device, engine.facts.deterministic) == ("cuda:1", True)
    assert "did you mean 'mine'" in engine_problem("mines")


@pytest.mark.parametrize(
    "value", ["no_such_module:make", "fake_engine:no_such_factory", "broken_engine:make"]
)
def test_a_broken_entry_point_is_refused_by_the_name_of_its_package(
    value: str, install: Install, tmp_path: Path
) -> None:
    install("theirs", value)
    (tmp_path / "theirs" / "broken_engine.py").write_text("raise RuntimeError('two\\nlines')\n")
    with pytest.raises(StudyError) as caught:
        choose_engine("mine", "cpu", [BOTH])
    assert caught.value.where == "engine"
    assert "theirs" in caught.value.what
    assert "theirs" in caught.value.hint
    assert "\n" not in str(caught.value)


def test_two_packages_with_an_engine_of_one_name(install: Install) -> None:
    install("theirs", "fake_engine:FakeEngine")
    install("others", "fake_engine:FakeEngine")
    with pytest.raises(StudyError) as caught:
        choose_engine("mine", "cpu", [BOTH])
    assert "others and theirs" in caught.value.what
