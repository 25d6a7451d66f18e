"""A trained network as a program of PyTorch or as ONNX, for any number of images.

The program takes float32 images, N×C×H×W, as pixel / 255, so from 0 to 1; it normalizes them as for
training, and returns N×K logits. Needs the extra ``[torch]``, for ONNX also ``[onnx]``.
"""

import io
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Final, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from seedbed.core.errors import MissingExtra, NetworkError
from seedbed.data.images import Normalization
from seedbed.engines.torch.module import new_module
from seedbed.networks.module_facts import kept_tensors, trained_tensors
from seedbed.networks.network import Network
from seedbed.networks.weights import check_weights
from seedbed.training.engine import Arrays

Format = Literal["torch", "onnx"]
ENDINGS: Final[Mapping[Format, str]] = {"torch": ".pt2", "onnx": ".onnx"}
INPUT, OUTPUT = "images", "logits"
TOLERANCE: Final = 1e-3
"""Of a logit, as a fraction of the largest: engines round differently."""


class Program(nn.Module):
    """A network from pixels to logits.

    Args:
        module: From normalized images to logits, its weights loaded.
        normalization: How pixels / 255 become its input.
    """

    def __init__(self, module: nn.Module, normalization: Normalization) -> None:
        super().__init__()
        self.module = module
        self.mean: Tensor
        self.std: Tensor
        for name, values in (("mean", normalization.mean), ("std", normalization.std)):
            numbers = torch.tensor(values, dtype=torch.float32)[:, None, None]
            self.register_buffer(name, numbers)

    def forward(self, images: Tensor) -> Tensor:
        """Return the N×K logits of N×C×H×W images, 0 to 1."""
        logits: Tensor = self.module((images - self.mean) / self.std)
        return logits


def trained_module(
    network: Network, image_shape: tuple[int, int, int], weights: Arrays
) -> nn.Module:
    """Return the module of a network with these weights, ready to be evaluated.

    Raises:
        NetworkError: If the weights are not those of the network.
    """
    check_weights(network, image_shape, weights)
    module = new_module(network, image_shape)
    with torch.no_grad():
        for name, each in (trained_tensors(module) | kept_tensors(module)).items():
            each.copy_(torch.tensor(weights[name]))
    return module.eval()


def export(
    to: Format,
    program: Program,
    images: NDArray[np.uint8],
    logits: NDArray[np.float32],
) -> bytes:
    """Return the contents of a file, after they have been read back and tried.

    Args:
        to: What kind of file.
        program: The network.
        images: N×H×W×C, N at least 2, of which the logits are known.
        logits: N×K, as they were stored.

    Raises:
        MissingExtra: If it is ONNX, and that is not installed.
        NetworkError: If the module cannot be exported, or the file gives other logits.
    """
    inputs = (images.transpose(0, 3, 1, 2) / np.float32(255)).astype(np.float32)
    with _quiet():
        try:
            found, contents = _WAYS[to](program, inputs)
        except MissingExtra:
            raise
        except Exception as error:
            said = " ".join(f"{type(error).__name__}: {error}".split())[:300]
            raise NetworkError(f"cannot be exported: {said}", where=_name(program)) from error
    difference = float(np.abs(found - logits).max())
    if not difference <= TOLERANCE * max(1.0, float(np.abs(logits).max())):
        raise NetworkError(
            f"the exported network gives other logits than are stored: they differ by "
            f"{difference:.2g}",
            where=_name(program),
            expected=f"the same but for rounding, of {len(images)} test images",
        )
    return contents


def _torch(program: Program, inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], bytes]:
    file = io.BytesIO()
    torch.export.save(_exported(program, inputs), file)
    contents = file.getvalue()
    again = torch.export.load(io.BytesIO(contents)).module()
    with torch.no_grad():
        found: NDArray[np.float32] = again(torch.tensor(inputs)).numpy()
    return found, contents


def _onnx(program: Program, inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], bytes]:
    if any(find_spec(each) is None for each in ("onnx", "onnxscript", "onnxruntime")):
        raise MissingExtra("onnx", "export to ONNX")
    import onnxruntime

    written = torch.onnx.export(
        _exported(program, inputs),
        input_names=[INPUT],
        output_names=[OUTPUT],
        dynamo=True,
        verbose=False,
    )
    assert written is not None
    contents: bytes = written.model_proto.SerializeToString()
    session = onnxruntime.InferenceSession(contents, providers=["CPUExecutionProvider"])
    (found,) = session.run([OUTPUT], {INPUT: inputs})
    return found, contents


_Way = Callable[[Program, NDArray[np.float32]], tuple[NDArray[np.float32], bytes]]
_WAYS: Final[Mapping[Format, _Way]] = {"torch": _torch, "onnx": _onnx}


def _exported(program: Program, inputs: NDArray[np.float32]) -> torch.export.ExportedProgram:
    shapes = ({0: torch.export.Dim("batch", min=1)},)
    # From two images: PyTorch takes a size of one for something that never changes.
    return torch.export.export(program, (torch.tensor(inputs[:2]),), dynamic_shapes=shapes)


@contextmanager
def _quiet() -> Iterator[None]:
    """Leave out what PyTorch's exporters say of their own future, and of what they do without."""
    logger = logging.getLogger("torch.onnx")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)


def _name(program: Program) -> str:
    return type(program.module).__name__
