"""Which engine trains, and why it is said to."""

import importlib.util

import pytest

from kernels import task_of
from seedbed.core.errors import MissingExtra, StudyError, UnsupportedLayer
from seedbed.engines.registry import choose_engine
from seedbed.networks.layers import Flatten, Pad
from short_layers import linear

BOTH = task_of(Flatten(), linear(3), image_shape=(4, 4, 1))
ROUNDED = task_of(Flatten(), linear(3), image_shape=(4, 4, 1), precision="bfloat16")
TORCH_ALONE = task_of(Pad(6), Flatten(), linear(3), image_shape=(4, 4, 1))


@pytest.mark.parametrize(
    ("name", "tasks", "expected"),
    [
        ("auto", [BOTH], "trained by the lanes engine: it has every layer, and no GPU was asked"),
        ("auto", [BOTH, TORCH_ALONE], "trained by the torch engine: test: the native engine pads"),
        (
            "auto",
            [ROUNDED],
            "trained by the torch engine: recipe.precision: the lanes engine has no",
        ),
        ("lanes", [BOTH], "trained by the lanes engine: it was asked for"),
        ("torch", [BOTH], "trained by the torch engine: it was asked for"),
    ],
)
def test_the_engine_and_why(name: str, tasks: list[object], expected: str) -> None:
    assert str(choose_engine(name, "cpu", tasks)).startswith(expected)  # type: ignore[arg-type]


def test_what_was_asked_for_is_not_changed_silently() -> None:
    engine = choose_engine("lanes", "cpu", [TORCH_ALONE]).engine
    with pytest.raises(UnsupportedLayer, match="pads images only for a convolution"):
        engine.check(TORCH_ALONE)


@pytest.mark.parametrize(
    ("name", "device", "message"),
    [
        ("lane", "cpu", r"engine: unknown engine 'lane' \(did you mean 'lanes'\?\)"),
        ("lanes", "cuda", "device: the lanes engine computes on the CPU, not on 'cuda'"),
        (
            "auto",
            "cuda:99",
            "device: 'cuda:99' is no device that PyTorch .*; expected cpu",
        ),
        ("torch", "gpu", "device: 'gpu' is no device"),
    ],
)
def test_engines_and_devices_that_are_not_there(name: str, device: str, message: str) -> None:
    with pytest.raises(StudyError, match=message):
        choose_engine(name, device, [BOTH])


@pytest.mark.parametrize(
    ("name", "device", "tasks", "message"),
    [
        ("torch", "cpu", [BOTH], "the torch engine needs an optional dependency"),
        ("auto", "cuda", [BOTH], "training on cuda needs an optional dependency"),
        ("auto", "cpu", [TORCH_ALONE], "pads images only for a convolution .* torch engine, which"),
    ],
)
def test_without_pytorch_one_line_says_how_to_install_it(
    name: str, device: str, tasks: list[object], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "seedbed.engines.registry.find_spec", lambda each: None if each == "torch" else find(each)
    )
    with pytest.raises(MissingExtra, match=message) as caught:
        choose_engine(name, device, tasks)  # type: ignore[arg-type]
    assert "run: pip install 'seedbed[torch]'" in str(caught.value)
    assert choose_engine("auto", "cpu", [BOTH]).engine.name == "lanes"
