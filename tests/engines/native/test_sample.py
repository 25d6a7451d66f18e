"""What the native engine learns from and measures on: subsets, held-out images, noisy labels."""

from collections.abc import Sequence
from dataclasses import astuple, replace
from functools import cache
from threading import Event

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import log_softmax

from kernels import Recorder, assert_same_result, engine_logits
from seedbed.core.errors import StudyError
from seedbed.core.seeds import Seeds
from seedbed.data.images import DatasetSplits, ImageDataset
from seedbed.engines.native.engine import NativeEngine
from seedbed.networks.layers import Activation, Dropout, Flatten
from seedbed.networks.network import Network
from seedbed.noise.spec import NoiseSpec
from seedbed.training.batches import training_sample
from seedbed.training.engine import EpochRecord, RunResult, RunState, RunTask
from seedbed.training.recipe import Recipe
from seedbed.training.weights import named_weights
from short_layers import linear

CLASSES = 4
NETWORK = Network("small", (Flatten(), linear(32), Activation("relu"), linear(CLASSES)))
DROPPING = Network("dropping", (*NETWORK.layers[:-1], Dropout(0.3), linear(CLASSES)))
NOISE = NoiseSpec(kind="symmetric", rate=0.4)
# Few validation images, so that epochs share the best accuracy, and labels that are partly wrong,
# so that the last epoch is not the best.
BEST = Recipe(
    optimizer="adam",
    learning_rate=0.01,
    schedule="constant",
    ema_decay=0.8,
    batch_size=30,
    epochs=12,
    train_size=200,
    validation_size=20,
    checkpoint="best-on-validation",
)


@cache
def visible_classes() -> DatasetSplits:
    """Return images of noise with a brighter pixel that shows the class."""
    generator = np.random.Generator(np.random.Philox(7))

    def split(count: int) -> ImageDataset:
        labels = generator.integers(0, CLASSES, count)
        images = generator.integers(0, 150, (count, 4, 5, 1))
        images[np.arange(count), 2, labels, 0] += 100
        return ImageDataset(
            images.astype(np.uint8), labels, tuple(f"class {k}" for k in range(CLASSES))
        )

    return DatasetSplits("corner", {"train": split(300), "test": split(70)})


def task_with(recipe: Recipe, noise: NoiseSpec = NOISE, network: Network = NETWORK) -> RunTask:
    return RunTask(network, recipe, visible_classes(), seeds=Seeds(run=3), noise=noise)


def trained(*tasks: RunTask, threads: int = 1) -> Recorder:
    recorder = Recorder()
    NativeEngine().train(tasks, recorder, threads=threads, stop=Event())
    return recorder


@cache
def best() -> Recorder:
    return trained(task_with(BEST, network=DROPPING))


def logits_of(task: RunTask, state: RunState, images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the logits of the weights that an epoch was measured with."""
    flat = state.arrays.get("network/average", state.arrays["network/weights"])
    return engine_logits(NativeEngine(), task, named_weights(task, flat), images).astype(np.float64)


def cross_entropy(logits: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    return float(-log_softmax(logits, axis=1)[np.arange(len(labels)), labels].mean())


def hits(logits: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    return float((logits.argmax(axis=1) == labels).mean())


def timeless(records: Sequence[EpochRecord]) -> list[EpochRecord]:
    return [replace(record, seconds=0) for record in records]


@pytest.mark.parametrize("noise", [NoiseSpec(), NOISE], ids=["clean", "noisy"])
def test_records_are_those_of_the_weights_after_each_epoch(noise: NoiseSpec) -> None:
    recipe = BEST.model_copy(update={"epochs": 3})
    task = task_with(recipe, noise, DROPPING)
    recorder, sample, data = trained(task), task.sample(), task.dataset
    for record, state in zip(recorder.records[0], recorder.states[0], strict=True):
        places = sample.train if record.epoch == 3 else sample.train[training_sample(200, 70)]
        for loss, accuracy, images, labels in (
            (
                record.train_loss,
                record.train_accuracy,
                data.train.images[places],
                sample.labels.noisy[places],
            ),
            (
                record.validation_loss,
                record.validation_accuracy,
                data.train.images[sample.validation],
                sample.labels.noisy[sample.validation],
            ),
            (record.test_loss, record.test_accuracy, data.test.images, data.test.labels),
        ):
            logits = logits_of(task, state, images)
            assert loss == pytest.approx(cross_entropy(logits, labels), rel=1e-12)
            assert accuracy == hits(logits, labels)


def test_what_does_not_apply_is_not_recorded() -> None:
    (record,) = trained(task_with(Recipe(epochs=1), NoiseSpec())).records[0]
    assert astuple(record)[-5:] == (None,) * 5
    nothing_wrong = NoiseSpec(kind="symmetric", rate=0.0)
    (record,) = trained(task_with(Recipe(epochs=1), nothing_wrong)).records[0]
    assert record.clean_train_accuracy == record.train_accuracy
    assert record.memorized is None
    assert record.recovered is None


def test_only_the_chosen_images_are_learned_from() -> None:
    """Whatever the others show, and however they are labeled."""
    recipe = Recipe(epochs=2, batch_size=30, train_size=150, validation_size=50)
    task = task_with(recipe, NoiseSpec())
    sample, train = task.sample(), task.dataset.train
    others = np.setdiff1d(np.arange(300), sample.train)
    images, labels = train.images.copy(), train.labels.copy()
    # Mirrored, so that the mean and the deviation of all pixels stay.
    images[others] = images[others][:, :, ::-1]
    labels[others] = (labels[others] + 1) % CLASSES
    shown = ImageDataset(images, labels, train.class_names)
    changed = replace(task.dataset, splits={**task.dataset.splits, "train": shown})
    one, other = trained(task), trained(replace(task, dataset=changed))
    assert_same_result(other.results[0], one.results[0])
    assert one.images[0] == 2 * 150
    assert one.records[0][0].validation_loss != other.records[0][0].validation_loss


def test_the_first_of_the_best_epochs_on_validation_is_kept() -> None:
    task, recorder = task_with(BEST, network=DROPPING), best()
    accuracies = [record.validation_accuracy for record in recorder.records[0]]
    highest = max(accuracy for accuracy in accuracies if accuracy is not None)
    epoch = accuracies.index(highest) + 1
    assert accuracies.count(highest) > 1, "the test needs epochs that are equally good"
    assert 1 < epoch < BEST.epochs, "the test needs a best epoch in between"
    result = recorder.results[0]
    assert result.epoch == epoch
    kept = named_weights(task, recorder.states[0][epoch - 1].arrays["network/average"])
    logits = engine_logits(NativeEngine(), task, kept, task.dataset.test.images)
    assert_same_result(result, RunResult(kept, {"test": logits}, epoch))
    assert hits(logits.astype(np.float64), task.dataset.test.labels) == (
        recorder.records[0][epoch - 1].test_accuracy
    )


def test_the_last_epoch_is_kept_by_default() -> None:
    task = task_with(BEST.model_copy(update={"checkpoint": "last"}), network=DROPPING)
    recorder = trained(task)
    assert timeless(recorder.records[0]) == timeless(best().records[0])
    result = recorder.results[0]
    assert result.epoch == BEST.epochs
    last = named_weights(task, recorder.states[0][-1].arrays["network/average"])
    logits = engine_logits(NativeEngine(), task, last, task.dataset.test.images)
    assert_same_result(result, RunResult(last, {"test": logits}, BEST.epochs))


@pytest.mark.parametrize("done", range(1, BEST.epochs + 1))
def test_the_best_epoch_survives_an_interruption_after_any_epoch(done: int) -> None:
    state = best().states[0][done - 1]
    assert state.epoch == done
    resumed = trained(replace(task_with(BEST, network=DROPPING), state=state))
    assert_same_result(resumed.results[0], best().results[0])
    rest = best().records[0][done:]
    assert timeless(resumed.records.get(0, [])) == timeless(rest)


def test_a_run_that_is_stopped_within_an_epoch_goes_on_bit_for_bit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Dropout and all: masks hang neither on the threads nor on the steps in a call."""
    monkeypatch.setattr("seedbed.engines.native.run._SECONDS_A_CALL", 0.0)
    stop = Event()

    class Impatient(Recorder):
        def images_trained(self, run: int, count: int) -> None:
            super().images_trained(run, count)
            if self.images[run] > 4.5 * 200:
                stop.set()

    task, interrupted = task_with(BEST, network=DROPPING), Impatient()
    NativeEngine().train([task], interrupted, threads=1, stop=stop)
    assert len(interrupted.records[0]) == 4
    assert not interrupted.results
    others = [replace(task, seeds=Seeds(run=seed)) for seed in range(3)]
    resumed = trained(replace(task, state=interrupted.states[0][-1]), *others, threads=3)
    assert_same_result(resumed.results[0], best().results[0])
    records = interrupted.records[0] + resumed.records[0]
    assert timeless(records) == timeless(best().records[0])


def test_a_network_that_memorizes_predicts_the_noisy_labels() -> None:
    recipe = Recipe(
        optimizer="adam", learning_rate=0.01, schedule="constant", batch_size=20, epochs=60
    )
    task = task_with(recipe.model_copy(update={"train_size": 80}))
    sample, data = task.sample(), task.dataset
    before = data.train.labels.copy(), data.test.labels.copy()
    recorder = trained(task)
    last, weights = recorder.records[0][-1], recorder.results[0].weights
    assert weights is not None
    predicted = engine_logits(
        NativeEngine(), task, weights, data.train.images[sample.train]
    ).argmax(axis=1)
    np.testing.assert_array_equal(predicted, sample.labels.noisy[sample.train])
    assert last.train_accuracy == last.running_accuracy == last.memorized == 1
    assert last.recovered == 0
    wrong = sample.labels.flipped[sample.train]
    assert last.clean_train_accuracy == pytest.approx(1 - wrong.mean(), rel=1e-12)
    assert 0.2 < wrong.mean() < 0.6
    np.testing.assert_array_equal(data.train.labels, before[0])
    np.testing.assert_array_equal(data.test.labels, before[1])


def test_what_becomes_of_wrong_labels() -> None:
    """Some are repeated, some seen through, some neither: as counted one by one."""
    task, recorder = task_with(BEST, network=DROPPING), best()
    sample, data = task.sample(), task.dataset
    seen = set()
    for record, state in zip(recorder.records[0], recorder.states[0], strict=True):
        last = record.epoch == BEST.epochs
        places = sample.train if last else sample.train[training_sample(200, 70)]
        predicted = logits_of(task, state, data.train.images[places]).argmax(axis=1)
        memorized = through = other = right = 0
        for place, label in zip(places, predicted, strict=True):
            taught, true = sample.labels.noisy[place], data.train.labels[place]
            right += label == true
            if taught == true:
                continue
            memorized += label == taught
            through += label == true
            other += label not in (taught, true)
        wrong = memorized + through + other
        assert record.memorized == memorized / wrong
        assert record.recovered == through / wrong
        assert record.clean_train_accuracy == right / len(places)
        seen |= {memorized > 0, through > 0, other > 0}
    assert seen == {True}, "the test needs all three"


def test_noise_leaves_the_order_the_weights_and_the_masks_as_they_were() -> None:
    """So a clean and a noisy run of one seed differ in their labels alone: here, in none."""
    nothing_wrong = NoiseSpec(kind="symmetric", rate=0.0)
    clean, noisy = (
        trained(task_with(BEST.model_copy(update={"epochs": 2}), noise, DROPPING)).results[0]
        for noise in (NoiseSpec(), nothing_wrong)
    )
    assert_same_result(noisy, clean)


def test_a_run_that_diverges_keeps_no_best_epoch() -> None:
    good = best().states[0][6]
    arrays = {name: array.copy() for name, array in good.arrays.items()}
    arrays["network/weights"][5] = np.inf
    late = replace(task_with(BEST, network=DROPPING), state=RunState(7, arrays))
    early = task_with(BEST.model_copy(update={"learning_rate": 1e30}))
    recorder = trained(late, early)
    assert recorder.results[0] == RunResult(None, diverged_epoch=8)
    assert recorder.results[1] == RunResult(None, diverged_epoch=1)
    assert not recorder.records


def test_too_many_images_are_refused_before_anything_is_trained() -> None:
    recorder = Recorder()
    tasks = [task_with(BEST), task_with(BEST.model_copy(update={"train_size": 281}))]
    with pytest.raises(StudyError) as error:
        NativeEngine().train(tasks, recorder, threads=2, stop=Event())
    assert error.value.where == "recipe"
    assert {"20", "281"} <= set(error.value.what.split())
    assert not recorder.calls
