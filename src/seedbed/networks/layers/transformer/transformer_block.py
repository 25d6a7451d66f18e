"""Transformer blocks."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from seedbed.networks.initialization import Weight, bias_vector, matrix
from seedbed.networks.layers.activation import gelu
from seedbed.networks.layers.base import Context, Kernel, Layer, Mask, Values, Weights
from seedbed.networks.layers.checks import require_integers, set_probability
from seedbed.networks.layers.linear import affine
from seedbed.networks.layers.normalization.layer_norm import LayerNorm, layer_norm
from seedbed.networks.layers.normalization.scale import scale_and_shift
from seedbed.networks.layers.transformer.class_token import TakeClassToken
from seedbed.networks.shapes import Shape, ShapeError, nearest_divisors, tokens_of


@dataclass(frozen=True)
class TransformerBlock(Layer):
    """Self-attention and a multilayer perceptron, both with pre-normalization and a residual.

    As ``torch.nn.TransformerEncoderLayer(embed_dim, num_heads, mlp_dim, activation="gelu",
    batch_first=True, norm_first=True)``, with the same weights: x + attention(norm1(x)), then x +
    linear2(GELU(linear1(norm2(x)))).

    Dropout follows every linear layer except the projection to queries, keys and values
    (Dosovitskiy et al. 2021, appendix B.1). Unlike PyTorch's layer, there is none on the attention
    probabilities. Stochastic depth (Huang et al. 2016) drops each of the two residual branches of
    an image with probability ``drop_path`` in training, and otherwise scales it by
    1 / (1 - ``drop_path``).
    """

    prefix: ClassVar[str] = "block"
    has_weights: ClassVar[bool] = True

    num_heads: int
    mlp_dim: int
    dropout: float = 0.0
    """0, or 0.0001 to 0.9999."""
    drop_path: float = 0.0
    """0, or 0.0001 to 0.9999."""

    def __post_init__(self) -> None:
        require_integers(self, num_heads=1, mlp_dim=1)
        set_probability(self, "dropout", or_zero=True)
        set_probability(self, "drop_path", or_zero=True)

    @property
    def caption(self) -> str:
        return f"Transformer, {self.num_heads} heads"

    def output_shape(self, input_shape: Shape) -> Shape:
        _, embed_dim = tokens_of(input_shape)
        if embed_dim % self.num_heads:
            raise ShapeError(
                f"its {self.num_heads} heads do not divide the embed_dim of {embed_dim} "
                f"({nearest_divisors(self.num_heads, embed_dim)} would)"
            )
        return input_shape

    def parameters(self, input_shape: Shape) -> dict[str, Weight]:
        dim, mlp = input_shape[1], self.mlp_dim
        weights = {
            "norm1": scale_and_shift(dim),
            "self_attn": {
                "in_proj_weight": matrix((3 * dim, dim), pytorch="glorot-uniform"),
                "in_proj_bias": bias_vector((3 * dim,)),
                "out_proj.weight": matrix((dim, dim)),
                "out_proj.bias": bias_vector((dim,)),
            },
            "norm2": scale_and_shift(dim),
            "linear1": {"weight": matrix((mlp, dim)), "bias": bias_vector((mlp,), fan_in=dim)},
            "linear2": {"weight": matrix((dim, mlp)), "bias": bias_vector((dim,), fan_in=mlp)},
        }
        return {
            f"{part}.{name}": weight
            for part, inside in weights.items()
            for name, weight in inside.items()
        }

    def activations(self, input_shape: Shape) -> int:
        tokens, dim = input_shape
        return max(self.num_heads * tokens**2, tokens * self.mlp_dim, 3 * tokens * dim)

    def multiply_adds(self, input_shape: Shape) -> int:
        tokens, dim = input_shape
        # Four projections and the perceptron per token; then every token with every other, twice:
        # for the scores and for the weighted values.
        return tokens * (4 * dim**2 + 2 * dim * self.mlp_dim) + 2 * tokens**2 * dim

    def masks(self, input_shape: Shape) -> tuple[Mask, ...]:
        tokens, dim = input_shape
        features, hidden = (
            (Mask(tokens * width, self.dropout),) if self.dropout > 0 else ()
            for width in (dim, self.mlp_dim)
        )
        branch = (Mask(1, self.drop_path, branch=True),) if self.drop_path > 0 else ()
        return (*features, *branch, *hidden, *features, *branch)

    def forward(self, x: Values, weights: Weights) -> Values:
        scores, value = self._scores_and_values(x, weights)
        mixed = (_softmax(scores) @ value).swapaxes(1, 2).reshape(x.shape)
        x = x + affine(mixed, weights, "self_attn.out_proj.")
        hidden = affine(layer_norm(x, weights, "norm2."), weights, "linear1.")
        return x + affine(gelu(hidden), weights, "linear2.")

    def attention(self, x: Values, weights: Weights) -> Values:
        scores, _ = self._scores_and_values(x, weights)
        return _softmax(scores)

    def _scores_and_values(self, x: Values, weights: Weights) -> tuple[Values, Values]:
        images, tokens, dim = x.shape
        projected = affine(layer_norm(x, weights, "norm1."), weights, "self_attn.in_proj_")
        # N×T×(3·heads·width) to 3×N×heads×T×width.
        heads = projected.reshape(images, tokens, 3, self.num_heads, -1).transpose(2, 0, 3, 1, 4)
        query, key, value = heads
        return query @ key.swapaxes(-1, -2) / np.sqrt(dim // self.num_heads), value

    def kernels(self, context: Context) -> tuple[Kernel, ...]:
        _, dim = context.input_shape
        drop = (Kernel("dropout", {"p": self.dropout}),) if self.dropout > 0 else ()
        join = Kernel("join", {"drop_path": self.drop_path})
        heads = {"num_heads": self.num_heads, "first_only": self._only_first_matters(context)}
        return (
            Kernel("fork"),
            Kernel("layer_norm"),
            Kernel("token_linear", {"out_features": 3 * dim}),
            Kernel("attention", heads),
            Kernel("token_linear", {"out_features": dim}),
            *drop,
            join,
            Kernel("fork"),
            Kernel("layer_norm"),
            Kernel("token_linear", {"out_features": self.mlp_dim}),
            Kernel("gelu"),
            *drop,
            Kernel("token_linear", {"out_features": dim}),
            *drop,
            join,
        )

    def _only_first_matters(self, context: Context) -> bool:
        """Whether later layers use only the first token of the output.

        Then the others need not be computed. With dropout they are, because the masks have values
        for them.
        """
        if self.dropout > 0:
            return False
        behind = [layer for layer in context.behind[:2] if not isinstance(layer, LayerNorm)]
        return bool(behind) and isinstance(behind[0], TakeClassToken)

    def module(self, nn: Any, input_shape: Shape) -> Any:
        return nn.TransformerBlock(
            *input_shape, self.num_heads, self.mlp_dim, self.dropout, self.drop_path
        )


def _softmax(scores: Values) -> Values:
    from scipy.special import softmax  # slow to import, like that of gelu

    probabilities: Values = softmax(scores, axis=-1)
    return probabilities
