"""The methods of a paper: what they say, what they cite, and that references are whole."""

import re

import pytest

from made_entries import made_entries, made_entry
from seedbed.data.published import PUBLISHED
from seedbed.networks.zoo import ZOO
from seedbed.report.methods.bibliography import bibtex, references
from seedbed.report.methods.paragraph import (
    ACTIVE,
    DATASETS,
    NETWORKS,
    SETTINGS,
    by_author,
    cited,
    keys,
    methods,
)
from seedbed.report.notebook import Results
from seedbed.training.losses.registry import LOSSES
from seedbed.training.methods.registry import METHODS

CITED = {*DATASETS.values(), *NETWORKS.values(), *SETTINGS.values()}
CITED |= {key for _, key in ACTIVE.values()}


def test_every_reference_is_whole_and_what_is_cited_is_there() -> None:
    for reference in references().values():
        assert {"author", "title", "year"} <= reference.fields.keys()
        assert reference.key.endswith(reference.fields["year"]) or reference.fields["year"] in (
            reference.key
        )
        assert reference.bibtex.count("{") == reference.bibtex.count("}")
        assert not re.search(r"[{}\\]", reference.listed + reference.cited)
    assert references().keys() >= CITED


def test_datasets_networks_losses_and_methods_have_their_names() -> None:
    assert set(PUBLISHED) <= set(DATASETS)
    assert set(ZOO) == set(NETWORKS)
    assert {value for name, value in SETTINGS if name == "recipe.loss.name"} <= set(LOSSES)
    assert {value for name, value in SETTINGS if name == "recipe.robust.method"} == (
        set(METHODS) - {"standard"}
    )


@pytest.mark.parametrize(
    ("key", "text"),
    {
        "lecun1998gradient": "LeCun et al. 1998",
        "kingma2015adam": "Kingma and Ba 2015",
        "krizhevsky2009cifar": "Krizhevsky 2009",
    }.items(),
)
def test_how_works_are_cited(key: str, text: str) -> None:
    assert cited(f"A [@{key}], b", by_author) == f"A ({text}), b"
    assert cited(f"A_ [@{key}]", "<{}>".format, str.upper) == f"A_<{key}>"


def test_methods_say_what_was_trained_how_often_and_what_was_tested() -> None:
    paragraphs = methods(made_entries("a", "b"))
    text = " ".join(paragraphs)
    for fact in ("lenet5", "mnist", "3 runs", "paired", "sample standard deviation"):
        assert fact in text
    assert keys(paragraphs)[0] == "lecun1998gradient"
    assert "paired" not in " ".join(methods([made_entry()]))


def test_bibtex_has_what_is_cited_and_nothing_else() -> None:
    found = re.findall(r"^@\w+\{([^,]+),$", Results([made_entry()]).bibtex(), re.MULTILINE)
    assert found == keys(methods([made_entry()]))
    assert bibtex(["brier1950verification"]).startswith("@article{brier1950verification,")


def test_no_methods_are_made_up_for_predictions_of_other_tools() -> None:
    assert methods([made_entry(provenance=None, settings=None)]) == ()
