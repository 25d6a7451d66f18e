"""What a Vision Transformer looks at, and what it has learned about places and patches."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def attention_rollout(
    attention: Sequence[NDArray[np.floating]], residual: float = 0.5
) -> NDArray[np.float64]:
    """Return how much each token at the end holds of each token at the beginning.

    Attention rollout (Abnar and Zuidema 2020, "Quantifying attention flow in transformers",
    section 3): the attention of a block is the mean over its heads, mixed with the identity for the
    residual connection; the blocks are multiplied.

    Args:
        attention: Of each block, N×heads×T×T, each row of sum 1.
        residual: How much a token keeps of itself in each block, 0 to 1.

    Returns:
        float64, N×T×T: rows (tokens at the end) sum to 1.

    """
    identity = np.eye(attention[0].shape[-1])
    rollout = np.broadcast_to(identity, (len(attention[0]), *identity.shape))
    for block in attention:
        mixed = (1 - residual) * np.mean(block, axis=1, dtype=np.float64) + residual * identity
        rollout = mixed @ rollout
    return rollout


def patch_relevance(
    rollout: NDArray[np.float64], grid: tuple[int, int], *, class_token: bool
) -> NDArray[np.float64]:
    """Return how much the features that the last layer sees hold of each patch.

    Args:
        rollout: N×T×T; where there are more tokens than patches, the patches come last.
        grid: Rows and columns of patches.
        class_token: Whether the features are the class token, the first; else they are the mean of
            all tokens.

    Returns:
        float64, N×rows×columns, each of sum 1: what is held of tokens that are no patches is left
        out.

    """
    seen = rollout[:, 0] if class_token else rollout.mean(axis=1)
    seen = seen[:, -grid[0] * grid[1] :]
    shares: NDArray[np.float64] = seen / seen.sum(axis=1, keepdims=True)
    return shares.reshape(-1, *grid)


def position_similarity(
    positions: NDArray[np.floating], grid: tuple[int, int]
) -> NDArray[np.float64]:
    """Return how alike the position embeddings of any two patches are.

    As in figure 7 (center) of Dosovitskiy et al. (2021, "An image is worth 16x16 words").

    Args:
        positions: T×width; where there are more tokens than patches, the patches come last.
        grid: Rows and columns of patches.

    Returns:
        float64, rows×columns×rows×columns: cosines, from -1 to 1.

    """
    patches = np.asarray(positions, np.float64)[-grid[0] * grid[1] :]
    lengths = np.linalg.norm(patches, axis=1, keepdims=True)
    directions = np.divide(patches, lengths, out=np.zeros_like(patches), where=lengths > 0)
    cosines: NDArray[np.float64] = directions @ directions.T
    return cosines.reshape(*grid, *grid)


def principal_filters(weight: NDArray[np.floating], count: int) -> NDArray[np.float64]:
    """Return the principal components of a patch embedding's filters.

    As in figure 7 (left) of Dosovitskiy et al. (2021): what patches look like along which the
    embedding tells them apart best. Components have no sign; the largest value is made positive.

    Args:
        weight: width×C×P×P.
        count: How many components at most.

    Returns:
        float64, n×C×P×P of length 1 each, that of the largest variance first.

    """
    filters = np.asarray(weight, np.float64).reshape(len(weight), -1)
    _, strength, components = np.linalg.svd(filters - filters.mean(axis=0), full_matrices=False)
    told_apart = int(np.sum(strength > 1e-6 * strength[0])) if strength[0] > 0 else 0
    components = components[: min(count, told_apart)]
    largest = np.take_along_axis(components, np.abs(components).argmax(axis=1)[:, None], axis=1)
    signed: NDArray[np.float64] = components * np.sign(largest)
    return signed.reshape(-1, *weight.shape[1:])
