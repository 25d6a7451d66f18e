"""The layers of a Vision Transformer (Dosovitskiy et al. 2021, "An image is worth 16x16 words").

One image is a sequence of tokens here, of shape (tokens, width): ``width`` numbers for each.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import NetworkError
from seedbed.core.suggestions import unknown
from seedbed.networks.checks import require_integers, set_rate

PositionKind = Literal["learned", "sinusoidal"]


@dataclass(frozen=True)
class PatchEmbedding:
    """A token of ``width`` numbers for every ``patch`` × ``patch`` pixels, row by row.

    All patches go through the same linear layer, as ``torch.nn.Conv2d(channels, width, patch,
    stride=patch)`` does it. ``patch`` must divide the image's sides.
    """

    width: int
    patch: int

    def __post_init__(self) -> None:
        require_integers(self, "patches", width=1, patch=1)


@dataclass(frozen=True)
class ClassToken:
    """One learned token more, in front of the others."""


@dataclass(frozen=True)
class PositionEncoding:
    """Numbers that tell where a token stands, added to it.

    ``learned``: a weight for each number of each token; ``sinusoidal``: see :func:`sinusoidal`.
    """

    kind: PositionKind = "learned"

    def __post_init__(self) -> None:
        known = get_args(PositionKind)
        if self.kind not in known:
            raise NetworkError(unknown("position encoding", self.kind, known))


@dataclass(frozen=True)
class TransformerBlock:
    """Attention, then a multilayer perceptron, each normalized first and added to its input.

    As ``torch.nn.TransformerEncoderLayer(width, heads, mlp, activation="gelu", batch_first=True,
    norm_first=True)``, with its weights: x + attention(norm1(x)), then x + linear2(GELU(
    linear1(norm2(x)))).

    Dropout comes behind every linear layer but the one that makes queries, keys and values
    (Dosovitskiy et al. 2021, appendix B.1); unlike PyTorch's layer, this one has none on the
    attention's probabilities. Stochastic depth (Huang et al. 2016) leaves out, for an image while
    training, each of the two additions with probability ``drop_path``, and scales those that stay
    by 1 / (1 - ``drop_path``).
    """

    heads: int
    mlp: int
    dropout: float = 0.0
    """0, or 0.0001 to 0.9999."""
    drop_path: float = 0.0
    """0, or 0.0001 to 0.9999."""

    def __post_init__(self) -> None:
        require_integers(self, "block", heads=1, mlp=1)
        set_rate(self, "block", "dropout", or_none=True)
        set_rate(self, "block", "drop_path", or_none=True)


@dataclass(frozen=True)
class LayerNorm:
    """Each token to mean 0 and variance 1 over its numbers, then scaled and shifted by weights.

    As ``torch.nn.LayerNorm(width)``; without tokens, over all features.
    """


@dataclass(frozen=True)
class TokenMean:
    """The mean of all tokens, as features."""


@dataclass(frozen=True)
class TakeClassToken:
    """The class token alone, as features."""


def sinusoidal(tokens: int, width: int) -> NDArray[np.float32]:
    """Return the fixed position encoding of Vaswani et al. (2017, section 3.5).

    Column 2i holds sin(t / 10000^(2i / width)) for the token t = 0, 1, ..., column 2i + 1 the
    cosine.

    Returns:
        tokens × width.
    """
    column = np.arange(width)
    angle = np.arange(tokens)[:, None] / 10000 ** ((column - column % 2) / width)
    return np.where(column % 2 == 0, np.sin(angle), np.cos(angle)).astype(np.float32)
