"""Corrected labels: what is applied, and what is refused."""

from pathlib import Path

import numpy as np
import pytest

from seedbed.core.errors import DataError
from seedbed.data.images import DatasetSplits, ImageDataset
from seedbed.data.label_corrections import correct_labels, corrected
from seedbed.study.spec.configuration import DatasetSpec
from seedbed.study.spec.reader import parse_values


def dataset() -> DatasetSplits:
    images = np.random.default_rng(0).integers(0, 256, (6, 4, 4, 1), dtype=np.uint8)
    names = np.array(["a.png", "=b.png", "c.png", "d.png"])
    train = ImageDataset(images[:4], np.array([0, 1, 0, 1]), ("cat", "-dog"), names)
    test = ImageDataset(images[4:], np.array([0, 1]), ("cat", "-dog"), np.array(["e", "f"]))
    return DatasetSplits("pets", {"train": train, "test": test})


def write(folder: Path, *rows: tuple[str, str, str, str]) -> Path:
    file = folder / "corrections.csv"
    lines = ["who,name,hash,old,new", *(",".join(("me", *row)) for row in rows)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def test_labels_are_corrected_except_those_that_networks_are_tested_on(tmp_path: Path) -> None:
    data = dataset()
    file = write(
        tmp_path,
        ("'=b.png", data.train.hashes[1], "'-dog", "cat"),
        ("e", data.test.hashes[0], "cat", "-dog"),
    )
    after = corrected(data, file)
    assert after.train.labels.tolist() == [0, 0, 0, 1]
    assert after.test.labels.tolist() == [0, 1]
    assert correct_labels(data, file)["test"].tolist() == [1, 1]
    assert data.train.labels.tolist() == [0, 1, 0, 1]
    assert after.train.names.tolist() == data.train.names.tolist()
    np.testing.assert_array_equal(after.train.images, data.train.images)
    assert after.fingerprint != data.fingerprint
    assert after.modified == "1 label corrected"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (("nobody.png", "HASH", "cat", "-dog"), ""),
        (("a.png", "0" * 32, "cat", "-dog"), "HASH, that of the image"),
        (("a.png", "", "cat", "-dog"), "HASH, that of the image"),
        (("a.png", "HASH", "-dog", "cat"), "'cat'"),
        (("a.png", "HASH", "cat", "cow"), ""),
        (("a.png", "HASH", "cat", ""), ""),
    ],
)
def test_what_does_not_agree_is_refused(
    row: tuple[str, str, str, str], expected: str, tmp_path: Path
) -> None:
    data = dataset()
    hashed = str(data.train.hashes[0])
    name, given, old, new = row
    file = write(tmp_path, (name, given.replace("HASH", hashed), old, new))
    with pytest.raises(DataError) as error:
        corrected(data, file)
    assert error.value.where == f"{file}, line 2"
    assert error.value.expected == expected.replace("HASH", hashed)


def test_an_image_cannot_be_corrected_twice(tmp_path: Path) -> None:
    data = dataset()
    row = ("a.png", str(data.train.hashes[0]), "cat", "-dog")
    file = write(tmp_path, row, row)
    with pytest.raises(DataError) as error:
        corrected(data, file)
    assert error.value.where == f"{file}, line 3"


def test_a_file_without_its_columns_is_refused(tmp_path: Path) -> None:
    for contents in ("", "name,old,new\n"):
        file = tmp_path / "corrections.csv"
        file.write_text(contents, encoding="utf-8")
        with pytest.raises(DataError) as error:
            corrected(dataset(), file)
        assert error.value.where == str(file)
    with pytest.raises(DataError):
        corrected(dataset(), tmp_path / "missing.csv")


def test_corrections_are_part_of_the_configuration(tmp_path: Path) -> None:
    digits = DatasetSpec(name="digits").load()
    hashed = str(digits.train.hashes[0])
    names, label = digits.class_names, int(digits.train.labels[0])
    row = (str(digits.train.names[0]), hashed, names[label], names[(label + 1) % 10])
    file = write(tmp_path, row)
    plain = {"name": "digits"}
    values = {
        "name": "repair",
        "network": "lenet5",
        "seeds": 1,
        "dataset": [plain, {**plain, "corrections": file.name}],
    }
    spec = parse_values(values, "study", folder=tmp_path)
    given, repaired = (of.dataset for of in spec.configurations)
    assert given.corrections is None
    assert repaired.corrections == str(file.resolve())
    loaded = repaired.load()
    assert loaded.train.labels[0] == (label + 1) % 10
    assert loaded.fingerprint != given.load().fingerprint
    bound = repaired.model_copy(update={"fingerprint": loaded.fingerprint})
    assert bound.load().fingerprint == loaded.fingerprint
    file.write_text("name,hash,old,new\n", encoding="utf-8")
    with pytest.raises(DataError) as error:
        bound.load()
    assert error.value.expected == loaded.fingerprint
