"""Which engine trains and why, and engines of other packages."""

import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from fake_engine import FakeEngine
from kernels import task_of
from seedbed.core.errors import MissingExtra, StudyError, UnsupportedLayer
from seedbed.core.suggestions import unknown
from seedbed.engines.native.engine import NativeEngine
from seedbed.engines.registry import (
    ENGINES,
    GROUP,
    Choice,
    choose_engine,
    engine_for_logits,
    engine_problem,
)
from seedbed.networks.layers import Flatten, Pad
from seedbed.training.engine import RunTask
from sentences import Sentence
from short_layers import linear

BOTH = task_of(Flatten(), linear(3), image_shape=(4, 4, 1))
ROUNDED = task_of(Flatten(), linear(3), image_shape=(4, 4, 1), precision="bfloat16")
TORCH_ALONE = task_of(Pad(6), Flatten(), linear(3), image_shape=(4, 4, 1))


@pytest.mark.parametrize(
    ("name", "tasks", "expected", "lacking"),
    [
        ("auto", [BOTH], "native", None),
        ("auto", [BOTH, TORCH_ALONE], "torch", TORCH_ALONE),
        ("auto", [ROUNDED], "torch", ROUNDED),
        ("native", [BOTH], "native", None),
        ("torch", [BOTH], "torch", None),
    ],
)
def test_the_engine_and_why(
    name: str, tasks: Sequence[RunTask], expected: str, lacking: RunTask | None
) -> None:
    choice = choose_engine(name, "cpu", tasks)
    assert choice.engine.facts.name == expected
    if lacking is None:
        assert choice.reason == ""
    else:
        with pytest.raises(UnsupportedLayer) as error:
            NativeEngine().check(lacking)
        assert choice.reason == str(error.value)


def test_logits_need_no_run() -> None:
    assert engine_for_logits(BOTH.network, (4, 4, 1)).facts.name == "native"
    assert engine_for_logits(TORCH_ALONE.network, (4, 4, 1)).facts.name == "torch"


@pytest.mark.parametrize(
    ("device", "instructions", "threads", "reason"),
    [
        pytest.param("cpu", "avx2", 2, "", id="cores"),
        pytest.param("cpu", "avx2", 1, "", id="core"),
        pytest.param("cuda:0", None, 2, "", id="GPU"),
        pytest.param("cpu", None, 2, "because", id="reason"),
    ],
)
def test_the_message_when_training_starts(
    device: str, instructions: str | None, threads: int, reason: str, sentence: Sentence
) -> None:
    engine = FakeEngine(device, instructions=instructions)
    sentence(Choice(engine, reason).message(threads))


def test_what_was_asked_for_is_not_changed_silently() -> None:
    engine = choose_engine("native", "cpu", [TORCH_ALONE]).engine
    with pytest.raises(UnsupportedLayer) as error:
        engine.check(TORCH_ALONE)
    assert error.value.where == "test"


@pytest.mark.parametrize(
    ("name", "device"), [("native", "cuda"), ("auto", "cuda:99"), ("torch", "gpu")]
)
def test_a_device_that_is_not_there_is_refused(name: str, device: str) -> None:
    with pytest.raises(StudyError) as error:
        choose_engine(name, device, [BOTH])
    assert error.value.where == "device"
    assert repr(device) in error.value.what


def test_the_native_engine_computes_on_the_cpu_only(sentence: Sentence) -> None:
    with pytest.raises(StudyError) as error:
        choose_engine("native", "cuda", [BOTH])
    sentence(error.value)


@pytest.mark.parametrize("name", ["nativ", "lanes"])
def test_an_unknown_engine_is_refused_with_the_nearest(name: str) -> None:
    with pytest.raises(StudyError) as error:
        choose_engine(name, "cpu", [BOTH])
    assert error.value.where == "engine"
    assert error.value.what == unknown("engine", name, ["auto", "native", "torch"])


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
    with pytest.raises(MissingExtra) as error:
        choose_engine(name, device, tasks)
    assert error.value.extra == "torch"
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
    assert engine_problem("mines") == unknown("engine", "mines", ["auto", *ENGINES, "mine"])


@pytest.mark.parametrize(
    "value", ["no_such_module:make", "fake_engine:no_such_factory", "broken_engine:make"]
)
def test_a_broken_entry_point_is_refused_by_the_name_of_its_package(
    value: str, install: Install, tmp_path: Path, sentence: Sentence
) -> None:
    install("theirs", value)
    (tmp_path / "theirs" / "broken_engine.py").write_text("raise RuntimeError('two\\nlines')\n")
    with pytest.raises(StudyError) as error:
        choose_engine("mine", "cpu", [BOTH])
    assert error.value.where == "engine"
    assert "theirs" in error.value.what
    assert "theirs" in error.value.hint
    assert "\n" not in str(error.value)
    if value == "broken_engine:make":
        sentence(error.value)


def test_two_packages_with_an_engine_of_one_name(install: Install, sentence: Sentence) -> None:
    install("theirs", "fake_engine:FakeEngine")
    install("others", "fake_engine:FakeEngine")
    with pytest.raises(StudyError) as error:
        choose_engine("mine", "cpu", [BOTH])
    assert error.value.where == "engine"
    sentence(error.value)
