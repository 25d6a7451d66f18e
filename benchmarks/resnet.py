"""A ResNet-8 on images of CIFAR-10's size: seconds of one epoch of one run, beside PyTorch.

The network is ``resnet8()``, nine convolutions of 16 to 64 channels with batch norm. Both sides
train it in float32 with SGD (momentum 0.9) and cross-entropy, batch 128, on random images of 32×32
pixels with three channels, which are in memory before the clock starts: how long a step takes does
not depend on the pixels. Only training steps are timed, no evaluation.

- Seedbed on two cores trains two runs at once, each a pass over 10,000 images; the time until the
  later one has finished is divided by two. On one core it trains one run.
- PyTorch, eager, with images and weights as channels-last, the faster memory format on a CPU, or as
  they come; one run with 2 threads, or two runs at once, each in a process of 1 thread, the later
  one's time divided by two. 50 steps, after five that are not timed.
- PyTorch, AVX2 only: its libraries are told to use nothing newer, as on a processor that has no
  more. Seedbed with AVX2 is compared with this.

All times are scaled to 50,000 images. Peers take turns within a round, and a ratio compares
times of the same round.
"""

from collections.abc import Sequence

from benchmarks.beside_pytorch import measure


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and keep the result."""
    measure(
        "resnet8",
        images=10_000,
        layouts={"channels-last": {"channels_last": True}, "eager": {}},
        name="resnet",
        title="Speed: a ResNet-8 on images of CIFAR-10's size",
        method=__doc__ or "",
        arguments=arguments,
    )


if __name__ == "__main__":
    main()
