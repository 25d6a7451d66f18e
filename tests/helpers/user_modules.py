"""Networks as a user would write them, who neither names nor knows Seedbed."""

import torch
from torch import nn


class BasicBlock(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(out)) + self.shortcut(x))


class ResNet8(nn.Module):
    """He et al. (2016), section 4.2, with n = 1; dropout before the last layer."""

    def __init__(
        self, num_classes: int, channels: int, width: int = 16, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.layer1 = BasicBlock(width, width, 1)
        self.layer2 = BasicBlock(width, 2 * width, 2)
        self.layer3 = BasicBlock(2 * width, 4 * width, 2)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(4 * width, num_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        answer: torch.Tensor = self.fc(self.dropout(x.mean(dim=(2, 3))))
        return answer


def make_resnet8(
    num_classes: int = 10, channels: int = 3, width: int = 16, dropout: float = 0.0
) -> nn.Module:
    return ResNet8(num_classes, channels, width, dropout)


class Tied(nn.Module):
    """Two layers with the same weights, and one whose bias is frozen."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(192, 192), nn.Linear(192, 192)
        self.second.weight = self.first.weight
        self.fc = nn.Linear(192, 3)
        self.fc.bias.requires_grad_(False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        answer: torch.Tensor = self.fc(self.second(torch.tanh(self.first(images.flatten(1)))))
        return answer


class Moving(nn.Module):
    """Takes away the mean of what it has seen, which it keeps as a new tensor each time."""

    def __init__(self) -> None:
        super().__init__()
        self.mean: torch.Tensor
        self.register_buffer("mean", torch.zeros(192))
        self.fc = nn.Linear(192, 3)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        pixels = images.flatten(1)
        if self.training:
            self.mean = 0.9 * self.mean + 0.1 * pixels.mean(dim=0)
        answer: torch.Tensor = self.fc(pixels - self.mean)
        return answer


class Asks(nn.Module):
    """Looks at its numbers before it goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(192, 3)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        answer: torch.Tensor = self.fc(images.flatten(1))
        return answer if answer.mean() > 0 else -answer
