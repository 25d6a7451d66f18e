"""PyTorch in eager mode, from tensors in memory or from a DataLoader; and its SGEMM."""

import os
import time
from collections.abc import Iterator
from functools import cache
from itertools import islice

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.workers.gemm import best_rate
from benchmarks.workers.images import images_an_epoch, network_input
from benchmarks.workers.process import serve

_WARM_UP = 5


def epoch(
    batch_size: int,
    steps: int,
    from_loader: bool,
    network: str = "lenet5",
    channels_last: bool = False,
    compiled: bool = False,
) -> float:
    """Return the seconds of one epoch of the dataset, from ``steps`` steps of it."""
    model, optimizer = _model(batch_size, from_loader, network, channels_last, compiled)
    layout = torch.channels_last if channels_last else torch.contiguous_format
    loss_function = nn.CrossEntropyLoss()
    batches = _loaded(batch_size) if from_loader else _indexed(batch_size, network)
    start = 0.0
    for done, (inputs, targets) in enumerate(islice(batches, _WARM_UP + steps), 1):
        optimizer.zero_grad()
        loss_function(model(inputs.contiguous(memory_format=layout)), targets).backward()
        optimizer.step()
        if done == _WARM_UP:
            start = time.perf_counter()
    return (time.perf_counter() - start) * images_an_epoch(network) / (steps * batch_size)


def losses(batch_size: int, steps: int, compiled: bool = False) -> list[float]:
    """Return the mean loss of the first and of the last tenth of so many steps of LeNet-5."""
    torch.manual_seed(0)
    model, optimizer = _new_model("lenet5", channels_last=False, compiled=compiled)
    found = []
    for inputs, targets in islice(_indexed(batch_size, "lenet5"), steps):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(inputs), targets)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        found.append(loss.item())
    part = max(steps // 10, 1)
    return [sum(found[:part]) / part, sum(found[-part:]) / part]


def _indexed(batch_size: int, network: str) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield shuffled batches, picked from tensors in memory with one index each: the fast way."""
    images, labels = _tensors(network)
    for places in torch.split(torch.randperm(len(images)), batch_size):
        yield images[places], labels[places]


def _loaded(batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield shuffled batches from a DataLoader in its default form: the usual script."""
    images, labels = _tensors("lenet5")
    yield from DataLoader(TensorDataset(images, labels), batch_size, shuffle=True)


@cache
def _tensors(network: str) -> tuple[Tensor, Tensor]:
    images, labels = network_input(network)
    return torch.from_numpy(images.transpose(0, 3, 1, 2).copy()), torch.from_numpy(labels)


@cache
def _model(
    batch_size: int, from_loader: bool, network: str, channels_last: bool, compiled: bool
) -> tuple[nn.Module, torch.optim.Optimizer]:
    """Return a network and its optimizer for each kind of measurement."""
    del batch_size, from_loader
    return _new_model(network, channels_last=channels_last, compiled=compiled)


def _new_model(
    network: str, *, channels_last: bool, compiled: bool
) -> tuple[nn.Module, torch.optim.Optimizer]:
    model = {"lenet5": lenet5, "resnet8": resnet8, "vit": VisionTransformer}[network]()
    if channels_last:
        model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    if compiled:
        model.compile()  # in place; the warm-up steps pay for it
    return model, optimizer


def lenet5() -> nn.Module:
    """Return the network as one writes it in PyTorch; the first convolution pads the images."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, 10),
    )


class ResidualBlock(nn.Module):
    """Two convolutions, and a shortcut that is one where the shape changes."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            *_normal_convolution(inputs, outputs, 3, stride),
            nn.ReLU(),
            *_normal_convolution(outputs, outputs, 3, 1),
        )
        self.shortcut = nn.Sequential(
            *(_normal_convolution(inputs, outputs, 1, stride) if stride > 1 else ())
        )

    def forward(self, images: Tensor) -> Tensor:
        """Return the sum, without what is negative."""
        return torch.relu(self.branch(images) + self.shortcut(images))


def _normal_convolution(inputs: int, outputs: int, kernel: int, stride: int) -> list[nn.Module]:
    padding = kernel // 2
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)
    return [convolution, nn.BatchNorm2d(outputs)]


def resnet8() -> nn.Module:
    """Return Seedbed's ``resnet8()`` as one writes it in PyTorch."""
    return nn.Sequential(
        *_normal_convolution(3, 16, 3, 1),
        nn.ReLU(),
        ResidualBlock(16, 16, 1),
        ResidualBlock(16, 32, 2),
        ResidualBlock(32, 64, 2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, 10),
    )


class VisionTransformer(nn.Module):
    """Seedbed's ``vit()`` as one writes it with PyTorch's own encoder layers."""

    def __init__(self) -> None:
        super().__init__()
        width, patch, depth = 64, 7, 6
        self.patches = nn.Conv2d(1, width, patch, stride=patch)
        self.token = nn.Parameter(torch.zeros(width))
        self.positions = nn.Parameter(torch.zeros((28 // patch) ** 2 + 1, width))
        layer = nn.TransformerEncoderLayer(
            width, 4, 128, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.blocks = nn.TransformerEncoder(
            layer, depth, norm=nn.LayerNorm(width), enable_nested_tensor=False
        )
        self.head = nn.Linear(width, 10)

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits."""
        patches = self.patches(images).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.token.expand(len(images), 1, -1), patches], dim=1)
        answer: Tensor = self.head(self.blocks(tokens + self.positions)[:, 0])
        return answer


def gemm() -> float:
    """Return the GFLOP/s of float32 matrix products."""

    def product(size: int) -> tuple[Tensor, Tensor, Tensor]:
        return torch.rand(size, size), torch.rand(size, size), torch.empty(size, size)

    def multiply(a: Tensor, b: Tensor, out: Tensor) -> None:
        torch.mm(a, b, out=out)

    return best_rate(product, multiply)


if __name__ == "__main__":
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    serve({"epoch": epoch, "losses": losses, "gemm": gemm})
