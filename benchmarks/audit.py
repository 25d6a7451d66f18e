"""How well an audit keeps its promise on small samples of MNIST with planted errors.

Method: for each seed, draw images of MNIST's training split, plant errors, and audit them in memory
(``seedbed.audit``, with its defaults). Printed are sums over seeds: finds at a promised false
discovery rate of 10%, how many of them are right, how many wrong labels are found; and the mean
AUROC and estimated rate.

    python -m benchmarks.audit --images 500 --kind symmetric --rate 0.02 --seeds 4
"""

import argparse
import time
from collections.abc import Callable

import numpy as np

import seedbed
from seedbed.core.seeds import stream
from seedbed.label_errors.scores import ranking
from seedbed.label_errors.truth import auroc
from seedbed.noise.labels import draw_labels
from seedbed.noise.transition import Matrix, pair, symmetric

KINDS: dict[str, Callable[[int, float], Matrix]] = {"symmetric": symmetric, "pair": pair}


def main() -> None:
    """Audit every sample, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=500)
    parser.add_argument("--kind", choices=KINDS, default="symmetric")
    parser.add_argument("--rate", type=float, default=0.02)
    parser.add_argument("--seeds", type=int, default=4)
    options = parser.parse_args()
    train = seedbed.load_dataset("mnist").train
    matrix = KINDS[options.kind](10, options.rate)
    finds = found = wrong = 0
    areas, rates = [], []
    started = time.process_time()
    for seed in range(options.seeds):
        chosen = stream(seed, "split").permutation(len(train))[: options.images]
        clean = train.labels[chosen]
        given = draw_labels(clean, matrix, seed)
        audit = seedbed.audit(train.images[chosen], given)
        order = ranking(audit.p_wrong, audit.splits[0].scores.self_confidence)
        is_wrong = (given != clean)[order]
        finds += audit.finds.count
        found += int(is_wrong[: audit.finds.count].sum())
        wrong += int(is_wrong.sum())
        areas.append(auroc(is_wrong) or np.nan)
        rates.append(audit.noise_rate)
    right = finds - found
    print(
        f"{options.kind} {options.rate:.0%}, {options.images:,} images, n = {options.seeds}: "
        f"{finds} finds, {right} right ({right / max(finds, 1):.1%}); "
        f"recall {found / wrong:.1%}; AUROC {np.mean(areas):.4f}; "
        f"rate {wrong / options.images / options.seeds:.2%}, estimated {np.mean(rates):.2%}; "
        f"{time.process_time() - started:.0f} s of processor time"
    )


if __name__ == "__main__":
    main()
