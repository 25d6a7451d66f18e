"""A small Vision Transformer on MNIST: seconds of one training epoch of one run, beside PyTorch.

The network is ``vit()``: patches of 7×7 pixels and a class token, width 64, 6 blocks with 4 heads
and 128 hidden units. Both sides train it in float32 with SGD (momentum 0.9) and cross-entropy,
batch 128, on the same shuffled images, which are in memory before the clock starts. Only training
steps are timed, no evaluation.

- Seedbed on two cores trains two runs at once, each a whole epoch of 15,000 images; the time until
  the later one has finished is divided by two. On one core it trains one run.
- PyTorch, eager: a class token and positions around ``torch.nn.TransformerEncoder`` in training
  mode, without dropout; one run with 2 threads, or two runs at once, each in a process of 1 thread,
  the later one's time divided by two. 50 steps, after five that are not timed.
- PyTorch, AVX2 only: its libraries are told to use nothing newer, as on a processor that has no
  more. Seedbed with AVX2 is compared with this.

All times are scaled to 60,000 images. Peers take turns within a round, and a ratio compares
times of the same round.
"""

from collections.abc import Sequence

from benchmarks.beside_pytorch import measure


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and keep the result."""
    measure(
        "vit",
        images=15_000,
        layouts={"eager": {}},
        name="transformer",
        title="Speed: a Vision Transformer on MNIST",
        method=__doc__ or "",
        arguments=arguments,
    )


if __name__ == "__main__":
    main()
