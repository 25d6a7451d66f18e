"""Labels: short, different, and independent of how the study file is written."""

from pathlib import Path

import pytest

from seedbed.core.errors import StudyError
from seedbed.study.spec.labels import refuse_twins
from seedbed.study.spec.reader import parse_study
from sentences import Sentence

HEAD = 'name = "x"\nseeds = 1\nnetwork = "lenet5"\n'


def labels(text: str, folder: Path | None = None, head: str = HEAD) -> list[str]:
    """Return the labels of a study, the same when it is written and read back."""
    spec = parse_study(head + text, "x.toml", folder=folder)
    found = [each.label for each in spec.configurations]
    assert len(set(found)) == len(found)
    again = parse_study(spec.to_toml(), "study.toml", folder=Path("/elsewhere"))
    assert again == spec
    assert [each.label for each in again.configurations] == found
    return found


def test_arguments_of_one_network_are_named_where_they_tell_two_apart() -> None:
    head = HEAD.replace('"lenet5"', '["lenet5", { name = "vit", patch_size = 7, depth = 2 }]')
    assert labels('dataset = "mnist"', head=head) == ["network=lenet5", "network=vit"]
    head = head.replace("]", ', { name = "vit", patch_size = 7, depth = 2, pool = "mean" }]')
    assert labels('dataset = "mnist"', head=head) == [
        "network=lenet5",
        "network=vit, pool=class",
        "network=vit, pool=mean",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('dataset = "mnist"', ["lenet5"]),
        ('dataset = ["mnist", "digits"]', ["dataset=mnist", "dataset=digits"]),
        (
            'dataset = [{ name = "mnist" }, { path = "/a/photos", test_fraction = 0.3 }]',
            ["dataset=mnist", "dataset=photos, dataset.test_fraction=0.3"],
        ),
        (
            'dataset = [{ path = "/a/photos" }, { path = "/b/photos" }]',
            ["dataset=/a/photos", "dataset=/b/photos"],
        ),
        (
            'dataset = [{ path = "/a", corrections = "/x/finds.csv" }, '
            '{ path = "/a", corrections = "/x/review.csv" }]',
            ["dataset.corrections=finds.csv", "dataset.corrections=review.csv"],
        ),
        (
            'dataset = "mnist"\nrecipe.learning_rate = [1e-5, 0.1, 1]',
            ["learning_rate=1e-05", "learning_rate=0.1", "learning_rate=1"],
        ),
        # The defaults that hang on the optimizer or the schedule say nothing new.
        (
            'dataset = "mnist"\nrecipe.optimizer = ["sgd", "adamw"]\n'
            'recipe.schedule = ["step", "cosine"]',
            [
                "optimizer=sgd, schedule=step",
                "optimizer=sgd, schedule=cosine",
                "optimizer=adamw, schedule=step",
                "optimizer=adamw, schedule=cosine",
            ],
        ),
        (
            'dataset = "mnist"\nrecipe.augmentation = [{}, { shift = 2, flip = true }]',
            [
                "augmentation.shift=0, augmentation.flip=false",
                "augmentation.shift=2, augmentation.flip=true",
            ],
        ),
        (
            'dataset = "mnist"\nrecipe.train_size = [100, 1000]',
            ["train_size=100", "train_size=1000"],
        ),
        (
            'dataset = "mnist"\nnoise = [{}, { kind = "symmetric", rate = [0.2, 0.4] }]',
            ["noise=none", "noise=symmetric, noise.rate=0.2", "noise=symmetric, noise.rate=0.4"],
        ),
        (
            'dataset = "mnist"\nrecipe.optimizer = "adam"\n'
            "recipe.betas = [[0.9, 0.999], [0.8, 0.99]]",
            ["betas=[0.9,0.999]", "betas=[0.8,0.99]"],
        ),
        (
            'dataset = "mnist"\n[noise]\nkind = "matrix"\nmatrix = '
            "[[[0.9, 0.1, 0], [0, 1, 0], [0, 0, 1]], [[1, 0, 0], [0, 1, 0], [0, 0, 1]]]",
            ["noise.matrix=#1", "noise.matrix=#2"],
        ),
        # A variant's name stands for what it changes.
        (
            'dataset = "mnist"\n[[variants]]\nname = "plain"\n[[variants]]\nname = "fast"\n'
            "recipe = { epochs = 1, learning_rate = 0.2 }",
            ["plain", "fast"],
        ),
        (
            'dataset = "mnist"\nrecipe.batch_size = [8, 16]\n[[variants]]\nname = "plain"\n'
            '[[variants]]\nname = "fast"\nrecipe = { batch_size = 8, epochs = [1, 2] }',
            ["plain, batch_size=8", "plain, batch_size=16", "fast, epochs=1", "fast, epochs=2"],
        ),
    ],
)  # fmt: skip
def test_a_label_says_what_varies(text: str, expected: list[str], tmp_path: Path) -> None:
    assert labels(text, tmp_path) == expected


def test_twins_are_refused_by_their_names(sentence: Sentence) -> None:
    spec = parse_study(HEAD + 'dataset = "mnist"\nrecipe.epochs = [1, 2]', "x.toml")
    refuse_twins(spec.configurations, [each.label for each in spec.configurations])
    with pytest.raises(StudyError) as error:
        refuse_twins(
            spec.configurations, [each.network["name"] for each in spec.configurations], "x"
        )
    assert error.value.where == "x"
    sentence(error.value)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        (
            '[[variants]]\nname = "a"\nrecipe.epochs = [1, 2]\n[[variants]]\nname = "a, epochs=1"',
            "a, epochs=1",
        ),
        ("recipe.learning_rate = [0.1, 0.10000000000001]", "learning_rate=0.1"),
    ],
    ids=["variants", "values"],
)
def test_two_of_one_name_are_refused(text: str, label: str, sentence: Sentence) -> None:
    """Comparisons name configurations by their labels."""
    with pytest.raises(StudyError) as error:
        parse_study(f'{HEAD}dataset = "mnist"\n{text}', "x.toml")
    assert error.value.where == "x.toml"
    assert repr(label) in error.value.what
    if label == "learning_rate=0.1":
        sentence(error.value)


def test_losses_are_called_by_their_names_and_parameters() -> None:
    spec = parse_study(
        f"{HEAD}dataset = 'mnist'\n[recipe]\nloss = ['mae', "
        "{ name = 'generalized-cross-entropy', q = [0.3, 0.7] }]\n",
        "study.toml",
    )
    assert [each.label for each in spec.configurations] == [
        "loss=mae",
        "loss=generalized-cross-entropy, loss.q=0.3",
        "loss=generalized-cross-entropy, loss.q=0.7",
    ]
