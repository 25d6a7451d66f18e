"""The studies in ``examples/``, and the page of results that is made of their summaries."""

import re
from pathlib import Path

import numpy as np
import pytest
from benchmarks import reports
from benchmarks.medical_results import PUBLISHED, auc_interval, medical_blocks
from benchmarks.noise_results import HUMAN_STUDY, NOISY_STUDY
from benchmarks.reported import EXPERIMENTS, SYMMETRIC_R22
from benchmarks.variance_results import VARIANCE_STUDIES
from scipy.special import logit

from made_entries import made_entry
from made_predictions import made
from seedbed.analysis.entry import Entry, fields_of
from seedbed.analysis.material import Material
from seedbed.analysis.registry import relate_all
from seedbed.analysis.subjects.class_averages import class_averages_of, compute
from seedbed.analysis.summary_file import write_summary
from seedbed.study.spec.reader import load_study
from seedbed.study.spec.seeds import varied_streams
from seedbed.study.spec.study import StudySpec

EXAMPLES = Path(__file__).parents[1] / "examples"

MNIST_EPOCHS: dict[str, float] = {"cifar10": 1.5}
"""What an epoch of a run costs, in epochs of MNIST, where it is more than one."""

SMALL_BATCH = 1.4
"""The same for batches of eight images."""


def study(name: str) -> StudySpec:
    return load_study(str(EXAMPLES / f"{name}.toml"))


def entries_of(name: str) -> list[Entry]:
    """Return the summary that a study would have, with numbers made up."""
    entries = []
    for configuration in study(name).configurations:
        entry = made_entry(
            configuration.label,
            variant=configuration.variant,
            configuration={"recipe": configuration.recipe.model_dump(mode="json")},
            epochs=configuration.recipe.epochs,
            dataset=configuration.dataset.name,
            test_fingerprint=configuration.dataset.name,
        )
        entry["noise"] |= {"kind": configuration.noise.kind, "rate": configuration.noise.rate}
        entry["study"] = {"name": name, "other_runs": 0, "damaged": []}
        entries.append(entry)
    return relate_all(entries)


@pytest.fixture(scope="module")
def summaries() -> dict[str, list[Entry]]:
    return {name: entries_of(name) for name in reports.STUDIES}


@pytest.mark.parametrize("name", [*reports.STUDIES, *reports.NETWORK_STUDIES])
def test_every_study_is_there_with_five_seeds(name: str) -> None:
    spec = study(name)
    # Claims are answered by seeds that had not been looked at when they were written.
    first = 5 if spec.claims else 0
    assert [seeds.key for seeds in spec.seeds] == list(range(first, first + 5))
    assert study(name).name == name


@pytest.mark.parametrize("name", VARIANCE_STUDIES)
def test_studies_of_variance_cross_three_streams(name: str) -> None:
    assert varied_streams(study(name).seeds) == ("initialization", "order", "augmentation")
    assert study(name).name == name


def test_noise_is_what_the_reports_turn() -> None:
    noises = [(each.noise.kind, each.noise.rate) for each in study("noise").configurations]
    assert noises == [
        *(("symmetric", rate) for rate in SYMMETRIC_R22),
        ("pair", 0.2),
        ("pair", 0.4),
    ]


def test_the_experiments_of_both_reports_fit_into_half_an_hour() -> None:
    # An epoch of MNIST takes a run about two seconds on a core, so one on two cores.
    seconds = 0.0
    for name in reports.TIMED:
        spec = study(name)
        for each in spec.configurations:
            cost = MNIST_EPOCHS.get(str(each.dataset.name), 1.0)
            cost *= SMALL_BATCH if each.recipe.batch_size < 16 else 1.0
            seconds += cost * each.recipe.epochs * len(spec.seeds)
    assert seconds < 30 * 60


def test_the_page_holds_their_figures_and_ours(summaries: dict[str, list[Entry]]) -> None:
    page = reports.page(summaries, {8: 20.0, 32: 10.0, 64: 8.0, 128: 7.0})
    for each in EXPERIMENTS:
        assert f"| {each.experiment} | {each.r22} | {each.r24} | 99.16 ± 0.16% | 3 |" in page
    for rate, theirs in SYMMETRIC_R22.items():
        assert f"| symmetric {rate:.0%} | {theirs:.2f} | 99.16 ± 0.16% |" in page
    for pair in ("0%: the runs of symmetric 0%", "20%", "40%"):
        assert f"| pair {pair} | – | 99.16 ± 0.16% |" in page
    assert "| noise | 21 | 252 | 1.0 |" in page  # made up: three runs of seven, in a minute
    for mistake in ("sum to 2.2", "AUC of 0.50", "99.69 %", "seed 42", "a cheat", "Softmax"):
        assert mistake in page
    assert "20.0 s at batch 8" in page
    for line in re.findall(r"^\|.*$", page, re.MULTILINE):
        assert line.endswith("|")
    assert "None" not in page


def test_the_page_says_how_to_train_what_compares_networks(
    summaries: dict[str, list[Entry]],
) -> None:
    named = summaries | {"vit": entries_of("vit")}
    text = reports.page(named, {})
    assert "Not trained here: `seedbed run examples/vit.toml" not in text
    assert "97.83 %" in text
    assert "99.16 ± 0.16%" in text
    for name in ("cifar10-networks", "cnn-or-vit"):
        assert f"Not trained here: `seedbed run examples/{name}.toml" in text


def test_sections_whose_studies_are_not_there_stay_as_they_are(
    summaries: dict[str, list[Entry]],
) -> None:
    written = (
        "# Results\n\nVersions: python 3.11.7, seedbed 0.1.0, numpy 2.4.6.\n\n"
        "## Label noise\n\nold noise\n\n## Losses\n\nold losses\n\n## Of others\n\nkept\n"
    )
    page = reports.page({"noise": summaries["noise"]}, {}, written)
    assert "old noise" not in page
    assert "kept" in page
    (losses,) = re.findall(r"^## Losses\n\n(.*?)\n\nold losses$", page, re.MULTILINE | re.DOTALL)
    version, again = losses.split("\n\n")
    assert version.startswith("Trained with and written by seedbed 0.1.0")
    assert "`seedbed run examples/losses.toml --out studies/losses`" in again
    assert "To reproduce this section: `seedbed run examples/noise.toml" in page
    assert "seedbed run examples/optimizers.toml" in page
    again = reports.page({"noise": summaries["noise"]}, {}, page)
    assert again == page


def test_the_page_is_written_from_the_stored_summaries(
    summaries: dict[str, list[Entry]], tmp_path: Path
) -> None:
    for name, entries in summaries.items():
        (tmp_path / name).mkdir()
        write_summary(tmp_path / name, entries)
    page = tmp_path / "results.md"
    reports.main(["--studies", str(tmp_path), "--page", str(page), "--no-pytorch"])
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Results\n")
    assert "The PyTorch script was not measured here." in text


def test_methods_for_noisy_labels_stand_beside_cross_entropy() -> None:
    text = reports.page({NOISY_STUDY: entries_of(NOISY_STUDY)}, {})
    rows = re.findall(
        r"^\| mnist \| pair 45% \| (.*?) \| 3 \| 99.16 ± 0.16% \| (.*?) \|", text, re.M
    )
    assert [gain for method, gain in rows if method == "cross-entropy"] == ["–"]
    assert {gain for method, gain in rows if method != "cross-entropy"} == {"+0.00"}
    assert len(rows) == 7
    assert "| mnist | pair 45% | 87.58 | 99.16 ± 0.16% |" in text


def test_labels_that_people_gave_stand_beside_cross_entropy() -> None:
    entries = [made_entry(name, variant=name) for name in ("cross-entropy", "early-learning")]
    for entry in entries:
        entry["noise"] |= {"kind": "human", "rate": None}
    text = reports.page({HUMAN_STUDY: relate_all(entries)}, {})
    assert "| human | early-learning | 3 | 99.16 ± 0.16% | +0.00 |" in text
    # The labels are not part of the repository.
    assert "not known where cifar10n-human-labels.npz is not there" in text


def medical_entry(label: str, name: str, sizes: tuple[int, int]) -> Entry:
    labels = np.repeat([0, 1], sizes)
    runs = [made(classes=2, labels=labels, seed=seed) for seed in range(3)]
    entry = made_entry(label, dataset=name, test_fingerprint=name)
    averages = compute(Material(runs, list("abc")))
    assert averages is not None
    first, second, *_ = entry["per_class"]
    supports = [{**of, "support": n} for of, n in zip((first, second), sizes, strict=True)]
    return entry.replace(per_class=supports, **fields_of(averages))


def test_medical_images_stand_beside_published_figures() -> None:
    entries = relate_all(
        [
            medical_entry("breast: LeNet-5", "breastmnist", (42, 114)),
            medical_entry("chest: LeNet-5", "pneumoniamnist", (234, 390)),
        ]
    )
    blocks = "\n".join(medical_blocks({"medmnist": entries}))
    auc = class_averages_of(entries[0])
    assert auc is not None
    assert auc.macro_auc is not None
    assert f"{auc.macro_auc.mean:.3f} ± {auc.macro_auc.std:.3f}" in blocks
    # Wilson's interval of 86.3% of 156 images, and of 85.4% of 624.
    assert "80.03 to 90.83%" in blocks
    assert "82.41 to 87.95%" in blocks


def test_the_interval_of_a_published_auc_is_that_of_hanley_and_mcneil() -> None:
    """Their table II: an AUC of 0.893 with 58 normal and 51 abnormal images has an SE of 0.032."""
    interval = auc_interval(0.893, 58, 51)
    scaled = (logit(interval.high) - logit(interval.low)) / 2
    assert scaled * 0.893 * 0.107 / 1.96 == pytest.approx(0.032, abs=0.001)


def test_the_medical_study_has_both_datasets_and_ten_seeds() -> None:
    spec = study("medmnist")
    assert len(spec.seeds) == 10
    assert {each.dataset.name for each in spec.configurations} == set(PUBLISHED)
    assert spec.tune is not None
    assert spec.tune.validation_fraction == 0
