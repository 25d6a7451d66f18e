"""Position encodings."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from seedbed.networks.initialization import Weight, normal
from seedbed.networks.layers.base import Context, Kernel, Layer, Values, Weights
from seedbed.networks.layers.checks import require_choice
from seedbed.networks.layers.transformer.class_token import EMBEDDING_STD
from seedbed.networks.shapes import Shape, tokens_of

PositionKind = Literal["learned", "sinusoidal"]


@dataclass(frozen=True)
class PositionEncoding(Layer):
    """Adds an encoding of its position to each token.

    ``learned``: a weight for every number of every token; ``sinusoidal``: :func:`sinusoidal`.
    """

    prefix: ClassVar[str] = "positions"

    kind: PositionKind = "learned"

    def __post_init__(self) -> None:
        require_choice(self, "kind", "position encoding", get_args(PositionKind))

    @property
    def caption(self) -> str:
        return "+ positions"

    def output_shape(self, input_shape: Shape) -> Shape:
        return tokens_of(input_shape)

    def parameters(self, input_shape: Shape) -> dict[str, Weight]:
        return {"weight": normal(EMBEDDING_STD, input_shape)} if self.kind == "learned" else {}

    def forward(self, x: Values, weights: Weights) -> Values:
        return x + (weights["weight"] if self.kind == "learned" else sinusoidal(*x.shape[1:]))

    def kernels(self, context: Context) -> tuple[Kernel, ...]:
        fixed = [] if self.kind == "learned" else sinusoidal(*context.input_shape).ravel().tolist()
        return (Kernel("positions", {"table": fixed}),)

    def module(self, nn: Any, input_shape: Shape) -> Any:
        if self.kind == "learned":
            return nn.LearnedPositions(*input_shape)
        return nn.FixedPositions(sinusoidal(*input_shape))


def sinusoidal(tokens: int, embed_dim: int) -> NDArray[np.float32]:
    """Return the fixed position encoding of Vaswani et al. (2017, section 3.5).

    Column 2i holds sin(t / 10000^(2i / embed_dim)) for the token t = 0, 1, ..., column 2i + 1 the
    cosine.

    Returns:
        tokens × embed_dim.
    """
    column = np.arange(embed_dim)
    angle = np.arange(tokens)[:, None] / 10000 ** ((column - column % 2) / embed_dim)
    return np.where(column % 2 == 0, np.sin(angle), np.cos(angle)).astype(np.float32)
