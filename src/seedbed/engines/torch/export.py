"""Export of a trained network as a PyTorch program or as ONNX, for any batch size.

The program takes float32 images, N×C×H×W, with pixels / 255 (0 to 1), normalizes them as in
training, and returns N×K logits. It needs the extra ``[torch]``, and ``[onnx]`` for ONNX.
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
from seedbed.engines.torch.modules import new_module
from seedbed.networks.module_facts import in_one_line, kept_tensors, trained_tensors
from seedbed.networks.network import Network
from seedbed.networks.weights import check_weights
from seedbed.training.engine import Arrays

Format = Literal["torch", "onnx"]
ENDINGS: Final[Mapping[Format, str]] = {"torch": ".pt2", "onnx": ".onnx"}
INPUT, OUTPUT = "images", "logits"
TOLERANCE: Final = 1e-3
"""The allowed difference of logits, relative to the largest one: engines round differently."""


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
        for name, tensor in (trained_tensors(module) | kept_tensors(module)).items():
            tensor.copy_(torch.tensor(weights[name]))
    return module.eval()


def export(
    to: Format,
    program: Program,
    images: NDArray[np.uint8],
    logits: NDArray[np.float32],
) -> bytes:
    """Return the contents of a file, after reading it back and comparing its logits.

    Args:
        to: The format.
        program: The network.
        images: N×H×W×C, N at least 2.
        logits: The stored logits of these images, N×K.

    Raises:
        MissingExtra: If the format is ONNX, and it is not installed.
        NetworkError: If the module cannot be exported, or the file returns different logits.
    """
    inputs = (images.transpose(0, 3, 1, 2) / np.float32(255)).astype(np.float32)
    with _quiet():
        try:
            exported, contents = _EXPORTERS[to](program, inputs)
        except MissingExtra:
            raise
        except Exception as error:
            raise NetworkError(
                f"cannot be exported: {in_one_line(error)}", where=_name(program)
            ) from error
    difference = float(np.abs(exported - logits).max())
    if not difference <= TOLERANCE * max(1.0, float(np.abs(logits).max())):
        raise NetworkError(
            f"the logits of the exported network differ from the stored ones by {difference:.2g}",
            where=_name(program),
            expected=f"equal logits for {len(images)} test images, up to rounding",
        )
    return contents


def _torch(program: Program, inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], bytes]:
    file = io.BytesIO()
    torch.export.save(_exported(program, inputs), file)
    contents = file.getvalue()
    module = torch.export.load(io.BytesIO(contents)).module()
    with torch.no_grad():
        logits: NDArray[np.float32] = module(torch.tensor(inputs)).numpy()
    return logits, contents


def _onnx(program: Program, inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], bytes]:
    if any(find_spec(package) is None for package in ("onnx", "onnxscript", "onnxruntime")):
        raise MissingExtra("onnx", "export to ONNX")
    import onnxruntime

    exported = torch.onnx.export(
        _exported(program, inputs),
        input_names=[INPUT],
        output_names=[OUTPUT],
        dynamo=True,
        verbose=False,
    )
    assert exported is not None
    contents: bytes = exported.model_proto.SerializeToString()
    session = onnxruntime.InferenceSession(contents, providers=["CPUExecutionProvider"])
    (logits,) = session.run([OUTPUT], {INPUT: inputs})
    return logits, contents


_Exporter = Callable[[Program, NDArray[np.float32]], tuple[NDArray[np.float32], bytes]]
_EXPORTERS: Final[Mapping[Format, _Exporter]] = {"torch": _torch, "onnx": _onnx}


def _exported(program: Program, inputs: NDArray[np.float32]) -> torch.export.ExportedProgram:
    shapes = ({0: torch.export.Dim("batch", min=1)},)
    # Traced with two images: PyTorch would treat a batch size of one as constant.
    return torch.export.export(program, (torch.tensor(inputs[:2]),), dynamic_shapes=shapes)


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the exporters' warnings about deprecations and missing optional packages."""
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
