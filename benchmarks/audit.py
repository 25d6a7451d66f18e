"""How well an audit keeps its promise on samples of a dataset with planted errors.

Method: for each seed, draw images of the training split, plant errors, and audit them in memory
(``seedbed.audit``, with its defaults). Printed are sums over seeds: finds at a promised false
discovery rate of 10%, how many of them are right, how many wrong labels are found, and the same for
cleanlab by the same predictions; and the mean AUROC, estimated rate and processor time.

    python -m benchmarks.audit --images 500 --kind symmetric --rate 0.02 --seeds 5
    python -m benchmarks.audit --data photos/ --resize 32 --images 0 --rate 0.1 --seeds 5
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import seedbed
from seedbed.core.seeds import stream
from seedbed.label_errors.scores import ranking
from seedbed.label_errors.second_opinion import cleanlab_issues
from seedbed.label_errors.truth import auroc
from seedbed.noise.labels import draw_labels
from seedbed.noise.transition import Matrix, pair, symmetric

KINDS: dict[str, Callable[[int, float], Matrix]] = {"symmetric": symmetric, "pair": pair}


def main() -> None:
    """Audit every sample, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="mnist", help="the name of a dataset, or a path")
    parser.add_argument("--resize", type=int, help="width and height of the images")
    parser.add_argument("--images", type=int, default=500, help="0 for all")
    parser.add_argument("--kind", choices=KINDS, default="symmetric")
    parser.add_argument("--rate", type=float, default=0.02)
    parser.add_argument("--seeds", type=int, default=4)
    options = parser.parse_args()
    is_path = Path(options.data).exists()
    train = (
        seedbed.load_dataset(path=options.data, resize=options.resize, test_fraction=0)
        if is_path
        else seedbed.load_dataset(options.data, resize=options.resize)
    ).train
    images = options.images or len(train)
    matrix = KINDS[options.kind](len(train.class_names), options.rate)
    finds = found = wrong = theirs = theirs_found = 0
    areas, rates = [], []
    started = time.process_time()
    for seed in range(options.seeds):
        chosen = stream(seed, "split").permutation(len(train))[:images]
        clean = train.labels[chosen]
        given = draw_labels(clean, matrix, seed)
        audit = seedbed.audit(train.images[chosen], given)
        order = ranking(audit.p_wrong, audit.splits[0].scores.self_confidence)
        is_wrong = (given != clean)[order]
        finds += audit.finds.count
        found += int(is_wrong[: audit.finds.count].sum())
        wrong += int(is_wrong.sum())
        issues = cleanlab_issues(audit.pred_probs, given)
        assert issues is not None
        theirs += int(issues.sum())
        theirs_found += int((given != clean)[issues].sum())
        areas.append(auroc(is_wrong) or np.nan)
        rates.append(audit.noise_rate)
    right = finds - found
    seconds = (time.process_time() - started) / options.seeds
    print(
        f"{options.kind} {options.rate:.0%}, {images:,} images, n = {options.seeds}: "
        f"{finds} finds, {right} right ({right / max(finds, 1):.1%}); "
        f"recall {found / wrong:.1%}; AUROC {np.mean(areas):.4f}; "
        f"rate {wrong / images / options.seeds:.2%}, estimated {np.mean(rates):.2%}; cleanlab: "
        f"{theirs} finds, {(theirs - theirs_found) / max(theirs, 1):.1%} right, recall "
        f"{theirs_found / wrong:.1%}; {seconds:.0f} s of processor time each"
    )


if __name__ == "__main__":
    main()
