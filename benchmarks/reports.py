"""The page of results: our figures beside those of two written reports, from the stored summaries.

``make reports`` trains the studies of ``examples/`` on real data, and then calls this to write
``docs/results.md``. Every figure of ours is read from a ``summary.json``; none is typed in. A
section whose studies are not there stays as it was, and says which version it is of. Beside the
studies an epoch of the usual PyTorch script is measured, where PyTorch is installed.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.machine import describe_machine
from benchmarks.measured import table
from benchmarks.medical_results import STUDY as MEDICAL
from benchmarks.medical_results import medical_section
from benchmarks.network_results import TITLES, network_sections
from benchmarks.noise_results import HUMAN_STUDY, NOISY_STUDY, human_section, noise_section
from benchmarks.reported import ABSENT, EXPERIMENTS, PAIRS_R24, SYMMETRIC_R22, Reported
from benchmarks.sections import Section, Summaries, joined, said
from benchmarks.variance_results import VARIANCE_STUDIES, variance_section
from benchmarks.workers.process import ROOT, Worker
from seedbed.analysis.aggregate import Aggregate
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.result import accuracy_of
from seedbed.analysis.subjects.accuracy.table import accuracy_table
from seedbed.analysis.subjects.claims.result import claims_of
from seedbed.analysis.subjects.comparisons.table import comparisons_table
from seedbed.analysis.subjects.noise.result import noise_of
from seedbed.analysis.subjects.noise.table import noise_table
from seedbed.analysis.subjects.noise_response.table import noise_response_table
from seedbed.analysis.subjects.roc.result import Roc
from seedbed.analysis.summary.study import refresh_summary
from seedbed.analysis.summary_file import read_summary
from seedbed.core.files import write_atomically
from seedbed.display.formatters import percent, percent_spread, spread
from seedbed.display.sentence import signed_interval
from seedbed.display.table import Report
from seedbed.noise.transition import symmetric
from seedbed.report.renderers import markdown

TIMED: Final = ("mnist-settings", "fashion-mnist", "cifar10", "optimizers", "noise")
"""The LeNet-5 experiments of both reports."""

STUDIES: Final = (*TIMED, "activations", "losses", "overfitting")
NETWORK_STUDIES: Final = tuple(TITLES)
"""Those that compare networks; they take hours, so the page can do without them."""
EVERY_STUDY: Final = (
    *STUDIES,
    *NETWORK_STUDIES,
    *VARIANCE_STUDIES,
    NOISY_STUDY,
    HUMAN_STUDY,
    MEDICAL,
)

STEPS: Final = 100
"""Steps of the PyTorch script that are measured at each batch size."""

EXPERIMENT_STUDIES: Final = tuple(dict.fromkeys(each.study for each in EXPERIMENTS))

CLAIMED: Final = ("noise", "optimizers", "cnn-or-vit")
"""The studies that declare what the reports claim."""

INTRODUCTION: Final = (
    "Two written reports, called R22 and R24 here, train LeNet-5 five times for each experiment; "
    "these are their experiments with Seedbed. Every study is a file in [examples](../examples); "
    "`make reports` and `make networks` train them, and `python -m benchmarks.reports` writes the "
    "sections whose studies are there from what they stored. Accuracies are those of test images "
    "after the last epoch, mean ± sample standard deviation over n runs with different seeds; "
    "nothing was chosen on test images. How well audits find wrong labels is in "
    "[audit.md](audit.md#how-well-it-works). Each section says which version trained its "
    "networks, and which commands reproduce it.\n\n"
    "The stores behind these sections are not part of the repository, so a section is reproduced "
    "by training its studies again. Sections trained with 0.2.0 were trained while that version "
    "was developed, and their stores were carried over to its later formats by a script that was "
    "not kept. Sections of 0.1.0 are kept as that version wrote them; this one does not read its "
    "stores. Accuracies, claims and confusions depend on logits only (`python -m benchmarks.bits` "
    "says whether those are still the same). Corrected p-values and intervals of comparisons "
    "depend on the version that writes the page: sections that speak of the comparisons of a "
    "family were written when every block had a correction of its own, so a page that is made now "
    "has wider intervals there."
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the sections of the page whose studies are there; the others stay as they are."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--studies", type=Path, default=ROOT / "studies", metavar="DIR")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "results.md", metavar="FILE")
    parser.add_argument("--no-pytorch", action="store_true", help="measure no epoch of PyTorch")
    chosen = parser.parse_args(arguments)
    names = [name for name in EVERY_STUDY if (chosen.studies / name).is_dir()]
    summaries = {name: _summary(chosen.studies / name) for name in names}
    timed = all(name in summaries for name in TIMED)
    sizes = batch_sizes(summaries) if timed and not chosen.no_pytorch else []
    peer = measure_pytorch(sizes, describe_machine()["cores"])
    written = chosen.page.read_text(encoding="utf-8") if chosen.page.exists() else ""
    write_atomically(chosen.page, page(summaries, peer, written).encode())


def page(summaries: Summaries, peer: Mapping[int, float], written: str = "") -> str:
    """Return the page.

    Args:
        summaries: Of the studies that have been trained.
        peer: Seconds of an epoch of the usual PyTorch script by batch size; empty if not measured.
        written: The page as it was; sections whose studies have not been trained stay as they are.

    """
    made = [
        Section("What the reports claim", CLAIMED, _claimed),
        Section("Beside the reports", EXPERIMENT_STUDIES, _beside),
        Section("Label noise", ("noise",), _noise),
        noise_section(),
        human_section(),
        Section("Optimizers", ("optimizers",), _optimizers),
        Section("Most confused classes, and AUC", tuple(PAIRS_R24), _confused),
        Section("Where their figures cannot be right, and why", EXPERIMENT_STUDIES, _wrong),
        Section("Activations", ("activations",), _accuracies("activations")),
        Section("Losses", ("losses",), _accuracies("losses")),
        Section("Overfitting", ("overfitting",), _accuracies("overfitting")),
        *network_sections(),
        variance_section(),
        medical_section(),
        Section("Time", TIMED, lambda of: _time(of, peer)),
    ]
    return joined(INTRODUCTION, made, summaries, written)


def batch_sizes(summaries: Summaries) -> list[int]:
    """Return every batch size of the studies that are timed."""
    found = {_recipe(entry)["batch_size"] for name in TIMED for entry in summaries[name]}
    return sorted(found)


def measure_pytorch(sizes: Sequence[int], threads: int) -> dict[int, float]:
    """Return the seconds of an epoch of MNIST with a DataLoader, by batch size.

    Empty without sizes, and where PyTorch is not installed.
    """
    if not sizes or find_spec("torch") is None:
        return {}
    with Worker("pytorch", threads) as worker:
        return {
            size: worker.call("epoch", batch_size=size, steps=STEPS, from_loader=True)
            for size in sizes
        }


def _summary(folder: Path) -> list[Entry]:
    """Return the entries of what has been trained."""
    entries = read_summary(folder) or refresh_summary(folder)
    return [entry for entry in entries if entry.header.n]


def _claimed(summaries: Summaries) -> list[str]:
    rows = [
        (
            name,
            claim.claim,
            claim.outcome,
            ABSENT if claim.interval is None else signed_interval(claim.interval),
            f"{100 * claim.margin:g}",
        )
        for name in CLAIMED
        for claim in claims_of(summaries[name])
    ]
    header = ("study", "claim", "outcome", "interval, percentage points", "margin")
    return [
        "The claims of both reports were written into the study files before these runs, which "
        "have seeds that nobody had looked at. A claim holds if its interval lies beyond the "
        "margin, is refuted if it lies short of it, and stays open otherwise; one stays open too "
        "if its configurations were not trained.",
        table(header, rows),
        "What the pages could not say before: with version 0.1 no difference of five runs could be "
        "significant. Of a fall from 99.43 ± 0.02% to 97.05 ± 0.19% under label noise its page "
        "said p = 1, and that LeNet-5 was 25.75 points above the Vision Transformer in all five "
        "seeds left the question open. Its interval of SGD with a learning rate of 0.1 went from "
        "32.48 to 128.37%, and it did not mention the run that had collapsed.",
    ]


def _beside(summaries: Summaries) -> list[str]:
    rows = [
        (
            each.experiment,
            each.r22,
            each.r24,
            percent_spread(accuracy_of(entry).test_accuracy),
            str(entry.header.n),
            percent_spread(accuracy_of(entry).train_accuracy),
        )
        for each, entry in ((each, _entry(summaries, each)) for each in EXPERIMENTS)
    ]
    titles = dict.fromkeys(_entry(summaries, each)["dataset"] for each in EXPERIMENTS)
    settings = [
        f"- {each.experiment}: {_described(_recipe(_entry(summaries, each)))}"
        for each in EXPERIMENTS
    ]
    header = ("experiment", "R22, %", "R24, %", "Seedbed", "n", "its training accuracy")
    return [
        table(header, rows),
        f"Datasets: {', '.join(titles)}. R22 and R24 have five runs each. Our recipes:",
        "\n".join(settings),
    ]


def _noise(summaries: Summaries) -> list[str]:
    entries = summaries["noise"]
    ours = {
        (noise.kind, noise.rate): percent_spread(accuracy_of(entry).test_accuracy)
        for entry in entries
        if (noise := noise_of(entry)) is not None
    }
    clean = ours["symmetric", 0.0]
    rows = [
        (f"symmetric {rate:.0%}", f"{theirs:.2f}", ours["symmetric", rate])
        for rate, theirs in SYMMETRIC_R22.items()
    ]
    rows.append(("pair 0%: the runs of symmetric 0%", ABSENT, clean))
    rows += [
        (f"pair {rate:.0%}", ABSENT, found)
        for (kind, rate), found in ours.items()
        if kind == "pair"
    ]
    n = entries[0]["n"]
    return [
        table(("noise", "R22, %", f"Seedbed (n = {n})"), rows),
        "Plain cross-entropy, and nothing that was made for noise. Each run draws its own noise, "
        "so the standard deviation includes it.",
        *said(entries),
        _report(noise_response_table(entries)),
        _report(noise_table(entries)),
        _report(accuracy_table(entries)),
    ]


def _optimizers(summaries: Summaries) -> list[str]:
    entries = summaries["optimizers"]
    return [
        *said(entries),
        _report(accuracy_table(entries)),
        _report(comparisons_table(entries)),
    ]


def _accuracies(study: str) -> Callable[[Summaries], list[str]]:
    return lambda summaries: [_report(accuracy_table(summaries[study]))]


def _confused(summaries: Summaries) -> list[str]:
    rows = []
    for name in PAIRS_R24:
        entry = summaries[name][0]
        pairs = [
            f"{' and '.join(pair['classes'])} ({percent(pair['rate'])})"
            for pair in entry["merged_pairs"][:3]
        ]
        macro = spread(_macro_auc(entry))
        rows.append((entry["dataset"], PAIRS_R24[name], ", ".join(pairs), macro))
    return [
        table(("dataset", "R24 found", "Seedbed: of both classes' images", "macro AUC"), rows),
        f"Mean over n = {summaries['cifar10'][0]['n']}; of MNIST the first of the three settings.",
    ]


def _wrong(summaries: Summaries) -> list[str]:
    cifar10, settings = summaries["cifar10"][0], summaries["mnist-settings"][0]
    r22 = np.full((10, 10), 0.2)
    np.fill_diagonal(r22, 0.6)
    ours = symmetric(10, 0.4)
    train, test = accuracy_of(settings).train_accuracy, accuracy_of(settings).test_accuracy
    higher = sum((a or 0) < (b or 0) for a, b in zip(train.runs, test.runs, strict=True))
    return [
        "- **A transition matrix whose rows sum to "
        f"{0.6 + 8 * 0.2:.1f}.** R22 prints 0.6 on the diagonal and 0.2 nearly everywhere else for "
        "40 % symmetric noise between ten classes. The entries of a row are the probabilities of "
        f"all labels a class can get, so they sum to 1: {ours[0, 0]:.1f} on the diagonal, and "
        f"{ours[0, 1]:.4f} elsewhere. Seedbed refuses such a matrix with its row and its sum.",
        "- **An AUC of 0.50 at 69 % accuracy.** R24 has 0.50 in total for CIFAR-10, and 0.25 for "
        f"one class. Ours is {spread(_macro_auc(cifar10))} at "
        f"{percent_spread(accuracy_of(cifar10).test_accuracy)}. A network that is right so often "
        "gives the right class higher scores than others, which is what the AUC measures; 0.50 is "
        "what comes out when scores and labels are not in the same order, for example because the "
        "test images were shuffled anew for the second pass. Seedbed checks that the stored "
        "predictions give the accuracy that was recorded while they were made.",
        "- **Test accuracy above training accuracy.** R22 has 99.69 % against 99.35 % in a run on "
        "MNIST. So it looks where training accuracy is the mean over an epoch in which the weights "
        "were still changing. Measured alike, after the epoch and with the same weights, ours are "
        f"{percent_spread(train)} in training and {percent_spread(test)} in the test; the test "
        f"is the higher one in {higher} of {settings['n']} runs.",
        "- **Five runs with one seed.** R22 sets the seed 42 for all of its five runs. What varies "
        "then is not what is drawn, so its ± says nothing about another start. Here each run draws "
        "its own weights, order, augmentation and noise.",
        "- **Settings and epochs chosen by test accuracy.** Both do. How much the epoch alone "
        "gives, when it is chosen on the test images:",
        _cheating(summaries),
        "- **Softmax before a loss that applies one.** Both do that too. The loss can then not "
        "fall below 1.46 for ten classes, and its gradient is small where the network is wrong "
        "and sure. In Seedbed networks end with logits, and a test holds that no loss applies it "
        "twice.",
    ]


def _macro_auc(entry: Entry) -> Aggregate | None:
    roc = entry.view(Roc)
    return roc.auc.macro if roc else None


def _cheating(summaries: Summaries) -> str:
    rows = []
    for each in EXPERIMENTS:
        entry = _entry(summaries, each)
        accuracy = accuracy_of(entry)
        assert accuracy.checkpoints is not None
        cheat = accuracy.checkpoints.best_on_test.test_accuracy
        gain = 100 * ((cheat.mean or 0) - (accuracy.test_accuracy.mean or 0))
        rows.append(
            (
                each.experiment,
                percent_spread(accuracy.test_accuracy),
                percent_spread(cheat),
                f"{gain:+.2f}",
            )
        )
    header = ("experiment", "last epoch", "best on test: a cheat", "percentage points gained")
    return table(header, rows)


def _time(summaries: Summaries, peer: Mapping[int, float]) -> list[str]:
    rows, passed, seconds, theirs = [], 0.0, 0.0, 0.0
    for name in TIMED:
        entries = summaries[name]
        own = sum(entry["cost"]["seconds_total"] for entry in entries)
        epochs = sum(entry["n"] * entry["epochs"] for entry in entries)
        script = sum(
            entry["n"] * entry["epochs"] * peer.get(_recipe(entry)["batch_size"], 0.0)
            for entry in entries
        )
        seconds, theirs = seconds + own, theirs + script
        runs = sum(entry["n"] for entry in entries)
        wall = _wall_seconds(entries)
        passed += wall
        rows.append(
            (
                name,
                str(runs),
                f"{epochs:,}",
                f"{wall / 60:.1f}",
                f"{own / 60:.1f}",
                _minutes(script),
            )
        )
    rows.append(("together", "", "", f"{passed / 60:.1f}", f"{seconds / 60:.1f}", _minutes(theirs)))
    header = (
        "study",
        "runs",
        "epochs",
        "Seedbed, minutes",
        "in core-minutes",
        "PyTorch script, minutes",
    )
    blocks = [
        table(header, rows),
        "Minutes are those from the start of a study's first run to the end of its last, on all "
        "cores; core-minutes the sum over its runs. Measuring on training and test images after "
        "every epoch is part of both.",
    ]
    if not peer:
        return [*blocks, "The PyTorch script was not measured here."]
    measured = ", ".join(f"{value:.1f} s at batch {size}" for size, value in peer.items())
    return [
        *blocks,
        "The PyTorch script: LeNet-5 in eager mode, a `DataLoader` over tensors, all cores. An "
        f"epoch of MNIST takes {measured} ({STEPS} steps of it were measured). Its minutes are "
        "this times the epochs, without augmentation, without measuring on test images, and as if "
        "an image of CIFAR-10 were as small as one of MNIST: so it takes longer.",
    ]


def _wall_seconds(entries: Sequence[Entry]) -> float:
    times = [
        [datetime.fromisoformat(entry["provenance"][key]) for entry in entries]
        for key in ("started", "finished")
    ]
    return (max(times[1]) - min(times[0])).total_seconds()


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f}" if seconds else ABSENT


def _entry(summaries: Summaries, experiment: Reported) -> Entry:
    return next(
        each for each in summaries[experiment.study] if each["variant"] == experiment.variant
    )


def _recipe(entry: Entry) -> dict[str, Any]:
    recipe: dict[str, Any] = entry["configuration"]["recipe"]
    return recipe


def _described(recipe: Mapping[str, Any]) -> str:
    augmentation = {key: value for key, value in recipe["augmentation"].items() if value}
    words = [
        f"{recipe['optimizer']}, learning rate {recipe['learning_rate']:g} ({recipe['schedule']})",
        f"batch {recipe['batch_size']}",
        f"{recipe['epochs']} epochs",
        f"weight decay {recipe['weight_decay']:g}" if recipe["weight_decay"] else "",
        f"averaged weights ({recipe['ema_decay']:g})" if recipe["ema_decay"] else "",
        "augmentation " + ", ".join(f"{key} {value}" for key, value in augmentation.items())
        if augmentation
        else "no augmentation",
    ]
    return ", ".join(filter(None, words)) + "."


def _report(report: Report) -> str:
    return markdown.render(report).strip()


if __name__ == "__main__":
    main()
