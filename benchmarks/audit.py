r"""How well an audit keeps its promise on samples of a dataset with planted or human label errors.

Method: for each seed, draw images of the training split, plant errors (or take the labels that
people gave), and audit them in memory (``seedbed.audit``, with its defaults unless told otherwise).
Printed are sums over seeds: finds at a promised false discovery rate of 10%, how many of them are
right, how many wrong labels are found, and the same for cleanlab by the same predictions; mean
AUROCs, cleanlab's being that of the better of two scores in each sample (self-confidence,
normalized margin); estimated rate and processor time. Intervals are 95%, over seeds, by Student's
t: for the fraction of right finds, that of a ratio (Cochran 1977, "Sampling techniques", 6.3).

    python -m benchmarks.audit --images 500 --kind symmetric --rate 0.02 --seeds 5
    python -m benchmarks.audit --data photos/ --resize 32 --images 0 --rate 0.1 --seeds 5
    python -m benchmarks.audit --data cifar10 --images 5000 --network resnet8 --epochs 8 \
        --human cifar10n-human-labels.npz --key worse_label --seeds 5

With ``--keep DIR``, held-out predictions are kept there and not trained again, so that another way
to score them is measured at once. What is printed of time is that of training.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import seedbed
from seedbed.core.seeds import stream
from seedbed.data.images import ImageDataset
from seedbed.label_errors.audit import FDR
from seedbed.label_errors.predictions import SplitPredictions
from seedbed.label_errors.result import LabelAudit, audit_predictions
from seedbed.label_errors.scores import ranking
from seedbed.label_errors.second_opinion import cleanlab_auroc, cleanlab_issues
from seedbed.label_errors.several import mean_text, ratio_text
from seedbed.label_errors.study import default_recipe
from seedbed.label_errors.training import Training
from seedbed.label_errors.truth import auroc
from seedbed.noise.human import Labels, labels_for
from seedbed.noise.labels import draw_labels
from seedbed.noise.transition import Matrix, pair, symmetric

KINDS: dict[str, Callable[[int, float], Matrix]] = {"symmetric": symmetric, "pair": pair}


@dataclass(frozen=True)
class Sample:
    """What one audit found."""

    images: int
    wrong: int
    finds: int
    right: int
    """Finds whose label is right."""
    withheld: bool
    """Whether the audit said that it cannot keep a promise."""
    auroc: float
    rate: float
    """The estimated noise rate."""
    held: bool
    """Whether the interval of the noise rate holds the observed one."""
    theirs: int
    """Finds of cleanlab."""
    theirs_right: int
    their_auroc: float
    seconds: float


def main() -> None:
    """Audit every sample, and print the sums."""
    options = _parser().parse_args()
    train = (
        seedbed.load_dataset(path=options.data, resize=options.resize, test_fraction=0)
        if Path(options.data).exists()
        else seedbed.load_dataset(options.data, resize=options.resize)
    ).train
    samples = [
        _sample(options, train, seed)
        for seed in range(options.first, options.first + options.seeds)
    ]
    if options.each:
        for sample in samples:
            print(_line("sample", [sample]))
    what = options.key or f"{options.kind} {options.rate:.0%}"
    print(_line(f"{Path(options.data).name}, {what}", samples))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="mnist", help="the name of a dataset, or a path")
    parser.add_argument("--resize", type=int, help="width and height of the images")
    parser.add_argument("--images", type=int, default=500, help="0 for all")
    parser.add_argument("--kind", choices=KINDS, default="symmetric")
    parser.add_argument("--rate", type=float, default=0.02)
    parser.add_argument("--human", type=Path, help="labels of people instead, an NPZ file")
    parser.add_argument("--key", help="the array with these labels")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--network", help="default: that of the audit")
    parser.add_argument("--epochs", type=int, help="default: those of the audit")
    parser.add_argument("--repeats", type=int, help="default: those of the audit")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep predictions in this folder")
    parser.add_argument("--each", action="store_true", help="also print every sample")
    return parser


def _sample(options: argparse.Namespace, train: ImageDataset, seed: int) -> Sample:
    count = options.images or len(train)
    chosen = stream(seed, "split").permutation(len(train))[:count]
    clean = train.labels[chosen]
    if options.human:
        given = labels_for(options.human, options.key, train.labels, len(train.class_names))[chosen]
    else:
        given = draw_labels(clean, KINDS[options.kind](len(train.class_names), options.rate), seed)
    audit, seconds = _audit(options, train.images[chosen], given, seed)
    order = ranking(audit.p_wrong, audit.splits[0].scores.self_confidence)
    wrong = (given != clean)[order]
    issues = cleanlab_issues(audit.pred_probs, given)
    assert issues is not None
    their_auroc = cleanlab_auroc(audit.pred_probs, given, given != clean)
    low, high = audit.splits[0].intervals.rate
    return Sample(
        images=count,
        wrong=int(wrong.sum()),
        finds=audit.finds.count,
        right=int((~wrong[: audit.finds.count]).sum()),
        withheld=audit.withheld,
        auroc=_auroc(wrong),
        rate=audit.noise_rate,
        held=low <= wrong.mean() <= high,
        theirs=int(issues.sum()),
        theirs_right=int((given == clean)[issues].sum()),
        their_auroc=np.nan if their_auroc is None else their_auroc,
        seconds=seconds,
    )


def _auroc(wrong: NDArray[np.bool_]) -> float:
    area = auroc(wrong)
    return np.nan if area is None else area


def _audit(
    options: argparse.Namespace, images: NDArray[np.uint8], given: Labels, seed: int
) -> tuple[LabelAudit, float]:
    """Return an audit, by kept predictions if there are some, and the seconds of its training."""
    file = None
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
        noise = options.key or f"{options.kind}{options.rate:g}"
        how = f"{options.network}-{options.epochs}-{options.repeats}"
        file = options.keep / f"{Path(options.data).name}-{len(given)}-{noise}-{how}-{seed}.npz"
    if file is not None and file.is_file():
        kept = np.load(file)
        data = ImageDataset(images, given, tuple(map(str, kept["class_names"])))
        split = SplitPredictions(
            "train", data, given, None, tuple(kept["draws"]), kept["votes"], kept["networks"]
        )
        training = Training(float(kept["memorized"]), float(kept["late_gain"]))
        audit = audit_predictions("kept", (split,), fdr=FDR, training=training)
        return audit, float(kept["seconds"])
    started = time.process_time()
    recipe = default_recipe(len(given)) | ({"epochs": options.epochs} if options.epochs else {})
    classes = len(np.unique(given))
    audit = seedbed.audit(
        images,
        given,
        repeats=options.repeats,
        network=getattr(seedbed, options.network)(classes) if options.network else None,
        recipe=seedbed.Recipe(**recipe),
    )
    seconds = time.process_time() - started
    if file is not None:
        split = audit.splits[0].predictions
        assert audit.training is not None
        np.savez(
            file,
            draws=np.array(split.draws, np.float32),
            votes=split.votes,
            networks=split.networks,
            class_names=np.array(audit.class_names),
            seconds=seconds,
            **asdict(audit.training),
        )
    return audit, seconds


def _line(what: str, samples: list[Sample]) -> str:
    def total(name: str) -> NDArray[np.float64]:
        return np.array([getattr(sample, name) for sample in samples], np.float64)

    wrong, finds, right = total("wrong"), total("finds"), total("right")
    theirs, theirs_right = total("theirs"), total("theirs_right")
    ahead = total("auroc") - total("their_auroc")
    return (
        f"{what}, {samples[0].images:,} images, n = {len(samples)}: "
        f"{finds.sum():.0f} finds, {right.sum():.0f} right, {ratio_text(right, finds)}; "
        f"recall {(finds - right).sum() / wrong.sum():.1%}; "
        f"withheld {total('withheld').sum():.0f}; "
        f"AUROC {total('auroc').mean():.4f}, cleanlab's {total('their_auroc').mean():.4f}, "
        f"difference {mean_text(ahead)}; "
        f"rate {wrong.sum() / total('images').sum():.2%}, estimated {total('rate').mean():.2%}, "
        f"within {total('held').sum():.0f} intervals; "
        f"cleanlab: {theirs.sum():.0f} finds, right {ratio_text(theirs_right, theirs)}, "
        f"recall {(theirs - theirs_right).sum() / wrong.sum():.1%}; "
        f"{total('seconds').mean():.0f} s of processor time each"
    )


if __name__ == "__main__":
    main()
