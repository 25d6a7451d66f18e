"""What repairing wrong labels is worth: labels as given, repaired by an audit, and by a review.

Method: for each draw of noise, write an NPZ file whose training labels hold planted errors, audit
it with the defaults of ``seedbed audit``, and let a reviewer who knows the truth answer for every
find. Then train one study of three configurations (the file as given; with ``finds.csv``; with
``corrections.csv``), paired by seed and tested on clean labels. Printed are the comparisons of the
study of each draw, whose intervals are over seeds of the training; then the differences over draws
(the mean over seeds of each), with a 95% interval by Student's t.

    python -m benchmarks.repair --data mnist --images 2000 --kind pair --rate 0.4 --draws 3
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

import seedbed
from benchmarks.audit import KINDS
from seedbed.core.seeds import stream
from seedbed.data.images import DatasetSplits
from seedbed.data.label_corrections import corrections_csv
from seedbed.label_errors.output.files import FINDS
from seedbed.label_errors.result import LabelAudit
from seedbed.label_errors.review.corrections import CORRECTIONS
from seedbed.label_errors.several import audits_of, mean_text
from seedbed.noise.human import Labels
from seedbed.noise.labels import draw_labels

REPAIRED = {"by the audit": FINDS, "by review": CORRECTIONS}


def main() -> None:
    """Repair every draw, and print what that was worth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="digits", help="the name of a dataset with a test split")
    parser.add_argument("--images", type=int, default=0, help="for training; 0 for all")
    parser.add_argument("--kind", choices=KINDS, default="symmetric")
    parser.add_argument("--rate", type=float, default=0.2)
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=3, help="of each study")
    parser.add_argument("--epochs", type=int, default=20, help="of each study")
    options = parser.parse_args()
    dataset = seedbed.load_dataset(options.data)
    differences: dict[str, list[float]] = {name: [] for name in REPAIRED}
    for draw in range(options.draws):
        with tempfile.TemporaryDirectory(prefix="seedbed-") as folder:
            for name, difference in _worth(options, dataset, draw, Path(folder)).items():
                differences[name].append(difference)
    for name, of in differences.items():
        print(f"repaired {name}, n = {len(of)} draws: {mean_text(np.array(of))} of accuracy")


def _worth(
    options: argparse.Namespace, dataset: DatasetSplits, draw: int, folder: Path
) -> dict[str, float]:
    """Return by how much repaired labels are better in one draw, and print the comparisons."""
    train, test = dataset.train, dataset.splits["test"]
    chosen = stream(draw, "split").permutation(len(train))[: options.images or len(train)]
    clean = train.labels[chosen]
    matrix = KINDS[options.kind](len(train.class_names), options.rate)
    file, audit = folder / "planted.npz", folder / "audit"
    np.savez(
        file,
        x_train=train.images[chosen],
        y_train=draw_labels(clean, matrix, draw),
        x_test=test.images,
        y_test=test.labels,
    )
    _, audited, _ = next(audits_of(file, out=audit, quiet=True))
    found = audited.audit
    (audit / CORRECTIONS).write_bytes(_reviewed(found, clean))
    study = seedbed.run(
        {
            "name": "repair",
            "compare": "dataset.corrections",
            "network": "lenet5",
            "seeds": options.seeds,
            "dataset": [
                {"path": str(file)},
                *({"path": str(file), "corrections": str(audit / of)} for of in REPAIRED.values()),
            ],
            "recipe": {
                "epochs": options.epochs,
                "evaluate_every": options.epochs,
                "batch_size": 32,
                "ema_decay": 0.99,
            },
        },
        out=folder / "repair",
        quiet=True,
    )
    print(study.table("comparisons"))
    rows = list(study.comparisons())
    return {
        name: next(
            -row["difference"] for row in rows if file_name in row["b"] and "csv" not in row["a"]
        )
        for name, file_name in REPAIRED.items()
    }


def _reviewed(audit: LabelAudit, clean: Labels) -> bytes:
    """Return the corrections of a reviewer who looks at every find of the training split."""
    names = audit.class_names
    finds = [row for row in audit.rows(audit.finds.count) if row.split.name == "train"]
    return corrections_csv(
        [
            (
                row.name,
                str(row.split.predictions.images.hashes[row.index]),
                names[row.given],
                names[clean[row.index]],
            )
            for row in finds
            if row.given != clean[row.index]
        ]
    )


if __name__ == "__main__":
    main()
